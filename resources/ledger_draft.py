"""A posting while it is made: its files aside, its rows in an open transaction.

Files are moved into place after the last statement, just before the transaction ends: whoever has lost the store by
then moves nothing. A file in place is never replaced by another one.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from billing_assets.contract import Table
from resources.engine import Engine
from resources.lake import Lake
from resources.postings import BrokenLedger, Posting, draft_folder, place, sha256_of
from resources.store import NUMBER_SERIES, POSTED_FILES, POSTED_INVOICES

_BATCH = 20_000
_SERIES = ("vendor_account_id", "document_type", "year")


class Draft:
    """What is written for one posting. The paths that it gives are good until the posting ends."""

    def __init__(self, engine: Engine, connection: sa.Connection, posting: Posting, staging: Path):
        self.posting_id = posting.posting_id
        self.files: dict[str, str] = {}
        self._engine = engine
        self._connection = connection
        self._posting = posting
        self._staging = staging

    def write(self, table: Table, rows: ir.Table) -> Path:
        """Write a table of the posting, in the order of its key."""
        path = self._staged(table)
        self._engine.write(table.shape(rows).order_by(table.keys), path)
        return self._known(path)

    def write_batches(self, table: Table, batches: Iterator[pa.RecordBatch]) -> Path:
        """The same of record batches, in the order in which they come."""
        path = self._staged(table)
        with pq.ParquetWriter(path, table.arrow_schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(batch)
        return self._known(path)

    def keep(self, lake: Lake, files: Iterable[Path]) -> None:
        """Keep files of a lake as they are: whoever makes them again puts others into their place."""
        for file in files:
            path = self._staging / draft_folder(self.posting_id) / file.relative_to(lake.root)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, path)
            except OSError:
                # a file system of its own
                shutil.copyfile(file, path)
            self._known(path)

    def last_numbers(self) -> list[dict]:
        """The last number of each series."""
        return [dict(row) for row in self._connection.execute(sa.select(NUMBER_SERIES)).mappings()]

    def keep_invoices(self, path: Path) -> None:
        """Put a file of posted invoices into the store, with the numbers that they have taken."""
        kept = [c.name for c in POSTED_INVOICES.columns]
        last: dict[tuple, int] = {}
        for batch in pq.ParquetFile(path).iter_batches(_BATCH, columns=[*kept, "year", "place"]):
            self._connection.execute(POSTED_INVOICES.insert(), batch.select(kept).to_pylist())
            last |= last_places(batch, last)
        for key, last_number in last.items():
            named = dict(zip(_SERIES, key, strict=True))
            same = sa.and_(*(NUMBER_SERIES.c[name] == value for name, value in named.items()))
            self._connection.execute(NUMBER_SERIES.delete().where(same))
            self._connection.execute(NUMBER_SERIES.insert().values(**named, last_number=last_number))

    def keep_files(self) -> None:
        """Put what is known of the files into the store, once they are on the disk with their names."""
        for folder in self._staging.rglob("*/"):
            _keep(folder)
        known = [{"posting_id": self.posting_id, "file": file, "sha256": sha} for file, sha in self.files.items()]
        self._connection.execute(POSTED_FILES.insert(), known)

    def move(self, root: Path) -> None:
        """Move the files to where they stay, the draft in one piece.

        Raises BrokenLedger where other files are there: what a killed run has left are the same ones.
        """
        folder = draft_folder(self.posting_id)
        left = {path.relative_to(root).as_posix() for path in (root / folder).rglob("*.parquet")}
        in_place = sorted(left.union(file for file in self.files if (root / file).is_file()))
        for file in in_place:
            if self.files.get(file) != sha256_of(root / file):
                raise BrokenLedger(
                    f"{root / file} is of no posting in the store, and another file than the one to be posted: "
                    "bring back the store that knows it, or move it away"
                )
        is_new = not (root / folder).exists()
        paths = {folder if is_new and folder in path.parents else path for path in map(Path, self.files)}
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._staging / path, root / path)
        for parent in {path.parent for path in paths}:
            _keep(root / parent)

    def _staged(self, table: Table) -> Path:
        path = self._staging / place(table.name, self._posting.month, self._posting.billing_cycle)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _known(self, path: Path) -> Path:
        _keep(path)
        self.files[path.relative_to(self._staging).as_posix()] = sha256_of(path)
        return path


def last_places(rows: pa.RecordBatch, before: dict[tuple, int]) -> dict[tuple, int]:
    """The last place of each series after some rows of posted invoices, in their order."""
    last: dict[tuple, int] = {}
    for row in rows.select([*_SERIES, "place"]).to_pylist():
        key = tuple(row[name] for name in _SERIES)
        last[key] = max(last.get(key, before.get(key, 0)), row["place"])
    return last


def _keep(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

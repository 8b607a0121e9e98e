"""The ledger: what was posted, which nobody edits. Files that are written once, and a store that knows each of them.

A posting is of a month and a billing cycle. Its tables are Parquet files under `LEDGER/TABLE/month=…/CYCLE.parquet`,
the draft that it was made of is a lake of its own under `LEDGER/drafts/POSTING`. The store has the SHA-256 of every
file, the numbers of invoices, and a chain of hashes: each posting's hash is of what it posted and of the hash before
it, so that no posting can be changed, left out or put in between without being seen. A file without a posting in the
store is what a killed run left: the next attempt replaces it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq
import sqlalchemy as sa

from billing_assets.contract import Table
from resources.engine import Engine
from resources.lake import Lake
from resources.store import NUMBER_SERIES, POSTED_FILES, POSTED_INVOICES, POSTINGS, Store

FIRST_HASH = "0" * 64
_BATCH = 20_000
_DRAFTS = "drafts"
_TOTALS = ("net_amount", "tax_amount", "gross_amount")
# What the hash of a posting is of, beside its files.
_HASHED = ("posting_id", "month", "billing_cycle", "posted_at", "posted_by", "code_version", "previous_hash")


class AlreadyPosted(Exception):
    """A month of a billing cycle is posted once."""


class BrokenLedger(Exception):
    """The ledger is not as it was posted; the message names the files and postings."""


@dataclass(frozen=True)
class Posting:
    """What the store knows of a posting."""

    posting_id: int
    month: str
    billing_cycle: str
    posted_at: str
    posted_by: str
    code_version: str
    previous_hash: str
    hash: str


class Ledger:
    """The postings of a company."""

    def __init__(self, root: Path, engine: Engine, store: Store):
        self.root = root
        self.store = store
        self._engine = engine

    @classmethod
    def of(cls, lake: Lake) -> "Ledger":
        """The ledger of a lake: beside it, or where BILLING_LEDGER and BILLING_STORE say."""
        root = Path(os.environ.get("BILLING_LEDGER") or beside(lake.root)).resolve()
        url = os.environ.get("BILLING_STORE") or f"sqlite:///{root / 'store.sqlite'}"
        return cls(root, lake.engine, Store(url))

    def postings(self) -> list[Posting]:
        """All postings, in their order."""
        rows = self.store.rows(sa.select(POSTINGS).order_by(POSTINGS.c.posting_id))
        return [Posting(**row) for row in rows]

    def invoices(self, column: str, values: Sequence[str]) -> list[dict]:
        """The posted invoices with one of some values."""
        found = sa.select(POSTED_INVOICES).where(POSTED_INVOICES.c[column].in_(values))
        return self.store.rows(found.order_by(POSTED_INVOICES.c.invoice_id))

    def file(self, table: Table, month: str, billing_cycle: str) -> Path:
        return self.root / table.name / f"month={month}" / f"{billing_cycle}.parquet"

    def read(self, table: Table, postings: Sequence[Posting]) -> ir.Table:
        """What some postings have of a table. Columns that it did not have then are empty."""
        paths = [self.file(table, p.month, p.billing_cycle) for p in postings]
        by_columns: dict[tuple[str, ...], list[Path]] = {}
        for path in paths:
            by_columns.setdefault(tuple(pq.read_schema(path).names), []).append(path)
        read = (self._engine.read(alike) for alike in by_columns.values())
        return ibis.union(*(_complete(rows, table) for rows in read)) if paths else table.no_rows()

    def rows(self, expression: ir.Table) -> list[dict]:
        """A small expression's rows as Python values."""
        return self._engine.execute(expression).to_pylist()

    def draft(self, posting: Posting) -> Lake:
        """The lake of the draft that was posted."""
        return Lake(draft_folder(self.root, posting.posting_id), self._engine)

    @contextmanager
    def posting(self, month: str, billing_cycle: str, at: datetime, by: str, code_version: str) -> Iterator["Draft"]:
        """Post a month of a billing cycle: all that is written through the Draft, or nothing.

        Raises AlreadyPosted. Whoever else posts waits until this is done.
        """
        with self.store.writing() as connection:
            last = connection.execute(sa.select(POSTINGS).order_by(POSTINGS.c.posting_id.desc())).mappings().first()
            known = connection.execute(
                sa.select(POSTINGS).where(POSTINGS.c.month == month, POSTINGS.c.billing_cycle == billing_cycle)
            ).mappings()
            for row in known:
                raise AlreadyPosted(f"{month} of {billing_cycle} was posted on {row['posted_at'][:10]}")
            head = {
                "posting_id": last["posting_id"] + 1 if last else 1,
                "month": month,
                "billing_cycle": billing_cycle,
                "posted_at": at.isoformat(timespec="seconds"),
                "posted_by": by,
                "code_version": code_version,
                "previous_hash": last["hash"] if last else FIRST_HASH,
            }
            draft = Draft(self, self._engine, connection, head)
            connection.execute(POSTINGS.insert().values(**head, hash=""))
            yield draft
            digest = _hash(head, draft.files)
            connection.execute(POSTINGS.update().where(POSTINGS.c.posting_id == head["posting_id"]).values(hash=digest))

    def totals(self) -> list[dict]:
        """What each posting comes to: posting_id, document_type, currency, invoices, and their net, tax and gross.

        Added up here, because SQLite has no exact numbers.
        """
        sums: dict[tuple, list] = {}
        for row in self.store.rows(sa.select(POSTED_INVOICES)):
            key = row["posting_id"], row["document_type"], row["currency"]
            entry = sums.setdefault(key, [0, *(Decimal(0) for _ in _TOTALS)])
            for place, value in enumerate((1, *(row[name] for name in _TOTALS))):
                entry[place] += value
        names = ("posting_id", "document_type", "currency", "invoices", *_TOTALS)
        return [dict(zip(names, (*key, *values), strict=True)) for key, values in sorted(sums.items())]

    def require_whole(self) -> None:
        """Raise BrokenLedger where anything is not as it was posted."""
        broken = list(self._broken())
        if broken:
            raise BrokenLedger("; ".join(broken))

    def _broken(self) -> Iterator[str]:
        """What is not as it was posted: a sentence for each file or posting."""
        previous = FIRST_HASH
        for posting in self.postings():
            name = f"posting {posting.posting_id} ({posting.month} of {posting.billing_cycle})"
            files = self.store.rows(sa.select(POSTED_FILES).where(POSTED_FILES.c.posting_id == posting.posting_id))
            for row in files:
                path = self.root / row["file"]
                if not path.is_file():
                    yield f"{name}: {row['file']} is missing"
                elif _sha256(path) != row["sha256"]:
                    yield f"{name}: {row['file']} was changed"
            head = {column: getattr(posting, column) for column in _HASHED}
            if posting.previous_hash != previous:
                yield f"{name} does not follow the posting before it"
            if posting.hash != _hash(head, {row["file"]: row["sha256"] for row in files}):
                yield f"{name}: its row in the store was changed"
            previous = posting.hash


def draft_folder(root: Path, posting_id: int) -> Path:
    """Where the draft of a posting is, under a ledger."""
    return root / _DRAFTS / str(posting_id)


def beside(lake: Path) -> Path:
    """Where the ledger of a lake is when nothing else is said; that of a posted draft is the one that it is in."""
    return lake.parent.parent if lake.parent.name == _DRAFTS else lake.with_name(f"{lake.name}-ledger")


class Draft:
    """A posting while it is made."""

    def __init__(self, ledger: Ledger, engine: Engine, connection: sa.Connection, head: Mapping[str, object]):
        self.posting_id: int = head["posting_id"]
        self.files: dict[str, str] = {}
        self._ledger = ledger
        self._engine = engine
        self._connection = connection
        self._head = head

    def write(self, table: Table, rows: ir.Table) -> Path:
        """Write a table of the posting, in the order of its key."""
        path = self._place(table)
        staged = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            self._engine.write(table.shape(rows).order_by(table.keys), staged)
            return self._put(staged, path)
        finally:
            staged.unlink(missing_ok=True)

    def write_batches(self, table: Table, batches: Iterator) -> Path:
        """The same of record batches, in the order in which they come."""
        path = self._place(table)
        staged = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            with pq.ParquetWriter(staged, table.arrow_schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_batch(batch)
            return self._put(staged, path)
        finally:
            staged.unlink(missing_ok=True)

    def last_numbers(self) -> list[dict]:
        """The last number of each series."""
        return [dict(row) for row in self._connection.execute(sa.select(NUMBER_SERIES)).mappings()]

    def keep_invoices(self, path: Path) -> None:
        """Put a file of posted invoices into the store, with the numbers that they have taken."""
        kept = [c.name for c in POSTED_INVOICES.columns]
        series = ["vendor_account_id", "document_type", "year", "place"]
        last: dict[tuple, int] = {}
        for batch in pq.ParquetFile(path).iter_batches(_BATCH, columns=[*kept, "year", "place"]):
            self._connection.execute(POSTED_INVOICES.insert(), batch.select(kept).to_pylist())
            for row in batch.select(series).to_pylist():
                key = tuple(row[name] for name in series[:-1])
                last[key] = max(last.get(key, 0), row["place"])
        for key, place in last.items():
            named = dict(zip(series[:-1], key, strict=True))
            same = sa.and_(*(NUMBER_SERIES.c[name] == value for name, value in named.items()))
            self._connection.execute(NUMBER_SERIES.delete().where(same))
            self._connection.execute(NUMBER_SERIES.insert().values(**named, last_number=place))

    def _place(self, table: Table) -> Path:
        path = self._ledger.file(table, self._head["month"], self._head["billing_cycle"])
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _put(self, staged: Path, path: Path) -> Path:
        os.replace(staged, path)
        self._known(path)
        return path

    def keep(self, lake: Lake, files: Iterable[Path]) -> None:
        """Keep files of a lake as they are: whoever makes them again puts others into their place."""
        folder = draft_folder(self._ledger.root, self.posting_id)
        # of an attempt that was killed
        shutil.rmtree(folder, ignore_errors=True)
        for file in files:
            path = folder / file.relative_to(lake.root)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, path)
            except OSError:
                # a file system of its own
                shutil.copyfile(file, path)
            self._known(path)

    def _known(self, path: Path) -> None:
        name = path.relative_to(self._ledger.root).as_posix()
        self.files[name] = _sha256(path)
        self._connection.execute(
            POSTED_FILES.insert().values(posting_id=self.posting_id, file=name, sha256=self.files[name])
        )


def _complete(rows: ir.Table, table: Table) -> ir.Table:
    missing = {name: ibis.null(dtype) for name, dtype in table.schema.items() if name not in rows.columns}
    return table.shape(rows.mutate(**missing))


def _hash(head: Mapping[str, object], files: Mapping[str, str]) -> str:
    said = {name: head[name] for name in _HASHED} | {"files": dict(sorted(files.items()))}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

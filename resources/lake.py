"""The lake: one Parquet file per table, partition and billing cycle, replaced in one rename.

A file is written beside the others under `.staging`, its schema is compared with the contract, and only
then is it moved into place: a reader sees the old file or the new one. What killed runs left behind is
swept when the lake is opened.
"""

import os
import shutil
import socket
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, PrivateAttr

from billing_assets.contract import Partition, Table
from resources.engine import Engine, EngineResource

ORPHAN_SECONDS = 24 * 3600


class SchemaError(Exception):
    """A table's rows do not have the columns that its contract promises."""


@dataclass(frozen=True)
class Written:
    """One file of the lake that a write has replaced."""

    key: str
    cycle: str
    path: Path
    rows: int


class Lake:
    """Tables by contract, over one engine."""

    def __init__(self, root: Path, engine: Engine):
        self.root = root
        self.engine = engine
        self._staging = root / ".staging"
        self._checked: dict[Path, int] = {}
        if self._staging.is_dir():
            sweep_orphans(self._staging)

    def folder(self, table: Table, key: str) -> Path:
        base = self.root / table.name
        return base if table.partition is Partition.NONE else base / f"{table.partition.value}={key}"

    def file(self, table: Table, key: str = "", cycle: str = "all") -> Path:
        return self.folder(table, key) / f"{cycle}.parquet"

    def keys(self, table: Table) -> list[str]:
        """The partitions that have a file, in order."""
        prefix = f"{table.partition.value}="
        folders = (self.root / table.name).glob(f"{prefix}*")
        return sorted(f.name.removeprefix(prefix) for f in folders if any(f.glob("*.parquet")))

    def cycles(self, table: Table, key: str) -> list[str]:
        """The billing cycles that have a file in a partition."""
        return sorted(p.stem for p in self.folder(table, key).glob("*.parquet"))

    def read(self, table: Table, keys: Iterable[str] = ("",), cycles: Sequence[str] | None = None) -> ir.Table:
        """The rows of some partitions (of all cycles, or of those given) as one lazy table.

        A partition without a file has no rows. Raises SchemaError when a file breaks the contract.
        """
        return self.read_files(table, self._files(table, keys, cycles))

    def count(self, table: Table, keys: Iterable[str] = ("",), cycles: Sequence[str] | None = None) -> int:
        """The number of rows that `read` gives, without reading them."""
        return sum(pq.read_metadata(path).num_rows for path in self._files(table, keys, cycles))

    def _files(self, table: Table, keys: Iterable[str], cycles: Sequence[str] | None) -> list[Path]:
        return [
            path
            for key in keys
            for path in sorted(self.folder(table, key).glob("*.parquet"))
            if cycles is None or path.stem in cycles
        ]

    def read_files(self, table: Table, paths: Sequence[Path]) -> ir.Table:
        """The rows of some files of a table."""
        for path in paths:
            self._check(table, path)
        return self.engine.read(list(paths)) if paths else table.no_rows()

    def day_sizes(self, table: Table, days: Sequence[str]) -> dict[str, int]:
        """The number of rows of each daily partition that has a file."""
        paths = {day: self.file(table, day) for day in days}
        return {day: pq.read_metadata(path).num_rows for day, path in paths.items() if path.is_file()}

    def read_all(self, table: Table) -> ir.Table:
        """The rows of every partition."""
        return self.read(table, self.keys(table) if table.partition is not Partition.NONE else ("",))

    def write(self, table: Table, rows: ir.Table) -> list[Written]:
        """Replace a table that has no partitions, in the order of its key."""
        with self._stage(table, rows) as staging:
            staged = staging / "all.parquet"
            self.engine.write(rows.order_by(table.keys or table.schema.names), staged)
            return [self._publish(table, staged, "", "all")]

    def write_days(self, table: Table, rows: ir.Table, days: Sequence[str]) -> list[Written]:
        """Replace daily partitions; a day without rows gets a file without rows."""
        with self._stage(table, rows) as staging:
            if len(days) == 1:
                staged = {days[0]: staging / "day.parquet"}
                self.engine.write(rows, staged[days[0]])
            else:
                staged = self.engine.write_by(rows, staging / "days", table.partition.value)
            if not staged.keys() <= set(days):
                stray = ", ".join(sorted(staged.keys() - set(days)))
                raise SchemaError(f"{table.name}: rows of {stray} in a run of {days[0]} to {days[-1]}")
            return [
                self._publish(table, staged.get(day) or self._empty(table, staging / f"{day}.parquet"), day, "all")
                for day in days
            ]

    def write_month(
        self, table: Table, rows: ir.Table, month: str, cycles: Sequence[str], drop_others: bool
    ) -> list[Written]:
        """Replace the files of some billing cycles of a month, each in the order of its key.

        `drop_others` removes the files of cycles that are not among them, for a run of all cycles.
        """
        with self._stage(table, rows) as staging:
            several = self.engine.cache(rows) if len(cycles) > 1 else None
            made = rows if several is None else several
            written = []
            for cycle in cycles:
                staged = staging / f"{cycle}.parquet"
                self.engine.write(made.filter(made.billing_cycle == cycle).order_by(table.keys), staged)
                written.append(self._publish(table, staged, month, cycle))
            if several is not None:
                self.engine.release(several)
        if drop_others:
            for stale in set(self.cycles(table, month)) - set(cycles):
                self.file(table, month, stale).unlink(missing_ok=True)
        return written

    @contextmanager
    def _stage(self, table: Table, rows: ir.Table) -> Iterator[Path]:
        _require_schema(table, rows.schema().to_pyarrow(), "the rows")
        with staging_folder(self._staging) as folder:
            yield folder

    def _empty(self, table: Table, path: Path) -> Path:
        pq.write_table(table.arrow_schema.empty_table(), path, compression="zstd")
        return path

    def _publish(self, table: Table, staged: Path, key: str, cycle: str) -> Written:
        footer = pq.read_metadata(staged)
        _require_schema(table, footer.schema.to_arrow_schema(), "the file that was written")
        path = self.file(table, key, cycle)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, path)
        return Written(key, cycle, path, footer.num_rows)

    def _check(self, table: Table, path: Path) -> None:
        modified = path.stat().st_mtime_ns
        if self._checked.get(path) != modified:
            _require_schema(table, pq.read_schema(path), str(path.relative_to(self.root)))
            self._checked[path] = modified


def _require_schema(table: Table, found: pa.Schema, where: str) -> None:
    expected = {f.name: f.type for f in table.arrow_schema}
    actual = {f.name: f.type for f in found}
    if list(expected) == list(actual) and all(_same_type(expected[n], actual[n]) for n in expected):
        return
    differences = [
        f"{name} is {actual.get(name, 'missing')} instead of {expected.get(name, 'absent')}"
        for name in {**expected, **actual}
        if name not in expected or name not in actual or not _same_type(expected[name], actual[name])
    ]
    raise SchemaError(f"{table.name}: {where}: {'; '.join(differences) or 'columns are in another order'}")


def _same_type(expected: pa.DataType, actual: pa.DataType) -> bool:
    if pa.types.is_map(expected) and pa.types.is_map(actual):
        return expected.key_type == actual.key_type and expected.item_type == actual.item_type
    return expected == actual


@contextmanager
def staging_folder(staging: Path) -> Iterator[Path]:
    """A folder for a while, in which sweep_orphans sees whose it is."""
    folder = staging / f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_orphans(staging: Path) -> None:
    """Remove the staging folders of runs that are no more: dead here, or a day old from elsewhere."""
    host = socket.gethostname()
    for folder in staging.iterdir():
        owner, pid, _ = folder.name.rsplit("-", 2)
        if (owner == host and _is_dead(int(pid))) or _is_old(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > ORPHAN_SECONDS
    except FileNotFoundError:
        # its run is done with it
        return False


def _is_dead(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class LakeResource(dg.ConfigurableResource):
    """Where the lake lies, and the engine that reads and writes it."""

    root: str = Field(description="Folder of the lake")
    engine: EngineResource
    _lake: Lake = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        self._lake = Lake(Path(self.root).resolve(), self.engine.opened)

    @property
    def opened(self) -> Lake:
        return self._lake

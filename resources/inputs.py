"""What a company hands in: reference tables and orders as files or database queries, and usage files.

Everything is handed over as text with its file and line; the stages decide what the text means.
"""

import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, PrivateAttr

from billing_assets.calendar import first_event_day
from billing_assets.contract import LINEAGE, ConfigurationError, InputTable
from billing_assets.tables import INPUT_TABLES
from billing_assets.taxes.engine import TaxEngine
from resources import databases
from resources.crm import Crm
from resources.section import from_environment
from resources.settings import Settings, load_settings
from resources.tax_engine import http_tax_engine
from resources.text_files import BrokenLine, Rows, TextFormat, UnreadableFile, open_text_file

_DAY_IN_PATH = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNFINISHED = (".tmp", ".part", ".filepart")
# Where a CRM is configured, it is the master of these.
_OF_THE_CRM = ("accounts", "account_changes", "contacts")


@dataclass(frozen=True)
class UsageFile:
    """A usage file as it lies in the inputs: `name` is its path relative to them."""

    source: str
    name: str
    path: Path
    day_in_path: date | None

    @cached_property
    def sha256(self) -> str:
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


class Inputs:
    """An inputs folder, with its billing.toml."""

    def __init__(self, root: Path, tables: Sequence[InputTable]):
        self.root = root
        self._tables = tables
        self._read: dict[str, pa.Table] = {}

    @cached_property
    def settings(self) -> Settings:
        return load_settings(self.root)

    @cached_property
    def crm(self) -> Crm | None:
        """The CRM that accounts and contacts are copied from, where there is one."""
        return Crm(self.settings.crm, self.root) if self.settings.crm else None

    @contextmanager
    def tax_engine(self) -> Iterator[TaxEngine]:
        """The tax engine, for a while. Raises ConfigurationError where there is none."""
        if self.settings.tax_engine is None:
            raise ConfigurationError("billing.toml: the section [tax_engine] is missing, which a tax regime needs")
        with http_tax_engine(self.settings.tax_engine) as opened:
            yield opened

    def require_readable(self) -> None:
        """Read every input, so that a broken one stops a run before it has replaced a table.

        Raises ConfigurationError for a file that is missing, broken, or has other columns.
        """
        self.usage_files()
        known = {table.name for table in self._tables}
        for name in self.settings.sql.inputs if self.settings.sql else ():
            if name not in known:
                raise ConfigurationError(f"billing.toml: sql.inputs.{name}: there is no input of that name")
        for table in self._tables:
            self._read[table.name] = self.records(table)

    def records(self, table: InputTable) -> pa.Table:
        """The rows of an input as text, with file and line; absent optional columns are NULL."""
        if table.name in self._read:
            return self._read.pop(table.name)
        query = self.settings.sql.inputs.get(table.name) if self.settings.sql else None
        if self.crm and table.name in _OF_THE_CRM:
            batches = self._none(table, query)
        else:
            batches = self._query(table, query) if query else self._file(table)
        columns = [c.name for c in table.input_columns]
        schema = pa.schema([(c, pa.string()) for c in columns] + [(c.name, c.dtype.to_pyarrow()) for c in LINEAGE])
        return pa.Table.from_batches([_complete(rows, schema) for rows in batches], schema)

    def usage_files(self) -> list[UsageFile]:
        """The usage files of every source, in the order of their names; unfinished ones are left out."""
        folder = self.root / "usage"
        found = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
        files = []
        for path in found:
            name = path.relative_to(self.root).as_posix()
            if path.name.startswith(".") or path.suffix in _UNFINISHED:
                continue
            source = path.relative_to(folder).parts[0]
            if source not in self.settings.usage:
                raise ConfigurationError(f"{name}: billing.toml has no section [usage.{source}] for it")
            files.append(UsageFile(source, name, path, self._day_in_path(name)))
        return files

    def _day_in_path(self, name: str) -> date | None:
        found = [part for part in name.split("/") if _DAY_IN_PATH.fullmatch(part)]
        if not found:
            return None
        try:
            day = date.fromisoformat(found[-1])
        except ValueError:
            raise ConfigurationError(f"{name}: there is no day {found[-1]}") from None
        first = first_event_day(self.settings.first_month)
        if day < first:
            raise ConfigurationError(f"{name}: its load day is before {first}, a month before first_month")
        return day

    def _none(self, table: InputTable, query: str | None) -> Iterator["_Batch"]:
        """Nothing, of an input that comes from the CRM. Raises ConfigurationError when it is given here, too."""
        given = f"sql.inputs.{table.name}" if query else next((p.name for p in self._files(table)), None)
        if given:
            raise ConfigurationError(f"{given}: billing.toml says under [crm] where {table.name} come from; leave one")
        return iter(())

    def _files(self, table: InputTable) -> list[Path]:
        candidates = [self.root / f"{table.name}{end}" for end in (".csv", ".csv.gz", ".parquet")]
        return [p for p in candidates if p.is_file()]

    def _file(self, table: InputTable) -> Iterator["_Batch"]:
        found = self._files(table)
        if not found and not table.required:
            return
        if not found:
            raise ConfigurationError(f"{table.name}.csv: the file is missing in {self.root}")
        if len(found) > 1:
            raise ConfigurationError(f"{found[1].name}: there is {found[0].name} as well; leave one of them")
        name = found[0].name
        try:
            opened = open_text_file(found[0], TextFormat(), lambda header: _input_columns(table, header, name))
        except UnreadableFile as error:
            raise ConfigurationError(f"{name}: {error}") from None
        for part in opened.content:
            if isinstance(part, BrokenLine):
                raise ConfigurationError(f"{name}, line {part.line}: {part.detail}")
            yield _Batch(name, _without_blank(part))

    def _query(self, table: InputTable, query: str) -> Iterator["_Batch"]:
        url = from_environment(self.settings.sql.url, "sql.url")
        name = f"sql:{table.name}"
        line = 1
        for header, rows in databases.batches(self.root, url, query, name):
            wanted = _input_columns(table, header, name)
            columns = {c: pa.array([databases.as_text(r[c]) for r in rows], pa.string()) for c in wanted}
            yield _Batch(name, Rows(columns, pa.array(range(line, line + len(rows)), pa.int64())))
            line += len(rows)


def _without_blank(rows: Rows) -> Rows:
    """The rows that say anything: a blank line is none."""
    says = functools.reduce(pc.or_, [column.is_valid() for column in rows.columns.values()])
    return Rows({name: column.filter(says) for name, column in rows.columns.items()}, rows.lines.filter(says))


@dataclass(frozen=True)
class _Batch:
    file: str
    rows: Rows


def _input_columns(table: InputTable, header: Sequence[str], name: str) -> list[str]:
    known = {c.name: c for c in table.input_columns}
    for column in header:
        if column not in known:
            raise ConfigurationError(f"{name}: the column {column!r} is not one of {', '.join(known)}")
    for column in known.values():
        if column.name not in header and not column.nullable and column.default is None:
            raise ConfigurationError(f"{name}: the column {column.name!r} is missing")
    return [c for c in known if c in header]


def _complete(batch: _Batch, schema: pa.Schema) -> pa.RecordBatch:
    count = len(batch.rows.lines)
    lineage = {"source_file": pa.repeat(pa.scalar(batch.file), count), "source_line": batch.rows.lines}
    given = {**batch.rows.columns, **lineage}
    return pa.record_batch([given.get(f.name, pa.nulls(count, f.type)) for f in schema], schema=schema)


class InputsResource(dg.ConfigurableResource):
    """Where the inputs lie."""

    root: str = Field(description="Folder with billing.toml, the input tables and usage/")
    _inputs: Inputs = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        self._inputs = Inputs(Path(self.root).resolve(), INPUT_TABLES)

    @property
    def opened(self) -> Inputs:
        return self._inputs

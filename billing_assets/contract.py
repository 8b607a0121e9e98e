"""What a table promises: its grain, its columns, and everything that follows from them.

A table is declared once, in the tables.py of its stage. The Ibis and Arrow schemas, Dagster's column
metadata, the Great Expectations suite and docs/tables.md are all derived from that declaration.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa


class Partition(StrEnum):
    """How a table is cut into files; the value is the name of the folder's key."""

    NONE = "all"
    LOAD_DAY = "load_day"
    EVENT_DAY = "event_day"
    MONTH = "month"

    @property
    def is_daily(self) -> bool:
        return self in (Partition.LOAD_DAY, Partition.EVENT_DAY)


class ConfigurationError(Exception):
    """The configuration cannot be billed with; the message is one sentence that names file and row."""


@dataclass(frozen=True)
class Column:
    """One column. `default` is what an empty or absent input field stands for (as text).

    Of a `listed` one several of the allowed values may be given, separated by `|`.
    """

    name: str
    dtype: dt.DataType
    description: str
    nullable: bool = False
    key: bool = False
    allowed: tuple[str, ...] = ()
    listed: bool = False
    unit: str = ""
    default: str | None = None
    personal: bool = False

    @property
    def allowed_form(self) -> str:
        """The regular expression of lists of its allowed values."""
        one = f"(?:{'|'.join(self.allowed)})"
        return rf"^{one}(?:\|{one})*$"

    @property
    def allowed_words(self) -> str:
        """What it may hold, in words."""
        if self.listed:
            return f"any of {', '.join(self.allowed)}, separated by |"
        return f"one of {', '.join(self.allowed)}"

    def allows(self, value: ir.StringValue) -> ir.BooleanValue:
        """Whether it may hold a value."""
        return value.re_search(self.allowed_form) if self.listed else value.isin(self.allowed)


@dataclass(frozen=True)
class Table:
    """One table of the lake: `grain` says in words what one row is."""

    name: str
    group: str
    grain: str
    description: str
    columns: tuple[Column, ...]
    partition: Partition = Partition.NONE

    @cached_property
    def schema(self) -> ibis.Schema:
        return ibis.schema({c.name: c.dtype for c in self.columns})

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        return self.schema.to_pyarrow()

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.key)

    @property
    def has_cycles(self) -> bool:
        """Whether each partition holds one file per billing cycle."""
        return self.partition is Partition.MONTH

    def shape(self, rows: ir.Table) -> ir.Table:
        """The table's columns out of the rows, in its order.

        Only what says nothing about a value is cast (precision of time, nullability within a map): a
        number of another precision is a mistake that the write must find.
        """
        return rows.select(
            **{
                name: rows[name].cast(dtype) if dtype.is_timestamp() or dtype.is_map() else rows[name]
                for name, dtype in self.schema.items()
            }
        )

    def no_rows(self) -> ir.Table:
        return ibis.memtable(self.arrow_schema.empty_table(), schema=self.schema)


@dataclass(frozen=True)
class InputTable(Table):
    """A table that somebody hands in: a file `NAME.csv` or `NAME.parquet`, or a query.

    `required` inputs must exist; the others are empty when absent. The columns that the stage adds
    itself (`derived`) are not part of the input.
    """

    required: bool = True
    derived: tuple[str, ...] = ()

    @property
    def input_columns(self) -> tuple[Column, ...]:
        lineage = {c.name for c in LINEAGE}
        return tuple(c for c in self.columns if c.name not in lineage and c.name not in self.derived)


def text(name: str, description: str, **options) -> Column:
    return Column(name, dt.string, description, **options)


def number(name: str, dtype: dt.DataType, description: str, **options) -> Column:
    return Column(name, dtype, description, **options)


def integer(name: str, description: str, **options) -> Column:
    return Column(name, dt.int64, description, **options)


def day(name: str, description: str, **options) -> Column:
    return Column(name, dt.date, description, **options)


def instant(name: str, description: str, **options) -> Column:
    return Column(name, dt.Timestamp(scale=6), description, **options)


def flag(name: str, description: str, **options) -> Column:
    return Column(name, dt.boolean, description, **options)


ALWAYS = "1900-01-01"
FOREVER = "9999-12-31"
VALIDITY = (
    day("valid_from", "First day of validity", default=ALWAYS),
    day("valid_to", "First day on which it is no longer valid", default=FOREVER),
)
LINEAGE = (
    text("source_file", "File, or table of a database, that the row was read from"),
    integer("source_line", "Line in that file (the header is line 1), or row number", unit="line"),
)
REJECTION = (
    text("reason", "Reason code (docs/rejections.md)"),
    text("detail", "What was wrong, with the value that was found", nullable=True),
    *LINEAGE,
)
MONTH = text("month", "Billing month, YYYY-MM", key=True)
CYCLE = text("billing_cycle", "Billing cycle of the payer", key=True)

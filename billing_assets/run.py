"""A run as the body of a stage sees it: tables by contract, and the days or the month that it is about."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets import calendar
from billing_assets.contract import ConfigurationError, Partition, Table
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES
from resources.inputs import Inputs
from resources.lake import Lake
from resources.ledger import Ledger


class Run:
    """What one run of a stage sees: tables by contract, its days, or its month and billing cycles."""

    def __init__(
        self,
        lake: Lake,
        inputs: Inputs,
        first_month: str,
        days: Sequence[str] = (),
        month: str = "",
        cycle: str | None = None,
    ):
        self.lake = lake
        self.inputs = inputs
        self.first_month = first_month
        self.days = list(days)
        self.month = month
        self.cycle = cycle
        self._cached: list[ir.Table] = []

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *exception: object) -> None:
        for table in self._cached:
            self.lake.engine.release(table)

    def cache(self, expression: ir.Table) -> ir.Table:
        """The rows of an expression that more than one table is made of, computed once for this run."""
        self._cached.append(self.lake.engine.cache(expression))
        return self._cached[-1]

    def stream(self, reader: pa.RecordBatchReader) -> ir.Table:
        """Record batches as a table, for as long as this run lasts."""
        self._cached.append(self.lake.engine.stream(reader))
        return self._cached[-1]

    def __call__(self, table: Table) -> ir.Table:
        """The rows of a table that this run is about: all, or those of its days, or of its month and cycles."""
        return self.lake.read(table, *self._place(table))

    def is_empty(self, table: Table) -> bool:
        """Whether a table has no rows that this run is about: what only it is needed for can be left out."""
        return not self.lake.count(table, *self._place(table))

    def _place(self, table: Table) -> tuple[Sequence[str], Sequence[str] | None]:
        """Partitions and billing cycles of a table that this run is about."""
        if table.partition is Partition.NONE:
            return [""], None
        if table.partition is Partition.MONTH:
            return [self.month], self.cycles
        return self.days or self.event_days, None

    def rows(self, expression: ir.Table) -> list[dict]:
        """A small expression's rows as Python values."""
        return self.lake.engine.execute(expression).to_pylist()

    def column(self, expression: ir.Table, name: str) -> list:
        """The distinct values of one column of a small table, in order."""
        return self.lake.engine.execute(expression.select(name).distinct().order_by(name))[name].to_pylist()

    @cached_property
    def ledger(self) -> Ledger:
        """What was posted."""
        return Ledger.of(self.lake)

    @cached_property
    def time_zones(self) -> list[str]:
        return self.column(self(ACCOUNTS), "time_zone")

    @cached_property
    def anchor_days(self) -> dict[str, int]:
        """The anchor day of each billing cycle that the run covers."""
        anchors = {row["billing_cycle"]: row["anchor_day"] for row in self.rows(self(BILLING_CYCLES))}
        if self.cycle is None:
            return anchors
        if self.cycle not in anchors:
            known = ", ".join(sorted(anchors))
            raise ConfigurationError(f"there is no billing cycle {self.cycle!r}; there are {known}")
        return {self.cycle: anchors[self.cycle]}

    @property
    def cycles(self) -> list[str]:
        return sorted(self.anchor_days)

    @cached_property
    def window_rows(self) -> pa.Table:
        return calendar.windows(self.month, self.anchor_days, self.time_zones, self.first_month)

    @property
    def windows(self) -> ir.Table:
        """The month's window of each cycle in each time zone (calendar.windows)."""
        return ibis.memtable(self.window_rows)

    @property
    def last_month(self) -> list[str]:
        """The month before the run's, as partitions to read: none before the company's first."""
        return [calendar.months_later(self.month, -1)] if self.month > self.first_month else []

    @property
    def event_days(self) -> list[str]:
        """The event days that the month's windows touch."""
        return [day.isoformat() for day in calendar.event_days(self.window_rows)]

    @property
    def utc_offsets(self) -> ir.Table:
        """Offsets of the accounts' time zones on the run's days and the day after (calendar.utc_offsets)."""
        days = [date.fromisoformat(day) for day in self.days]
        return ibis.memtable(calendar.utc_offsets(self.time_zones, days))

    @property
    def currencies(self) -> ir.Table:
        return self(CURRENCIES)


class Selection:
    """The partitions that a run was asked for, and the billing cycle, if only one."""

    def __init__(self, keys: Sequence[str] = (), cycle: str | None = None):
        self.keys = list(keys)
        self.cycle = cycle

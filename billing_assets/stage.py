"""How a stage becomes an asset: its body is handed a Run, and gives back the rows of its tables.

The wrapping does what is the same for every stage: partitions, lineage, reading by contract, writing,
and what the Dagster UI shows of a table. Business rules stay in the stage's own modules.
"""

import hashlib
import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets import calendar
from billing_assets.contract import ConfigurationError, Partition, Table
from billing_assets.exact import AMOUNT
from billing_assets.partitions import CYCLE_TAG, Partitions
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES
from resources.inputs import Inputs
from resources.lake import Lake, Written

OWNERS = ["team:billing"]
BATCH_ROWS = 1_000_000
# DuckDB keeps up to 100 partition files open while it writes.
BATCH_DAYS = 92
PREVIEW_ROWS = 5

Body = Callable[["Run"], Iterable[ir.Table]]
DaySizes = Callable[[Lake, Inputs, Sequence[str]], dict[str, int]]


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
        if table.partition is Partition.NONE:
            return self.lake.read(table)
        if table.partition is Partition.MONTH:
            return self.lake.read(table, [self.month], self.cycles)
        return self.lake.read(table, self.days or self.event_days)

    def rows(self, expression: ir.Table) -> list[dict]:
        """A small expression's rows as Python values."""
        return self.lake.engine.execute(expression).to_pylist()

    def column(self, expression: ir.Table, name: str) -> list:
        """The distinct values of one column of a small table, in order."""
        return self.lake.engine.execute(expression.select(name).distinct().order_by(name))[name].to_pylist()

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


def stage(
    *tables: Table, reads: Sequence[Table], size: DaySizes | None = None, reads_previous_month: bool = False
) -> Callable[[Body], "Stage"]:
    """Declare the stage that makes some tables (of one kind of partition) out of others.

    A daily stage is carried out in batches of days; `size` tells how many rows each day will have. A
    monthly one may look at its own tables of the month before.
    """
    return lambda body: Stage(tables, tuple(reads), body, size, reads_previous_month)


class Stage:
    """A stage before it knows the company's partitions; `asset` makes the Dagster asset of it."""

    def __init__(
        self, tables: tuple[Table, ...], reads: tuple[Table, ...], body: Body, size: DaySizes | None,
        reads_previous_month: bool,
    ):  # fmt: skip
        self.tables = tables
        self.reads = reads
        self.body = body
        self.size = size
        self.reads_previous_month = reads_previous_month

    @property
    def partition(self) -> Partition:
        return self.tables[0].partition

    @property
    def name(self) -> str:
        return self.body.__name__

    def asset(self, partitions: Partitions, observe: "Observer | None" = None) -> dg.AssetsDefinition:
        """The stage as a Dagster asset step; `observe` is told of each step that is done."""
        version = _code_version(self.body)

        @dg.multi_asset(
            name=self.name,
            specs=[self._spec(table, partitions, version) for table in self.tables],
            partitions_def=partitions.of(self.tables[0]),
            backfill_policy=dg.BackfillPolicy.single_run() if self.partition.is_daily else None,
            required_resource_keys={"lake", "inputs"},
            description=inspect.getdoc(self.body),
        )
        def compute(context: dg.AssetExecutionContext):
            lake, inputs = context.resources.lake.opened, context.resources.inputs.opened
            clock = Clock()
            written = self.materialize(lake, inputs, partitions.first_month, _selection(context, self.partition))
            for table in self.tables:
                files = written[table.name]
                if self.partition is not Partition.NONE:
                    for key in {w.key: None for w in files}:
                        rows = sum(w.rows for w in files if w.key == key)
                        context.add_asset_metadata(
                            {"dagster/partition_row_count": rows}, asset_key=table.name, partition_key=key
                        )
                facts = describe(lake, table, files) | {"cpu_seconds": round(clock.cpu_seconds, 3)}
                yield dg.MaterializeResult(table.name, metadata=facts)
            if observe:
                observe(StepDone(self.name, self.tables[0].group, clock.seconds, clock.cpu_seconds, written))

        return compute

    def materialize(
        self, lake: Lake, inputs: Inputs, first_month: str, selection: "Selection"
    ) -> dict[str, list[Written]]:
        """Make the tables of the selected partitions and put them into the lake."""
        written: dict[str, list[Written]] = {table.name: [] for table in self.tables}
        if self.partition.is_daily:
            for days in self._batches(lake, inputs, selection.keys):
                with Run(lake, inputs, first_month, days=days) as run:
                    for table, rows in zip(self.tables, self.body(run), strict=True):
                        written[table.name] += lake.write_days(table, rows, days)
            return written
        month = selection.keys[0] if selection.keys else ""
        with Run(lake, inputs, first_month, month=month, cycle=selection.cycle) as run:
            for table, rows in zip(self.tables, self.body(run), strict=True):
                if self.partition is Partition.MONTH:
                    written[table.name] += lake.write_month(table, rows, month, run.cycles, run.cycle is None)
                else:
                    written[table.name] += lake.write(table, rows)
        return written

    def _batches(self, lake: Lake, inputs: Inputs, days: Sequence[str]) -> Iterator[list[str]]:
        sizes = self.size(lake, inputs, days) if self.size else {}
        batch: list[str] = []
        rows = 0
        for day in days:
            if batch and (len(batch) == BATCH_DAYS or rows + sizes.get(day, 0) > BATCH_ROWS):
                yield batch
                batch, rows = [], 0
            batch.append(day)
            rows += sizes.get(day, 0)
        yield batch

    def _spec(self, table: Table, partitions: Partitions, version: str) -> dg.AssetSpec:
        return dg.AssetSpec(
            table.name,
            deps=[
                *(partitions.dep(read, table) for read in self.reads),
                *([partitions.previous_month(table)] if self.reads_previous_month else []),
            ],
            group_name=table.group,
            description=f"{table.description} Grain: {table.grain}.",
            owners=OWNERS,
            kinds={"ibis", "parquet"},
            code_version=version,
            metadata={"dagster/column_schema": column_schema(table), "dagster/table_name": table.name},
        )


class Clock:
    """Wall and CPU seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started[0]

    @property
    def cpu_seconds(self) -> float:
        return time.process_time() - self._started[1]


@dataclass(frozen=True)
class StepDone:
    """A step that was carried out: how long it took, and the files it wrote by table."""

    name: str
    group: str
    seconds: float
    cpu_seconds: float
    written: dict[str, list[Written]]


Observer = Callable[[StepDone], None]


class Selection:
    """The partitions that a run was asked for, and the billing cycle, if only one."""

    def __init__(self, keys: Sequence[str] = (), cycle: str | None = None):
        self.keys = list(keys)
        self.cycle = cycle


def _selection(context: dg.AssetExecutionContext, partition: Partition) -> Selection:
    keys = context.partition_keys if partition is not Partition.NONE else ()
    return Selection(keys, context.run.tags.get(CYCLE_TAG))


def _code_version(body: Body) -> str:
    folder = Path(inspect.getfile(body)).parent
    sources = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(sources).hexdigest()[:12]


def column_schema(table: Table) -> dg.TableSchema:
    """Dagster's view of a contract."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.dtype),
                column.description + (f" [{column.unit}]" if column.unit else ""),
                dg.TableColumnConstraints(
                    nullable=column.nullable,
                    unique=table.keys == (column.name,),
                    other=[f"one of {', '.join(column.allowed)}"] if column.allowed else [],
                ),
            )
            for column in table.columns
        ]
    )


def describe(lake: Lake, table: Table, files: Sequence[Written]) -> dict:
    """What the UI shows of a table that was written: rows, place, totals per currency, a few rows."""
    rows = lake.read_files(table, [w.path for w in files])
    facts = {
        "dagster/row_count": sum(w.rows for w in files),
        "lake/location": dg.MetadataValue.path(str(lake.root / table.name)),
        "lake/bytes": sum(w.path.stat().st_size for w in files),
    }
    amounts = [c.name for c in table.columns if c.dtype == AMOUNT]
    if amounts and "currency" in table.schema.names:
        totals = rows.group_by("currency").aggregate(**{name: rows[name].sum() for name in amounts})
        for total in lake.engine.execute(totals.order_by("currency")).to_pylist():
            facts |= {f"total {name} {total['currency']}": f"{total[name]:f}" for name in amounts if total[name]}
    shown = [c.name for c in table.columns if not c.personal and not c.dtype.is_map()]
    preview = lake.engine.execute(rows.select(shown).limit(PREVIEW_ROWS))
    if preview.num_rows:
        facts["preview"] = dg.MetadataValue.md(_markdown(preview))
    return facts


def _markdown(rows: pa.Table) -> str:
    lines = [" | ".join(rows.column_names), " | ".join("---" for _ in rows.column_names)]
    lines += [" | ".join("" if v is None else str(v) for v in row.values()) for row in rows.to_pylist()]
    return "\n".join(f"| {line} |" for line in lines)

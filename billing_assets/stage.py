"""How a stage becomes an asset: its body is handed a Run, and gives back the rows of its tables.

A table for which it gives None stays as it is. The wrapping does what is the same for every stage: partitions,
lineage, reading by contract, writing, and what the Dagster UI shows of a table. Business rules stay in the
stage's own modules.
"""

import hashlib
import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import ibis.expr.types as ir

from billing_assets.contract import Partition, Table
from billing_assets.describe import column_schema, describe
from billing_assets.partitions import CYCLE_TAG, Partitions
from billing_assets.run import Run, Selection
from resources.inputs import Inputs
from resources.lake import Lake, Written

OWNERS = ["team:billing"]
BATCH_ROWS = 1_000_000
# DuckDB keeps up to 100 partition files open while it writes.
BATCH_DAYS = 92

Body = Callable[[Run], Iterable[ir.Table | None]]
DaySizes = Callable[[Lake, Inputs, Sequence[str]], dict[str, int]]


def stage(
    *tables: Table,
    reads: Sequence[Table],
    size: DaySizes | None = None,
    previous_month: Sequence[Table] = (),
    earlier_months: Sequence[Table] = (),
) -> Callable[[Body], "Stage"]:
    """Declare the stage that makes some tables (of one kind of partition) out of others.

    A daily stage is carried out in batches of days; `size` tells how many rows each day will have. A
    monthly one may look at some of its own tables of the month before, and at tables of stages above it of any month
    up to its own.
    """
    return lambda body: Stage(tables, tuple(reads), body, size, tuple(previous_month), tuple(earlier_months))


class Stage:
    """A stage before it knows the company's partitions; `asset` makes the Dagster asset of it."""

    def __init__(
        self, tables: tuple[Table, ...], reads: tuple[Table, ...], body: Body, size: DaySizes | None,
        previous_month: tuple[Table, ...], earlier_months: tuple[Table, ...],
    ):  # fmt: skip
        self.tables = tables
        self.reads = reads
        self.body = body
        self.size = size
        self.previous_month = previous_month
        self.earlier_months = earlier_months

    @property
    def partition(self) -> Partition:
        return self.tables[0].partition

    @property
    def name(self) -> str:
        return self.body.__name__

    def asset(self, partitions: Partitions, observe: "Observer | None" = None) -> dg.AssetsDefinition:
        """The stage as a Dagster asset step; `observe` is told of each step that is done."""
        version = code_version(self.body)

        @dg.multi_asset(
            name=self.name,
            specs=[asset_spec(table, self._deps(table, partitions), version) for table in self.tables],
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
        self, lake: Lake, inputs: Inputs, first_month: str, selection: Selection
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
                elif rows is not None:
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

    def _deps(self, table: Table, partitions: Partitions) -> Iterator[dg.AssetDep]:
        yield from (partitions.dep(read, table) for read in self.reads)
        yield from (partitions.earlier_months(read) for read in self.earlier_months)
        if table in self.previous_month:
            yield partitions.previous_month(table)


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


def _selection(context: dg.AssetExecutionContext, partition: Partition) -> Selection:
    keys = context.partition_keys if partition is not Partition.NONE else ()
    return Selection(keys, context.run.tags.get(CYCLE_TAG))


def asset_spec(table: Table, deps: Iterable[dg.AssetDep], version: str) -> dg.AssetSpec:
    """What Dagster is told of a table."""
    return dg.AssetSpec(
        table.name,
        deps=list(deps),
        group_name=table.group,
        description=f"{table.description} Grain: {table.grain}.",
        owners=OWNERS,
        kinds={"ibis", "parquet"},
        code_version=version,
        metadata={"dagster/column_schema": column_schema(table), "dagster/table_name": table.name},
    )


def code_version(body: Callable) -> str:
    """A digest of the modules beside a body."""
    folder = Path(inspect.getfile(body)).parent
    sources = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(sources).hexdigest()[:12]

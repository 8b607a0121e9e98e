"""Checks between stages: what must hold of a table, asked of the engine in one exact query.

A check finds the rows that break a rule. One that guards money blocks what comes after it in the run.
Each stage lists its checks in checks.py; the contract of a table is checked without being listed.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg
import ibis
import ibis.expr.types as ir

from billing_assets.contract import Partition, Table
from billing_assets.partitions import CYCLE_TAG, Partitions, selected_days
from billing_assets.run import Run
from billing_assets.stage import Stage

SHOWN = 5

Find = Callable[[Run], list[dict]]


@dataclass(frozen=True)
class Check:
    """A rule about a table: `find` gives the rows (or facts) that break it, at most a few."""

    table: Table
    name: str
    description: str
    find: Find
    blocking: bool = True


def some(run: Run, broken: ir.Table) -> list[dict]:
    """A few of the rows that break a rule."""
    return run.rows(broken.limit(SHOWN))


def contract_check(table: Table) -> Check:
    """The rule that a table keeps its contract: keys unique, required values there, values allowed."""

    def find(run: Run) -> list[dict]:
        if run.is_empty(table):
            return []
        rows = run(table)
        facts = {f"{c.name} is missing": rows[c.name].isnull().sum() for c in table.columns if not c.nullable}
        facts |= {f"{c.name} is not allowed": (~c.allows(rows[c.name])).sum() for c in table.columns if c.allowed}
        counts = run.rows(rows.aggregate(**facts))[0]
        broken = [{"rule": rule, "rows": count} for rule, count in counts.items() if count]
        if table.keys:
            repeated = rows.group_by(*table.keys).aggregate(rows=rows.count())
            broken += some(run, repeated.filter(repeated.rows > 1))
        return broken

    words = f"Required values are there, values are allowed, and {', '.join(table.keys) or 'every row'} is unique."
    return Check(table, "contract", words, find)


def stage_checks(stage: Stage, checks: Sequence[Check], partitions: Partitions) -> dg.AssetChecksDefinition:
    """The checks of a stage's tables as one step."""
    monthly = stage.partition is Partition.MONTH
    by_key = {(check.table.name, check.name): check for check in checks}

    @dg.multi_asset_check(
        name=f"{stage.name}_checks",
        specs=[_spec(check, partitions.months if monthly else None) for check in checks],
        required_resource_keys={"lake", "inputs"},
    )
    def run_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        lake, inputs = context.resources.lake.opened, context.resources.inputs.opened
        tags = context.run.tags
        days = selected_days(partitions.days, tags) if stage.partition.is_daily else ()
        month = context.partition_key if monthly else ""
        with Run(lake, inputs, partitions.first_month, days=days, month=month, cycle=tags.get(CYCLE_TAG)) as run:
            for (table, name), check in by_key.items():
                yield _result(table, name, check, check.find(run), days)

    return run_checks


def _spec(check: Check, months: dg.PartitionsDefinition | None) -> dg.AssetCheckSpec:
    with warnings.catch_warnings():
        # partitioned checks are a preview in Dagster 1.13; without them a month's result has no month
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            check.name,
            asset=check.table.name,
            description=check.description,
            blocking=check.blocking,
            partitions_def=months,
        )


def _result(table: str, name: str, check: Check, broken: list[dict], days: Sequence[str]) -> dg.AssetCheckResult:
    metadata: dict = {"days": f"{days[0]} to {days[-1]}"} if days else {}
    digits = len(str(len(broken)))
    for place, row in enumerate(broken, start=1):
        metadata[f"found {place:0{digits}}"] = ", ".join(f"{column} {value}" for column, value in row.items())
    return dg.AssetCheckResult(
        asset_key=table,
        check_name=name,
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN,
        description=check.description,
        metadata=metadata,
    )


def differing(left: ir.Table, right: ir.Table, on: Sequence[str], column: str) -> ir.Table:
    """The keys at which two tables do not have the same value; a missing row counts as zero."""
    of_left = left.select(*on, left_value=left[column].cast("decimal(38, 10)"))
    of_right = right.select(*on, right_value=right[column].cast("decimal(38, 10)"))
    zero = ibis.literal(0).cast("decimal(38, 10)")
    both = ibis.union(
        of_left.mutate(right_value=zero), of_right.mutate(left_value=zero).select(*on, "left_value", "right_value")
    )
    sums = both.group_by(*on).aggregate(left=both.left_value.sum(), right=both.right_value.sum())
    return sums.filter(sums.left != sums.right)

"""What starts runs by itself: the usage file sensor, the nightly snapshot and rating, the posted months
that are corrected, the monthly cycles.

Each asks for a run by what has to be done, not by the clock alone, and names it so that asking twice
makes one run.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from billing_assets import calendar
from billing_assets.partitions import CYCLE_TAG, Partitions, range_tags
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES
from billing_assets.tables import INPUT_TABLES
from jobs import planner
from jobs.definitions import BILLING_CYCLE, LOAD_USAGE, RATE_USAGE, RECOMPUTE, SNAPSHOT
from resources.engine import open_engine
from resources.inputs import Inputs
from resources.lake import Lake

# A cycle runs at the earliest a day after its window has ended everywhere, so that late usage is in.
GRACE = timedelta(hours=24)
# What a cycle corrects is charged again before it is billed.
BEFORE_BILLING = timedelta(hours=1)


def automation(partitions: Partitions, inputs: Path, lake: Path) -> dict[str, Any]:
    """The schedules and sensors of a company, as arguments of Definitions."""

    @dg.schedule(
        cron_schedule="0 3 * * *",
        job_name=SNAPSHOT,
        execution_timezone="UTC",
        description="Reads accounts, catalogues, rates and orders every night.",
    )
    def nightly_snapshot(context: dg.ScheduleEvaluationContext):
        yield dg.RunRequest(run_key=f"snapshot:{context.scheduled_execution_time:%Y-%m-%d}")

    @dg.schedule(
        cron_schedule="0 4 * * *",
        job_name=RATE_USAGE,
        execution_timezone="UTC",
        description="Rates yesterday, and every day that late usage, orders or rates have changed.",
    )
    def daily_rating(context: dg.ScheduleEvaluationContext):
        yield from rating_requests(lake, context.scheduled_execution_time)

    @dg.schedule(
        cron_schedule="0 5 * * *",
        job_name=RECOMPUTE,
        execution_timezone="UTC",
        description="Makes the posted months again that the billing cycles of today correct.",
    )
    def posted_months(context: dg.ScheduleEvaluationContext):
        billed_at = context.scheduled_execution_time + BEFORE_BILLING
        yield from recompute_requests(inputs, lake, partitions, billed_at)

    @dg.schedule(
        cron_schedule="0 6 * * *",
        job_name=BILLING_CYCLE,
        execution_timezone="UTC",
        description="Bills each billing cycle on its run day, for the month that has just ended.",
    )
    def monthly_cycles(context: dg.ScheduleEvaluationContext):
        yield from cycle_requests(lake, partitions, context.scheduled_execution_time)

    @dg.sensor(
        job_name=LOAD_USAGE,
        minimum_interval_seconds=60,
        description="Loads usage files as they land under usage/ of the inputs.",
    )
    def usage_files_sensor(context: dg.SensorEvaluationContext):
        yield from load_requests(inputs, lake)

    return {
        "schedules": [nightly_snapshot, daily_rating, posted_months, monthly_cycles],
        "sensors": [usage_files_sensor],
    }


def load_requests(inputs: Path, lake: Path) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per stretch of load days with new files."""
    folder = Inputs(inputs.resolve(), INPUT_TABLES)
    with open_engine() as engine:
        opened = Lake(lake.resolve(), engine)
        days = planner.days_to_load(opened, folder)
        files = [(file, day) for file, day in planner.load_days(opened, folder) if day in days]
    if not days:
        yield dg.SkipReason("no new usage files")
    for stretch in planner.stretches(days):
        named = sorted(f"{file.name} {file.sha256}" for file, day in files if day.isoformat() in stretch)
        content = hashlib.sha256("\n".join(named).encode()).hexdigest()[:16]
        yield dg.RunRequest(run_key=f"load:{stretch[0]}:{content}", tags=range_tags(stretch))


def rating_requests(lake: Path, at: datetime) -> Iterator[dg.RunRequest]:
    """One run per stretch of event days that have to be made, yesterday among them."""
    with open_engine() as engine:
        opened = Lake(lake.resolve(), engine)
        yesterday = at.date() - timedelta(days=1)
        due = [*planner.days_arrived(opened), *planner.days_ordered(opened, yesterday), yesterday]
        days = planner.days_to_make(opened, due)
    for stretch in planner.stretches(days):
        yield dg.RunRequest(run_key=f"rate:{at:%Y-%m-%d}:{stretch[0]}", tags=range_tags(stretch))


def recompute_requests(
    inputs: Path, lake: Path, partitions: Partitions, at: datetime
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A run of each posted month that the billing cycles correct whose run day it is, in the order of the months.

    Runs of one billing cycle go one after the other (deploy/dagster.yaml).
    """
    settings = Inputs(inputs.resolve(), INPUT_TABLES).settings
    with open_engine() as engine:
        opened = Lake(lake.resolve(), engine)
        due = _due_cycles(opened, partitions, at)
        wanted = [
            (month, cycle, billed)
            for cycle, billed in due
            for month, _ in planner.months_to_recompute(opened, settings, billed, cycle)
        ]
    if not wanted:
        yield dg.SkipReason("no posted month is corrected today")
    for month, cycle, billed in wanted:
        yield dg.RunRequest(run_key=f"{month}:{cycle}:{billed}", partition_key=month, tags={CYCLE_TAG: cycle})


def cycle_requests(lake: Path, partitions: Partitions, at: datetime) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A run of the month that has just ended for each billing cycle whose run day it is."""
    with open_engine() as engine:
        due = _due_cycles(Lake(lake.resolve(), engine), partitions, at)
    if not due:
        yield dg.SkipReason("no billing cycle runs today")
    for cycle, month in due:
        yield dg.RunRequest(run_key=f"{month}:{cycle}", partition_key=month, tags={CYCLE_TAG: cycle})


def _due_cycles(lake: Lake, partitions: Partitions, at: datetime) -> list[tuple[str, str]]:
    """The billing cycles whose run day it is, each with the month that has just ended."""
    cycles = lake.engine.execute(lake.read(BILLING_CYCLES)).to_pylist()
    zones = lake.engine.execute(lake.read(ACCOUNTS).select("time_zone").distinct())["time_zone"].to_pylist()
    due = [(c["billing_cycle"], ended_month(c["anchor_day"], at, zones)) for c in cycles if c["run_day"] == at.day]
    return [(cycle, month) for cycle, month in due if month >= partitions.first_month]


def ended_month(anchor_day: int, at: datetime, zones: list[str]) -> str:
    """The latest month of a cycle whose window had ended in every time zone a day before."""
    month = calendar.month_of(date(at.year, at.month, 1))
    while _end(month, anchor_day, zones) + GRACE > at.astimezone(UTC).replace(tzinfo=None):
        month = calendar.months_later(month, -1)
    return month


def _end(month: str, anchor_day: int, zones: list[str]) -> datetime:
    _, end = calendar.window(month, anchor_day)
    return max(calendar.midnight(end, zone) for zone in zones or ["UTC"])

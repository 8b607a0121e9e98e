"""A billing run from the command line: the same graph and the same jobs, in one process.

A snapshot of the company's data, the usage files that are new, the event days that have changed, posted months again
as they would be charged today, then month by month. A run may be repeated or killed at any time: what is made is what
should be there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

import dagster as dg

from billing_assets.contract import ConfigurationError
from billing_assets.definitions import build_defs, first_month
from billing_assets.ledger.assets import BY_TAG
from billing_assets.ledger.post import CannotPost
from billing_assets.ledger.tables import POSTED_INVOICES
from billing_assets.partitions import CYCLE_TAG, Partitions, range_tags
from billing_assets.stage import Clock, StepDone
from billing_assets.tables import INPUT_TABLES
from jobs import planner
from jobs.definitions import BILLING_CYCLE, LOAD_USAGE, POST, RATE_USAGE, RECOMPUTE, SNAPSHOT
from resources.engine import EngineResource
from resources.inputs import Inputs
from resources.lake import Lake
from resources.postings import BrokenLedger

_Planned = TypeVar("_Planned")
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailed(Exception):
    """A run did not come to its end; the message says at which step, and why."""


@dataclass
class FailedCheck:
    """A check that found something."""

    table: str
    name: str
    blocking: bool
    found: list[str]


@dataclass(frozen=True)
class TaskDone:
    """A run of a job that was carried out, checks and Dagster's own work included."""

    title: str
    seconds: float
    cpu_seconds: float
    steps: int
    events: int


@dataclass
class RunReport:
    """What a billing run did."""

    tasks: list[TaskDone] = field(default_factory=list)
    steps: list[StepDone] = field(default_factory=list)
    failed_checks: list[FailedCheck] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """One run of a job: what the progress shows, and the partition or range that it makes."""

    title: str
    job: str
    month: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


class BillingRun:
    """Carries out the tasks of a billing run on one Dagster instance."""

    def __init__(
        self,
        inputs: Path,
        lake: Path,
        instance: dg.DagsterInstance,
        progress: Callable[[str], None],
        engine: EngineResource | None = None,
    ):
        self.inputs = inputs.resolve()
        self.lake = lake.resolve()
        self.instance = instance
        self.progress = progress
        self.engine = engine or EngineResource.configured()
        self.report = RunReport()
        self._first_month = first_month(self.inputs)
        self._defs = build_defs(self.inputs, self.lake, engine=self.engine, observe=self.report.steps.append)

    def run(self, months: Sequence[str], cycle: str | None = None) -> RunReport:
        """Bill some months, of all billing cycles or of one. What was posted of them is only charged again.

        Raises ConfigurationError before a stage table is replaced, RunFailed when a step fails or a
        blocking check finds something.
        """
        if months[0] < self._first_month:
            raise ConfigurationError(f"billing.toml: first_month is {self._first_month}; {months[0]} is before it")
        self._execute(Task("accounts, catalogues, orders", SNAPSHOT))
        for stretch in planner.stretches(self._days(planner.days_to_load)):
            self._execute(Task(f"usage files {_span(stretch)}", LOAD_USAGE, tags=range_tags(stretch)))
        for stretch in planner.stretches(self._days(lambda lake, _: _event_days(lake, months, cycle))):
            self._execute(Task(f"usage events {_span(stretch)}", RATE_USAGE, tags=range_tags(stretch)))
        corrected = self._plan(
            lambda lake, inputs: planner.months_to_recompute(lake, inputs.settings, months[0], cycle)
        )
        self._make(RECOMPUTE, "recomputing", corrected)
        for month in months:
            posted, others = self._plan(lambda lake, _, month=month: planner.months_to_bill(lake, month, cycle))
            self._make(RECOMPUTE, "recomputing", posted)
            self._make(BILLING_CYCLE, "billing", others)
        return self.report

    def post(self, month: str, cycle: str | None = None, by: str | None = None) -> dict[str, str]:
        """Make a month that was billed final, of all billing cycles or of one. Says of each which posting it is.

        Raises CannotPost, before anything of that cycle is posted.
        """
        given = {CYCLE_TAG: cycle, BY_TAG: by}
        tags = {tag: value for tag, value in given.items() if value}
        result = self._execute(Task(f"posting {month}", POST, month, tags))
        done = (event.materialization for event in result.get_asset_materialization_events())
        (told,) = (made.metadata for made in done if made.asset_key == dg.AssetKey(POSTED_INVOICES.name))
        return {cycle: said.text for cycle, said in told.items() if isinstance(said, dg.TextMetadataValue)}

    def _make(self, job: str, words: str, planned: Sequence[planner.CycleMonth]) -> None:
        for month, cycle in planned:
            of_cycle = f" of {cycle}" if cycle else ""
            self._execute(Task(f"{words} {month}{of_cycle}", job, month, {CYCLE_TAG: cycle} if cycle else {}))

    def _plan(self, ask: Callable[[Lake, Inputs], _Planned]) -> _Planned:
        with self.engine.open() as engine:
            return ask(Lake(self.lake, engine), Inputs(self.inputs, INPUT_TABLES))

    def _days(self, ask: Callable[[Lake, Inputs], list[date]]) -> list[date]:
        days = self._plan(ask)
        last = Partitions(self._first_month).days.get_last_partition_key()
        return [day for day in days if day.isoformat() <= last]

    def _execute(self, task: Task) -> dg.ExecuteInProcessResult:
        self.progress(task.title)
        clock = Clock()
        job = self._defs.resolve_job_def(task.job)
        result = job.execute_in_process(
            instance=self.instance, partition_key=task.month, tags=task.tags, run_config=_QUIET, raise_on_error=False
        )
        events = result.all_events
        steps = sum(event.is_step_success for event in events)
        self.report.tasks.append(TaskDone(task.title, clock.seconds, clock.cpu_seconds, steps, len(events)))
        self.report.failed_checks += _failed_checks(result)
        if not result.success:
            raise self._failure(task, result)
        return result

    def _failure(self, task: Task, result: dg.ExecuteInProcessResult) -> Exception:
        for event in result.all_events:
            error = event.event_specific_data.error if event.is_step_failure else None
            while error is not None:
                for known in (BrokenLedger, CannotPost, ConfigurationError):
                    if error.cls_name == known.__name__:
                        return known(error.message.partition(": ")[2].strip())
                if error.cause is None:
                    return RunFailed(f"{task.title}, step {event.step_key}: {error.message.strip()}")
                error = error.cause
        blocking = [check for check in self.report.failed_checks if check.blocking]
        found = "; ".join(f"{c.table}.{c.name}: {', '.join(c.found)}" for c in blocking)
        return RunFailed(f"{task.title}: a blocking check found {found}")


def _event_days(lake: Lake, months: Sequence[str], cycle: str | None) -> list[date]:
    """The event days to make: of usage that arrived, and of the months; usage ordered for later months waits."""
    window = planner.window_days(lake, months, cycle)
    ordered = planner.days_ordered(lake, window[-1]) if window else []
    return planner.days_to_make(lake, [*planner.days_arrived(lake), *ordered, *window])


def _failed_checks(result: dg.ExecuteInProcessResult) -> list[FailedCheck]:
    evaluations = [e for e in result.get_asset_check_evaluations() if not e.passed]
    return [
        FailedCheck(
            e.asset_key.to_user_string(),
            e.check_name,
            e.severity is dg.AssetCheckSeverity.ERROR,
            [str(value.value) for name, value in sorted(e.metadata.items()) if name.startswith("found")],
        )
        for e in evaluations
    ]


def _span(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"

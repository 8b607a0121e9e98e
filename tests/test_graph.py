"""The graph in Dagster: what it consists of, how partitions map, what asks for runs, and what a red check stops."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
import sample_rows as sample
from tests_support import QUIET, Company, lake_files

from billing_assets.calendar import day_range
from billing_assets.contract import Partition
from billing_assets.definitions import build_defs
from billing_assets.ledger.tables import POSTED_INVOICES
from billing_assets.partitions import RANGE_END, RANGE_START
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES
from billing_assets.run import Run
from billing_assets.tables import INPUT_TABLES, TABLES
from jobs.definitions import BILLING_CYCLE
from resources.inputs import Inputs
from resources.lake import Lake
from resources.ledger import Ledger

SNAPSHOT = Path(__file__).parent / "graph.json"


@pytest.fixture(scope="module")
def defs(tmp_path_factory) -> dg.Definitions:
    folder = tmp_path_factory.mktemp("graph")
    Company(folder / "inputs")
    return build_defs(folder / "inputs", folder / "lake")


def test_the_definitions_load(defs):
    dg.Definitions.validate_loadable(defs)


def test_the_graph_is_the_one_that_is_meant(defs, tmp_path):
    """A change that is meant: put the file that the message names in the place of tests/graph.json."""
    found = tmp_path / "graph.json"
    found.write_text(json.dumps(_snapshot(defs), indent=1) + "\n")
    assert found.read_text() == SNAPSHOT.read_text(), f"cp {found} {SNAPSHOT}"


def _snapshot(defs: dg.Definitions) -> dict:
    graph = defs.resolve_asset_graph()
    groups: dict[str, list[str]] = {}
    for key in sorted(graph.materializable_asset_keys):
        groups.setdefault(graph.get(key).group_name, []).append(key.to_user_string())
    checks = sorted(graph.asset_check_keys, key=str)
    return {
        "assets": dict(sorted(groups.items())),
        "checks that block": [_name(key) for key in checks if graph.get(key).blocking],
        "checks that warn": [_name(key) for key in checks if not graph.get(key).blocking],
        "jobs": {job.name: sorted(node.name for node in job.nodes) for job in _jobs(defs)},
        "schedules": {s.name: f"{s.cron_schedule} {s.execution_timezone}: {s.job_name}" for s in defs.schedules},
        "sensors": {sensor.name: sensor.job_name for sensor in defs.sensors},
    }


def _name(key: dg.AssetCheckKey) -> str:
    return f"{key.asset_key.to_user_string()}.{key.name}"


def _jobs(defs: dg.Definitions) -> list[dg.JobDefinition]:
    return sorted((defs.resolve_job_def(job.name) for job in defs.jobs), key=lambda job: job.name)


def test_every_asset_says_what_it_is(defs):
    graph = defs.resolve_asset_graph()
    keys = graph.materializable_asset_keys
    assert {key.to_user_string() for key in keys} == set(TABLES)
    for key in keys:
        node, table = graph.get(key), TABLES[key.to_user_string()]
        columns = node.metadata["dagster/column_schema"].columns
        assert node.group_name == table.group
        assert node.owners == ["team:billing"]
        assert node.kinds == {"ibis", "parquet"}
        assert node.description.startswith(table.description)
        assert node.code_version
        assert [column.name for column in columns] == list(table.schema.names)
        assert all(column.description for column in columns)
        assert (node.partitions_def is None) == (table.partition is Partition.NONE)


@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-03"])
def test_dagster_shows_the_days_that_a_month_may_be_made_of(defs, month):
    """The month itself, the one before and the one after: whatever the anchor day and the time zone are."""
    found = defs.resolve_asset_graph().get_parent_partition_keys_for_child(
        month, dg.AssetKey("rated_items"), dg.AssetKey("charge_items")
    )
    days = sorted(found.partitions_subset.get_partition_keys())
    first, last = {
        "2026-01": ("2025-12-01", "2026-02-28"),
        "2026-02": ("2026-01-01", "2026-03-31"),
        "2026-03": ("2026-02-01", "2026-04-30"),
    }[month]
    assert days == [day.isoformat() for day in day_range(date.fromisoformat(first), date.fromisoformat(last))]


@pytest.mark.parametrize(
    ("month", "cycle", "first", "last"),
    [
        # Auckland's February begins 13 hours early, Honolulu's ends 10 hours late
        ("2026-02", "first", "2026-01-31", "2026-03-01"),
        ("2026-02", "middle", "2026-02-14", "2026-03-15"),
        ("2026-02", None, "2026-01-31", "2026-03-15"),
        # the first month takes what was earlier as well
        ("2026-01", "first", "2025-12-01", "2026-02-01"),
    ],
)
def test_the_days_that_a_month_is_made_of(lake, table, month, cycle, first, last):
    _write_cycles(lake, table, ("Pacific/Auckland", "Pacific/Honolulu"), first=(1, 3), middle=(15, 17))
    run = Run(lake, Inputs(Path("nowhere"), INPUT_TABLES), "2026-01", month=month, cycle=cycle)
    assert (run.event_days[0], run.event_days[-1]) == (first, last)
    assert len(run.event_days) == len(day_range(date.fromisoformat(first), date.fromisoformat(last)))


def _write_cycles(lake: Lake, table, zones: tuple[str, ...], **cycles: tuple[int, int]) -> None:
    """Accounts in some time zones, and billing cycles with their anchor and run days."""
    accounts = [sample.account(account_id=zone, time_zone=zone) for zone in zones]
    lake.write(ACCOUNTS, table(ACCOUNTS, *accounts))
    rows = [sample.billing_cycle(billing_cycle=c, anchor_day=a, run_day=r) for c, (a, r) in cycles.items()]
    lake.write(BILLING_CYCLES, table(BILLING_CYCLES, *rows))


def _tick(defs: dg.Definitions, schedule: str, at: str):
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime.fromisoformat(at).replace(tzinfo=UTC),
            repository_def=defs.get_repository_def(),
        )
        return defs.resolve_schedule_def(schedule).evaluate_tick(context)


@pytest.mark.parametrize(
    ("at", "zones", "cycles", "expected"),
    [
        ("2026-02-03 06:00", ("Europe/Paris",), {"first": (1, 3)}, ["2026-01:first"]),
        ("2026-02-04 06:00", ("Europe/Paris",), {"first": (1, 3)}, []),
        ("2026-03-17 06:00", ("Europe/Paris",), {"first": (1, 3), "middle": (15, 17)}, ["2026-02:middle"]),
        ("2026-02-20 06:00", ("Europe/Paris",), {"first": (1, 20), "ten": (10, 20)}, ["2026-01:first", "2026-01:ten"]),
        # December is before the first month that is billed here
        ("2026-01-03 06:00", ("Europe/Paris",), {"first": (1, 3)}, []),
        # before 24 hours have gone by since the window's end in the last of the time zones: the month before
        ("2026-03-02 06:00", ("Asia/Tokyo",), {"first": (1, 2)}, ["2026-02:first"]),
        ("2026-03-02 06:00", ("Asia/Tokyo", "Pacific/Honolulu"), {"first": (1, 2)}, ["2026-01:first"]),
        ("2026-03-02 10:00", ("Asia/Tokyo", "Pacific/Honolulu"), {"first": (1, 2)}, ["2026-02:first"]),
    ],
)
def test_each_cycle_is_billed_on_its_run_day(company, lake, table, at, zones, cycles, expected):
    _write_cycles(lake, table, zones, **cycles)
    tick = _tick(build_defs(company.root, lake.root), "monthly_cycles", at)
    assert [request.run_key for request in tick.run_requests] == expected
    for request in tick.run_requests:
        assert f"{request.partition_key}:{request.tags['billing/cycle']}" == request.run_key
    assert bool(tick.skip_message) != bool(expected)


def test_posted_months_are_made_again_before_a_cycle_is_billed(company, lake, table):
    """Of the cycles of the day, and no more of them than are corrected: three."""
    _write_cycles(lake, table, ("UTC",), first=(1, 3), middle=(15, 17))
    ledger = Ledger.of(lake)
    for month in ("2026-01", "2026-02", "2026-03", "2026-04"):
        for cycle in ("first", "middle"):
            with ledger.posting(month, cycle, datetime(2026, 6, 1, tzinfo=UTC), "me", "1") as draft:
                draft.write(POSTED_INVOICES, POSTED_INVOICES.no_rows())
    defs = build_defs(company.root, lake.root)
    asked = _tick(defs, "posted_months", "2026-06-03 05:00").run_requests
    assert [(r.partition_key, r.tags["billing/cycle"], r.run_key) for r in asked] == [
        (month, "first", f"{month}:first:2026-05") for month in ("2026-02", "2026-03", "2026-04")
    ]
    assert _tick(defs, "posted_months", "2026-06-04 05:00").skip_message


def test_the_snapshot_is_asked_for_every_night(defs):
    (request,) = _tick(defs, "nightly_snapshot", "2026-02-03 03:00").run_requests
    assert request.run_key == "snapshot:2026-02-03"


def _stretches(requests: list[dg.RunRequest]) -> list[tuple[str, str]]:
    return [(request.tags[RANGE_START], request.tags[RANGE_END]) for request in requests]


def _asked_by_sensor(folder: Path):
    defs = build_defs(folder / "inputs", folder / "lake")
    with dg.DagsterInstance.ephemeral() as instance, dg.build_sensor_context(instance, definitions=defs) as context:
        return defs.resolve_sensor_def("usage_files_sensor").evaluate_tick(context)


def test_new_usage_files_are_asked_for_once(billed, tmp_path):
    folder = shutil.copytree(billed, tmp_path / "copied")
    assert _asked_by_sensor(folder).skip_message == "no new usage files"
    day = folder / "inputs/usage/switch/2026-01-14"
    day.mkdir()
    shutil.copy(folder / "inputs/usage/switch/2026-01-12/calls.csv", day / "again.csv")
    asked, asked_again = _asked_by_sensor(folder), _asked_by_sensor(folder)
    assert _stretches(asked.run_requests) == [("2026-01-14", "2026-01-14")]
    assert asked.run_requests[0].run_key == asked_again.run_requests[0].run_key
    (day / "again.csv").write_text("id,caller,start,seconds,callee\n")
    assert _asked_by_sensor(folder).run_requests[0].run_key != asked.run_requests[0].run_key


def test_days_that_are_stale_are_asked_for_and_yesterday(billed, tmp_path):
    folder = shutil.copytree(billed, tmp_path / "copied")
    defs = build_defs(folder / "inputs", folder / "lake")
    assert _tick(defs, "daily_rating", "2026-02-01 04:00").run_requests == []
    # the run that rated the 20th did not get to its end, and February has not been rated yet
    (folder / "lake/rated_days/event_day=2026-01-20/all.parquet").unlink()
    requests = _tick(defs, "daily_rating", "2026-02-04 04:00").run_requests
    assert _stretches(requests) == [("2026-01-20", "2026-01-20"), ("2026-02-01", "2026-02-03")]
    assert len({request.run_key for request in requests}) == 2


def test_a_blocking_check_stops_what_comes_after_it(billed, tmp_path):
    folder = shutil.copytree(billed, tmp_path / "copied")
    (folder / "lake/rated_items/event_day=2026-01-20/all.parquet").unlink()
    before = lake_files(folder / "lake")
    job = build_defs(folder / "inputs", folder / "lake").resolve_job_def(BILLING_CYCLE)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance, partition_key="2026-01", run_config=QUIET, raise_on_error=False
        )
    assert not result.success
    failed = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert [(e.asset_key.to_user_string(), e.check_name) for e in failed] == [("charge_items", "event_days_complete")]
    assert "2026-01-20" in str(failed[0].metadata)
    after = lake_files(folder / "lake")
    assert {name.split("/")[0] for name in after if after[name] != before[name]} == {
        "billing_header_amounts", "billing_schedule_details", "billing_schedule_records", "billing_schedule_states",
        "bundle_counters", "bundle_items", "carried_amounts", "carried_items", "charge_items", "commitment_counters",
        "commitment_items", "covered_totals", "discount_items", "fee_items", "invoice_parts", "reached_thresholds",
        "unbilled_amounts", "usage_charges", "usage_totals",
    }  # fmt: skip

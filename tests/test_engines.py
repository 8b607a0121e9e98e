"""The same graph on DuckDB and on Spark: every scenario gives the same tables, to the last digit.

A query of ten rows takes Spark as long as one of a thousand, so the scenarios are billed together as one company;
those of another time, whose usage would come too late, as a second one.
"""

import tomllib
from pathlib import Path

import pytest
from one_company import put_together
from tests_support import SCENARIOS, bill_inputs, lake_contents, need_java

from billing_assets.crm import tables as crm
from billing_assets.tables import TABLES
from billing_assets.usage.tables import UDRS
from jobs import planner
from resources.engine import EngineResource, open_engine
from resources.lake import Lake

pytestmark = pytest.mark.long


def _companies() -> dict[str, list[Path]]:
    """The scenarios by their first month; one without usage is billed with the last of them, from its beginning."""
    months: dict[str, list[Path]] = {}
    without_usage = []
    for folder in SCENARIOS:
        settings = tomllib.loads((folder / "inputs" / "billing.toml").read_text())
        members = months.setdefault(settings["first_month"], []) if "usage" in settings else without_usage
        members.append(folder)
    months[max(months)] += without_usage
    return months


COMPANIES = [pytest.param((month, scenarios), id=month) for month, scenarios in _companies().items()]


@pytest.fixture(scope="module", params=COMPANIES)
def lakes(request, tmp_path_factory) -> dict[str, Path]:
    """The lakes of a company on both engines."""
    need_java()
    month, scenarios = request.param
    root = tmp_path_factory.mktemp("engines")
    inputs = put_together(scenarios, root / "inputs", month)
    for backend in ("duckdb", "spark"):
        bill_inputs(inputs, root / backend, month, engine=EngineResource.configured(backend))
    return {backend: root / backend for backend in ("duckdb", "spark")}


def test_every_table_is_the_same(lakes):
    expected, found = lake_contents(lakes["duckdb"]), lake_contents(lakes["spark"])
    assert found.keys() == expected.keys()
    assert {name: rows for name, rows in found.items() if rows != expected[name]} == {}


def test_every_stage_had_something_to_do(lakes):
    """Else the comparison says nothing."""
    empty = {name.split("/")[0] for name, rows in lake_contents(lakes["spark"]).items() if not rows}
    filled = {name.split("/")[0] for name, rows in lake_contents(lakes["spark"]).items() if rows}
    assert {"rated_items", "charge_items", "tax_items", "invoices"} <= filled
    without_crm = {table.name for table in TABLES.values() if table.group != crm.GROUP}
    assert filled | empty == without_crm


@pytest.mark.parametrize(("writer", "reader"), [("duckdb", "spark"), ("spark", "duckdb")])
def test_an_engine_goes_on_with_the_lake_of_the_other(lakes, writer, reader):
    """It reads the same rows, and finds no day that it would make of something else."""
    with open_engine(reader) as engine, open_engine(writer) as other:
        lake, given = Lake(lakes[writer], engine), Lake(lakes[writer], other)
        assert planner.days_to_make(lake, planner.days_arrived(lake)) == []
        read = [opened.engine.execute(opened.read_all(UDRS)).to_pylist() for opened in (lake, given)]
        assert sorted(map(str, read[0])) == sorted(map(str, read[1]))

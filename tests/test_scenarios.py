"""Whole small companies, billed through the real graph on both engines: each folder of scenarios/ is one test.

A folder has inputs/, what the tables must be in expected/NAME.csv (any subset of the columns, rows in any
order), and a README.md that works the amounts out. expected/rejected.csv stands for every table of
rejected rows together. All months are billed from first_month to the last one in expected/invoices.csv.
Files in later/ arrive after that; then the months are billed once more. Months of posted.csv are posted before, and
then those after them are billed.

The scenarios that are asked for are billed together, as one company for each first month: a run takes as long for
ten of them as for one, above all on Spark.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from e_invoices import e_invoices
from one_company import OneCompany, bill_company, companies
from tests_support import SCENARIOS, as_text, bill_inputs, lake_contents, need_java, rejected_rows

from billing_assets.calendar import month_range
from billing_assets.contract import Partition, Table
from billing_assets.crm import tables as crm
from billing_assets.documents import tables as documents
from billing_assets.invoices.tables import INVOICES
from billing_assets.ledger.assets import POSTED
from billing_assets.tables import TABLES
from billing_assets.usage.tables import UDRS
from jobs import planner
from resources.engine import EngineResource, open_engine
from resources.lake import Lake
from resources.ledger import beside

pytestmark = pytest.mark.slow
COMPANIES = companies(SCENARIOS)
_BY_ENGINE = (
    "the invoice has lines without a category of VAT, as those that a tax engine taxes: EN 16931 knows VAT alone"
)
# Invoices that EN 16931 cannot say: of thousandths, and of a vendor that is taxed elsewhere.
NO_E_INVOICE = {
    "2026-01-enterprise_currencies~KUWAIT-KWD": "3.226 KWD has more than 2 decimals",
    "2026-01-taxes~ERIK-EUR": _BY_ENGINE,
    "2026-02-taxes~ERIK-EUR": _BY_ENGINE,
}
# Of several months, or billed again when the rest has arrived: companies of their own.
LONG = ("order_lifecycle", "two_cycles", "proration")


@dataclass(frozen=True)
class Billed:
    """A company with its lake: what arrives later did so after the months were billed once."""

    company: OneCompany
    lake: Path
    months: list[str]


@pytest.fixture(scope="module")
def billed(request, tmp_path_factory) -> Callable[[str], Billed]:
    """A company on DuckDB, with the scenarios that tests of this run ask for."""
    asked = {item.callspec.params["folder"] for item in request.session.items if item.originalname == "test_scenario"}
    whole = {item.callspec.params["company"] for item in request.session.items if item.originalname in OF_COMPANIES}
    made: dict[str, Billed] = {}

    def of(name: str) -> Billed:
        if name not in made:
            root = tmp_path_factory.mktemp("company")
            scenarios = [f for f in COMPANIES[name] if name in whole or f in asked]
            company = OneCompany(scenarios, root / "inputs")
            months = month_range(company.first_month, max(map(_last_month, scenarios)))
            bill_company(company, root / "lake", months)
            made[name] = Billed(company, root / "lake", months)
        return made[name]

    return of


@pytest.mark.parametrize(
    "folder",
    [pytest.param(f, id=f.name, marks=pytest.mark.long if f.name in LONG else ()) for f in SCENARIOS],
)
def test_scenario(folder, billed, engine):
    found = billed(next(name for name, scenarios in COMPANIES.items() if folder in scenarios))
    lake = Lake(found.lake, engine)
    for path in sorted((folder / "expected").glob("*.csv")):
        if path.stem != "rejected":
            expected, columns = _expected(path, TABLES[path.stem])
            assert _found(found.company, lake, TABLES[path.stem], columns, folder) == expected, path.name
    assert _rejected(found.company, lake, folder) == _expected_rejected(folder)


def _last_month(folder: Path) -> str:
    with (folder / "expected" / "invoices.csv").open(newline="") as stream:
        return max(row["month"] for row in csv.DictReader(stream))


def _expected(path: Path, table: Table) -> tuple[list[dict], list[str]]:
    with path.open(newline="") as stream:
        reader = csv.DictReader(stream)
        rows = [{c: as_text(value, table.schema[c]) for c, value in row.items()} for row in reader]
    return sorted(rows, key=str), list(reader.fieldnames)


def _found(company: OneCompany, lake: Lake, table: Table, columns: list[str], folder: Path) -> list[dict]:
    """The scenario's rows of a table, as long as it was billed: others of the company go on."""
    last = _last_month(folder)
    rows = lake.engine.execute(lake.read_all(table)).to_pylist()
    texts = ({c: as_text(value, table.schema[c]) for c, value in row.items()} for row in rows)
    in_time = table.partition in (Partition.MONTH, Partition.EVENT_DAY)
    own = [company.own(row, folder.name) for row in texts if not in_time or row[table.partition][: len(last)] <= last]
    return sorted(({c: row[c] for c in columns} for row in own if row), key=str)


def _expected_rejected(folder: Path) -> list[dict]:
    path = folder / "expected" / "rejected.csv"
    if not path.is_file():
        return []
    with path.open(newline="") as stream:
        return sorted(csv.DictReader(stream), key=str)


def _rejected(company: OneCompany, lake: Lake, folder: Path) -> list[dict]:
    expected = _expected_rejected(folder)
    columns = list(expected[0]) if expected else ["table", "reason", "source_file", "source_line"]
    own = (company.own(row, folder.name) for row in rejected_rows(lake))
    return sorted(({c: row[c] for c in columns} for row in own if row), key=str)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.long if {f.name for f in scenarios} <= set(LONG) else ())
        for name, scenarios in COMPANIES.items()
    ],
)
def company(request) -> str:
    """The name of a company."""
    return request.param


@pytest.fixture(scope="module")
def lakes(company, billed, tmp_path_factory) -> dict[str, Path]:
    """The lakes of a company on both engines.

    On Spark, what arrives later is there from the beginning, where no month is posted before it.
    """
    need_java()
    on_duckdb = billed(company)
    root, spark = tmp_path_factory.mktemp("spark"), EngineResource.configured("spark")
    if on_duckdb.company.posted:
        bill_company(OneCompany(on_duckdb.company.scenarios, root / "inputs"), root / "lake", on_duckdb.months, spark)
    else:
        bill_inputs(on_duckdb.company.inputs, root / "lake", *on_duckdb.months, engine=spark)
    return {"duckdb": on_duckdb.lake, "spark": root / "lake"}


def test_every_invoice_is_an_e_invoice_that_keeps_the_official_rules(company, billed, engine):
    lake = Lake(billed(company).lake, engine)
    found = e_invoices(lake)
    assert found.wrong == {}
    own = tuple(f"-{folder.name}~" for folder in COMPANIES[company])
    assert found.skipped == {number: why for number, why in NO_E_INVOICE.items() if number[7:].startswith(own)}
    assert found.kept + len(found.skipped) == engine.execute(lake.read_all(INVOICES)).num_rows


@pytest.mark.long
def test_every_table_is_the_same_on_spark(lakes):
    expected, found = lake_contents(lakes["duckdb"]), lake_contents(lakes["spark"])
    assert found.keys() == expected.keys()
    assert {name: rows for name, rows in found.items() if rows != expected[name]} == {}
    assert lake_contents(beside(lakes["spark"])) == lake_contents(beside(lakes["duckdb"]))


@pytest.mark.long
def test_every_stage_had_something_to_do(lakes):
    """Else the comparison says nothing."""
    found = lake_contents(lakes["spark"])
    filled = {name.split("/")[0] for name, rows in found.items() if rows}
    assert {"order_lines", "charge_items", "tax_items", "invoices"} <= filled
    others = {t for t in TABLES.values() if t.group in (crm.GROUP, documents.GROUP)} | set(POSTED)
    assert {name.split("/")[0] for name in found} == {t.name for t in TABLES.values() if t not in others}


@pytest.mark.long
@pytest.mark.parametrize(("writer", "reader"), [("duckdb", "spark"), ("spark", "duckdb")])
def test_an_engine_goes_on_with_the_lake_of_the_other(lakes, writer, reader):
    """It reads the same rows, and finds no day that it would make of something else."""
    with open_engine(reader) as engine, open_engine(writer) as other:
        lake, given = Lake(lakes[writer], engine), Lake(lakes[writer], other)
        assert planner.days_to_make(lake, planner.days_arrived(lake)) == []
        read = [opened.engine.execute(opened.read_all(UDRS)).to_pylist() for opened in (lake, given)]
        assert sorted(map(str, read[0])) == sorted(map(str, read[1]))


OF_COMPANIES = (
    test_every_invoice_is_an_e_invoice_that_keeps_the_official_rules.__name__,
    test_every_table_is_the_same_on_spark.__name__,
    test_every_stage_had_something_to_do.__name__,
    test_an_engine_goes_on_with_the_lake_of_the_other.__name__,
)

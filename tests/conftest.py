"""Fixtures: an engine, small tables of a contract, and a small company that can be billed."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from bundled_month import bundle_month
from postgres import Postgres, postgres_server
from tests_support import Company, bill_inputs, need_java

from billing_assets.contract import Table
from jobs.billing_run import RunReport
from jobs.cli import collect_rarely
from resources.engine import Engine, open_engine
from resources.lake import Lake


def pytest_configure() -> None:
    collect_rarely()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that no worker waits for another in the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def no_instance_of_the_caller() -> Iterator[None]:
    """Tests never write into the Dagster instance, or read the company, of who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("DAGSTER_HOME", "BILLING_INPUTS", "BILLING_LAKE", "BILLING_LEDGER", "BILLING_STORE"):
            patch.delenv(variable, raising=False)
        # tests share the cores with each other
        patch.setenv("BILLING_THREADS", "1")
        patch.setenv("SPARK_CONF_DIR", str(Path(__file__).parent / "support" / "spark"))
        yield


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The engine of the environment, or the one that a test is parametrised with."""
    backend = getattr(request, "param", None)
    if backend == "spark":
        need_java()
    with open_engine(backend) as opened:
        yield opened


@pytest.fixture(scope="session")
def rows(engine: Engine) -> Callable[[ir.Table], list[dict]]:
    """The rows of an expression as Python values."""
    return lambda expression: engine.execute(expression).to_pylist()


@pytest.fixture(scope="session")
def table() -> Callable[..., ir.Table]:
    """Rows of a contract: `table(CONTRACT, {column: value}, …)`; columns left out are NULL."""

    def make(contract: Table, *given: dict) -> ir.Table:
        names = contract.schema.names
        return contract.shape(
            ibis.memtable(
                pa.Table.from_pylist([{n: row.get(n) for n in names} for row in given], schema=contract.arrow_schema)
            )
        )

    return make


@pytest.fixture(scope="session")
def bundled(rows, table) -> Callable[..., tuple[list[dict], list[dict]]]:
    """Bundle items and counters of January: `bundled(event, …, bundles=(bundle(),), …)` (bundled_month.py)."""
    return partial(bundle_month, table, rows)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole session; a test makes databases of its own."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=("sqlite", "postgresql"))
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an operations store may be that does not exist yet, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return request.getfixturevalue("postgres").database(tmp_path.name)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """An inputs folder with a small valid company, whose tables a test may replace."""
    return Company(tmp_path / "inputs")


@pytest.fixture
def bill(tmp_path: Path) -> Callable[..., RunReport]:
    """Bill a company, or an inputs folder, into tmp_path/lake: `bill(company, "2026-01", …, cycle=None)`."""

    def run(company: Company | Path, *months: str, cycle: str | None = None) -> RunReport:
        inputs = company.root if isinstance(company, Company) else company
        return bill_inputs(inputs, tmp_path / "lake", *months, cycle=cycle)

    return run


@pytest.fixture
def lake(tmp_path: Path, engine: Engine) -> Lake:
    """The lake that `bill` fills."""
    return Lake(tmp_path / "lake", engine)


@pytest.fixture(scope="session")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with inputs/ and lake/ of the small company, billed for January. To change it, copy it.

    Its plan includes 100 seconds at home, and its subscription gets 10 % off.
    """
    folder = tmp_path_factory.mktemp("billed")
    company = Company(folder / "inputs")
    company.table("bundles", [
        {"bundle_id": "B1", "name": "100 seconds", "price_plan_id": "PLAN", "product_id": "CALLS", "zone_id": "FR",
         "included_quantity": "100"},
    ])  # fmt: skip
    company.table("discount_definitions", [
        {"discount_definition_id": "TEN", "name": "Ten off", "given": "ad_hoc", "discount_type": "percentage",
         "value": "10"},
    ])  # fmt: skip
    company.table("discount_requests", [
        {"discount_request_id": "D1", "discount_definition_id": "TEN", "subscription_id": "SUB-1",
         "requested_on": "2026-01-01"},
    ])  # fmt: skip
    bill_inputs(company.root, folder / "lake", "2026-01")
    return folder

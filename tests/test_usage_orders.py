"""Usage orders from run to run: which of them wait, and which days are made again when orders or rights change.

The company is that of scenarios/pay_per_view, billed for January.
"""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console
from tests_support import bill_inputs

from billing_assets.contract import Partition
from billing_assets.run import Selection
from billing_assets.stages import STAGES
from billing_assets.tables import INPUT_TABLES
from billing_assets.usage.tables import UDRS
from jobs import planner, summary
from jobs.billing_run import RunReport
from resources.engine import open_engine
from resources.inputs import Inputs
from resources.lake import Lake

pytestmark = pytest.mark.long

FILMS = Path(__file__).parent / "scenarios/pay_per_view/inputs"
MONTH = "2026-01"


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    """A folder with the inputs of the company, and its lake after January."""
    folder = tmp_path_factory.mktemp("films")
    shutil.copytree(FILMS, folder / "inputs")
    bill_inputs(folder / "inputs", folder / "lake", MONTH)
    return folder


@pytest.fixture
def stale(films, tmp_path) -> Callable[..., list[date]]:
    """The days of January to make again after a text was replaced in an input."""

    def run(name: str, old: str, new: str) -> list[date]:
        folder = shutil.copytree(films, tmp_path / "copied")
        path = folder / "inputs" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        with open_engine() as engine:
            lake, inputs = Lake(folder / "lake", engine), Inputs(folder / "inputs", INPUT_TABLES)
            for stage in STAGES:
                if stage.partition is Partition.NONE:
                    stage.materialize(lake, inputs, MONTH, Selection())
            return planner.days_to_make(lake, planner.window_days(lake, [MONTH]))

    return run


def test_orders_wait_for_their_day(films, engine):
    """Those for 3 February and 15 March; a nightly rating takes the first one once its day is over."""
    lake = Lake(films / "lake", engine)
    last = max(lake.keys(UDRS))
    assert last == "2026-01-31"
    january = [date(2026, 1, 9), date(2026, 1, 10)]
    assert planner.days_ordered(lake, date.fromisoformat(last)) == january
    assert planner.days_ordered(lake, date(2026, 2, 2)) == january
    assert planner.days_ordered(lake, date(2026, 2, 3)) == [*january, date(2026, 2, 3)]


def test_a_run_says_how_many_orders_wait(films, engine):
    console = Console(width=120, record=True)
    for part in summary.of_run(Lake(films / "lake", engine), [MONTH], RunReport()):
        console.print(part)
    assert "2 of 5 accepted usage orders wait for their day, the first 2026-02-03." in console.export_text()


def test_nothing_changed(stale):
    """Blank lines put the same rows on other lines."""
    assert stale("usage_orders.csv", "\n", "\n\n") == []


def test_an_order_that_is_withdrawn_has_its_day_made_again(stale):
    """Order 3, of 10 January; the orders after it are on other lines then."""
    assert stale("usage_orders.csv", "call,3,1,S-VIP,,FILM,,,device=phone,2026-01-10T18:30:00Z,\n", "") == [
        date(2026, 1, 10)
    ]


def test_who_may_order_now_has_the_days_of_that_right_made_again(stale):
    """The plain household becomes VIP: on paper from 1 January, which begins on 31 December in UTC."""
    days = stale("accounts.csv", "Asia/Nicosia,standard", "Asia/Nicosia,VIP")
    assert (days[0], days[-1], len(days)) == (date(2025, 12, 31), date(2026, 1, 31), 32)


def test_another_catalogue_has_every_day_made_again(stale):
    assert len(stale("usage_catalogue_periods.csv", "2026-01-20", "2026-01-21")) == 62

"""Every price of the scenario of all rate models, told step by step, adds up."""

from pathlib import Path

import pytest
from tests_support import bill_inputs

from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.rating.tables import RATED_ITEMS
from jobs import cli
from jobs.arithmetic import steps
from resources.lake import Lake

pytestmark = pytest.mark.long

INPUTS = Path(__file__).parent / "scenarios/pricing/inputs"


@pytest.fixture(scope="module")
def priced(tmp_path_factory, engine) -> Lake:
    """The lake of the pricing scenario."""
    folder = tmp_path_factory.mktemp("priced")
    bill_inputs(INPUTS, folder / "lake", "2024-06")
    return Lake(folder / "lake", engine)


@pytest.mark.parametrize("table", [RATED_ITEMS, USAGE_CHARGES], ids=lambda table: table.name)
def test_steps_add_up_to_the_amount(priced, rows, table):
    made = [row for row in rows(priced.read_all(table)) if row["component"] == "usage"]
    assert len(made) > 10
    for row in made:
        assert sum(amount for amount, _ in steps(row)) == row["amount"]


@pytest.fixture
def explain(priced, capsys):
    def run(item_id: str) -> list[str]:
        assert cli.main(["explain", item_id, "--lake", str(priced.root)]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_a_charge_in_blocks(priced, rows, explain):
    """5325 units: 10 blocks of 100, then 5 started ones of 1000."""
    (charge,) = rows(priced.read_all(USAGE_CHARGES).filter(lambda t: t.product_id == "BLOCKS"))
    assert explain(charge["usage_charge_id"])[1:] == [
        "  sum of 2 events: 5325",
        "  rate BLOCKS (tiered) of plan CABLE version 1",
        "  10.0000000000  1000 unit in 10 packages of 100 * 1, tier above 0 up to 1000",
        "  5.0000000000  4325 unit in 5 packages of 1000 * 1, tier above 1000 up to 101000",
        "  15.0000000000 EUR",
    ]


def test_an_event_with_its_file(priced, rows, explain):
    (event,) = rows(
        priced.read_all(RATED_ITEMS).filter(lambda t: t.product_id == "PARKING", lambda t: t.measured == 40)
    )
    assert explain(event["udr_id"])[1:] == [
        "  from usage/meter/2024-06-30/readings.csv:29",
        "  rate PARKING (tiered) of plan CABLE version 1",
        "  0.0000000000  15 unit * 0, tier above 0 up to 15",
        "  2.5000000000  25 unit * 0.1, tier above 15",
        "  0.1500000000  setup",
        "  2.6500000000 EUR",
    ]


def test_every_item_of_an_invoice_is_explained(priced, rows, explain):
    items = rows(priced.read_all(BILLED_ITEMS))
    for item in items:
        if item["item_type"] != "tax":
            assert len(explain(item["item_id"])) > 2


def test_an_unknown_item_is_one_sentence(priced, capsys):
    assert cli.main(["explain", "0" * 32, "--lake", str(priced.root)]) == 1
    assert capsys.readouterr().err == f"billing: there is no item {'0' * 32}\n"


def test_a_call_in_two_bands(priced, rows, explain):
    """90 s from 17:59:30 in started minutes: one by day, with 0.20 setup, and one at night."""
    (first, _) = rows(priced.read_all(RATED_ITEMS).filter(lambda t: t.measured.isin([30, 60]) & (t.split > 0)))
    told = explain(first["udr_id"])
    assert told[0].endswith("90 s at 2024-06-20 17:59:30 local time")
    assert told[2:] == [
        "  part 1: 30 of it from 2024-06-20 17:59:30",
        "  rate TALK-DAY (flat) of plan CABLE version 1",
        "  band day",
        "  30 charged as 60 s, at least 60, in steps of 60",
        "  0.1000000000  60 s * 0.1 / 60",
        "  0.2000000000  setup",
        "  0.3000000000 EUR",
        "  part 2: 60 of it from 2024-06-20 18:00:00",
        "  rate TALK (flat) of plan CABLE version 1",
        "  0.0500000000  60 s * 0.05 / 60",
        "  0.0500000000 EUR",
        "0.3500000000 EUR together",
    ]

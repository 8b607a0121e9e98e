"""What waits for a larger invoice, what came with it, and what credits pay, as `billing explain` tells it."""

import pytest
from tests_support import SCENARIOS, bill_inputs

from jobs import cli

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    (folder,) = (folder for folder in SCENARIOS if folder.name == "several_invoices")
    lake = tmp_path_factory.mktemp("lake")
    bill_inputs(folder / "inputs", lake, "2026-01", "2026-02")

    def run(capsys, *what: str) -> list[str]:
        assert cli.main(["explain", *what, "--lake", str(lake)]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_an_invoice_that_waits(explained, capsys):
    assert explained(capsys, "2026-01-LITTLE-EUR") == [
        "no invoice 2026-01-LITTLE-EUR: 3.00 EUR is below the minimum of 5.00 EUR, and waits for the next month",
        "  3.0000000000  Line, erp:LITTLE, 2026-01-01 to 2026-02-01 (exclusive)",
    ]


def test_a_line_that_was_carried_over(explained, capsys):
    told = explained(capsys, "2026-02-LITTLE-EUR", "--line", "1")
    assert told[2:] == [
        "    carried over from 2026-01, when the invoice was below its minimum",
        "    1 * 3 (price of the order line); order line erp:LITTLE:1, imported_orders.csv:7",
        "  3.0000000000  sum of the items = 3.00 EUR",
    ]


def test_what_a_credit_pays(explained, capsys):
    assert explained(capsys, "2026-01-HOLDING+South-EUR")[-3:] == [
        "              35.10 EUR  total",
        "             -26.60 EUR  prepaid credit WELCOME",
        "               8.50 EUR  to pay",
    ]

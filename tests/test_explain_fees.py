"""How fees over a subscription's life, and those of accounts, are told."""

from pathlib import Path

import pytest
from tests_support import bill_inputs

from jobs.explain import Explanation
from resources.lake import Lake

INPUTS = Path(__file__).parent / "scenarios/fees_over_life/inputs"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def told(tmp_path_factory, engine):
    """What is told of all lines of an invoice."""
    folder = tmp_path_factory.mktemp("fees")
    bill_inputs(INPUTS, folder / "lake", "2026-01", "2026-02")
    lake = Lake(folder / "lake", engine)

    def run(invoice: str, lines: int) -> str:
        explanation = Explanation(lake, invoice)
        return "\n".join(text for number in range(1, lines + 1) for text in explanation.line(number))

    return run


def test_fees_of_accounts(told):
    text = told("2026-02-TRIAL-EUR", 3)
    assert "1.5 for each invoice; account_fees.csv:2" in text
    assert "5 % of 24.18 overdue on 2026-02-20 (overdue_amounts.csv:2); account_fees.csv:3" in text


def test_a_fee_for_leaving(told):
    assert "1 * 165 (price of the offer); order line cpq:LEAVER:1, imported_orders.csv:3" in told(
        "2026-02-LEAVER-EUR", 3
    )


def test_phases_of_a_price(told):
    assert "0 for 1 in the trial * 10 / 31 days" in told("2026-01-TRIAL-EUR", 3)
    plan = told("2026-01-PLAN-EUR", 3)
    assert "1 * 20 * 14 / 28 days (price of the price plan, rate OLD)" in plan
    assert "25 for 1 at a later rate * 14 / 28 days (price of the price plan, rate NEW)" in plan
    assert "52.5 for 1 by the index" in told("2026-01-INDEX-EUR", 3)


def test_an_adjustment(told):
    assert (
        "-5.25 (-10 % of the fee) for agent-a, approved by head-a, Slow in January: adjustment GOODWILL, "
        "schedule_adjustments.csv:2" in told("2026-01-INDEX-EUR", 3)
    )

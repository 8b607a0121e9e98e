"""A real cloud bill, the FOCUS 1.0 sample of the FinOps Foundation, billed through examples/focus alone.

docs/real_data.md says where the file comes from. The figures that are expected are worked out here from its
text. Skipped where the file is not: set FOCUS_SAMPLE to its path.
"""

import csv
import os
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

from billing_assets.contract import Table
from billing_assets.fees.tables import FEE_ITEMS
from billing_assets.invoices.tables import INVOICES
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.tables import RATED_ITEMS, UNRATED_UDRS
from billing_assets.usage.tables import REJECTED_RAW_USAGE, REJECTED_UDRS, UDRS
from jobs.billing_run import BillingRun, RunReport
from resources.event_log import ephemeral_instance
from resources.lake import Lake

PROJECT = Path(__file__).parents[2]
SAMPLE = Path(os.environ.get("FOCUS_SAMPLE", PROJECT.parent / "shared" / "real" / "focus_sample.csv"))
MONTHS = ("2024-09", "2024-10")
CENT = Decimal("0.01")
OF_AN_AMOUNT = Decimal("0.0000000001")
TOLERANCE = Decimal("0.000000001")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SAMPLE.is_file(), reason="FOCUS_SAMPLE names no file"),
]

Bill = Callable[[str], "Billed"]


def rounded(value: Decimal, unit: Decimal) -> Decimal:
    return value.quantize(unit, ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """A line of the file; `own_amount` is its pricing quantity times its list unit price."""

    payer: str
    account: str
    month: str
    provider: str
    category: str
    quantity: Decimal
    billed_cost: Decimal
    list_cost: Decimal
    own_amount: Decimal

    @property
    def multiplies(self) -> bool:
        return abs(self.own_amount - self.list_cost) <= TOLERANCE


@dataclass(frozen=True)
class Billed:
    """The sample after it was billed."""

    report: RunReport
    rows: Callable[[Table], list[dict]]

    def events(self) -> dict[int, dict]:
        """UDRs with their rated items, by line of the file."""
        items = {row["udr_id"]: row for row in self.rows(RATED_ITEMS)}
        return {row["source_line"]: row | items[row["udr_id"]] for row in self.rows(UDRS)}

    def nets(self) -> dict[tuple[str, str], Decimal]:
        return {(row["payer_account_id"], row["month"]): row["net_amount"] for row in self.rows(INVOICES)}


@pytest.fixture(scope="module")
def lines() -> dict[int, Line]:
    """The lines of the file, by their number."""
    with SAMPLE.open(newline="", encoding="utf-8") as stream:
        return {number: _line(row) for number, row in enumerate(csv.DictReader(stream), start=2)}


def _line(row: dict[str, str]) -> Line:
    quantity = Decimal(row["PricingQuantity"])
    price = Decimal(0 if row["ListUnitPrice"] == "NULL" else row["ListUnitPrice"])
    return Line(
        payer=row["BillingAccountId"],
        account=row["SubAccountId"],
        month=row["BillingPeriodStart"][:7],
        provider=row["ProviderName"],
        category=row["ChargeCategory"],
        quantity=quantity,
        billed_cost=Decimal(row["BilledCost"]),
        list_cost=Decimal(row["ListCost"]),
        own_amount=quantity * price,
    )


@pytest.fixture(scope="module")
def bill(tmp_path_factory, engine) -> Bill:
    """Bill the sample with the billing.toml of one folder of examples/focus, once."""
    done: dict[str, Billed] = {}

    def run(variant: str) -> Billed:
        if variant not in done:
            inputs = tmp_path_factory.mktemp(variant)
            shutil.copy(PROJECT / "examples/focus" / variant / "billing.toml", inputs)
            usage = inputs / "usage/focus/2024-10-10"
            usage.mkdir(parents=True)
            shutil.copy(SAMPLE, usage)
            _load(SAMPLE, inputs / "focus.db")
            with ephemeral_instance() as instance:
                report = BillingRun(inputs, inputs / "lake", instance, lambda title: None).run(MONTHS)
            lake = Lake(inputs / "lake", engine)
            done[variant] = Billed(report, lambda table: engine.execute(lake.read_all(table)).to_pylist())
        return done[variant]

    return run


def _load(sample: Path, database: Path) -> None:
    connection = sqlite3.connect(database)
    pd.read_csv(sample, dtype=str, keep_default_na=False).to_sql("focus", connection, index=False)
    connection.executescript((PROJECT / "examples/focus/focus.sql").read_text())
    connection.close()


def sums(lines: dict[int, Line], amount: Callable[[Line], Decimal]) -> dict[tuple[str, str], Decimal]:
    """Sums of the lines by billing account and month."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines.values():
        found[line.payer, line.month] += amount(line)
    return dict(found)


def in_cents(amounts: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    return {key: rounded(value, CENT) for key, value in amounts.items()}


@pytest.mark.parametrize("variant", ["pre_rated", "rated"])
def test_every_line_is_billed_to_its_accounts(bill, lines, variant):
    billed = bill(variant)
    assert [check for check in billed.report.failed_checks if check.blocking] == []
    assert [billed.rows(table) for table in (REJECTED_RAW_USAGE, REJECTED_UDRS, UNRATED_UDRS)] == [[], [], []]
    events = billed.events()
    assert {number: (row["payer_account_id"], row["service_account_id"]) for number, row in events.items()} == {
        number: (line.payer, line.account) for number, line in lines.items()
    }
    assert {number: row["event_day"].strftime("%Y-%m") for number, row in events.items()} == {
        number: line.month for number, line in lines.items()
    }


def test_pre_rated_invoices_are_the_sum_of_billed_costs(bill, lines):
    billed = bill("pre_rated")
    assert {number: row["amount"] for number, row in billed.events().items()} == {
        number: rounded(line.billed_cost, OF_AN_AMOUNT) for number, line in lines.items()
    }
    assert billed.nets() == in_cents(sums(lines, lambda line: line.billed_cost))


def test_pre_rated_items_keep_every_digit(bill, lines):
    charged: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in bill("pre_rated").rows(CHARGE_ITEMS):
        charged[row["payer_account_id"], row["month"]] += row["amount"]
    assert charged == sums(lines, lambda line: rounded(line.billed_cost, OF_AN_AMOUNT))


def test_rated_lines_equal_their_list_cost(bill, lines):
    events = bill("rated").events()
    off = {number for number, line in lines.items() if abs(events[number]["amount"] - line.list_cost) > TOLERANCE}
    assert off == {number for number, line in lines.items() if not line.multiplies}


def test_a_check_names_the_lines_that_do_not_multiply(bill, lines):
    """31 Microsoft lines, whose list cost is 10,000 times quantity times price, and the credit, which has no price."""
    (check,) = (c for c in bill("rated").report.failed_checks if c.name == "amounts_as_expected")
    count, *named = check.found
    wrong = {number: line for number, line in lines.items() if not line.multiplies}
    assert (check.table, check.blocking, count) == ("rated_items", False, f"events {len(wrong)}")
    place = "source_file usage/focus/2024-10-10/focus_sample.csv, source_line"
    assert [text.partition(", amount")[0] for text in named] == [f"{place} {number}" for number in sorted(wrong)]
    assert sum(line.provider == "Microsoft" and line.list_cost == 10_000 * line.own_amount
               for line in wrong.values()) == 31  # fmt: skip
    assert [line.category for line in wrong.values() if line.provider != "Microsoft"] == ["Credit"]


def test_rated_invoices_are_the_sum_of_quantity_times_price_and_of_credits(bill, lines):
    expected = sums(lines, lambda line: line.list_cost if line.category == "Credit" else line.own_amount)
    assert bill("rated").nets() == in_cents(expected)


@pytest.mark.parametrize("variant", ["pre_rated", "rated"])
def test_the_line_of_another_period_is_billed_there(bill, lines, variant):
    """Used on 30 September, and of the billing period of October: 8 OCPU hours for 0.24."""
    (number,) = (number for number, line in lines.items() if line.month == "2024-10")
    event = bill(variant).events()[number]
    assert (event["started_at"].isoformat(), event["billing_effective_at"].isoformat()) == (
        "2024-09-30T22:00:00", "2024-10-01T00:00:00",
    )  # fmt: skip
    assert [row["net_amount"] for row in bill(variant).rows(INVOICES) if row["month"] == "2024-10"] == [Decimal("0.24")]


@pytest.mark.parametrize(("variant", "cost"), [("pre_rated", "billed_cost"), ("rated", "own_amount")])
def test_negative_usage_takes_back_what_it_cost(bill, lines, variant, cost):
    events = bill(variant).events()
    negative = {number: line for number, line in lines.items() if line.quantity < 0}
    assert len(negative) == 12
    for number, line in negative.items():
        assert events[number]["quantity"] < 0
        assert abs(events[number]["amount"] - getattr(line, cost)) <= TOLERANCE


def test_the_credit_is_billed_once(bill, lines):
    """A credit has a cost, no price and no quantity: pre-rated it is usage, rated it is an order of its own."""
    (number,) = (number for number, line in lines.items() if line.category == "Credit")
    credit = Decimal("-2.6137")
    assert bill("pre_rated").events()[number]["amount"] == credit
    assert bill("pre_rated").rows(FEE_ITEMS) == []
    assert bill("rated").events()[number]["amount"] == 0
    (fee,) = bill("rated").rows(FEE_ITEMS)
    assert (fee["amount"], fee["month"], fee["payer_account_id"], fee["service_account_id"], fee["label"]) == (
        credit, "2024-09", lines[number].payer, lines[number].account,
        "AWS Open Source Promotional Credits, credit from account: 391835788720",
    )  # fmt: skip

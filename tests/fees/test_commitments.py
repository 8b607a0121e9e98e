"""Commitments: what is missing, charged in advance, taken back, or above; periods of months, parts, fees."""

from collections.abc import Callable
from decimal import Decimal

import ibis
import pytest
from sample_rows import Row, account, bundle, bundle_counter, commitment, item, order_line, price_plan, product, sample

from billing_assets import calendar
from billing_assets.bundles.owners import entitled
from billing_assets.bundles.tables import BUNDLE_COUNTERS
from billing_assets.fees import commitments
from billing_assets.fees.tables import COMMITMENT_COUNTERS, FEE_ITEMS
from billing_assets.orders.subscriptions import usage_lines
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.rating.month import payer_windows
from billing_assets.reference import tables as reference

carried = sample(
    COMMITMENT_COUNTERS, month="2026-02", billing_cycle="first", owner_id="SUB", bundle_id="BUNDLE",
    period_from="2026-01-01", period_to="2026-04-01",
)  # fmt: skip


@pytest.fixture(scope="module")
def charged(table, rows) -> Callable[..., list[tuple[str, Decimal, str, str]]]:
    """(label, amount, begin, end) of a month's items, of usage that came to `used`."""

    def run(
        terms: Row, used: str | None = None, month: str = "2026-03", before: tuple[Row, ...] = (),
        fees: tuple[Row, ...] = (), line: Row | None = None, first_month: str = "2026-01", **of_bundle: object,
    ) -> list[tuple]:  # fmt: skip
        offered = bundle(name="Commitment", effect="commit", included_quantity=None,
                         **{"measure": "amount"} | of_bundle)  # fmt: skip
        accounts = table(reference.ACCOUNTS, account())
        windows = payer_windows(
            accounts, ibis.memtable(calendar.windows(month, {"first": 1}, ["Europe/Paris"], first_month))
        )
        lines = usage_lines(table(ORDER_LINES, line or order()), accounts)
        bundles = rows(table(reference.BUNDLES, offered))
        owners = entitled(lines, windows, bundles, None)
        said = commitments.terms(
            *(table(contract, row) for contract, row in (
                (reference.BUNDLES, offered), (reference.COMMITMENTS, terms), (reference.PRICE_PLANS, price_plan()),
            ))
        )  # fmt: skip
        owed, coming = (commitments.periods(owners, said, of_next) for of_next in (False, True))
        used_up = [bundle_counter(month=month, effect="commit", used_quantity=used, unit="EUR")] if used else []
        counted = commitments.counted(table(BUNDLE_COUNTERS, *used_up), table(FEE_ITEMS, *fees), owed)
        made = commitments.counters(owed, coming, counted, table(COMMITMENT_COUNTERS, *before), month == first_month)
        items = commitments.commitment_items(made, table(reference.PRODUCTS, product(product_id="MISSING")))
        found = [
            (", ".join(filter(None, (r["label"], r["component"]))), r["amount"], str(r["service_start"]),
             str(r["service_end"]))
            for r in rows(items)
        ]  # fmt: skip
        return sorted(found)

    return run


def order(**values: object) -> Row:
    return order_line(**({"product_id": "CALLS", "price_type": "usage", "applied_plan": "PLAN"} | values))


MARCH = ("2026-03-01", "2026-04-01")


def test_what_is_missing_is_charged_in_arrears(charged):
    """Committed to 100.00: nothing used, 60.00 used, 100.00 used."""
    assert charged(commitment()) == [("Commitment", 100, *MARCH)]
    assert charged(commitment(), "60") == [("Commitment", 40, *MARCH)]
    assert charged(commitment(), "100") == []


def test_fees_count_where_the_commitment_says_so(charged):
    """A fee of 1000.00 of a commitment of 10000.00 leaves 9000.00."""
    fee = item(amount="1000", month="2026-03", service_start="2026-03-01", subscription_id="SUB")
    large = commitment(committed_quantity="10000", counts_fees=True)
    assert charged(large, fees=(fee,)) == [("Commitment", 9000, *MARCH)]
    assert charged(large, "6000", fees=(fee,)) == [("Commitment", 3000, *MARCH)]
    assert charged(large | {"counts_fees": False}, fees=(fee,)) == [("Commitment", 10000, *MARCH)]


@pytest.mark.parametrize(
    ("billed_in", "begins", "owner", "counts"),
    [
        ("2026-03", "2026-03-01", "SUB", True),
        ("2026-03", "2026-02-01", "SUB", True),
        ("2026-03", "2026-04-01", "SUB", False),
        ("2026-02", "2026-03-01", "SUB", True),
        ("2026-02", "2026-02-01", "SUB", False),
        ("2026-03", "2026-03-01", "OTHER", False),
    ],
)
def test_which_fees_count(charged, billed_in, begins, owner, counts):
    """In arrears in the month that bills them, in advance in the month in which they begin; once each."""
    fee = item(amount="40", month=billed_in, service_start=begins, subscription_id=owner)
    assert charged(commitment(counts_fees=True), fees=(fee,)) == [("Commitment", 60 if counts else 100, *MARCH)]


def test_units_above_cost_more(charged):
    """4 units at 1.00 are committed: 10 used have cost 10.00, and 6 of them cost twice as much."""
    night = commitment(committed_quantity="4", unit_price="1", overage_percent="100")
    assert charged(night, "10", measure="billed_quantity") == [("Commitment, overage", 6, *MARCH)]
    assert charged(night, "3", measure="billed_quantity") == [("Commitment", 1, *MARCH)]


@pytest.mark.parametrize(("proration", "missing"), [("none", "10000"), ("calendar_days", "7096.7741935480")])
def test_a_part_of_the_first_month(charged, proration, missing):
    """From 10 March: 22 of 31 days of 10000.00 are 7096.774193548 (to 9 decimals), or all of it."""
    begun = order(start_date="2026-03-10")
    found = charged(commitment(committed_quantity="10000"), line=begun, proration=proration)
    assert found == [("Commitment", Decimal(missing), "2026-03-10", "2026-04-01")]


def test_a_period_of_months(charged):
    """300.00 a quarter from January: 120.00 by February, 80.00 in March: 100.00 are missing then, nothing before."""
    quarter = commitment(committed_quantity="300", period_months=3)
    before = (carried(carried_quantity="120"),)
    assert charged(quarter, "120", month="2026-02") == []
    assert charged(quarter, "80", before=before) == [("Commitment", 100, "2026-01-01", "2026-04-01")]
    assert charged(quarter, "250", before=before) == []
    assert charged(quarter, "80", month="2026-04", before=before) == []


def test_a_period_ends_with_its_owner(charged):
    """In the second month of a quarter, on 11 February: 41 of 90 days of 300.00 are 136.666666667."""
    quarter = commitment(committed_quantity="300", period_months=3)
    ending = order(end_date="2026-02-11")
    found = charged(quarter, month="2026-02", line=ending, proration="calendar_days")
    assert found == [("Commitment", Decimal("136.666666667"), "2026-01-01", "2026-02-11")]


def test_in_advance(charged):
    """March's run charges April, and takes back what March has used of what February's run had charged."""
    ahead = commitment(billing_rule="in_advance", overage_percent="50")
    april = ("Commitment", 100, "2026-04-01", "2026-05-01")
    assert charged(ahead) == [april]
    assert charged(ahead, "60") == [april, ("Commitment, used", -60, *MARCH)]
    assert charged(ahead, "140") == [april, ("Commitment, overage", 20, *MARCH), ("Commitment, used", -100, *MARCH)]


def test_in_advance_of_the_first_month(charged):
    """Who comes on 10 March has March and April in March's run, who comes on 1 April has April."""
    ahead = commitment(billing_rule="in_advance")
    april = ("Commitment", 100, "2026-04-01", "2026-05-01")
    march = ("Commitment", 100, "2026-03-10", "2026-04-01")
    assert charged(ahead, line=order(start_date="2026-03-10")) == [march, april]
    assert charged(ahead, line=order(start_date="2026-04-01")) == [april]
    assert charged(ahead, line=order(start_date="2026-04-02")) == []
    assert charged(ahead, first_month="2026-03") == [("Commitment", 100, *MARCH), april]


def test_a_quarter_in_advance(charged):
    """Charged once, by December's run; March takes back the 50.00 that are left of it, and charges the next quarter."""
    ahead = commitment(committed_quantity="300", period_months=3, billing_rule="in_advance")
    before = (carried(carried_quantity="250"),)
    assert charged(ahead, "90", before=before) == [
        ("Commitment", 300, "2026-04-01", "2026-07-01"), ("Commitment, used", -50, *MARCH),
    ]  # fmt: skip
    assert charged(ahead, "90", month="2026-02") == [("Commitment, used", -90, "2026-02-01", "2026-03-01")]

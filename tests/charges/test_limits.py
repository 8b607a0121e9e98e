"""Monthly limits: what a rate's minimum or maximum adds to the events of a subscription, or takes from them."""

from datetime import date, datetime
from decimal import Decimal

import ibis
import pytest
from sample_rows import Row, price_plan, product, rate, rated_item, service

from billing_assets.charges.charges import limits
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.orders.tables import SUBSCRIPTION_SERVICES
from billing_assets.pricing.price_book import price_book
from billing_assets.rating.month import rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import PRICE_PLANS, PRODUCTS, RATES
from billing_assets.totals.totals import in_force
from jobs.explain_item import told_charge

JANUARY = {
    "window_payer": "ANNA", "month": "2026-01", "billing_cycle": "first", "begin_at": datetime(2025, 12, 31, 23),
    "start_at": datetime(2025, 12, 31, 23), "end_at": datetime(2026, 1, 31, 23), "service_start": date(2026, 1, 1),
    "service_end": date(2026, 2, 1),
}  # fmt: skip


@pytest.fixture
def limited(rows, table):
    """{subscription: charge} of events and services under one rate."""

    def run(events: tuple[Row, ...], services: tuple[Row, ...], **terms: str) -> dict[str, Row]:
        given = {RATES: [rate(**terms)], PRICE_PLANS: [price_plan()], PRODUCTS: [product()]}
        book = price_book(lambda contract: table(contract, *given.get(contract, ())), rows, lambda made: made)
        windows = ibis.memtable([JANUARY])
        due = in_force(table(SUBSCRIPTION_SERVICES, *services), book.card, windows)
        rated = rated_in_month(table(RATED_ITEMS, *events), windows)
        rates = table(RATES, *given[RATES]).mutate(tax_included=ibis.literal(False))
        made = rows(USAGE_CHARGES.shape(limits(rated, due, rates)))
        return {row["subscription_id"]: row for row in made}

    return run


def event(name: str, subscription: str, amount: str) -> Row:
    return rated_item(udr_id=name, subscription_id=subscription, amount=amount)


def living(subscription: str, **values: str) -> Row:
    return service(subscription_id=subscription, **values)


def test_a_minimum_is_due_without_usage(limited):
    """At least 10 a month: 3 + 4 lack 3, nothing used lacks 10, 12 nothing; who left before the month owes nothing."""
    events = (event("1", "SOME", "3"), event("2", "SOME", "4"), event("3", "MUCH", "12"))
    services = (
        living("SOME"), living("MUCH"), living("NONE"),
        living("LEFT", start_at="2025-06-01T00:00", end_at="2025-12-31T23:00"),
        living("LATER", start_at="2026-01-31T23:00"),
    )  # fmt: skip
    found = limited(events, services, monthly_minimum="10")
    assert {name: (row["amount"], row["events"]) for name, row in found.items()} == {"SOME": (3, 2), "NONE": (10, 0)}
    assert found["NONE"]["limit_applied"] == "minimum"
    assert (found["NONE"]["rate_plan"], found["NONE"]["plan_version"]) == ("PLAN", 1)


def test_a_maximum_takes_back_what_is_above(limited):
    """At most 10 a month, at least 5: 7 and 6 are 3 above it; 10 is just it."""
    events = (event("1", "MUCH", "7"), event("2", "MUCH", "6"), event("3", "JUST", "10"))
    found = limited(events, (living("MUCH"), living("JUST")), monthly_minimum="5", monthly_maximum="10")
    assert {name: row["amount"] for name, row in found.items()} == {"MUCH": -3}


def test_a_limit_is_told(limited):
    found = limited((event("1", "SUB", "7.25"),), (living("SUB"),), monthly_minimum="10")
    assert list(told_charge(found["SUB"], ()))[1:] == [
        "  1 events of rate RATE come to 7.2500000000",
        "  2.7500000000 EUR to the minimum of the month, 10",
    ]
    assert found["SUB"]["unit_amount"] + found["SUB"]["amount"] == Decimal(10)

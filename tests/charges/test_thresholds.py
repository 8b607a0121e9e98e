"""Thresholds of unbilled usage: which subscriptions reached one, and with which event."""

from datetime import datetime
from decimal import Decimal

import ibis
import pytest
from sample_rows import bundle_item, measured_event, rated_item, scheme, subscription

from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import REACHED_THRESHOLDS
from billing_assets.charges.thresholds import reached
from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.reference.tables import BILLING_TERM_SCHEMES


@pytest.fixture(scope="module")
def found(table, rows):
    """(subscription, threshold, currency, value, event) of the limits that events reached."""

    def run(terms: dict, *events: dict, measured=(), covered=()) -> list[tuple]:
        schemes = table(BILLING_TERM_SCHEMES, scheme(**terms))
        subscriptions = table(SUBSCRIPTIONS, subscription(billing_term_scheme_id="SCHEME"),
                              subscription(subscription_id="FREE"))  # fmt: skip
        of_month = {name: ibis.literal(value) for name, value in (("month", "2026-01"), ("billing_cycle", "first"))}
        made = reached(
            table(RATED_ITEMS, *(rated_item(**event) for event in events)).mutate(**of_month),
            table(MEASURED_USAGE, *(measured_event(**event) for event in measured)).mutate(**of_month),
            table(BUNDLE_ITEMS, *(bundle_item(**event) for event in covered)), subscriptions, schemes,
        )  # fmt: skip
        shaped = rows(REACHED_THRESHOLDS.shape(made).order_by("threshold", "currency"))
        return [(r["threshold"], r["currency"], r["value"], r["udr_id"], r["reached_at"]) for r in shaped]

    return run


def event(number: int, amount: str = "1", **others: object) -> dict:
    return {"udr_id": f"U{number}", "billing_effective_at": at(number).isoformat(), "amount": amount} | others


def at(number: int) -> datetime:
    return datetime(2026, 1, number, 12)


def test_the_event_that_reaches_the_number(found):
    """3 events: the third, in the order of time; events that a total prices count, too."""
    limit = {"max_unbilled_events": 3}
    reached_at = ("max_unbilled_events", "-", Decimal(3), "U3", at(3))
    assert found(limit, event(4), event(1), event(3), event(2)) == [reached_at]
    counted = {"udr_id": "U2", "billing_effective_at": at(2).isoformat()}
    assert found(limit, event(1), event(3), measured=[counted]) == [reached_at]
    assert found(limit, event(1), event(2)) == []


def test_parts_of_an_event_are_one_event(found):
    parts = [event(1, component=part) for part in ("energy", "time", "parking")]
    assert found({"max_unbilled_events": 2}, *parts) == []
    assert found({"max_unbilled_amount": "3"}, *parts) == [("max_unbilled_amount", "EUR", Decimal(3), "U1", at(1))]


def test_the_event_that_reaches_the_amount(found):
    """4 and 5 are 9; with 6 they are 15, above 10; a credit later changes nothing."""
    events = (event(1, "4"), event(2, "5"), event(3, "6"), event(4, "-9"), event(5, "9"))
    assert found({"max_unbilled_amount": "10"}, *events) == [("max_unbilled_amount", "EUR", Decimal(15), "U3", at(3))]


def test_what_a_bundle_covers_is_not_unbilled(found):
    """8 and 8, of which a bundle takes back 7: 1 + 8 = 9."""
    covered = [event(1, "-7")]
    assert found({"max_unbilled_amount": "10"}, event(1, "8"), event(2, "8"), covered=covered) == []
    (row,) = found({"max_unbilled_amount": "9"}, event(1, "8"), event(2, "8"), covered=covered)
    assert row[2:4] == (Decimal(9), "U2")


def test_each_currency_has_its_amount(found):
    """6 EUR and 6 USD are neither 12 EUR nor 12 USD."""
    assert found({"max_unbilled_amount": "10"}, event(1, "6"), event(2, "6", currency="USD")) == []


def test_a_subscription_without_the_scheme_has_no_limit(found):
    assert found({"max_unbilled_events": 1}, event(1, subscription_id="FREE")) == []

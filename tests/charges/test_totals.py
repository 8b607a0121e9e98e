"""Totals that weigh numbers by time: the fraction is priced, not what is left of it after rounding."""

from datetime import date, datetime
from decimal import Decimal

import ibis
import pytest
from sample_rows import Row, measured_event, price_plan, rate, rate_tier

from billing_assets.charges.charges import priced_totals
from billing_assets.charges.included import with_covered
from billing_assets.pricing.price_book import price_book
from billing_assets.rating.tables import MEASURED_USAGE
from billing_assets.reference.tables import PRICE_PLANS, RATE_TIERS, RATES
from billing_assets.totals.totals import totals

JUNE = {"month": "2026-06", "billing_cycle": "first", "begin_at": datetime(2026, 6, 1),
        "start_at": datetime(2026, 6, 1), "end_at": datetime(2026, 7, 1), "service_start": date(2026, 6, 1),
        "service_end": date(2026, 7, 1)}  # fmt: skip


@pytest.fixture
def charge(rows, table, engine):
    """The one charge of numbers that came at these times of June."""

    def run(numbers: dict[str, str], tiers: tuple[Row, ...] = (), **terms: str) -> Row:
        events = [
            measured_event(udr_id=at, measured=number, local_at=at, billing_effective_at=at)
            for at, number in numbers.items()
        ]
        given = {RATES: [rate(priced_by="month", **terms)], RATE_TIERS: tiers}
        book = price_book(lambda contract: table(contract, *given.get(contract, ())), rows, engine.cache)
        rates = table(RATES, *given[RATES])
        month = table(MEASURED_USAGE, *events).mutate(**{name: ibis.literal(value) for name, value in JUNE.items()})
        found = totals(month, month.limit(0), rates, table(PRICE_PLANS, price_plan()), [terms["aggregation"]])
        (made,) = rows(priced_totals(with_covered(found, None), rates, book))
        return made

    return run


def test_seventeen_of_thirty_days_of_a_seat_at_thirty_are_seventeen(charge):
    """17 / 30 has no end: 0.566666667 * 30 would be 17.00000001."""
    made = charge({"2026-06-14T12:00": "1"}, aggregation="weighted_days", unit_price="30")
    assert (made["quantity"], made["amount"]) == (Decimal("0.566666667"), 17)


def test_a_negative_total_is_the_opposite(charge):
    made = charge({"2026-06-14T12:00": "-1"}, aggregation="weighted_days", unit_price="30")
    assert (made["quantity"], made["amount"]) == (Decimal("-0.566666667"), -17)


def test_thirds_add_up_before_they_are_divided(charge):
    """10/30 + 10/30 + 10/30 of a unit are one."""
    numbers = {f"2026-06-21T{hour}:00": "1" for hour in ("08", "09", "10")}
    made = charge(numbers, aggregation="weighted_days", unit_price="9.99")
    assert (made["quantity"], made["amount"]) == (1, Decimal("9.99"))


def test_a_quantity_is_rounded_once(charge):
    """0.000000001 for 5/30 of the month and 0.000000002 for 10/30: 0.8333 billionths, that is one."""
    numbers = {"2026-06-26T00:00": "0.000000001", "2026-06-21T00:00": "0.000000002"}
    made = charge(numbers, aggregation="weighted_days", unit_price="1")
    assert made["quantity"] == Decimal("0.000000001")


def test_seconds(charge):
    """1 for 1,728,000 of 2,592,000 s, 2/3 of a unit, at 0.03 for a thousandth: 20."""
    made = charge({"2026-06-11T00:00": "1"}, aggregation="weighted_sum", unit_price="0.03", price_per="0.001")
    assert (made["quantity"], made["amount"]) == (Decimal("0.666666667"), 20)


def test_the_part_in_a_tier(charge):
    """5 units for 20 of 30 days are 3 1/3: 3 * 1 and 1/3 * 6, that is 5."""
    tiers = (rate_tier(up_to="3", unit_price="1"), rate_tier(above="3", unit_price="6"))
    made = charge({"2026-06-11T00:00": "5"}, tiers, aggregation="weighted_days", rate_model="tiered", unit_price=None)
    assert (made["quantity"], made["amount"]) == (Decimal("3.333333333"), 5)


def test_started_units_are_whole(charge):
    made = charge({"2026-06-11T00:00": "5"}, aggregation="weighted_days", increment="1", unit_price="6")
    assert (made["billed_quantity"], made["amount"]) == (4, 24)

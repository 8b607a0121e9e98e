"""Totals of the month by their aggregation and window: what is priced, and how it is told."""

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
from jobs.arithmetic import steps
from jobs.explain_item import told_charge

JUNE = {"month": "2026-06", "billing_cycle": "first", "begin_at": datetime(2026, 6, 1),
        "start_at": datetime(2026, 6, 1), "end_at": datetime(2026, 7, 1), "service_start": date(2026, 6, 1),
        "service_end": date(2026, 7, 1)}  # fmt: skip


@pytest.fixture
def charges(rows, table, engine):
    """The charges of numbers that came at these times of June."""

    def run(numbers: dict[str, str], tiers: tuple[Row, ...] = (), **terms: str) -> list[Row]:
        events = [
            measured_event(udr_id=at, measured=number, local_at=at, billing_effective_at=at)
            for at, number in numbers.items()
        ]
        given = {RATES: [rate(priced_by="month", **terms)], RATE_TIERS: tiers}
        book = price_book(lambda contract: table(contract, *given.get(contract, ())), rows, engine.cache)
        rates = table(RATES, *given[RATES])
        month = table(MEASURED_USAGE, *events).mutate(**{name: ibis.literal(value) for name, value in JUNE.items()})
        found = totals(month, month.limit(0), rates, table(PRICE_PLANS, price_plan()), [terms["aggregation"]])
        return rows(priced_totals(with_covered(found, None), rates, book))

    return run


@pytest.fixture
def charge(charges):
    """The one charge of such numbers."""

    def run(*given: object, **terms: str) -> Row:
        (made,) = charges(*given, **terms)
        return made

    return run


@pytest.fixture
def told(charge):
    """The charge of such numbers, step by step."""

    def run(numbers: dict[str, str], *given: tuple[Row, ...], **terms: str) -> list[str]:
        made = charge(numbers, *given, **terms)
        assert sum(amount for amount, _ in steps(made)) == made["amount"]
        return list(told_charge(made, ()))[1:]

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


def test_each_hour_is_a_total_of_its_own(charges):
    """In local time: 3 and 2 after 8 are 5, 4 of which are free; 9:00:00 is the next hour; the day after, 6."""
    tiers = (rate_tier(up_to="4", unit_price="0"), rate_tier(above="4", unit_price="1"))
    numbers = {"2026-06-14T08:00": "3", "2026-06-14T08:59:59": "2", "2026-06-14T09:00": "4", "2026-06-15T08:30": "6"}
    terms = {"aggregation": "sum", "aggregation_window": "hour", "rate_model": "tiered", "unit_price": None}
    made = {row["window_start"]: (row["quantity"], row["amount"]) for row in charges(numbers, tiers, **terms)}
    assert made == {
        datetime(2026, 6, 14, 8): (5, 1), datetime(2026, 6, 14, 9): (4, 0), datetime(2026, 6, 15, 8): (6, 2),
    }  # fmt: skip


def test_the_rest_of_a_fraction_is_told(told):
    """0.566666667 * 30 is more than 17: what was rounded up is a step of its own."""
    assert told({"2026-06-14T12:00": "1"}, aggregation="weighted_days", unit_price="30") == [
        "  weighted_days of 1 events: 0.566666667",
        "  rate RATE (flat) of plan PLAN version 1",
        "  17.0000000100  0.566666667 s * 30",
        "  -0.0000000100  for what its decimals leave of the quantity",
        "  17.0000000000 EUR",
    ]


def test_tiers_minimum_and_limit_of_a_total_are_told(told):
    """7 and 4 are 11, charged as 12: 5 * 2, 7 * 1 and 3 for the second tier; 0.50 setup; at most 20."""
    tiers = (rate_tier(up_to="5", unit_price="2"), rate_tier(above="5", unit_price="1", flat_amount="3"))
    numbers = {"2026-06-14T12:00": "7", "2026-06-15T12:00": "4"}
    terms = {"rate_model": "tiered", "unit_price": None, "increment": "6", "setup_fee": "0.5", "maximum_amount": "20"}
    assert told(numbers, tiers, aggregation="sum", **terms)[2:] == [
        "  11 charged as 12 s, in steps of 6",
        "  10.0000000000  5 s * 2, tier above 0 up to 5",
        "  7.0000000000  7 s * 1, tier above 5",
        "  3.0000000000  for reaching the tier",
        "  0.5000000000  setup",
        "  -0.5000000000  to the maximum of 20",
        "  20.0000000000 EUR",
    ]


def test_a_total_below_zero_adds_up(told):
    tiers = (rate_tier(up_to="5", unit_price="2", flat_amount="1"), rate_tier(above="5", unit_price="1"))
    numbers = {"2026-06-14T12:00": "-7"}
    assert told(numbers, tiers, aggregation="sum", rate_model="tiered", setup_fee="0.5")[-5:] == [
        "  -10.0000000000  5 s * 2, tier above 0 up to 5",
        "  -1.0000000000  for reaching the tier above 0 up to 5",
        "  -2.0000000000  2 s * 1, tier above 5",
        "  -0.5000000000  setup",
        "  -13.5000000000 EUR",
    ]

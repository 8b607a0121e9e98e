"""Which rate and tier an event finds by its attributes, lookups, date and month of life; numbers worked out by hand."""

from decimal import Decimal

import pytest
from sample_rows import Row, rate, rate_condition, rate_tier, subscription, udr

from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.pricing.maturity import with_maturity
from billing_assets.rating import rate as rules
from billing_assets.rating.lookups import with_lookups
from billing_assets.rating.tables import MEASURED_USAGE


def event(name: str, quantity: str = "10", **attributes: str) -> Row:
    return udr(udr_id=name, quantity=quantity, attributes=attributes)


def asking(rate_id: str, **attributes: str) -> list[Row]:
    """The conditions of a rate."""
    return [rate_condition(rate_id=rate_id, attribute=name, value=value) for name, value in attributes.items()]


MATRIX = (
    rate(rate_id="ANY", unit_price="1"),
    rate(rate_id="FAST", unit_price="2"),
    rate(rate_id="ABROAD", unit_price="3", weight=1),
    rate(rate_id="FAST-ABROAD", unit_price="4"),
    rate(rate_id="FAST-ABROAD-MODEM", unit_price="5"),
)
OF_MATRIX = (
    *asking("FAST", network="5G"), *asking("ABROAD", place="roaming"),
    *asking("FAST-ABROAD", network="5G", place="roaming", device="phone"),
    *asking("FAST-ABROAD-MODEM", network="5G", place="roaming", device="modem"),
)  # fmt: skip


def test_a_matrix_over_three_attributes(rated):
    """10 units: all conditions of a rate hold, more of them go first, and of two with one each the heavier."""
    events = (
        event("nothing told"), event("slow at home", network="4G", place="home"), event("fast", network="5G"),
        event("abroad", place="roaming", device="phone"), event("fast and abroad", network="5G", place="roaming"),
        event("phone", network="5G", place="roaming", device="phone"),
        event("modem", network="5G", place="roaming", device="modem"),
    )  # fmt: skip
    found = rated(events, MATRIX, conditions=OF_MATRIX)
    assert {name: row["amount"] for name, row in found.items()} == {
        "nothing told": 10, "slow at home": 10, "fast": 20, "abroad": 30, "fast and abroad": 30, "phone": 40,
        "modem": 50,
    }  # fmt: skip


def test_the_heavier_rate_is_taken(rated):
    """Whichever comes first by its name."""
    light, heavy = rate(rate_id="A", unit_price="1"), rate(rate_id="B", unit_price="2", weight=10)
    assert rated((event("call"),), (light, heavy))["call"]["rate_id"] == "B"
    assert rated((event("call"),), (light | {"weight": 20}, heavy))["call"]["rate_id"] == "A"


LOOKUPS = [
    {"lookup_id": "countries", "match": "prefix", "lookup_key": key, "key_to": None, "result": result}
    for key, result in (("33", "FR"), ("4179", "CH mobile"), ("41", "CH"))
] + [
    {"lookup_id": "zones", "match": "exact", "lookup_key": key, "key_to": None, "result": result}
    for key, result in (("FR", "home"), ("CH", "near"), ("CH mobile", "near mobile"))
]
CHAIN = [
    {"product_id": "CALLS", "place": 1, "lookup_id": "countries", "from_attribute": "destination",
     "attribute": "country"},
    {"product_id": "CALLS", "place": 2, "lookup_id": "zones", "from_attribute": "country", "attribute": "called_zone"},
]  # fmt: skip


def test_number_to_country_to_zone_to_price(rated):
    """90 s are 2 started minutes: at 0.02 at home, 0.10 near, 0.25 near mobile, and 0.90 for the rest."""
    minutes = {"increment": "60", "price_per": "60"}
    rates = [rate(rate_id="REST", unit_price="0.90", **minutes)]
    conditions = []
    for zone, price in (("home", "0.02"), ("near", "0.10"), ("near mobile", "0.25")):
        rates.append(rate(rate_id=zone, unit_price=price, **minutes))
        conditions += asking(zone, called_zone=zone)
    numbers = {"33145": "0.04", "41446": "0.20", "417912": "0.50", "15551": "1.80"}
    events = tuple(udr(udr_id=number, quantity="90", destination=number) for number in numbers)
    found = rated(events, tuple(rates), (), tuple(conditions),
                  prepared=lambda given: with_lookups(given, CHAIN, LOOKUPS))  # fmt: skip
    assert {name: row["amount"] for name, row in found.items()} == {n: Decimal(a) for n, a in numbers.items()}
    assert found["417912"]["lookups"] == "country CH mobile, called_zone near mobile"


def test_the_date_of_use_picks_the_version_of_the_tiers(rated):
    """Conga: 1 to 10 cost 100 a unit until 1 May 2017, then 150: 5 units are 500.00 and 750.00; of 12, 2 have 90."""
    versions = (
        rate(rate_id="OLD", plan_version=1, rate_model="tiered", unit_price=None, valid_to="2017-05-01"),
        rate(rate_id="NEW", plan_version=2, rate_model="tiered", unit_price=None, valid_from="2017-05-01"),
    )
    tiers = [
        rate_tier(rate_id=version, above=above, up_to=up_to, unit_price=price)
        for version, first in (("OLD", "100"), ("NEW", "150"))
        for above, up_to, price in (("0", "10", first), ("10", None, "90"))
    ]
    days = {"2017-04-01": ("500", "1180", 1), "2017-07-01": ("750", "1680", 2)}
    events = [
        udr(udr_id=f"{day} {quantity}", quantity=quantity, local_at=f"{day}T12:00")
        for day in days
        for quantity in ("5", "12")
    ]
    found = rated(tuple(events), versions, tuple(tiers))
    for day, (five, twelve, version) in days.items():
        assert found[f"{day} 5"]["amount"] == Decimal(five)
        assert found[f"{day} 12"]["amount"] == Decimal(twelve)
        assert found[f"{day} 12"]["plan_version"] == version
    assert found["2017-07-01 12"]["tiers_below"] == "0..10:150/1+0=1500"


def test_usage_by_the_month_of_life(rated, table):
    """A life from 31 January: its second month begins on 28 February; 10 units at 0.05 for three months, then 0.09."""
    tiers = (rate_tier(up_to="3", unit_price="0.05"), rate_tier(above="3", unit_price="0.09"))
    days = ("2026-01-31", "2026-02-27", "2026-02-28", "2026-04-29", "2026-04-30")
    events = tuple(udr(udr_id=day, quantity="10", local_at=f"{day}T23:59:59") for day in days)
    lives = table(SUBSCRIPTIONS, subscription(start_date="2026-01-31"))
    found = rated(events, (rate(tier_by="maturity", unit_price=None),), tiers,
                  prepared=lambda given: with_maturity(given, lives))  # fmt: skip
    assert [found[day]["amount"] for day in days] == [Decimal(a) for a in ("0.5", "0.5", "0.5", "0.5", "0.9")]
    assert [found[day]["tier_above"] for day in days] == [0, 0, 0, 0, 3]


@pytest.fixture
def measured(rows, found, book):
    """{event: rate} of what the totals of the month are made of."""

    def run(events: tuple[Row, ...], rates: tuple[Row, ...], conditions: tuple[Row, ...]) -> dict[str, str]:
        prices = book(rates, (), conditions)
        made = MEASURED_USAGE.shape(rules.measured(found(events, prices), prices))
        return {row["udr_id"]: row["rate_id"] for row in rows(made)}

    return run


def test_a_total_of_the_month_counts_what_meets_its_conditions(measured):
    """What does not meet them is in the total of the other rate, or in none."""
    fast, rest = rate(rate_id="FAST", priced_by="month"), rate(rate_id="REST", priced_by="month")
    events = (event("1", network="5G"), event("2", network="4G"), event("3"), event("4", network="5G"))
    conditions = tuple(asking("FAST", network="5G"))
    assert measured(events, (fast,), conditions) == {"1": "FAST", "4": "FAST"}
    assert measured(events, (fast, rest), conditions) == {"1": "FAST", "2": "REST", "3": "REST", "4": "FAST"}

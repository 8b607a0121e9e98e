"""The price of an event by itself, with numbers published by others and worked out by hand."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from sample_rows import rate, udr

from billing_assets.rating import rate as rules
from billing_assets.rating.tables import UNRATED_UDRS


@pytest.fixture(scope="module")
def amounts(rated) -> Callable[..., list[Decimal]]:
    """The amounts of events that differ in their quantity, at one rate."""

    def run(quantities: list[str], **values: object) -> list[Decimal]:
        events = tuple(udr(udr_id=f"U{i}", quantity=quantity) for i, quantity in enumerate(quantities))
        items = rated(events, (rate(**values),))
        return [items[event["udr_id"]]["amount"] for event in events]

    return run


def decimals(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_a_call_is_a_setup_fee_and_charged_units(rated):
    """65 s in started minutes: 2 * 60 s at 0.12 a minute, and 0.05: 0.29."""
    given = rate(setup_fee="0.05", minimum_quantity="60", increment="60", unit_price="0.12", price_per="60")
    item = rated((udr(quantity="65", zone_id="FR"),), (given,))["U1"]
    assert item.pop("charge_key")
    assert item == {
        "event_day": udr()["event_day"], "udr_id": "U1", "leg": "vendor_to_customer", "component": "usage",
        "split": 0, "rating_type": "post_rated", "billing_effective_at": datetime(2026, 1, 15, 12),
        "local_at": datetime(2026, 1, 15, 13), "payer_account_id": "ANNA", "service_account_id": "ANNA",
        "subscription_id": "SUB", "product_id": "CALLS", "price_plan_id": "PLAN", "rate_plan": "PLAN",
        "plan_version": 1, "rate_id": "RATE", "rate_model": "flat", "tariff_id": None, "zone_prefix": None,
        "zone_id": "FR", "time_band_id": None, "lookups": None, "quantity": Decimal(65),
        "measured": Decimal(65), "minimum_quantity": Decimal(60), "increment": Decimal(60),
        "billed_quantity": Decimal(120), "unit": "s", "tier_above": None, "tier_up_to": None,
        "amount_below": None, "tiers_below": None, "flat_amount": None, "packages": "none",
        "unit_price": Decimal("0.12"), "price_per": Decimal(60),
        "setup_fee": Decimal("0.05"), "unit_amount": Decimal("0.24"), "limit_applied": None,
        "step": None, "price_limit": None, "tax_code": None, "caller_location": None,
        "called_location": None, "tax_included": False, "amount": Decimal("0.29"), "currency": "EUR",
    }  # fmt: skip


# What is charged for a quantity at a rate: published by whom it says, or worked out there.
PRICES = {
    "CGRateS, TestCallDesc: a first block of 60, then single units, 60 + 5":
        ({"minimum_quantity": "60", "increment": "1"}, "65", "65"),
    "CGRateS, TestCallDesc: 110 evening seconds at 0.5": ({"unit_price": "0.5", "increment": "1"}, "110", "55"),
    "CGRateS, tutorial: off-peak, connect fee 0.10 and 45 s at 0.01":
        ({"setup_fee": "0.1", "unit_price": "0.01", "increment": "1"}, "45", "0.55"),
    "CGRateS, tutorial: 0.10 a call whatever it lasts":
        ({"setup_fee": "0.1", "unit_price": "0", "increment": "1"}, "45", "0.1"),
    "CGRateS: a short message at 0.005": ({"unit_price": "0.005", "increment": "1"}, "1", "0.005"),
    "0.15 set-up, 65 s are 2 started minutes at 0.10":
        ({"setup_fee": "0.15", "minimum_quantity": "60", "increment": "60", "unit_price": "0.1", "price_per": "60"},
         "65", "0.35"),
    "0.15 set-up, 65 s at 0.01": ({"setup_fee": "0.15", "unit_price": "0.01"}, "65", "0.8"),
    "30/6: 31 s are 36 s, at 0.30 a minute 0.18":
        ({"minimum_quantity": "30", "increment": "6", "unit_price": "0.3", "price_per": "60"}, "31", "0.18"),
    "Conga, usage rating: 5 at 100": ({"unit_price": "100"}, "5", "500"),
    "Conga, draft rating: 20 at 200 in June": ({"unit_price": "200"}, "20", "4000"),
    "Conga, draft rating: 10 at 200 in July": ({"unit_price": "200"}, "10", "2000"),
    "CRM.COM, flat: 2 at 20": ({"unit_price": "20"}, "2", "40"),
    "7 of 60 s at 1.00: 0.11666…, rounded once": ({"unit_price": "1", "price_per": "60"}, "7", "0.1166666667"),
}  # fmt: skip


@pytest.fixture(scope="module")
def prices(rated) -> dict[str, Decimal]:
    """The amounts of PRICES, each event rated by a zone of its own."""
    rates = [rate(rate_id=name, zone_id=name, **given) for name, (given, *_) in PRICES.items()]
    events = [udr(udr_id=name, zone_id=name, quantity=quantity) for name, (_, quantity, _) in PRICES.items()]
    return {name: row["amount"] for name, row in rated(tuple(events), tuple(rates)).items()}


@pytest.mark.parametrize("source", PRICES)
def test_prices(prices, source):
    assert prices[source] == Decimal(PRICES[source][-1])


def test_an_unanswered_call_costs_nothing(amounts):
    """Neither set-up fee nor minimum: nothing was used."""
    given = {"setup_fee": "0.15", "minimum_quantity": "60", "increment": "60", "minimum_amount": "1"}
    assert amounts(["0"], **given) == decimals("0")


def test_a_reversed_call_is_the_opposite_of_the_call(amounts):
    given = {"setup_fee": "0.15", "minimum_quantity": "30", "increment": "6", "unit_price": "0.3333", "price_per": "60"}
    found = amounts(["31", "-31", "1", "-1"], **given)
    assert found == decimals("0.34998", "-0.34998", "0.31665", "-0.31665")
    assert amounts(["1", "-1"], minimum_amount="2.5") == decimals("2.5", "-2.5")


def test_the_least_amount_of_an_event(rated):
    """At least 0.50: 0.15 + 10 * 0.01 is below it, 0.15 + 35 * 0.01 is just it."""
    events = (udr(udr_id="below", quantity="10"), udr(udr_id="at", quantity="35"), udr(udr_id="above", quantity="36"))
    items = rated(events, (rate(setup_fee="0.15", unit_price="0.01", minimum_amount="0.5"),))
    assert {name: (row["amount"], row["limit_applied"]) for name, row in items.items()} == {
        "below": (Decimal("0.5"), "minimum"), "at": (Decimal("0.5"), None), "above": (Decimal("0.51"), None),
    }  # fmt: skip
    assert items["below"]["unit_amount"] == Decimal("0.1")


def test_the_local_day_decides_the_version(rated):
    """Conga, usage rating: 5 units are 500.00 before 1 May 2017 and 750.00 from then on, in local time."""
    versions = (
        rate(rate_id="OLD", unit_price="100", valid_to="2017-05-01"),
        rate(rate_id="NEW", unit_price="150", valid_from="2017-05-01"),
    )
    events = (
        udr(udr_id="april", quantity="5", local_at="2017-04-01T12:00:00"),
        udr(udr_id="last second", quantity="5", local_at="2017-04-30T23:59:59"),
        udr(udr_id="first second", quantity="5", local_at="2017-05-01T00:00:00"),
        udr(udr_id="july", quantity="5", local_at="2017-07-01T12:00:00"),
    )
    assert {name: row["amount"] for name, row in rated(events, versions).items()} == {
        "april": 500, "last second": 500, "first second": 750, "july": 750,
    }  # fmt: skip


def test_zone_and_band_decide_the_rate(rated):
    rates = (
        rate(rate_id="ANY"),
        rate(rate_id="NIGHT", time_band_id="night"),
        rate(rate_id="FRANCE", zone_id="FR"),
    )
    events = (
        udr(udr_id="nowhere"),
        udr(udr_id="night", time_band_id="night"),
        udr(udr_id="France", zone_id="FR"),
        udr(udr_id="France by night", zone_id="FR", time_band_id="night"),
    )
    assert {name: row["rate_id"] for name, row in rated(events, rates).items()} == {
        "nowhere": "ANY", "night": "NIGHT", "France": "FRANCE", "France by night": "FRANCE",
    }  # fmt: skip


def test_a_film_costs_less_by_night(rated):
    """Published: a film is 10.00 at 20:30, and 5.00 at 03:00."""
    rates = (rate(unit_price="10"), rate(rate_id="NIGHT", time_band_id="night", unit_price="5"))
    events = (udr(udr_id="20:30", quantity="1"), udr(udr_id="03:00", quantity="1", time_band_id="night"))
    assert {name: row["amount"] for name, row in rated(events, rates).items()} == {"20:30": 10, "03:00": 5}


def test_a_prerated_event_keeps_its_amount(rated):
    """Its own currency, no set-up fee, minimum or rate, though its plan has one; also a credit, and nothing."""
    priced = (rate(setup_fee="1", minimum_amount="5", minimum_quantity="60", increment="60"),)
    events = tuple(
        udr(udr_id=amount, quantity="7", prerated_amount=amount, prerated_currency="USD")
        for amount in ("0.1234567891", "-2", "0")
    )
    items = rated(events, priced)
    assert {name: row["amount"] for name, row in items.items()} == {name: Decimal(name) for name in items}
    for item in items.values():
        assert (item["rating_type"], item["rate_id"], item["currency"]) == ("pre_rated", None, "USD")
        assert (item["billed_quantity"], item["setup_fee"], item["limit_applied"]) == (Decimal(7), Decimal(0), None)


def test_events_without_a_price(rows, found, book):
    """No plan, no rate for the zone, no rate yet: not billed, and not lost."""
    events = (
        udr(udr_id="no plan", price_plan_id=None),
        udr(udr_id="abroad", zone_id=None),
        udr(udr_id="too early", zone_id="FR", local_at="2025-12-31T23:00:00"),
        udr(udr_id="priced", zone_id="FR"),
        udr(udr_id="prerated", price_plan_id=None, prerated_amount="1", prerated_currency="EUR"),
    )
    prices_of_2026 = book((rate(zone_id="FR", valid_from="2026-01-01"),))
    joined = found(events, prices_of_2026)
    left = {row["udr_id"]: (row["reason"], row["detail"]) for row in rows(UNRATED_UDRS.shape(rules.unrated(joined)))}
    assert left == {
        "no plan": ("NO_PRICE_PLAN", "plan - product CALLS zone - on 2026-01-15"),
        "abroad": ("NO_RATE", "plan PLAN product CALLS zone - on 2026-01-15"),
        "too early": ("NO_RATE", "plan PLAN product CALLS zone FR on 2025-12-31"),
    }
    assert {row["udr_id"] for row in rows(rules.rated(joined, prices_of_2026))} == {"priced", "prerated"}


def test_the_plan_gives_the_currency(rated):
    dollars = (rate(price_plan_id="USD"),)
    assert rated((udr(price_plan_id="USD"),), dollars)["U1"]["currency"] == "USD"


def test_events_that_are_priced_taxed_and_printed_alike_share_their_charge(rated):
    """Quantity, time and destination are of the event alone; zone, band, rate and subscription make a charge."""
    rates = (rate(), rate(rate_id="NIGHT", time_band_id="night"))
    alike = (udr(), udr(udr_id="U2", quantity="7", destination="4930", local_at="2026-01-20T08:00:00"))
    others = (
        udr(udr_id="U3", zone_id="FR"), udr(udr_id="U4", time_band_id="night"),
        udr(udr_id="U5", subscription_id="SUB2"), udr(udr_id="U6", payer_account_id="BOSS"),
        udr(udr_id="U7", prerated_amount="1", prerated_currency="EUR"),
        udr(udr_id="U8", prerated_amount="1", prerated_currency="USD"),
    )  # fmt: skip
    keys = {name: row["charge_key"] for name, row in rated((*alike, *others), rates).items()}
    assert keys["U1"] == keys["U2"]
    assert len(set(keys.values())) == 1 + len(others)

"""The rate card: the one rate that applies to a zone, a band and a day."""

from collections.abc import Callable

import ibis
import pytest
from sample_rows import Row, price_plan, product, rate, time_band, zone_prefix

from billing_assets.pricing.rate_card import matrix, rate_card
from billing_assets.reference.tables import PRICE_PLANS, PRODUCTS, RATES, TIME_BANDS, ZONE_PREFIXES


@pytest.fixture
def card(rows, table) -> Callable[..., dict[tuple[str, str], list[tuple[str, str, str]]]]:
    """{(zone, band): [(from, up to, rate), …]} of a plan's product with zones FR and US and a night band."""

    def run(*rates: Row, plan: str = "PLAN", product_id: str = "CALLS"):
        made = rate_card(
            table(RATES, *rates),
            table(PRICE_PLANS, price_plan(), price_plan(price_plan_id="OTHER", currency="JPY"), SUMMER),
            table(PRODUCTS, product(zone_set="dial", time_band_set="week"), product(product_id="DATA")),
            table(ZONE_PREFIXES, zone_prefix(), zone_prefix(prefix="336"), zone_prefix(prefix="1", zone_id="US")),
            table(TIME_BANDS, time_band()),
            ibis.memtable(matrix([], [])[1]),
        )
        found: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for row in sorted(rows(made), key=lambda r: r["card_from"]):
            if (row["card_plan"], row["card_product"]) == (plan, product_id):
                key = (row["card_zone"], row["card_band"])
                found.setdefault(key, []).append((f"{row['card_from']}", f"{row['card_to']}", row["rate_id"]))
        return found

    return run


ALWAYS = ("1900-01-01", "9999-12-31")
SUMMER = price_plan(price_plan_id="SUMMER", plan_type="conditional", base_plan_id="PLAN")


def chosen(card: dict) -> dict[str, str]:
    """The only rate of each zone and band."""
    return {f"{zone or 'any'} {band or 'any'}": rate_id for (zone, band), ((_, _, rate_id),) in card.items()}


def test_a_rate_for_everything(card):
    found = card(rate())
    assert found["FR", "night"] == [(*ALWAYS, "RATE")]
    assert chosen(found) == dict.fromkeys(("any any", "any night", "FR any", "FR night", "US any", "US night"), "RATE")


def test_the_zone_comes_before_the_band(card):
    """A rate for the zone, one for the band, and one for neither: the zone's wins in its zone, by night too."""
    found = card(rate(), rate(rate_id="FRANCE", zone_id="FR"), rate(rate_id="NIGHT", time_band_id="night"))
    assert chosen(found) == {
        "any any": "RATE", "any night": "NIGHT", "FR any": "FRANCE", "FR night": "FRANCE", "US any": "RATE",
        "US night": "NIGHT",
    }  # fmt: skip


def test_zone_and_band_together_come_first(card):
    found = card(
        rate(rate_id="NIGHT", time_band_id="night"), rate(rate_id="FRANCE", zone_id="FR"),
        rate(rate_id="FRANCE-NIGHT", zone_id="FR", time_band_id="night"),
    )  # fmt: skip
    assert chosen(found) == {
        "any night": "NIGHT", "FR any": "FRANCE", "FR night": "FRANCE-NIGHT", "US night": "NIGHT",
    }  # fmt: skip


def test_where_no_rate_fits_the_card_has_no_row(card):
    assert chosen(card(rate(zone_id="FR", time_band_id="night"))) == {"FR night": "RATE"}


def test_versions_by_date(card):
    """Conga, usage rating: 100 per unit until 1 May 2017, then 150."""
    found = card(
        rate(rate_id="OLD", unit_price="100", valid_from="2017-01-01", valid_to="2017-05-01"),
        rate(rate_id="NEW", unit_price="150", valid_from="2017-05-01"),
    )
    assert found["", ""] == [("2017-01-01", "2017-05-01", "OLD"), ("2017-05-01", "9999-12-31", "NEW")]


def test_a_special_price_for_some_time(card):
    """In March 2026 France has a price of its own; before and after it has that of everything."""
    march = {"valid_from": "2026-03-01", "valid_to": "2026-04-01"}
    found = card(rate(), rate(rate_id="MARCH", zone_id="FR", time_band_id="night", **march))
    assert found["FR", "night"] == [
        ("1900-01-01", "2026-03-01", "RATE"),
        ("2026-03-01", "2026-04-01", "MARCH"),
        ("2026-04-01", "9999-12-31", "RATE"),
    ]
    assert {rate_id for _, _, rate_id in found["US", "night"]} == {"RATE"}


def test_a_plan_for_some_days_of_use_falls_back_on_all_others(card):
    """Rate by rate: in July and August calls home are those of the plan, calls elsewhere of its base all year."""
    summer = {"valid_from": "2026-07-01", "valid_to": "2026-09-01"}
    found = card(rate(), rate(rate_id="OWN", price_plan_id="SUMMER", zone_id="FR", **summer), plan="SUMMER")
    assert found["FR", ""] == [
        ("1900-01-01", "2026-07-01", "RATE"), ("2026-07-01", "2026-09-01", "OWN"), ("2026-09-01", "9999-12-31", "RATE"),
    ]  # fmt: skip
    assert {rate_id for _, _, rate_id in found["US", ""]} == {"RATE"}


def test_a_gap_between_versions_has_no_rate(card):
    found = card(rate(valid_to="2026-02-01"), rate(rate_id="NEXT", valid_from="2026-03-01"))
    assert found["", ""] == [("1900-01-01", "2026-02-01", "RATE"), ("2026-03-01", "9999-12-31", "NEXT")]


def test_plans_and_products_have_rates_of_their_own(card):
    rates = (rate(), rate(rate_id="OTHER", price_plan_id="OTHER"), rate(rate_id="DATA", product_id="DATA"))
    assert set(chosen(card(*rates)).values()) == {"RATE"}
    assert set(chosen(card(*rates, plan="OTHER")).values()) == {"OTHER"}
    assert chosen(card(*rates, product_id="DATA")) == {"any any": "DATA"}


def test_the_plan_gives_the_currency_and_the_basis(rows, table):
    plans = table(PRICE_PLANS, price_plan(price_plan_id="OTHER", currency="JPY", tax_included="true"))
    rates = table(RATES, rate(price_plan_id="OTHER"))
    made = rate_card(
        rates,
        plans,
        table(PRODUCTS, product()),
        table(ZONE_PREFIXES),
        table(TIME_BANDS),
        ibis.memtable(matrix([], [])[1]),
    )
    assert [(row["rate_currency"], row["tax_included"]) for row in rows(made)] == [("JPY", True)]

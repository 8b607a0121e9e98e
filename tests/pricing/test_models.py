"""What quantities come to under rates with tiers, packages, percentages and limits, as published by others."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from priced_rows import priced_quantities
from sample_rows import Row

from billing_assets.pricing.models import MODELS, rate_model

UNLIMITED = None


def levels(*limits: tuple[str, str | None, str] | tuple[str, str | None, str, str]) -> list[dict]:
    """Tiers as (above, up to, unit price[, flat amount])."""
    names = ("above", "up_to", "unit_price", "flat_amount")
    return [dict(zip(names, limit, strict=False)) for limit in limits]


ANTENNA = levels(("0", "1", "10"), ("1", "2", "9"), ("2", "3", "8"), ("3", UNLIMITED, "7"))
DISTRIBUTORS = levels(("0", "1", "5"), ("1", "2", "4"), ("2", "3", "3"), ("3", UNLIMITED, "2"))
HOURS = levels(("0", "1", "20"), ("1", "5", "15"), ("5", UNLIMITED, "10"))
SIMPLE = levels(("0", "3", "99"), ("3", "6", "89"), ("6", UNLIMITED, "59"))
FREE_FIRST = levels(("0", "5", "0"), ("5", "10", "2"), ("10", UNLIMITED, "3"))
FLAT_FEES = levels(("0", "5", "0", "1"), ("5", "10", "1", "2"), ("10", UNLIMITED, "2"))
MIXED = levels(("0", "5", "0", "100"), ("5", "10", "0", "50"), ("10", "15", "10"), ("15", UNLIMITED, "5"))
VOLUME = levels(("0", "5", "0", "100"), ("5", "10", "0", "150"), ("10", "15", "10"), ("15", UNLIMITED, "5"))
LAGO_GRADUATED = levels(("0", "10", "10", "2"), ("10", "20", "5", "3"), ("20", UNLIMITED, "5", "3"))
LAGO_VOLUME = levels(("0", "100", "2", "10"), ("100", "200", "1"), ("200", UNLIMITED, "0.5", "50"))
LAGO_PERCENT = levels(("0", "10", "1", "200"), ("10", "20", "2", "300"), ("20", UNLIMITED, "3", "400"))
MARKED_UP = [{"above": "0", "up_to": "4", "markup_percent": "10"}, {"above": "10", "markup_percent": "-20"}]
BLOCKS = [
    {"above": "0", "up_to": "1000", "unit_price": "1", "price_per": "100"},
    {"above": "1000", "up_to": "101000", "unit_price": "1", "price_per": "1000"},
    {"above": "101000", "unit_price": "0.5", "price_per": "1000"},
]
DEAR_BLOCKS = [
    {"above": "0", "up_to": "1000", "unit_price": "2.95", "price_per": "100"},
    {"above": "1000", "up_to": "101000", "unit_price": "5.95", "price_per": "1000"},
]
PARKING = levels(("0", "15", "0"), ("15", UNLIMITED, "0.1"))
PARKING_FIRST_PRICED = levels(("0", "15", "0", "1"), ("15", UNLIMITED, "0.1"))
CGRATES_SLOTS = [
    {"above": "0", "up_to": "60", "unit_price": "0.1", "price_per": "60"},
    {"above": "60", "unit_price": "0.05", "price_per": "60"},
]

# name: (rate, tiers, {quantity: amount})
PUBLISHED = {
    "CRM.COM, start-up fee": ({"unit_price": "5"}, [], {"1": "5"}),
    "CRM.COM, repairs, flat by hours": ({"unit_price": "20"}, HOURS, {"1": "20", "2": "30", "5": "75", "6": "60"}),
    "CRM.COM, installation, tiered by hours":
        ({"rate_model": "tiered", "unit_price": "20"}, HOURS, {"1": "20", "5": "80", "7": "100"}),
    "CRM.COM, antenna, flat": ({"unit_price": "10"}, ANTENNA, {"1": "10", "3": "24", "5": "35"}),
    "CRM.COM, decoder, tiered":
        ({"rate_model": "tiered", "unit_price": "10"}, ANTENNA, {"1": "10", "3": "27", "5": "41"}),
    "CRM.COM, Eurosport, flat": ({"unit_price": "5"}, DISTRIBUTORS, {"4": "8"}),
    "CRM.COM, pay per view, tiered": ({"rate_model": "tiered", "unit_price": "5"}, DISTRIBUTORS, {"4": "14"}),
    "CRM.COM, flat": ({"unit_price": "20"}, [], {"2": "40"}),
    "CRM.COM, tiered": ({"rate_model": "tiered"}, SIMPLE, {"2": "198", "5": "475", "10": "800"}),
    "CRM.COM, volume": ({}, SIMPLE, {"10": "590"}),
    "CRM.COM, parking, first 15 minutes free": ({"rate_model": "tiered"}, PARKING, {"15": "0", "40": "2.5"}),
    "CRM.COM, parking, first 15 minutes 1.00":
        ({"rate_model": "tiered"}, PARKING_FIRST_PRICED, {"40": "3.5", "10": "1"}),
    "CRM.COM, parking with set-up": ({"rate_model": "tiered", "setup_fee": "0.15"}, PARKING, {"40": "2.65"}),
    "FlexPrice, slabs, the first free": ({"rate_model": "tiered"}, FREE_FIRST, {"3": "0", "7": "4", "15": "25"}),
    "FlexPrice, slabs with flat amounts": ({"rate_model": "tiered"}, FLAT_FEES, {"3": "1", "7": "5"}),
    "FlexPrice, packages of 100, started": (
        {"unit_price": "1", "price_per": "100", "packages": "up"}, [], {"50": "1", "250": "3"}),
    "packages of 100, full ones": (
        {"unit_price": "1", "price_per": "100", "packages": "down"}, [], {"50": "0", "250": "2", "300": "3"}),
    "OpenMeter, packages of 10": ({"unit_price": "15", "price_per": "10", "packages": "up"}, [], {"9": "15"}),
    "OpenMeter, graduated, nothing used": ({"rate_model": "tiered"}, MIXED, {"0": "100"}),
    "OpenMeter, volume": ({}, VOLUME, {"3": "100", "15": "150"}),
    "OpenMeter, volume with a maximum of 125": ({"maximum_amount": "125"}, VOLUME, {"7": "125"}),
    "Lago, graduated, nothing used": ({"rate_model": "tiered"}, LAGO_GRADUATED, {"0": "2"}),
    "Lago, volume on the border": ({}, LAGO_VOLUME, {"100": "210"}),
    "Lago, graduated percentage": ({"rate_model": "tiered_percentage"}, LAGO_PERCENT, {"1": "200.01"}),
    "Lago, percentage": ({"rate_model": "percentage", "unit_price": "2.99"}, [],
                         {"10": "0.299", "80": "2.392", "10000": "299", "90": "2.691", "10090": "301.691"}),
    "Lago, percentage and 2.00 an event": (
        {"rate_model": "percentage", "unit_price": "1.3", "setup_fee": "2"}, [],
        {"50": "2.65", "100": "3.3", "250": "5.25", "400": "7.2"}),
    # Q * (1 + m / 100) * N: 2.50 + 10 % up to 4, 2.50 above, 20 % off above 10
    "Conga, tiers with a markup and a discount, flat":
        ({"unit_price": "2.5"}, MARKED_UP, {"4": "11", "10": "25", "12": "24"}),
    "Conga, tiers with a markup and a discount, added up":
        ({"unit_price": "2.5", "rate_model": "tiered"}, MARKED_UP, {"4": "11", "10": "26", "12": "30"}),
    # 0.000000000333 * 1.005 = 0.000000000334665
    "a markup is rounded once, to twelve decimals":
        ({"unit_price": "0.000000000333"}, [{"above": "0", "markup_percent": "0.5"}], {"1000000": "0.000335"}),
    "Kill Bill, graduated blocks": ({"rate_model": "tiered", "packages": "up"}, BLOCKS, {"5325": "15"}),
    "Kill Bill, started blocks": ({"rate_model": "tiered", "packages": "up"}, DEAR_BLOCKS, {"300": "8.85"}),
    "Kill Bill, top tier": ({"packages": "up"}, BLOCKS, {"101000": "101", "300000": "150"}),
    "CGRateS, slots: a minute at 0.10, then by the second at 0.05 a minute":
        ({"rate_model": "tiered", "setup_fee": "0.2", "minimum_quantity": "60", "increment": "1"}, CGRATES_SLOTS,
         {"90": "0.325", "120": "0.35", "45": "0.3"}),
    "CGRateS, at most 10 a call": ({"unit_price": "1", "maximum_amount": "10"}, [], {"1800": "10", "7": "7"}),
    "cost plus 15 %": ({"rate_model": "percentage", "unit_price": "115"}, [], {"8.4": "9.66"}),
    "(previous top, top]: 3.5 falls in 4 to 6": ({}, SIMPLE, {"3.5": "311.5", "3": "297"}),
    "in no tier: the rate's own price": (
        {"unit_price": "7"}, levels(("5", "10", "1")), {"3": "21", "6": "6", "12": "84"}),
    # 3 * 2; 5 * 2 + 1 * 7; 5 * 2 + 3 * 7 + 2 * 1; 5 * 2 + 3 * 7 + 4 * 1 + 0.5 * 7
    "added up, parts in no tier: each at the rate's own price": (
        {"rate_model": "tiered", "unit_price": "7"}, levels(("0", "5", "2"), ("8", "12", "1")),
        {"0": "0", "3": "6", "6": "17", "10": "33", "12.5": "38.5"}),
    # 3 * 7; 5 * 7 + the flat amount of 4 + 2 * 1
    "added up, none at the beginning": (
        {"rate_model": "tiered", "unit_price": "7"}, levels(("5", None, "1", "4")), {"3": "21", "5": "35", "7": "41"}),
    # 10 % of 100 + 5 % of 50
    "percentages added up above the last tier": (
        {"rate_model": "tiered_percentage", "unit_price": "5"}, levels(("0", "100", "10")), {"150": "12.5"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def amounts(table, rows) -> Callable[..., list[Decimal]]:
    """Amounts of quantities under one rate with tiers."""

    def run(quantities: list[str], given: Row, tier_rows: list[dict]) -> list[Decimal]:
        made = priced_quantities(table, quantities, given, tier_rows)
        return [row["amount"] for row in sorted(rows(made), key=lambda row: row["place"])]

    return run


@pytest.mark.parametrize("source", PUBLISHED)
def test_published_prices(amounts, source):
    given, tier_rows, expected = PUBLISHED[source]
    assert amounts(list(expected), given, tier_rows) == [Decimal(amount) for amount in expected.values()]


def test_a_name_is_registered_once():
    with pytest.raises(ValueError, match="there is a rate model 'flat' already"):
        rate_model("flat")(MODELS["flat"])

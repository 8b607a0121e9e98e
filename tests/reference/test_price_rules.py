"""What rates, tiers, tariffs and plans may not be, beside single broken rows."""

import pytest
from configuration import VALID
from sample_rows import (
    currency,
    price_plan,
    product,
    product_attribute,
    rate,
    rate_condition,
    rate_tier,
    sample,
    tariff_element,
    time_band,
    udr_type,
)

from billing_assets.reference import tables as contracts


def test_what_is_no_service_has_no_maturity(sentence):
    fee = product(product_id="INSTALLATION", product_type="one_time_service", udr_type=None, source_line=9)
    rates = [rate(product_id="INSTALLATION", tier_by="maturity")]
    assert sentence(products=[*VALID["products"], fee], rates=rates) == (
        "rates.csv, line 2: tier_by 'maturity' is for termed services and for usage priced by event"
    )


@pytest.mark.parametrize(
    ("tier", "base", "said"),
    [
        ({"markup_percent": "10", "unit_price": "2"}, "5", "unit_price '2.000000000000' is beside a markup_percent"),
        ({"markup_percent": "10"}, None, "markup_percent '10.000000' is of a rate without a unit_price"),
        ({"markup_percent": "-100.5"}, "5", "markup_percent '-100.500000' is not between -100 and 900"),
        ({"markup_percent": "-100"}, "5", ""),
    ],
)
def test_a_markup_is_one_of_a_price(sentence, tier, base, said):
    rates = [rate(unit_price=base)]
    found = sentence(rates=rates, rate_tiers=[rate_tier(**tier)])
    assert found == (f"rate_tiers.csv, line 2: {said}" if said else "")


def test_two_rates_of_a_zone_and_band_may_not_overlap(sentence):
    again = rate(rate_id="AGAIN", zone_id="FR", time_band_id="night", source_line=6)
    assert sentence(rates=[*VALID["rates"], again]) == (
        "rates.csv, line 6: its validity overlaps that of line 5 for "
        "price_plan_id PLAN product_id CALLS zone_id FR time_band_id night conditions any weight 0"
    )


def test_rates_that_differ_in_their_conditions_or_their_weight(sentence):
    """More specific, or heavier: no tie."""
    device = rate(rate_id="PHONE", source_line=6)
    asks = [rate_condition(rate_id="PHONE", attribute="device", value="phone")]
    assert sentence(rates=[*VALID["rates"], device], rate_conditions=asks) == ""
    heavier = rate(rate_id="SPECIAL", weight=1, source_line=6)
    assert sentence(rates=[*VALID["rates"], heavier]) == ""


def test_rates_that_ask_for_different_attributes_tie(sentence):
    """A phone in France has both, unless one weighs more or they exclude each other."""
    phone, french = rate(rate_id="PHONE", source_line=6), rate(rate_id="FRENCH", source_line=7)
    asks = [rate_condition(rate_id="PHONE", attribute="device", value="phone"),
            rate_condition(rate_id="FRENCH", attribute="country", value="FR", source_line=3)]  # fmt: skip
    assert sentence(rates=[*VALID["rates"], phone, french], rate_conditions=asks) == (
        "rates.csv, line 7: rate 'FRENCH' fits as well as rate 'PHONE' where an event has the attributes of both: "
        "give one more weight"
    )
    assert sentence(rates=[*VALID["rates"], phone, french | {"weight": 1}], rate_conditions=asks) == ""
    tablet = [asks[0], rate_condition(rate_id="FRENCH", attribute="device", value="tablet", source_line=3)]
    assert sentence(rates=[*VALID["rates"], phone, french], rate_conditions=tablet) == ""


def test_a_second_global_plan(sentence):
    plans = [price_plan(price_plan_id=name, plan_type="global", source_line=n) for n, name in ((3, "G1"), (4, "G2"))]
    assert sentence(price_plans=[price_plan(), *plans]) == (
        "price_plans.csv, line 4: price_plan_id 'G2' is a second global plan of its currency"
    )


def test_a_conditional_plan_has_the_currency_of_its_base_plan(sentence):
    vip = price_plan(price_plan_id="VIP", plan_type="conditional", base_plan_id="PLAN", currency="JPY", source_line=3)
    assert sentence(price_plans=[price_plan(), vip], currencies=[currency(), currency(currency="JPY")]) == (
        "price_plans.csv, line 3: base_plan_id 'PLAN' is in another currency"
    )


@pytest.mark.parametrize(
    ("base", "tiers", "said"),
    [
        ("20", [("0", "1"), ("1", "5"), ("5", None)], ""),
        ("20", [("2", "5"), ("7", "9")], ""),
        (None, [("0", "1"), ("1", "5"), ("5", None)], ""),
        ("20", [("-1", "1")], "line 2: above '-1.000000000' is below 0"),
        ("20", [("3", "3")], "line 2: up_to '3.000000000' is not above the tier's lower limit"),
        ("20", [("0", "5"), ("4", None)], "line 3: above '4.000000000' is within the tier below it"),
        ("20", [("0", None), ("4", "5")], "line 3: above '4.000000000' is within the tier below it"),
        (None, [("1", None)],
         "line 2: above '1.000000000' leaves a gap to the tier below it, and the rate has no unit_price for that"),
        (None, [("0", "5"), ("6", None)],
         "line 3: above '6.000000000' leaves a gap to the tier below it, and the rate has no unit_price for that"),
        (None, [("0", "5")], "line 2: rate_id 'RATE' has no tier without an upper limit, and no unit_price for what "
         "is above"),
    ],
)  # fmt: skip
def test_tiers(sentence, base, tiers, said):
    """Gaps are for the rate's own price; without one there must be none."""
    rows = [rate_tier(above=above, up_to=up_to, source_line=n) for n, (above, up_to) in enumerate(tiers, start=2)]
    assert sentence(rates=[rate(unit_price=base)], rate_tiers=rows) == (said and f"rate_tiers.csv, {said}")


def test_an_expense_has_no_tiers(sentence):
    """Published: tiered rates are not allowed for the rate class expense."""
    fee = product(product_id="START-UP", product_type="expense", udr_type=None, source_line=5)
    rates = [rate(product_id="START-UP", unit_price="5")]
    assert sentence(products=[*VALID["products"], fee], rates=rates, rate_tiers=[rate_tier(up_to="1")]) == (
        "rate_tiers.csv, line 2: rate_id 'RATE' is of an expense, which has no tiers"
    )


SPLIT = {"across_bands": "split"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"product_id": "DATA"}, "across_bands 'split' is for products with a time_band_set"),
        ({"rate_model": "tiered"}, ""),
        ({"minimum_amount": "1"}, ""),
        ({"maximum_amount": "1"}, ""),
        ({"measure": "bytes"}, ""),
        ({"packages": "up"}, ""),
    ],
)
def test_what_a_rate_that_splits_may_not_be(sentence, values, words):
    words = (
        words
        or "rate 'RATE' may price a part of an event that rate 'RATE' splits, and is more than a price for "
        "each unit of an event"
    )
    assert sentence(rates=[rate(**SPLIT, **values)]) == f"rates.csv, line 2: {words}"


def test_what_a_part_may_meet_has_one_price_too(sentence):
    """The rate for the night of any zone does; one for another zone does not meet an event of France."""
    night = rate(rate_id="NIGHT", time_band_id="night", minimum_amount="1", source_line=3)
    france = rate(zone_id="FR", **SPLIT)
    assert sentence(rates=[france, night]) == (
        "rates.csv, line 3: rate 'NIGHT' may price a part of an event that rate 'RATE' splits, and is more than a "
        "price for each unit of an event"
    )


def test_an_event_without_an_end_cannot_be_split(sentence):
    of_bytes = [udr_type(unit="B"), *VALID["udr_types"][1:]]
    assert sentence(rates=[rate(**SPLIT)], udr_types=of_bytes) == (
        "rates.csv, line 2: across_bands 'split' is for usage in s, min, h, or with the attribute duration_seconds"
    )


def test_time_bands_are_part_of_the_rules(sentence):
    assert sentence(time_bands=[time_band(end_time="25:00")]) == (
        "time_bands.csv, line 2: end_time '25:00' is no time HH:MM"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"start_time": "7:00"}, "start_time '7:00' is no time HH:MM"),
        ({"start_time": "17:00", "end_time": "17:00"}, "an element from 17:00 to 17:00 never applies"),
        ({"weekdays": "Mon"}, "weekdays 'Mon' are not like 1-5 or 1,3,6-7"),
    ],
)
def test_hours_and_weekdays_of_a_tariff_are_part_of_the_rules(sentence, values, words):
    spoiled = [*VALID["tariff_elements"], tariff_element(tariff_id="SPARE", source_line=5, **values)]
    assert sentence(tariff_elements=spoiled) == f"tariff_elements.csv, line 5: {words}"


CONDITION = sample(contracts.PRICE_PLAN_CONDITIONS, price_plan_id="VIP", purpose="apply")


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        ("product_attribute:speed", "50", ""),
        ("product_attribute:colour", "red", "attribute 'colour' is no known attribute of a product"),
        ("ordered_on", "2026-01-01..2026-04-01|..2025-01-01|2027-01-01..", ""),
        ("product_id", "CALLS|MOBILE", ""),
        ("product_id", "CALLS|X", "product_id 'X' is no known product_id"),
        ("segment", "X", "segment_id 'X' is no known segment_id"),
        ("start_date", "2026-01-01", "days '2026-01-01' is no stretch of days YYYY-MM-DD..YYYY-MM-DD"),
        ("start_date", "2026-02-30..", "days '2026-02-30..' is no stretch of days YYYY-MM-DD..YYYY-MM-DD"),
        ("start_date", "2026-02-01..2026-02-01", "days '2026-02-01..2026-02-01' ends before it begins"),
        ("colour", "red", "field 'colour' is none of classification, country, account_type, organisational_unit, "
         "subscription_type, segment, product_id, product_type, product_family, ordered_on, start_date, job_type, "
         "job_completion, and no product_attribute:NAME"),
    ],
)  # fmt: skip
def test_conditions_of_plans(sentence, field, values, said):
    vip = price_plan(price_plan_id="VIP", plan_type="conditional", base_plan_id="PLAN", source_line=9)
    found = sentence(
        price_plans=[*VALID["price_plans"], vip], product_attributes=[product_attribute()],
        price_plan_conditions=[CONDITION(field=field, allowed_values=values)],
    )  # fmt: skip
    assert found == (said and f"price_plan_conditions.csv, line 2: {said}")


def test_attributes_are_of_products(sentence):
    assert sentence(product_attributes=[product_attribute(product_id="X")]) == (
        "product_attributes.csv, line 2: product_id 'X' is no known product_id"
    )

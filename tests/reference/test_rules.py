"""Every rule that makes a configuration unusable: broken in one row, told in one sentence."""

import pytest
from broken_rows import BROKEN, FIRST_LINE
from configuration import BOUND, DAYS, LATE, OVERLAPS, VALID
from sample_rows import (
    account_fee,
    attribute,
    billing_cycle,
    catalogue_entry,
    conversion,
    currency,
    duration_in_advance,
    offer_product,
    offer_term,
    product,
    scheme,
    udr_type,
    vendor_currency,
)

from billing_assets.contract import ConfigurationError
from billing_assets.reference.udr_type_rules import require_conversions


def test_a_valid_configuration(sentence):
    """A zone and any zone may have a rate at the same time, and an attribute may identify a record."""
    assert sentence() == ""


@pytest.mark.parametrize("place", range(len(BROKEN)), ids=lambda n: f"{BROKEN[n][0]}-{'-'.join(BROKEN[n][2])}")
def test_a_broken_row_has_its_sentence(problems, place):
    name, _, _, words = BROKEN[place]
    assert words in problems.get((f"{name}.csv", FIRST_LINE + place), ())


def test_valid_rows_break_no_rule(problems):
    """Among them two versions of a tax rate and of a rate that follow each other."""
    assert len(problems) == len(BROKEN)


def test_the_first_line_that_breaks_a_rule_is_named(sentence):
    later = billing_cycle(billing_cycle="b", anchor_day=30, source_line=7)
    cycles = [later, billing_cycle(anchor_day=31, source_line=5)]
    assert sentence(billing_cycles=cycles) == "billing_cycles.csv, line 5: anchor_day '31' is not between 1 and 28"


@pytest.mark.parametrize(
    ("months", "terms", "said"),
    [
        (5, {"alignment": "calendar"}, "alignment 'calendar' is for weeks and for months that divide a year"),
        (2, {"price_period": "quarter"}, "price_period 'quarter' neither divides the period nor is divided by it"),
        (2, {"alignment": "calendar", "price_period": "year"}, ""),
    ],
)
def test_periods_of_some_months(sentence, months, terms, said):
    """A year has no whole number of 5 months, and 2 months are no part of a quarter."""
    custom = DAYS | {"frequency_unit": "month", "frequency_count": months} | terms
    schemes = [scheme(billing_term_scheme_id="CUSTOM", **custom)]
    found = sentence(billing_term_schemes=schemes, billing_term_scheme_plans=[], scheme_terms=[])
    assert found == (said and f"billing_term_schemes.csv, line 2: {said}")


def test_a_fee_for_leaving_is_an_amount_or_a_percentage(sentence):
    both = offer_term(**BOUND, termination_amount="1")
    words = "termination_percent '100.000000' does not go with termination_amount"
    assert sentence(offer_terms=[both]) == f"offer_terms.csv, line 2: {words}"


@pytest.mark.parametrize(
    ("types", "months", "words"),
    [
        ("BRONZE", 12, ""), ("GOLD", 13, ""), ("GOLD", 11, OVERLAPS), ("BRONZE|GOLD", 11, OVERLAPS),
        (None, 11, OVERLAPS),
    ],
)  # fmt: skip
def test_durations_overlap_only_for_different_types(sentence, types, months, words):
    second = {"duration_id": "SECOND", "subscription_types": types, "months_from": months, "months_to": 24}
    durations = [duration_in_advance(subscription_types="GOLD|SILVER"), duration_in_advance(**second, source_line=3)]
    assert sentence(buy_in_advance_durations=durations) == (words and f"buy_in_advance_durations.csv, line 3: {words}")


def test_an_account_has_one_late_fee(sentence):
    sold = [*VALID["products"], product(product_id="LATE", product_type="one_time_service", udr_type=None)]
    fees = [account_fee(**LATE), account_fee(**LATE | {"product_id": "LATE"}, source_line=3)]
    words = "product_id 'LEAVING' is a second late fee of its account"
    assert sentence(products=sold, account_fees=fees) == f"account_fees.csv, line 2: {words}"


def test_identity_fields_must_be_fields_or_attributes(sentence):
    assert sentence(udr_types=[udr_type(identity_fields="source|place"), *VALID["udr_types"][1:]]) == (
        "udr_types.csv, line 2: identity field 'place' is none of cell, destination, product_id, quantity, record_id, "
        "service_identifier, source, started_at"
    )


@pytest.mark.parametrize(
    ("attribute_type", "value"),
    [("number", "many"), ("flag", "yes"), ("day", "20260130"), ("day", "2026-02-30"), ("timestamp", "at noon"),
     ("time_zone", "CET+1")],
)  # fmt: skip
def test_allowed_values_are_of_the_type_of_their_attribute(sentence, attribute_type, value):
    good = {"number": "1.5", "flag": "true", "day": "2026-01-30", "timestamp": "2026-01-30T10:00Z",
            "time_zone": "Asia/Tokyo"}[attribute_type]  # fmt: skip
    rule = attribute(attribute_type=attribute_type, allowed_values=good)
    assert sentence(udr_type_attributes=[rule]) == ""
    assert sentence(udr_type_attributes=[rule | {"allowed_values": f"{good}|{value}"}]) == (
        f"udr_type_attributes.csv, line 2: allowed value '{value}' is no {attribute_type}"
    )


def test_an_event_has_one_time_zone(sentence):
    zones = [
        attribute(attribute=name, attribute_type="time_zone", source_line=line) for line, name in ((8, "a"), (9, "b"))
    ]
    known = VALID["udr_type_attributes"]
    assert sentence(udr_type_attributes=[*known, zones[0]]) == ""
    assert sentence(udr_type_attributes=[*known, *zones]) == (
        "udr_type_attributes.csv, line 9: attribute 'b' is a second time zone of its UDR type"
    )


def test_a_conversion_is_to_the_unit_of_a_udr_type(sentence):
    assert sentence(unit_conversions=[conversion(to_unit="sec")]) == (
        "unit_conversions.csv, line 2: to_unit 'sec' is no known unit of a UDR type"
    )


def test_a_unit_that_a_source_always_has_can_be_converted(rows, valid):
    """Into the unit of a constant UDR type, else into that of any."""
    for given in ({"unit": "min"}, {"unit": "s"}, {}):
        require_conversions({"switch": {"udr_type": "voice", **given}, "other": given}, valid, rows)
    require_conversions({"other": {"udr_type": "letter", "unit": "page"}}, valid, rows)
    with pytest.raises(ConfigurationError) as caught:
        require_conversions({"switch": {"unit": "h"}}, valid, rows)
    assert str(caught.value) == (
        "billing.toml: usage.switch: unit_conversions has no row from 'h' to that of a UDR type"
    )
    with pytest.raises(ConfigurationError) as caught:
        require_conversions({"switch": {"udr_type": "voice", "unit": "h"}}, valid, rows)
    assert str(caught.value) == (
        "billing.toml: usage.switch: unit_conversions has no row from 'h' to 's', the unit of UDR type 'voice'"
    )


def test_an_entry_of_a_usage_catalogue_does_not_name_two_things(sentence):
    assert sentence(usage_catalogue_entries=[catalogue_entry(product_family="talk")]) == (
        "usage_catalogue_entries.csv, line 2: entry_id 'E1' does not name exactly one of product_id, product_type and "
        "product_family"
    )


EUROS, POUNDS = vendor_currency(), vendor_currency(currency="GBP", source_line=3)


@pytest.mark.parametrize(
    ("billed", "listed", "said"),
    [
        ([EUROS, POUNDS], "GBP", ""),
        ([EUROS], "EUR", "price_plans.csv, line 4: currency 'GBP' is none that vendor 'VENDOR' bills"),
        ([EUROS, POUNDS], "JPY", "offer_products.csv, line 2: currency 'JPY' is none that vendor 'VENDOR' bills"),
        ([EUROS, vendor_currency(currency="X", source_line=3)], "EUR",
         "vendor_currencies.csv, line 3: currency 'X' is no known currency"),
        ([vendor_currency(vendor_account_id="ANNA")], "EUR",
         "vendor_currencies.csv, line 2: vendor_account_id 'ANNA' is no known vendor"),
    ],
)  # fmt: skip
def test_currencies_that_a_vendor_bills(sentence, billed, listed, said):
    currencies = [*VALID["currencies"], currency(currency="JPY", digits=0)]
    prices = [offer_product(currency=listed)]
    found = sentence(vendor_currencies=billed, offer_products=prices, offer_terms=[], currencies=currencies)
    assert found == said

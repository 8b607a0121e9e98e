"""Every rule that makes a configuration unusable: broken in one row, told in one sentence."""

import pytest

from billing_assets.contract import ConfigurationError
from billing_assets.reference import tables as contracts
from billing_assets.reference.rules import require_valid
from sample_rows import (
    Row,
    account,
    attribute,
    billing_cycle,
    bundle,
    catalogue,
    conversion,
    currency,
    offer,
    offer_product,
    price_plan,
    product,
    rate,
    sample,
    tax_code,
    tax_rate,
    time_band,
    udr_type,
    vendor,
    zone_prefix,
)

CONTRACTS = {table.name: table for table in (contracts.CURRENCIES, *contracts.INPUTS)}
VALID: dict[str, list[Row]] = {
    "currencies": [currency()],
    "billing_cycles": [billing_cycle()],
    "accounts": [vendor(), account(source_line=3)],
    "catalogues": [catalogue()],
    "tax_codes": [tax_code()],
    "tax_rates": [tax_rate()],
    "udr_types": [udr_type()],
    "udr_type_attributes": [attribute()],
    "unit_conversions": [conversion()],
    "products": [
        product(zone_set="dial", time_band_set="week"),
        product(product_id="MOBILE", product_type="termed_service", udr_type=None, source_line=3),
        product(product_id="DATA", source_line=4),
    ],
    "price_plans": [price_plan()],
    "rates": [rate()],
    "zone_prefixes": [zone_prefix()],
    "time_bands": [time_band()],
    "offers": [offer()],
    "offer_products": [offer_product()],
    "bundles": [bundle()],
}


@pytest.fixture(scope="module")
def valid(engine, table):
    """The tables of the valid configuration."""
    return {name: engine.cache(table(CONTRACTS[name], *made)) for name, made in VALID.items()}


@pytest.fixture
def check(rows, table, valid):
    """Check the valid configuration with the rows of some tables replaced."""

    def run(**replaced: list[Row]) -> None:
        tables = valid | {name: table(CONTRACTS[name], *made) for name, made in replaced.items()}
        require_valid(tables, ["FR", "DE"], rows)

    return run


@pytest.fixture
def sentence(check):
    """What is wrong with the configuration when the rows of a table are replaced."""

    def run(name: str, *replacing: Row) -> str:
        with pytest.raises(ConfigurationError) as error:
            check(**{name: list(replacing)})
        return str(error.value)

    return run


def test_a_valid_configuration(check):
    check()


def test_the_samples_cover_every_table():
    assert set(VALID) == set(CONTRACTS)


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("billing_cycles", billing_cycle(anchor_day=29), "anchor_day '29' is not between 1 and 28"),
        ("billing_cycles", billing_cycle(anchor_day=0), "anchor_day '0' is not between 1 and 28"),
        ("billing_cycles", billing_cycle(run_day=31), "run_day '31' is not between 1 and 28"),
        ("catalogues", catalogue(vendor_account_id="NOBODY"), "vendor_account_id 'NOBODY' is no known vendor"),
        ("catalogues", catalogue(vendor_account_id="ANNA"), "vendor_account_id 'ANNA' is no known vendor"),
        ("tax_rates", tax_rate(tax_code="X"), "tax_code 'X' is no known tax_code"),
        ("tax_rates", tax_rate(country="XX"), "country 'XX' is no ISO 3166 country"),
        ("tax_rates", tax_rate(rate="100.000001"), "rate '100.000001' is not between 0 and 100"),
        ("tax_rates", tax_rate(rate="-1"), "rate '-1.000000' is not between 0 and 100"),
        ("tax_rates", tax_rate(valid_from="2026-01-01", valid_to="2026-01-01"),
         "valid_to '2026-01-01' is not after valid_from"),
        ("products", product(catalogue_id="X"), "catalogue_id 'X' is no known catalogue_id"),
        ("products", product(tax_code="X"), "tax_code 'X' is no known tax_code"),
        ("products", product(udr_type=None), "udr_type '' is required for a usage service"),
        ("products", product(udr_type="X"), "udr_type 'X' is no known udr_type"),
        ("products", product(zone_set="X"), "zone_set 'X' is no known zone_set"),
        ("products", product(time_band_set="X"), "time_band_set 'X' is no known time_band_set"),
        ("price_plans", price_plan(catalogue_id="X"), "catalogue_id 'X' is no known catalogue_id"),
        ("price_plans", price_plan(currency="X"), "currency 'X' is no known currency"),
        ("rates", rate(price_plan_id="X"), "price_plan_id 'X' is no known price_plan_id"),
        ("rates", rate(product_id="X"), "product_id 'X' is no known usage service"),
        ("rates", rate(product_id="MOBILE"), "product_id 'MOBILE' is no known usage service"),
        ("rates", rate(zone_id="DE"), "zone_id 'DE' is not in the zone_set of product 'CALLS'"),
        ("rates", rate(product_id="DATA", zone_id="FR"), "zone_id 'FR' is not in the zone_set of product 'DATA'"),
        ("rates", rate(time_band_id="day"), "time_band_id 'day' is not in the time_band_set of product 'CALLS'"),
        ("rates", rate(price_per="0"), "price_per '0.000000000' is not above 0"),
        ("rates", rate(minimum_quantity="-1"), "minimum_quantity '-1.000000000' is not between 0 and 400000000"),
        ("rates", rate(increment="400000001"), "increment '400000001.000000000' is not between 0 and 400000000"),
        ("rates", rate(minimum_amount="-0.01"), "minimum_amount '-0.0100000000' is below 0"),
        ("rates", rate(valid_from="2026-02-01", valid_to="2026-01-01"),
         "valid_to '2026-01-01' is not after valid_from"),
        ("udr_types", udr_type(maximum_quantity="400000001"),
         "maximum_quantity '400000001.000000000' is not between 0 and 400000000"),
        ("udr_types", udr_type(identity_fields="source|cell|place"),
         "identity field 'place' is none of cell, destination, product_id, quantity, record_id, "
         "service_identifier, source, started_at"),
        ("udr_types", udr_type(identity_fields=""),
         "identity field '' is none of cell, destination, product_id, quantity, record_id, "
         "service_identifier, source, started_at"),
        ("udr_type_attributes", attribute(udr_type="X"), "udr_type 'X' is no known udr_type"),
        ("unit_conversions", conversion(numerator=0), "numerator '0' is not between 1 and 1000000000000"),
        ("unit_conversions", conversion(denominator=-1), "denominator '-1' is not between 1 and 1000000000000"),
        ("offers", offer(catalogue_id="X"), "catalogue_id 'X' is no known catalogue_id"),
        ("offers", offer(price_plan_id="X"), "price_plan_id 'X' is no known price_plan_id"),
        ("offers", offer(valid_to="1900-01-01"), "valid_to '1900-01-01' is not after valid_from"),
        ("offer_products", offer_product(offer_id="X"), "offer_id 'X' is no known offer_id"),
        ("offer_products", offer_product(product_id="X"), "product_id 'X' is no known product_id"),
        ("offer_products", offer_product(currency="X"), "currency 'X' is no known currency"),
        ("bundles", bundle(price_plan_id="X"), "price_plan_id 'X' is no known price_plan_id"),
        ("bundles", bundle(product_id="X"), "product_id 'X' is no known product_id"),
        ("bundles", bundle(zone_id="DE"), "zone_id 'DE' is not in the zone_set of product 'CALLS'"),
        ("bundles", bundle(included_quantity="0"), "included_quantity '0.000000000' is not above 0"),
        ("bundles", bundle(valid_to="1900-01-01"), "valid_to '1900-01-01' is not after valid_from"),
        ("time_bands", time_band(end_time="25:00"), "end_time '25:00' is no time HH:MM"),
    ],
)  # fmt: skip
def test_a_broken_row(sentence, name, row, words):
    others = [other for other in VALID[name] if other["source_line"] != 2]
    assert sentence(name, row, *others) == f"{name}.csv, line 2: {words}"


@pytest.mark.parametrize(
    ("name", "versions", "words"),
    [
        ("tax_rates", (tax_rate(valid_to="2026-01-02"), tax_rate(valid_from="2026-01-01", source_line=3)),
         "tax_code STANDARD country FR"),
        ("rates", (rate(), rate(rate_id="OTHER", source_line=3)),
         "price_plan_id PLAN product_id CALLS zone_id any time_band_id any"),
        ("rates", (rate(zone_id="FR", time_band_id="night"),
                   rate(rate_id="OTHER", zone_id="FR", time_band_id="night", source_line=3)),
         "price_plan_id PLAN product_id CALLS zone_id FR time_band_id night"),
        ("bundles", (bundle(), bundle(bundle_id="OTHER", source_line=3)),
         "price_plan_id PLAN product_id CALLS zone_id any"),
    ],
)  # fmt: skip
def test_validities_may_not_overlap(sentence, name, versions, words):
    assert sentence(name, *versions) == f"{name}.csv, line 3: its validity overlaps that of line 2 for {words}"


def test_versions_that_follow_each_other(check):
    """Ends are exclusive; a rate for a zone and one for any zone may be valid at the same time."""
    check(
        tax_rates=[tax_rate(valid_to="2026-01-01"), tax_rate(valid_from="2026-01-01", source_line=3)],
        rates=[
            rate(valid_to="2026-01-01"),
            rate(rate_id="NEXT", valid_from="2026-01-01", source_line=3),
            rate(rate_id="FRANCE", zone_id="FR", source_line=4),
            rate(rate_id="NIGHT", time_band_id="night", source_line=5),
        ],
        bundles=[bundle(valid_to="2026-01-01"), bundle(bundle_id="NEXT", valid_from="2026-01-01", source_line=3)],
    )


def test_a_bundle_for_a_zone_and_one_for_all_zones(sentence, check):
    """They would cover the same event twice, unless they are valid at different times."""
    zoned = bundle(bundle_id="FRANCE", zone_id="FR", valid_from="2026-01-01", source_line=3)
    assert sentence("bundles", bundle(), zoned) == (
        "bundles.csv, line 3: bundle 'FRANCE' covers a zone that bundle 'BUNDLE' covers as well"
    )
    check(bundles=[bundle(valid_to="2026-01-01"), zoned])


def test_the_first_line_that_breaks_a_rule_is_named(sentence):
    broken = [billing_cycle(billing_cycle="b", anchor_day=30, source_line=7), billing_cycle(anchor_day=31, source_line=5)]
    assert sentence("billing_cycles", *broken).startswith("billing_cycles.csv, line 5: anchor_day '31'")


def test_an_attribute_may_identify_a_record(check):
    check(udr_types=[udr_type(identity_fields="source|record_id|cell")])


def test_a_sample_of_a_contract_takes_text():
    """What these tests are written with: text in the type of its column."""
    assert sample(contracts.BILLING_CYCLES)(anchor_day="7")["anchor_day"] == 7

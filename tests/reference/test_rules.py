"""Every rule that makes a configuration unusable: broken in one row, told in one sentence."""

from collections.abc import Callable

import pytest
from ibis.expr.operations import InMemoryTable
from sample_rows import (
    Row,
    account,
    account_billing_setting,
    account_fee,
    account_group,
    attribute,
    availability_window,
    billing_cycle,
    bundle,
    bundle_condition,
    bundle_level,
    catalogue,
    catalogue_condition,
    catalogue_entry,
    catalogue_period,
    collaboration,
    commitment,
    conversion,
    criterion,
    currency,
    definition,
    definition_in_advance,
    duration_in_advance,
    offer,
    offer_product,
    offer_term,
    price_index,
    price_plan,
    product,
    product_attribute,
    rate,
    rate_condition,
    rate_tier,
    role,
    sample,
    scheme,
    scheme_plan,
    scheme_term,
    tariff,
    tariff_component,
    tariff_element,
    tax_code,
    tax_rate,
    tax_regime,
    time_band,
    udr_type,
    unit,
    usage_catalogue,
    user,
    vendor,
    vendor_currency,
    zone_prefix,
)

from billing_assets.contract import ConfigurationError
from billing_assets.reference import tables as contracts
from billing_assets.reference.rules import require_conversions, require_valid

CONTRACTS = {table.name: table for table in (contracts.CURRENCIES, *contracts.INPUTS)}
BY_TARIFF = {"price_plan_id": "DRIVE", "product_id": "CHARGING", "tariff_id": "TARIFF", "unit_price": "0"}
CALENDAR = {"billing_frequency": "half_yearly", "alignment": "calendar"}
DAYS = {"billing_frequency": "custom", "frequency_count": 10, "frequency_unit": "day", "alignment": "anniversary"}
BOUND = {"binding_months": 120, "termination_product_id": "LEAVING", "termination_percent": "100"}
LATE = {"kind": "late", "product_id": "LEAVING", "percent": "100"}
OVERLAPS = "duration 'SECOND' overlaps 'YEAR' for a type of subscription"
OFF = {"bundle_id": "OFF", "effect": "discount", "included_quantity": None}
COMMITTED = {"bundle_id": "COMMITTED", "effect": "commit", "included_quantity": None, "measure": "amount"}
OWED = {"bundle_id": "COMMITTED", "product_id": "LEAVING"}
TOGETHER = "and a fee for leaving (termination_product_id, termination_amount or _percent) go together"
VALID: dict[str, list[Row]] = {
    "currencies": [currency(), currency(currency="GBP")],
    "billing_cycles": [billing_cycle()],
    "accounts": [vendor(), account(source_line=3)],
    "account_billing_settings": [account_billing_setting(payment_days=0)],
    "catalogues": [catalogue()],
    "tax_codes": [tax_code()],
    "tax_rates": [tax_rate(valid_to="1900-06-01")],
    "tax_regimes": [tax_regime()],
    "udr_types": [
        udr_type(identity_fields="source|record_id|cell"),
        udr_type(udr_type="charging", unit="kWh", source_line=3),
        udr_type(udr_type="fax", source_line=4),
        udr_type(udr_type="telex", source_line=5),
    ],
    "udr_type_attributes": [attribute()],
    "unit_conversions": [conversion()],
    "products": [
        product(zone_set="dial", time_band_set="week"),
        product(product_id="MOBILE", product_type="termed_service", udr_type=None, source_line=3),
        product(product_id="DATA", product_family="talk", source_line=4),
        product(product_id="CHARGING", udr_type="charging", source_line=5),
        product(product_id="TELEX", udr_type="telex", source_line=6),
        product(product_id="LEAVING", product_type="one_time_service", udr_type=None, source_line=7),
    ],
    "price_plans": [
        price_plan(),
        price_plan(price_plan_id="DRIVE", source_line=3),
        price_plan(price_plan_id="POUNDS", currency="GBP", source_line=4),
    ],
    "rates": [
        rate(valid_to="1900-06-01"),
        rate(rate_id="FRANCE", zone_id="FR", source_line=3),
        rate(rate_id="NIGHT", time_band_id="night", source_line=4),
        rate(rate_id="FRANCE-NIGHT", zone_id="FR", time_band_id="night", source_line=5),
        rate(rate_id="CHARGING", **BY_TARIFF, valid_to="1900-06-01", source_line=6),
        rate(rate_id="GOLD", product_id="MOBILE", tier_by="maturity", valid_to="1900-06-01", source_line=7),
        rate(rate_id="OVER", price_plan_id="DRIVE", product_id="DATA", source_line=8),
        rate(rate_id="MONTHLY", price_plan_id="DRIVE", product_id="TELEX", priced_by="month", source_line=9),
    ],
    "account_changes": [],
    "vendor_currencies": [],
    "product_attributes": [],
    "price_plan_conditions": [],
    "segments": [{"segment_id": "GOOD", "field": "country", "allowed_values": "FR"}],
    "rate_tiers": [],
    "rate_conditions": [],
    "lookups": [],
    "product_lookups": [],
    "zone_prefixes": [zone_prefix()],
    "time_bands": [time_band()],
    "offers": [offer()],
    "offer_products": [offer_product()],
    "offer_terms": [offer_term(**BOUND, trial_length=366, trial_unit="day")],
    "scheme_terms": [scheme_term(**BOUND, valid_to="1900-06-01")],
    "availability_windows": [
        availability_window(
            limited_from="1900-01-01",
            limited_to_segments="GOOD",
            general_from="1900-01-01",
            end_of_sale="1900-01-01",
            end_of_subscription="1900-01-01",
        ),
        availability_window(object_type="catalogue", object_id="MAIN", source_line=3),
        availability_window(object_type="offer", object_id="OFFER", source_line=4),
    ],
    "buy_in_advance_definitions": [definition_in_advance(valid_to="1900-06-01")],
    "buy_in_advance_durations": [
        duration_in_advance(subscription_types="GOLD|SILVER", free_months=12),
        duration_in_advance(duration_id="BRONZE", subscription_types="BRONZE", source_line=3),
    ],
    "price_indexes": [price_index()],
    "account_fees": [account_fee(product_id="LEAVING", amount="0"), account_fee(**LATE, source_line=3)],
    "billing_term_schemes": [
        scheme(default_price_plan_id="PLAN", max_unbilled_events=1, max_unbilled_amount="0.01"),
        scheme(billing_term_scheme_id="ANY-PLAN", kind="prepaid", default_price_plan_id="DRIVE", source_line=3),
        scheme(billing_term_scheme_id="JUNE", **CALENDAR, cycle_start_month=6, price_period="year", source_line=4),
        scheme(billing_term_scheme_id="FORTNIGHT", **DAYS | {"frequency_count": 14}, source_line=5),
        scheme(billing_term_scheme_id="MONDAY", billing_frequency="weekly", alignment="calendar", source_line=6),
        scheme(billing_term_scheme_id="TIED", price_index_id="CPI", index_month=12, source_line=7),
    ],
    "billing_term_scheme_plans": [scheme_plan()],
    "bundles": [
        bundle(valid_to="1900-06-01", rollover_months=60, rollover_maximum="1"),
        bundle(**OFF, priority=1, source_line=3),
        bundle(**COMMITTED, source_line=4),
        bundle(**COMMITTED | {"bundle_id": "CALLED", "measure": "quantity", "aggregation": "maximum"}, source_line=5),
    ],
    "bundle_conditions": [bundle_condition(field="attribute:cell", allowed_values="1")],
    "bundle_levels": [
        bundle_level(bundle_id="OFF", up_to="10"),
        bundle_level(bundle_id="OFF", above="20", source_line=3),
    ],
    "commitments": [
        commitment(**OWED, counts_fees=True, period_months=12),
        commitment(**OWED | {"bundle_id": "CALLED"}, source_line=3),
    ],
    "account_groups": [account_group()],
    "tariffs": [tariff(minimum_amount="1", maximum_amount="1"), tariff(tariff_id="SPARE", source_line=3)],
    "tariff_elements": [
        tariff_element(start_date="2026-01-01", end_date="2026-01-02", min_kwh="0", max_kwh="1", max_power="22"),
        tariff_element(element=2, source_line=3, start_time="22:00", end_time="06:00", reservation="reservation"),
        tariff_element(tariff_id="SPARE", source_line=4),
    ],
    "tariff_components": [
        tariff_component(),
        tariff_component(element=2, dimension="time", tax_code="STANDARD", source_line=3),
        tariff_component(tariff_id="SPARE", source_line=4),
    ],
    "usage_catalogues": [usage_catalogue(udr_types="voice|fax", providers="Conax|Nagra", price_plan_id="PLAN")],
    "usage_catalogue_periods": [
        catalogue_period(valid_from="1900-01-01", valid_to="1900-02-01"),
        catalogue_period(valid_from="1900-02-01", valid_to="1900-03-01", source_line=3),
    ],
    "usage_catalogue_entries": [
        catalogue_entry(valid_to="1900-06-01"),
        catalogue_entry(entry_id="E2", valid_from="1900-06-02", valid_to="1900-07-01", source_line=3),
        catalogue_entry(entry_id="E3", product_id=None, product_type="usage_service", source_line=4),
        catalogue_entry(entry_id="E4", product_id=None, product_family="talk", source_line=5),
    ],
    "usage_catalogue_conditions": [
        catalogue_condition(),
        catalogue_condition(field="termed_product_id", allowed_values="MOBILE|*", source_line=3),
    ],
    **{name: [] for name in ("discount_definitions", "discount_criteria", "roles", "users", "floor_prices")},
    **{name: [] for name in ("organisational_units", "unit_collaborations")},
}

SPARE = {"tariff_id": "SPARE"}
# One row that breaks each rule, in the order of the rules, and what is said of it.
BROKEN: list[tuple[str, Callable[..., Row], dict[str, object], str]] = [
    ("billing_cycles", billing_cycle, {"anchor_day": 29}, "anchor_day '29' is not between 1 and 28"),
    ("billing_cycles", billing_cycle, {"run_day": 0}, "run_day '0' is not between 1 and 28"),
    ("account_billing_settings", account_billing_setting, {"payment_days": 1000},
     "payment_days '1000' is not between 0 and 999"),
    ("catalogues", catalogue, {"vendor_account_id": "ANNA"}, "vendor_account_id 'ANNA' is no known vendor"),
    ("tax_rates", tax_rate, {"tax_code": "X"}, "tax_code 'X' is no known tax_code"),
    ("tax_rates", tax_rate, {"country": "XX"}, "country 'XX' is no ISO 3166 country"),
    ("tax_rates", tax_rate, {"rate": "100.000001"}, "rate '100.000001' is not between 0 and 100"),
    ("tax_rates", tax_rate, {"country": "DE", "valid_to": "1900-01-01"},
     "valid_to '1900-01-01' is not after valid_from"),
    ("tax_rates", tax_rate, {"valid_from": "1900-05-31"},
     "its validity overlaps that of line 2 for tax_code STANDARD country FR"),
    ("tax_regimes", tax_regime, {"country": "XX"}, "country 'XX' is no ISO 3166 country"),
    ("tax_regimes", tax_regime, {"regime": "gst"}, "regime 'gst' is no registered tax regime"),
    ("tax_regimes", tax_regime, {"vendor_account_id": "ANNA"}, "vendor_account_id 'ANNA' is no known vendor"),
    ("products", product, {"catalogue_id": "X"}, "catalogue_id 'X' is no known catalogue_id"),
    ("products", product, {"tax_code": "X"}, "tax_code 'X' is no known tax_code"),
    ("products", product, {"udr_type": None}, "udr_type '' is required for a usage service"),
    ("products", product, {"udr_type": "X"}, "udr_type 'X' is no known udr_type"),
    ("products", product, {"zone_set": "X"}, "zone_set 'X' is no known zone_set"),
    ("products", product, {"time_band_set": "X"}, "time_band_set 'X' is no known time_band_set"),
    ("price_plans", price_plan, {"catalogue_id": "X"}, "catalogue_id 'X' is no known catalogue_id"),
    ("price_plans", price_plan, {"currency": "X"}, "currency 'X' is no known currency"),
    ("rates", rate, {"price_plan_id": "X"}, "price_plan_id 'X' is no known price_plan_id"),
    ("price_plans", price_plan, {"plan_type": "conditional"},
     "price_plan_id 'PLAN' is conditional and has no base plan"),
    ("price_plans", price_plan, {"base_plan_id": "PLAN"}, "base_plan_id 'PLAN' is for conditional plans"),
    ("price_plans", price_plan, {"plan_type": "conditional", "base_plan_id": "X"},
     "base_plan_id 'X' is no known base plan"),
    ("rates", rate, {"product_id": "X"}, "product_id 'X' is no known product_id"),
    ("rates", rate, {"rate_model": "X"}, "rate_model 'X' is no registered rate model"),
    ("rates", rate, {"priced_by": "month", "monthly_maximum": "5"},
     "monthly_maximum '5.0000000000' is for rates that are priced by event"),
    ("rates", rate, {"aggregation": "count"}, "aggregation 'count' is for rates priced by the month"),
    ("rates", rate, {"group_attributes": "device"}, "group_attributes 'device' is for rates priced by the month"),
    ("rates", rate, {"product_id": "MOBILE", "priced_by": "month"}, "priced_by 'month' is for usage services only"),
    ("rates", rate, {"product_id": "MOBILE", "measure": "hours"}, "measure 'hours' is for usage services only"),
    ("rates", rate, {"minimum_amount": "5", "maximum_amount": "4"},
     "minimum_amount '5.0000000000' is above maximum_amount"),
    ("rates", rate, {"unit_price": None}, "unit_price '' is missing, and there are no tiers"),
    ("rates", rate, {"product_id": "DATA", "zone_id": "FR"}, "zone_id 'FR' is not in the zone_set of product 'DATA'"),
    ("rates", rate, {"time_band_id": "day"}, "time_band_id 'day' is not in the time_band_set of product 'CALLS'"),
    ("rates", rate, {"price_per": "0"}, "price_per '0.000000000' is not above 0"),
    ("rates", rate, {"minimum_quantity": "-1"}, "minimum_quantity '-1.000000000' is not between 0 and 400000000"),
    ("rates", rate, {"increment": "400000001"}, "increment '400000001.000000000' is not between 0 and 400000000"),
    ("rates", rate, {"minimum_amount": "-0.01"}, "minimum_amount '-0.0100000000' is below 0"),
    ("rates", rate, {"valid_to": "1900-01-01"}, "valid_to '1900-01-01' is not after valid_from"),
    ("rates", rate, {"valid_from": "1900-05-31"},
     "its validity overlaps that of line 2 for price_plan_id PLAN product_id CALLS zone_id any time_band_id any "
     "conditions any weight 0"),
    ("udr_types", udr_type, {"maximum_quantity": "400000001"},
     "maximum_quantity '400000001.000000000' is not between 0 and 400000000"),
    ("udr_type_attributes", attribute, {"udr_type": "X"}, "udr_type 'X' is no known udr_type"),
    ("unit_conversions", conversion, {"numerator": 0}, "numerator '0' is not between 1 and 1000000000000"),
    ("unit_conversions", conversion, {"denominator": -1}, "denominator '-1' is not between 1 and 1000000000000"),
    ("offers", offer, {"catalogue_id": "X"}, "catalogue_id 'X' is no known catalogue_id"),
    ("offers", offer, {"price_plan_id": "X"}, "price_plan_id 'X' is no known price_plan_id"),
    ("offers", offer, {"valid_to": "1900-01-01"}, "valid_to '1900-01-01' is not after valid_from"),
    ("offer_products", offer_product, {"offer_id": "X"}, "offer_id 'X' is no known offer_id"),
    ("offer_products", offer_product, {"product_id": "X"}, "product_id 'X' is no known product_id"),
    ("offer_products", offer_product, {"currency": "X"}, "currency 'X' is no known currency"),
    ("billing_term_scheme_plans", scheme_plan, {"billing_term_scheme_id": "X"},
     "billing_term_scheme_id 'X' is no known billing_term_scheme_id"),
    ("billing_term_scheme_plans", scheme_plan, {"price_plan_id": "X"}, "price_plan_id 'X' is no known price_plan_id"),
    ("billing_term_schemes", scheme, {"default_price_plan_id": "X", "billing_term_scheme_id": "Y"},
     "default_price_plan_id 'X' is no known price plan"),
    ("billing_term_schemes", scheme, {"default_price_plan_id": "DRIVE"},
     "default_price_plan_id 'DRIVE' is not among the plans of its scheme"),
    ("billing_term_schemes", scheme, {"valid_to": "1900-01-01"}, "valid_to '1900-01-01' is not after valid_from"),
    ("billing_term_schemes", scheme, {"kind": "prepaid", "billing_rule": "in_arrears"},
     "billing_rule 'in_arrears' is not for a prepaid scheme"),
    ("billing_term_schemes", scheme, {"kind": "prepaid", "max_unbilled_events": 5},
     "max_unbilled_events '5' is not for a prepaid scheme"),
    ("billing_term_schemes", scheme, {"kind": "prepaid", "max_unbilled_amount": "5"},
     "max_unbilled_amount '5.0000000000' is not for a prepaid scheme"),
    ("billing_term_schemes", scheme, {"max_unbilled_events": 0}, "max_unbilled_events '0' is not above 0"),
    ("billing_term_schemes", scheme, {"max_unbilled_amount": "0"}, "max_unbilled_amount '0.0000000000' is not above 0"),
    ("billing_term_schemes", scheme, DAYS | {"frequency_count": None},
     "frequency_count '' is required for a custom frequency"),
    ("billing_term_schemes", scheme, DAYS | {"frequency_unit": None},
     "frequency_unit '' is required for a custom frequency"),
    ("billing_term_schemes", scheme, {"frequency_count": 2}, "frequency_count '2' is for a custom frequency"),
    ("billing_term_schemes", scheme, {"frequency_unit": "day"}, "frequency_unit 'day' is for a custom frequency"),
    ("billing_term_schemes", scheme, DAYS | {"frequency_count": 367}, "frequency_count '367' is not between 1 and 366"),
    ("billing_term_schemes", scheme, CALENDAR | {"cycle_start_month": 13},
     "cycle_start_month '13' is not between 1 and 12"),
    ("billing_term_schemes", scheme, {"cycle_start_month": 4}, "cycle_start_month '4' is for the alignment calendar"),
    ("billing_term_schemes", scheme, DAYS | {"alignment": "calendar"},
     "alignment 'calendar' is for weeks and for months that divide a year"),
    ("billing_term_schemes", scheme, CALENDAR | {"billing_frequency": "weekly", "cycle_start_month": 4},
     "cycle_start_month '4' is for periods of months"),
    ("billing_term_schemes", scheme, {"billing_frequency": "weekly"},
     "alignment 'billing_day' is for periods of months"),
    ("billing_term_schemes", scheme, DAYS | {"proration": "thirty_days"},
     "proration 'thirty_days' is for periods of months"),
    ("billing_term_schemes", scheme, DAYS | {"price_period": "month"},
     "price_period 'month' neither divides the period nor is divided by it"),
    ("rates", rate, {"tier_by": "maturity", "priced_by": "month"},
     "tier_by 'maturity' is for termed services and for usage priced by event"),
    ("bundles", bundle, {"price_plan_id": "X"}, "price_plan_id 'X' is no known price_plan_id"),
    ("bundles", bundle, {"product_id": "X"}, "product_id 'X' is no known usage service"),
    ("bundles", bundle, {"zone_id": "DE"}, "zone_id 'DE' is not in the zone_set of product 'CALLS'"),
    ("bundles", bundle, {"included_quantity": "0"}, "included_quantity '0.000000000' is not above 0"),
    ("bundles", bundle, {"valid_to": "1900-01-01"}, "valid_to '1900-01-01' is not after valid_from"),
    ("bundles", bundle, {"product_id": None, "zone_id": "DE"}, "zone_id 'DE' is no known zone_id"),
    ("bundles", bundle, {"measure": "X"}, "measure 'X' is no known measure or attribute of a UDR type"),
    ("bundles", bundle, OFF | {"included_quantity": "1"}, "included_quantity '1.000000000' is for the effect include"),
    ("bundles", bundle, OFF | {"rollover_months": 1}, "rollover_months '1' is for the effect include"),
    ("bundles", bundle, OFF | {"cover_order": "pro_rata"},
     "cover_order 'pro_rata' is for the effect include with an included_quantity"),
    ("bundles", bundle, {"included_quantity": None, "proration": "calendar_days"},
     "proration 'calendar_days' is for the effects include, with an included_quantity, and commit"),
    ("bundles", bundle, COMMITTED | {"covers_setup_fee": True}, "covers_setup_fee 'true' is not for a commitment"),
    ("bundles", bundle, {"aggregation": "average"}, "aggregation 'average' is not for the effect include"),
    ("bundles", bundle, {"included_quantity": None, "rollover_months": 1},
     "rollover_months '1' is for a bundle with an included_quantity"),
    ("bundles", bundle, {"rollover_months": 61}, "rollover_months '61' is not between 1 and 60"),
    ("bundles", bundle, {"rollover_maximum": "1"},
     "rollover_maximum '1.000000000' rolls over without an end: rollover_months is empty"),
    ("bundles", bundle, {"rollover_months": 1, "rollover_maximum": "0"},
     "rollover_maximum '0.000000000' is not above 0"),
    ("bundles", bundle, {"overage_rate_id": "X"}, "overage_rate_id 'X' is no known rate"),
    ("bundles", bundle, {"overage_rate_id": "OVER", "measure": "amount"},
     "overage_rate_id 'OVER' is for charged units"),
    ("bundles", bundle, {"overage_rate_id": "MONTHLY"},
     "overage_rate_id 'MONTHLY' does not price the units of an event"),
    ("bundles", bundle, OFF | {"bundle_id": "BARE"}, "bundle_id 'BARE' has no row in bundle_levels"),
    ("bundles", bundle, COMMITTED | {"bundle_id": "LOOSE"}, "bundle_id 'LOOSE' has no row in commitments"),
    ("bundle_levels", bundle_level, {"bundle_id": "COMMITTED", "above": "99"},
     "bundle_id 'COMMITTED' is no known bundle with the effect discount"),
    ("bundle_levels", bundle_level, {"bundle_id": "OFF", "above": "5", "up_to": "15"},
     "above '5.000000000' is within the level below it"),
    ("bundle_levels", bundle_level, {"bundle_id": "OFF", "above": "18", "up_to": "18"},
     "up_to '18.000000000' is not above the lower limit"),
    ("bundle_levels", bundle_level, {"bundle_id": "OFF", "above": "19", "up_to": "20", "percent": "101"},
     "percent '101.000000' is not above 0 and up to 100"),
    ("bundle_levels", bundle_level, {"bundle_id": "OFF", "above": "-1", "up_to": "0"},
     "above '-1.000000000' is below 0"),
    ("bundle_conditions", bundle_condition, {"bundle_id": "X"}, "bundle_id 'X' is no known bundle_id"),
    ("bundle_conditions", bundle_condition, {"field": "colour"},
     "field 'colour' is none of product_id, product_family, product_type, udr_type, zone_id, time_band_id, and no "
     "attribute:NAME"),
    ("bundle_conditions", bundle_condition, {"field": "attribute:colour"},
     "attribute 'colour' is no known attribute of a UDR type"),
    ("bundle_conditions", bundle_condition, {"allowed_values": "CALLS|X"}, "product_id 'X' is no known product_id"),
    ("bundle_conditions", bundle_condition, {"field": "time_band_id", "allowed_values": "X"},
     "time_band_id 'X' is no known time_band_id"),
    ("commitments", commitment, OWED | {"bundle_id": "BUNDLE"},
     "bundle_id 'BUNDLE' is no known bundle with the effect commit"),
    ("commitments", commitment, OWED | {"product_id": "CALLS"}, "product_id 'CALLS' is no known one-time service"),
    ("commitments", commitment, OWED | {"committed_quantity": "0"}, "committed_quantity '0.000000000' is not above 0"),
    ("commitments", commitment, OWED | {"unit_price": "2"},
     "unit_price '2.000000000000' is not for a commitment of an amount"),
    ("commitments", commitment, OWED | {"bundle_id": "CALLED", "unit_price": "0"},
     "unit_price '0.000000000000' is not above 0"),
    ("commitments", commitment, OWED | {"period_months": 13}, "period_months '13' is not between 1 and 12"),
    ("commitments", commitment, OWED | {"overage_percent": "901"},
     "overage_percent '901.000000' is not between 0 and 900"),
    ("commitments", commitment, OWED | {"bundle_id": "CALLED", "counts_fees": True},
     "counts_fees 'true' is for a commitment of an amount"),
    ("commitments", commitment, OWED | {"bundle_id": "CALLED", "period_months": 2},
     "period_months '2' is for what adds up: sum or count"),
    ("tariffs", tariff, SPARE | {"currency": "X"}, "currency 'X' is no known currency"),
    ("tariffs", tariff, SPARE | {"minimum_amount": "-1"}, "minimum_amount '-1.0000000000' is below 0"),
    ("tariffs", tariff, SPARE | {"maximum_amount": "-1"}, "maximum_amount '-1.0000000000' is below 0"),
    ("tariffs", tariff, SPARE | {"minimum_amount": "2", "maximum_amount": "1"},
     "minimum_amount '2.0000000000' is above maximum_amount"),
    ("tariffs", tariff, {"tariff_id": "EMPTY"}, "tariff 'EMPTY' has no element"),
    ("tariff_elements", tariff_element, SPARE | {"element": 9}, "element '9' of tariff 'SPARE' has no component"),
    ("tariff_elements", tariff_element, {"tariff_id": "X"}, "tariff_id 'X' is no known tariff_id"),
    ("tariff_elements", tariff_element, SPARE | {"start_date": "2026-01-02", "end_date": "2026-01-02"},
     "end_date '2026-01-02' is not after start_date"),
    ("tariff_elements", tariff_element, SPARE | {"min_kwh": "-1"}, "min_kwh '-1.000000000' is below 0"),
    ("tariff_elements", tariff_element, SPARE | {"min_kwh": "5", "max_kwh": "5"},
     "min_kwh '5.000000000' is not below max_kwh"),
    ("tariff_elements", tariff_element, SPARE | {"min_power": "22", "max_power": "11"},
     "min_power '22.000000000' is not below max_power"),
    ("tariff_elements", tariff_element, SPARE | {"min_duration": 60, "max_duration": 60},
     "min_duration '60' is not below max_duration"),
    ("tariff_components", tariff_component, SPARE | {"element": 8},
     "element '8' of tariff 'SPARE' is no known element"),
    ("tariff_components", tariff_component, SPARE | {"price": "-1"}, "price '-1.000000000000' is below 0"),
    ("tariff_components", tariff_component, SPARE | {"step_size": -1}, "step_size '-1' is not between 0 and 1000000"),
    ("tariff_components", tariff_component, SPARE | {"tax_code": "X"}, "tax_code 'X' is no known tax_code"),
    ("tariff_components", tariff_component, {"element": 2, "dimension": "energy"},
     "dimension 'energy' of a reservation is neither time nor flat"),
    ("rates", rate, BY_TARIFF | {"tariff_id": "X"}, "tariff_id 'X' is no known tariff_id"),
    ("rates", rate, BY_TARIFF | {"unit_price": "1"},
     "unit_price '1.000000000000' is a price beside tariff_id"),
    ("rates", rate, BY_TARIFF | {"setup_fee": "1"}, "setup_fee '1.0000000000' is a price beside tariff_id"),
    ("rates", rate, BY_TARIFF | {"price_plan_id": "POUNDS"}, "tariff 'TARIFF' is in 'EUR' and its plan in 'GBP'"),
    ("rates", rate, BY_TARIFF | {"product_id": "CALLS"},
     "product_id 'CALLS' is no known product whose usage is in kWh"),
    ("rates", rate, BY_TARIFF | {"maximum_amount": "5"}, "maximum_amount '5.0000000000' is a price beside tariff_id"),
    ("rates", rate, BY_TARIFF | {"priced_by": "month"},
     "priced_by 'month' is not that of a rate with tariff_id: event"),
    ("usage_catalogues", usage_catalogue, {"udr_types": "voice|X"}, "udr_type 'X' is no known udr_type"),
    ("usage_catalogues", usage_catalogue, {"providers": "Conax||Nagra"},
     "providers 'Conax||Nagra' names a provider that is empty"),
    ("usage_catalogues", usage_catalogue, {"price_plan_id": "X"}, "price_plan_id 'X' is no known price_plan_id"),
    ("usage_catalogue_periods", catalogue_period, {"usage_catalogue_id": "X"},
     "usage_catalogue_id 'X' is no known usage_catalogue_id"),
    ("usage_catalogue_periods", catalogue_period, {"valid_to": "1900-01-01"},
     "valid_to '1900-01-01' is not after valid_from"),
    ("usage_catalogue_periods", catalogue_period, {"valid_from": "1900-02-28"},
     "its validity overlaps that of line 3 for usage_catalogue_id FILMS"),
    ("usage_catalogue_entries", catalogue_entry, {"usage_catalogue_id": "X"},
     "usage_catalogue_id 'X' is no known usage_catalogue_id"),
    ("usage_catalogue_entries", catalogue_entry, {"entry_id": "NONE", "product_id": None},
     "entry_id 'NONE' does not name exactly one of product_id, product_type and product_family"),
    ("usage_catalogue_entries", catalogue_entry, {"product_id": "MOBILE"},
     "product_id 'MOBILE' is no known usage service"),
    ("usage_catalogue_entries", catalogue_entry, {"product_id": None, "product_family": "X"},
     "product_family 'X' is no known family of usage services"),
    ("usage_catalogue_entries", catalogue_entry, {"product_id": "TELEX"},
     "product_id 'TELEX' has a udr_type that its usage catalogue does not allow"),
    ("usage_catalogue_entries", catalogue_entry, {"valid_to": "1900-01-01"},
     "valid_to '1900-01-01' is not after valid_from"),
    ("usage_catalogue_entries", catalogue_entry, {"valid_from": "1900-05-31"},
     "its validity overlaps that of line 2 for usage_catalogue_id FILMS product_id CALLS product_type any "
     "product_family any"),
    ("offer_terms", offer_term, {"product_id": "DATA"},
     "product_id 'DATA' is no recurring product of its offer and currency"),
    ("offer_terms", offer_term, {"trial_length": 367, "trial_unit": "day"},
     "trial_length '367' is not between 0 and 366"),
    ("offer_terms", offer_term, {"trial_length": 1}, "trial_length '1' and trial_unit go together"),
    ("offer_terms", offer_term, {"trial_price": "-1"}, "trial_price '-1.0000000000' is below 0"),
    ("offer_terms", offer_term, BOUND | {"binding_months": 121}, "binding_months '121' is not between 0 and 120"),
    ("offer_terms", offer_term, BOUND | {"termination_product_id": "MOBILE"},
     "termination_product_id 'MOBILE' is no known one-time service"),
    ("offer_terms", offer_term, BOUND | {"termination_percent": "101"},
     "termination_percent '101.000000' is not between 0 and 100"),
    ("offer_terms", offer_term, BOUND | {"termination_percent": None, "termination_amount": "-1"},
     "termination_amount '-1.0000000000' is below 0"),
    ("offer_terms", offer_term, {"binding_months": 12}, f"binding_months '12' {TOGETHER}"),
    ("offers", offer, {"offer_id": "COPY", "based_on_offer_id": "X"}, "based_on_offer_id 'X' is no known offer"),
    ("offers", offer, {"offer_id": "COPY", "based_on_offer_id": "OFFER", "tax_included": "true"},
     "tax_included 'true' is another than that of the offer that it is based on"),
    ("scheme_terms", scheme_term, BOUND | {"billing_term_scheme_id": "X"},
     "billing_term_scheme_id 'X' is no known billing_term_scheme_id"),
    ("scheme_terms", scheme_term, {"currency": "X"}, "currency 'X' is no known currency"),
    ("scheme_terms", scheme_term, {"trial_length": -1, "trial_unit": "day"},
     "trial_length '-1' is not between 0 and 366"),
    ("availability_windows", availability_window, {"object_id": "X"}, "object_id 'X' is no known product"),
    ("availability_windows", availability_window, {"object_type": "catalogue", "object_id": "X"},
     "object_id 'X' is no known catalogue"),
    ("availability_windows", availability_window, {"end_of_sale": "2026-01-02", "end_of_subscription": "2026-01-01"},
     "end_of_subscription '2026-01-01' is before end_of_sale"),
    ("availability_windows", availability_window, {"limited_from": "2026-01-01"},
     "limited_from '2026-01-01' and limited_to_segments go together"),
    ("availability_windows", availability_window, {"limited_from": "2026-01-01", "limited_to_segments": "GOOD|X"},
     "segment_id 'X' is no known segment_id"),
    ("buy_in_advance_definitions", definition_in_advance,
     {"buy_in_advance_definition_id": "OTHER", "valid_from": "1900-05-31"},
     "its validity overlaps that of line 2 for active definition"),
    ("buy_in_advance_durations", duration_in_advance, {"buy_in_advance_definition_id": "X"},
     "buy_in_advance_definition_id 'X' is no known buy_in_advance_definition_id"),
    ("buy_in_advance_durations", duration_in_advance, {"months_from": 0, "months_to": 1},
     "months_from '0' is not between 1 and 120"),
    ("buy_in_advance_durations", duration_in_advance, {"months_to": 11}, "months_to '11' is below months_from"),
    ("buy_in_advance_durations", duration_in_advance, {"months_from": 2, "months_to": 2, "free_months": 3},
     "free_months '3' is not between 1 and months_from"),
    ("buy_in_advance_durations", duration_in_advance,
     {"months_from": 3, "months_to": 3, "free_months": 1, "discount_percent": "1"},
     "discount_percent '1.000000' does not go with free_months"),
    ("account_fees", account_fee, {"product_id": "MOBILE", "amount": "1"},
     "product_id 'MOBILE' is no known one-time service"),
    ("account_fees", account_fee, {"product_id": "LEAVING", "amount": "1", "currency": "X"},
     "currency 'X' is no known currency"),
    ("account_fees", account_fee, {"product_id": "LEAVING", "amount": "-1"}, "amount '-1.0000000000' is below 0"),
    ("account_fees", account_fee, LATE | {"currency": "GBP", "percent": "101"},
     "percent '101.000000' is not between 0 and 100"),
    ("account_fees", account_fee, {"product_id": "LEAVING"},
     "product_id 'LEAVING' has not exactly one of amount and percent"),
    ("account_fees", account_fee, {"product_id": "LEAVING", "percent": "1"}, "percent '1.000000' is for late fees"),
    ("price_indexes", price_index, {"value": "0"}, "value '0.000000000' is not above 0"),
    ("billing_term_schemes", scheme, {"price_index_id": "X"}, "price_index_id 'X' is no known price_index_id"),
    ("billing_term_schemes", scheme, {"price_index_id": "CPI", "index_month": 13},
     "index_month '13' is not between 1 and 12"),
    ("billing_term_schemes", scheme, {"index_month": 1}, "index_month '1' is for a scheme with a price index"),
    ("usage_catalogue_conditions", catalogue_condition, {"usage_catalogue_id": "X"},
     "usage_catalogue_id 'X' is no known usage_catalogue_id"),
    ("usage_catalogue_conditions", catalogue_condition,
     {"field": "termed_product_id", "allowed_values": "MOBILE|CALLS"},
     "termed_product_id 'CALLS' is no known termed service"),
    ("usage_catalogue_conditions", catalogue_condition, {"field": "segment", "allowed_values": "nobody"},
     "segment_id 'nobody' is no known segment_id"),
]  # fmt: skip
FIRST_LINE = 10
VERSIONED = ("tax_rates", "rates", "bundles", "usage_catalogue_periods", "usage_catalogue_entries")


def broken_row(place: int) -> Row:
    """A broken row on a line of its own, valid in a year of its own; no valid row refers to a broken product."""
    name, make, values, _ = BROKEN[place]
    line = FIRST_LINE + place
    versioned = name in VERSIONED and "valid_to" not in values
    year = {"valid_from": f"{1900 + line}-01-01", "valid_to": f"{1901 + line}-01-01"} if versioned else {}
    if "valid_from" in values:
        year = {"valid_to": "1900-06-02"}
    own = {"product_id": f"BROKEN-{line}"} if name == "products" else {}
    return make(**(own | year | values), source_line=line)


@pytest.fixture(scope="module")
def valid(engine, table):
    """The tables of the valid configuration."""
    return {name: engine.cache(table(CONTRACTS[name], *made)) for name, made in VALID.items()}


@pytest.fixture(scope="module")
def problems(rows, table, valid):
    """What every rule says of a configuration with all the broken rows: {(file, line): problem}."""
    found: list[Row] = []

    def listen(expression):
        if "problem" not in expression.columns:
            return rows(expression) if expression.columns == ("rows", "name") else []
        found.extend(rows(expression))
        return []

    for_table: dict[str, list[Row]] = {}
    for place, (name, *_) in enumerate(BROKEN):
        for_table.setdefault(name, list(VALID[name])).append(broken_row(place))
    require_valid(valid | {n: table(CONTRACTS[n], *made) for n, made in for_table.items()}, ["FR", "DE"], listen)
    return {(row["source_file"], row["source_line"]): row["problem"] for row in found}


@pytest.fixture
def sentence(rows, table, valid):
    """What is wrong with the valid configuration when the rows of some tables are replaced; empty if nothing.

    Rules that none of these tables is in are not asked again: valid rows break none.
    """

    def run(**replaced: list[Row]) -> str:
        tables = valid | {name: table(CONTRACTS[name], *made) for name, made in replaced.items()}

        def ask(expression):
            of_valid = "problem" in expression.columns and not expression.op().find(InMemoryTable)
            return [] if replaced and of_valid else rows(expression)

        try:
            require_valid(tables, ["FR", "DE"], ask)
        except ConfigurationError as error:
            return str(error)
        return ""

    return run


def test_a_valid_configuration(sentence):
    """A zone and any zone may have a rate at the same time, and an attribute may identify a record."""
    assert sentence() == ""


@pytest.mark.parametrize("place", range(len(BROKEN)), ids=lambda n: f"{BROKEN[n][0]}-{'-'.join(BROKEN[n][2])}")
def test_a_broken_row_has_its_sentence(problems, place):
    name, _, _, words = BROKEN[place]
    assert problems.get((f"{name}.csv", FIRST_LINE + place)) == words


def test_valid_rows_break_no_rule(problems):
    """Among them two versions of a tax rate and of a rate that follow each other."""
    assert len(problems) == len(BROKEN)


def test_the_first_line_that_breaks_a_rule_is_named(sentence):
    later = billing_cycle(billing_cycle="b", anchor_day=30, source_line=7)
    cycles = [later, billing_cycle(anchor_day=31, source_line=5)]
    assert sentence(billing_cycles=cycles) == "billing_cycles.csv, line 5: anchor_day '31' is not between 1 and 28"


FRANCE = {"bundle_id": "FRANCE", "zone_id": "FR"}


@pytest.mark.parametrize(
    ("values", "conditions", "is_apart"),
    [
        ({"zone_id": "FR"}, {}, False),
        ({}, {}, False),
        ({"product_id": None}, {}, False),
        ({"product_id": None}, {"udr_type": "charging"}, True),
        ({"product_id": None}, {"udr_type": "charging|voice"}, False),
        ({"product_id": "DATA"}, {}, True),
        ({}, {"time_band_id": "night"}, False),
        ({"priority": 1}, {}, True),
        ({"effect": "commit", "included_quantity": None}, {}, True),
        ({"price_plan_id": "DRIVE"}, {}, True),
        ({"valid_from": "1901-01-01"}, {}, True),
    ],
)
def test_two_bundles_of_a_priority_take_no_event_both(sentence, values, conditions, is_apart):
    """Beside 100 calls to France in 1900: calls there, anywhere, of any product, of another type, and so on."""
    other = bundle(**{"bundle_id": "OTHER"} | values, source_line=3)
    found = sentence(
        bundles=[bundle(**FRANCE, valid_to="1901-01-01"), other], bundle_levels=[],
        commitments=[commitment(**OWED | {"bundle_id": "OTHER"})] if "effect" in values else [],
        bundle_conditions=[
            bundle_condition(bundle_id="OTHER", field=field, allowed_values=value)
            for field, value in conditions.items()
        ],
    )  # fmt: skip
    words = "bundle 'OTHER' takes events that bundle 'FRANCE' takes as well: give one of them another priority"
    assert found == ("" if is_apart else f"bundles.csv, line 3: {words}")


def test_overage_is_in_the_currency_of_the_plan(sentence):
    alone = {"bundle_levels": [], "bundle_conditions": [], "commitments": []}
    words = "bundles.csv, line 2: overage_rate_id 'OVER' is in another currency, or on another basis of tax"
    assert sentence(bundles=[bundle(overage_rate_id="OVER")], **alone) == ""
    assert sentence(bundles=[bundle(overage_rate_id="OVER", price_plan_id="POUNDS")], **alone) == words


def test_bundles_that_accounts_share(sentence):
    """A group needs members, and somebody has to owe a commitment."""
    shared = [bundle(scope="group")]
    alone = {"bundle_levels": [], "bundle_conditions": [], "commitments": []}
    words = "bundles.csv, line 2: scope 'group' has no members: account_groups is empty"
    assert sentence(bundles=shared, account_groups=[], **alone) == words
    assert sentence(bundles=shared, **alone) == ""
    owed = [bundle(**COMMITTED, scope="hierarchy")]
    words = "bundle_id 'COMMITTED' is shared by accounts none of which owes it: use the scope payer"
    found = sentence(bundles=owed, **alone | {"commitments": [commitment(**OWED)]})
    assert found == f"commitments.csv, line 2: {words}"


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


def test_what_is_no_service_has_no_maturity(sentence):
    fee = product(product_id="INSTALLATION", product_type="one_time_service", udr_type=None, source_line=9)
    rates = [rate(product_id="INSTALLATION", tier_by="maturity")]
    assert sentence(products=[*VALID["products"], fee], rates=rates) == (
        "rates.csv, line 2: tier_by 'maturity' is for termed services and for usage priced by event"
    )


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
    [("number", "many"), ("flag", "yes"), ("day", "20260130"), ("day", "2026-02-30"), ("timestamp", "at noon")],
)
def test_allowed_values_are_of_the_type_of_their_attribute(sentence, attribute_type, value):
    good = {"number": "1.5", "flag": "true", "day": "2026-01-30", "timestamp": "2026-01-30T10:00Z"}[attribute_type]
    rule = attribute(attribute_type=attribute_type, allowed_values=good)
    assert sentence(udr_type_attributes=[rule]) == ""
    assert sentence(udr_type_attributes=[rule | {"allowed_values": f"{good}|{value}"}]) == (
        f"udr_type_attributes.csv, line 2: allowed value '{value}' is no {attribute_type}"
    )


def test_a_unit_that_a_source_always_has_can_be_converted(rows, valid):
    """Known beforehand only where the UDR type is a constant as well."""
    for given in ({"unit": "min"}, {"unit": "s"}, {}):
        require_conversions({"switch": {"udr_type": "voice", **given}}, valid, rows)
    require_conversions({"switch": {"unit": "h"}, "other": {"udr_type": "letter", "unit": "page"}}, valid, rows)
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


RANGE = {"value": None, "minimum_value": "5", "maximum_value": "20"}
AMOUNT = {"discount_type": "amount", "currency": "EUR"}
AUTOMATIC = {"given": "automatic"}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (RANGE, ""),
        (AMOUNT | RANGE | {"allowed_units": "shop", "approval_unit": "shop", "times_per_year": 3}, ""),
        ({"minimum_value": "5", "maximum_value": "20"},
         "discount_definition_id 'TEN' has neither one value nor a least and a most one"),
        (RANGE | {"maximum_value": None},
         "discount_definition_id 'TEN' has neither one value nor a least and a most one"),
        (RANGE | {"maximum_value": "4"}, "maximum_value '4.0000000000' is below minimum_value"),
        ({"value": "0"}, "value '0.0000000000' is not above 0"),
        ({"value": "100.01"}, "value '100.0100000000' is no percentage up to 100"),
        ({"discount_type": "free_period", "value": "1.5"},
         "value '1.5000000000' is no whole number of months up to 1200"),
        ({"discount_type": "free_usage", "unit": "s", "value": "400000001"},
         "value '400000001.0000000000' is above 400000000"),
        (AUTOMATIC | RANGE, "minimum_value '5.0000000000' is for discounts that are asked for"),
        (AUTOMATIC | {"approval_unit": "shop"}, "approval_unit 'shop' is for discounts that are asked for"),
        (AMOUNT | {"duration_months": 2}, "duration_months '2' does not go with its discount_type"),
        ({"duration_months": 0}, "duration_months '0' is not between 1 and 1200"),
        ({"times_per_year": 0}, "times_per_year '0' is below 1"),
        ({"discount_type": "amount"}, "currency '' does not go with its discount_type"),
        ({"currency": "EUR"}, "currency 'EUR' does not go with its discount_type"),
        ({"unit": "s"}, "unit 's' does not go with its discount_type"),
        (AMOUNT | {"currency": "XXX"}, "currency 'XXX' is no known currency"),
        ({"allowed_units": "shop|X"}, "organisational_unit 'X' is no known organisational_unit"),
        ({"approval_unit": "X"}, "approval_unit 'X' is no known organisational_unit"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-02-01"}, "valid_to '2026-02-01' is not after valid_from"),
    ],
)  # fmt: skip
def test_definitions_of_discounts(sentence, terms, said):
    found = sentence(discount_definitions=[definition(**terms)], organisational_units=[unit()])
    assert found == (said and f"discount_definitions.csv, line 2: {said}")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"field": "product_id", "allowed_values": "CALLS|X"}, "product_id 'X' is no known product_id"),
        ({"field": "udr_type", "allowed_values": "X"}, "udr_type 'X' is no known udr_type"),
        ({"field": "price_plan_id", "allowed_values": "X"}, "price_plan_id 'X' is no known price_plan_id"),
        ({"field": "segment", "allowed_values": "X"}, "segment_id 'X' is no known segment_id"),
        ({"field": "account_id", "allowed_values": "X"}, ""),
        ({"field": "country", "allowed_values": "FR", "discount_definition_id": "X"},
         "discount_definition_id 'X' is no known discount_definition_id"),
    ],
)  # fmt: skip
def test_criteria_of_discounts(sentence, values, said):
    found = sentence(discount_definitions=[definition()], discount_criteria=[criterion(**values)])
    assert found == (said and f"discount_criteria.csv, line 2: {said}")


def test_units_of_users_and_collaborations(sentence):
    units, roles = [unit(), unit(organisational_unit="partner", source_line=3)], [role()]
    known = {"organisational_units": units, "roles": roles, "users": [user()]}
    assert sentence(**known, unit_collaborations=[collaboration()]) == ""
    assert sentence(roles=roles, users=[user()]) == (
        "users.csv, line 2: organisational_unit 'shop' is no known organisational_unit"
    )
    assert sentence(organisational_units=units, unit_collaborations=[collaboration(collaborates_with="X")]) == (
        "unit_collaborations.csv, line 2: collaborates_with 'X' is no known organisational_unit"
    )

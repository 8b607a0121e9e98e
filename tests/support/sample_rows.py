"""Rows of the contracts for tests, written as text: `rate(unit_price="0.06")` is a whole, valid rate."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import ibis.expr.datatypes as dt

from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.contract import InputTable, Table
from billing_assets.discounts.tables import DISCOUNT_REQUESTS, DISCOUNTS
from billing_assets.fees.tables import OVERDUE_AMOUNTS
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.orders.tables import (
    BILLING_SPLITS,
    BUY_IN_ADVANCE_REQUESTS,
    IMPORTED_ORDERS,
    ORDER_LINES,
    ORDER_TERMS,
    SERVICE_JOBS,
    SUBSCRIPTION_CATALOGUES,
    SUBSCRIPTION_SERVICES,
    SUBSCRIPTIONS,
)
from billing_assets.prepaid.tables import PREPAID_CREDITS, PREPAID_PAYMENTS
from billing_assets.quotes.tables import APPROVALS
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.reference import tables as reference
from billing_assets.taxes.tables import TAX_EXEMPTIONS
from billing_assets.totals.tables import USAGE_TOTALS
from billing_assets.usage.tables import ACCEPTED_USAGE_ORDERS, RAW_USAGE, UDRS, USAGE_ORDERS

Row = dict[str, object]


def sample(contract: Table, **defaults: object) -> Callable[..., Row]:
    """A function that gives a row of the contract: its defaults, and what the test is about."""
    inputs = contract.input_columns if isinstance(contract, InputTable) else ()
    empty = {column.name: column.default for column in inputs if column.default is not None}
    types = dict(contract.schema.items())

    def row(**values: object) -> Row:
        given = {"source_file": f"{contract.name}.csv", "source_line": 2, **empty, **defaults, **values}
        return {name: value_of(value, types.get(name)) for name, value in given.items()}

    return row


def value_of(value: object, dtype: dt.DataType | None) -> object:
    """A text as a value of a column's type; anything else as it is."""
    if dtype is None or not isinstance(value, str):
        return value
    if dtype.is_decimal():
        return Decimal(value)
    if dtype.is_date():
        return date.fromisoformat(value)
    if dtype.is_timestamp():
        return datetime.fromisoformat(value)
    if dtype.is_boolean():
        return value == "true"
    return int(value) if dtype.is_integer() else value


billing_cycle = sample(reference.BILLING_CYCLES, billing_cycle="first", anchor_day=1, run_day=3)
account = sample(
    reference.ACCOUNTS, account_id="ANNA", name="Anna", role="customer", vendor_account_id="VENDOR", country="FR",
    currency="EUR", time_zone="Europe/Paris", billing_cycle="first", language="fr", payment_days=30,
    payment_from="issue_date", payer_account_id="ANNA",
)  # fmt: skip
vendor = sample(
    reference.ACCOUNTS, account_id="VENDOR", name="Vendor", role="vendor", country="FR", currency="EUR",
    time_zone="Europe/Paris", payer_account_id="VENDOR",
)  # fmt: skip
reseller = sample(
    reference.ACCOUNTS, account_id="BIG", name="Big", role="reseller", vendor_account_id="VENDOR", country="FR",
    currency="EUR", time_zone="Europe/Paris", billing_cycle="first", payer_account_id="BIG",
)  # fmt: skip
account_change = sample(reference.ACCOUNT_CHANGES, account_id="ANNA", field="classification")
account_billing_setting = sample(reference.ACCOUNT_BILLING_SETTINGS, account_id="ANNA")
vendor_currency = sample(reference.VENDOR_CURRENCIES, vendor_account_id="VENDOR", currency="EUR")
contact = sample(reference.CONTACTS, contact_id="1", account_id="ANNA", name="Anna Roux")
currency = sample(reference.CURRENCIES, currency="EUR", digits=2)
catalogue = sample(reference.CATALOGUES, catalogue_id="MAIN", name="Main", vendor_account_id="VENDOR")
tax_code = sample(reference.TAX_CODES, tax_code="STANDARD", name="VAT")
tax_regime = sample(reference.TAX_REGIMES, regime="vat")
tax_rate = sample(reference.TAX_RATES, tax_code="STANDARD", country="FR", rate="20")
product = sample(
    reference.PRODUCTS, product_id="CALLS", catalogue_id="MAIN", name="Calls", product_type="usage_service",
    udr_type="voice", tax_code="STANDARD",
)  # fmt: skip
product_attribute = sample(reference.PRODUCT_ATTRIBUTES, product_id="CALLS", attribute="speed", value="50")
wholesale_plan = sample(reference.WHOLESALE_PLANS, reseller_account_id="BIG", price_plan_id="WHOLESALE")
price_plan = sample(reference.PRICE_PLANS, price_plan_id="PLAN", catalogue_id="MAIN", name="Plan", currency="EUR")
rate = sample(reference.RATES, rate_id="RATE", price_plan_id="PLAN", product_id="CALLS", unit_price="1")
rate_tier = sample(reference.RATE_TIERS, rate_id="RATE")
rate_condition = sample(reference.RATE_CONDITIONS, rate_id="RATE")
tariff = sample(reference.TARIFFS, tariff_id="TARIFF", name="Tariff", currency="EUR")
tariff_element = sample(reference.TARIFF_ELEMENTS, tariff_id="TARIFF", element=1)
tariff_component = sample(reference.TARIFF_COMPONENTS, tariff_id="TARIFF", element=1, dimension="energy", price="0.25")
zone = sample(reference.ZONES, zone_id="FR", name="France")
zone_prefix = sample(reference.ZONE_PREFIXES, zone_set="dial", prefix="33", zone_id="FR")
time_band = sample(
    reference.TIME_BANDS, time_band_set="week", time_band_id="night", start_time="22:00", end_time="06:00",
    holiday_country=None,
)  # fmt: skip
company_holiday = sample(reference.COMPANY_HOLIDAYS, country="DE", day="2026-02-16", name="Carnival")
udr_type = sample(reference.UDR_TYPES, udr_type="voice", name="Call", unit="s", identity_fields="source|record_id")
attribute = sample(reference.UDR_TYPE_ATTRIBUTES, udr_type="voice", attribute="cell")
conversion = sample(reference.UNIT_CONVERSIONS, from_unit="min", to_unit="s", numerator=60)
offer = sample(reference.OFFERS, offer_id="OFFER", catalogue_id="MAIN", name="Offer", price_plan_id="PLAN")
offer_product = sample(
    reference.OFFER_PRODUCTS, offer_id="OFFER", product_id="MOBILE", price_type="recurring", currency="EUR",
    unit_price="20",
)  # fmt: skip
offer_term = sample(reference.OFFER_TERMS, offer_id="OFFER", product_id="MOBILE", currency="EUR")
scheme_term = sample(reference.SCHEME_TERMS, billing_term_scheme_id="SCHEME", currency="EUR")
availability_window = sample(reference.AVAILABILITY_WINDOWS, object_type="product", object_id="MOBILE")
definition_in_advance = sample(
    reference.BUY_IN_ADVANCE_DEFINITIONS, buy_in_advance_definition_id="WINBACK", name="Winback"
)
duration_in_advance = sample(
    reference.BUY_IN_ADVANCE_DURATIONS, duration_id="YEAR", buy_in_advance_definition_id="WINBACK", months_from=12,
    months_to=12,
)  # fmt: skip
price_index = sample(reference.PRICE_INDEXES, price_index_id="CPI", published_on="2026-01-01", value="100")
account_fee = sample(reference.ACCOUNT_FEES, kind="invoice", product_id="PAPER", currency="EUR")
invoice_minimum = sample(reference.INVOICE_MINIMUMS, currency="EUR", minimum_amount="5")
scheme = sample(reference.BILLING_TERM_SCHEMES, billing_term_scheme_id="SCHEME", name="Scheme")
scheme_plan = sample(reference.BILLING_TERM_SCHEME_PLANS, billing_term_scheme_id="SCHEME", price_plan_id="PLAN")
bundle = sample(
    reference.BUNDLES, bundle_id="BUNDLE", name="100 units", price_plan_id="PLAN", product_id="CALLS",
    included_quantity="100",
)  # fmt: skip
bundle_condition = sample(reference.BUNDLE_CONDITIONS, bundle_id="BUNDLE", field="product_id", allowed_values="CALLS")
bundle_level = sample(reference.BUNDLE_LEVELS, bundle_id="BUNDLE", percent="10")
commitment = sample(reference.COMMITMENTS, bundle_id="BUNDLE", product_id="MISSING", committed_quantity="100")
account_group = sample(reference.ACCOUNT_GROUPS, account_id="ANNA", group_id="FAMILY")
usage_catalogue = sample(reference.USAGE_CATALOGUES, usage_catalogue_id="FILMS", name="Films")
catalogue_period = sample(reference.USAGE_CATALOGUE_PERIODS, usage_catalogue_id="FILMS", valid_from="2026-01-01")
catalogue_entry = sample(
    reference.USAGE_CATALOGUE_ENTRIES, entry_id="E1", usage_catalogue_id="FILMS", product_id="CALLS"
)
catalogue_condition = sample(
    reference.USAGE_CATALOGUE_CONDITIONS, usage_catalogue_id="FILMS", field="classification", allowed_values="VIP"
)

order = sample(
    IMPORTED_ORDERS, source="cpq", source_order_id="O1", source_line_id="1", ordered_on="2026-01-01",
    account_id="ANNA", product_id="MOBILE", price_type="recurring", unit_price="20", start_date="2026-01-10",
)  # fmt: skip
billing_split = sample(
    BILLING_SPLITS, source="cpq", source_order_id="O1", source_line_id="1", part=1, ordered_line_id="cpq:O1:1"
)
order_line = sample(
    ORDER_LINES, order_line_id="cpq:O1:1", ordered_line_id="cpq:O1:1", version=1, action="new", source="cpq",
    source_order_id="O1", source_line_id="1", ordered_on="2026-01-01", account_id="ANNA", subscription_id="SUB",
    product_id="MOBILE",
    product_type="termed_service", tax_code="STANDARD", price_type="recurring", billing_rule="in_advance",
    billing_frequency="monthly", quantity="1", unit_price="100", net_price="100", pricing_source="order_line",
    tax_included=False, currency="EUR", start_date="2026-01-01",
)  # fmt: skip
service_job = sample(
    SERVICE_JOBS, job_id="J1", account_id="ANNA", agreed_on="2026-01-05", done_on="2026-01-20", product_id="REPAIR"
)
request_in_advance = sample(
    BUY_IN_ADVANCE_REQUESTS, request_id="R1", subscription_id="SUB", requested_on="2026-01-05", start_date="2026-01-15",
    months=12, requester_id="SAM", approver_id="MIA", duration_id="YEAR",
)  # fmt: skip
order_term = sample(ORDER_TERMS, source="cpq", source_order_id="O1", source_line_id="1")
service = sample(
    SUBSCRIPTION_SERVICES, order_line_id="cpq:O1:2", service_identifier="33611", udr_type="voice", product_id="CALLS",
    subscription_id="SUB", account_id="ANNA", payer_account_id="ANNA", price_plan_id="PLAN", time_zone="Europe/Paris",
    start_at="2026-01-09T23:00:00",
)  # fmt: skip
subscription = sample(SUBSCRIPTIONS, subscription_id="SUB", account_id="ANNA", start_date="2026-01-01", order_lines=1)
entitlement = sample(
    SUBSCRIPTION_CATALOGUES, subscription_id="SUB", usage_catalogue_id="FILMS", valid_from="1900-01-01",
    valid_to="9999-12-31",
)  # fmt: skip
ordered = sample(
    USAGE_ORDERS, source="shop", source_order_id="U1", source_line_id="1", subscription_id="SUB", product_id="CALLS",
    ordered_at="2026-01-15T10:00",
)  # fmt: skip
usage_order = sample(
    ACCEPTED_USAGE_ORDERS, usage_order_id="shop:U1:1", source="shop", source_order_id="U1", source_line_id="1",
    subscription_id="SUB", account_id="ANNA", service_identifier="33611", product_id="CALLS", udr_type="voice",
    quantity="1", attributes={}, ordered_at="2026-01-15T09:00:00", effective_at="2026-01-15T09:00:00",
    event_day="2026-01-15",
)  # fmt: skip
raw_usage = sample(
    RAW_USAGE, load_day="2026-01-16", source="switch", source_file="usage/switch/a.csv", event_day="2026-01-15",
    billing_effective_at="2026-01-15T12:00:00", started_at="2026-01-15T12:00:00", record_id="1", udr_type="voice",
    service_identifier="33611", quantity="60", unit="s", destination="33612345", attributes={},
)  # fmt: skip
udr = sample(
    UDRS, event_day="2026-01-15", udr_id="U1", billing_effective_at="2026-01-15T12:00:00",
    started_at="2026-01-15T12:00:00", local_at="2026-01-15T13:00:00", udr_type="voice", source="switch",
    service_identifier="33611", product_id="CALLS", subscription_id="SUB", service_account_id="ANNA",
    payer_account_id="ANNA", price_plan_id="PLAN", quantity="60", unit="s", destination="33612345", attributes={},
    load_day="2026-01-16",
)  # fmt: skip
rated_item = sample(
    RATED_ITEMS, event_day="2026-01-15", udr_id="U1", leg="vendor_to_customer", component="usage", split=0,
    charge_key="CHARGE",
    rating_type="post_rated", billing_effective_at="2026-01-15T12:00:00", local_at="2026-01-15T13:00:00",
    payer_account_id="ANNA", service_account_id="ANNA", subscription_id="SUB", product_id="CALLS",
    price_plan_id="PLAN", rate_plan="PLAN", plan_version=1, rate_id="RATE", quantity="60", measured="60",
    billed_quantity="60", unit="s",
    unit_price="0.01", price_per="1", setup_fee="0", unit_amount="0.60", tax_included=False, amount="0.60",
    currency="EUR",
)  # fmt: skip
measured_event = sample(
    MEASURED_USAGE, event_day="2026-01-15", udr_id="U1", billing_effective_at="2026-01-15T12:00:00",
    local_at="2026-01-15T13:00:00", leg="vendor_to_customer", payer_account_id="ANNA", service_account_id="ANNA",
    subscription_id="SUB", product_id="CALLS", price_plan_id="PLAN", rate_plan="PLAN", plan_version=1, rate_id="RATE",
    measured="1", unit="s", currency="EUR",
)  # fmt: skip
usage_total = sample(
    USAGE_TOTALS, month="2026-01", billing_cycle="first", usage_charge_id="T1", charge_key="T",
    leg="vendor_to_customer", payer_account_id="ANNA", service_account_id="ANNA",
    subscription_id="SUB", product_id="CALLS", price_plan_id="PLAN", rate_id="RATE", aggregation="sum",
    service_start="2026-01-01", service_end="2026-02-01", events=1, quantity="150",
    remainder="0", unit="s", tax_included=False, currency="EUR",
)  # fmt: skip
covered_total = sample(
    COVERED_TOTALS, month="2026-01", billing_cycle="first", usage_charge_id="T1", bundle_id="BUNDLE", owner_id="SUB",
    subscription_id="SUB", product_id="CALLS", used_before="0", counted_quantity="150", covered_quantity="60",
    counts_in_tiers=False, unit="s",
)  # fmt: skip
bundle_item = sample(
    BUNDLE_ITEMS, month="2026-01", billing_cycle="first", udr_id="U1", bundle_id="BUNDLE", charge_key="CHARGE",
    billing_effective_at="2026-01-15T12:00:00", leg="vendor_to_customer", payer_account_id="ANNA",
    service_account_id="ANNA", subscription_id="SUB", product_id="CALLS", service_start="2026-01-01",
    service_end="2026-02-01", unit="s", counted_quantity="60", covered_quantity="60", tax_included=False,
    amount="-0.60", currency="EUR", part="included", owner_id="SUB",
)  # fmt: skip
bundle_counter = sample(
    BUNDLE_COUNTERS, month="2025-12", billing_cycle="first", owner_id="SUB", bundle_id="BUNDLE",
    granted_month="2025-12", effect="include", included_quantity="100", used_quantity="0", covered_quantity="0",
    remaining_quantity="100", carried_quantity="100",
)  # fmt: skip
overdue = sample(
    OVERDUE_AMOUNTS, overdue_id="D1", account_id="ANNA", currency="EUR", amount="40", overdue_on="2026-01-20"
)
unit = sample(reference.ORGANISATIONAL_UNITS, organisational_unit="shop", name="Shop")
collaboration = sample(reference.UNIT_COLLABORATIONS, organisational_unit="partner", collaborates_with="shop")
role = sample(reference.ROLES, role="agent")
user = sample(reference.USERS, user_id="sam", name="Sam", role="agent", organisational_unit="shop")
definition = sample(
    reference.DISCOUNT_DEFINITIONS, discount_definition_id="TEN", name="Ten off", given="ad_hoc",
    discount_type="percentage", value="10",
)  # fmt: skip
criterion = sample(reference.DISCOUNT_CRITERIA, discount_definition_id="TEN")
discount_request = sample(
    DISCOUNT_REQUESTS, discount_request_id="D1", discount_definition_id="TEN", subscription_id="SUB",
    requested_on="2026-01-01",
)  # fmt: skip
approval = sample(
    APPROVALS, object_type="discount_request", object_id="D1", object_version=1, approver_id="mia",
    decided_on="2026-01-02", decision="approved",
)  # fmt: skip
discount = sample(
    DISCOUNTS, discount_id="D1", subscription_id="SUB", discount_definition_id="TEN", target="subscription",
    target_id="SUB", name="Ten off", discount_type="percentage", value="10", priority=0, reduces_commitments=False,
    starts_on="any_day", valid_from="1900-01-01", valid_to="9999-12-31",
)  # fmt: skip
item = sample(
    CHARGE_ITEMS, month="2026-01", billing_cycle="first", item_id="I1", item_key="K1", item_type="fee",
    leg="vendor_to_customer", payer_account_id="ANNA", service_account_id="ANNA", subscription_id="SUB",
    product_id="MOBILE", label="Mobile plan", source_table="billing_schedule_details", source_id="BSD-1", unit="piece",
    tax_code="STANDARD", service_start="2026-01-01", service_end="2026-02-01", events=1, quantity="1",
    billed_quantity="1", tax_included=False, amount="10", currency="EUR",
)  # fmt: skip
prepaid_credit = sample(PREPAID_CREDITS, credit_id="C1", account_id="ANNA", currency="EUR", amount="10")
prepaid_payment = sample(
    PREPAID_PAYMENTS, month="2026-01", billing_cycle="first", invoice_id="I1", credit_id="C1", payer_account_id="ANNA",
    paid_amount="4", currency="EUR",
)  # fmt: skip
exemption = sample(TAX_EXEMPTIONS, certificate_id="C1", account_id="ANNA")

"""Contracts of the reference tables: who is billed, what is sold, and at which price."""

from dataclasses import replace

from billing_assets.contract import (
    LINEAGE,
    REJECTION,
    VALIDITY,
    Column,
    InputTable,
    Table,
    day,
    flag,
    integer,
    number,
    text,
)
from billing_assets.crm.tables import ACCOUNT_COLUMNS, CONTACT_COLUMNS, INVOICE_SPLITS
from billing_assets.exact import AMOUNT, FEE_PRICE, PERCENT, QUANTITY, UNIT_PRICE

GROUP = "reference"
PRICE_TYPES = ("one_time", "recurring", "usage")
PRICED_BY = ("event", "month")
AGGREGATIONS = ("sum", "count", "distinct_count", "maximum", "latest", "weighted_sum", "weighted_days")
ACCOUNT_FIELDS = ("classification", "country", "account_type", "organisational_unit")
SEGMENT_FIELDS = (*ACCOUNT_FIELDS, "subscription_type")
CONDITION_FIELDS = (*SEGMENT_FIELDS, "segment")
CATALOGUE_FIELDS = (*CONDITION_FIELDS, "termed_product_id")
PRODUCT_FIELDS = ("product_id", "product_type", "product_family")
ORDER_DAYS = ("ordered_on", "start_date")
PLAN_FIELDS = (*CONDITION_FIELDS, *PRODUCT_FIELDS, *ORDER_DAYS)
# In front of the name of an attribute of the product, as a field of a condition; between two days of one.
PRODUCT_ATTRIBUTE = "product_attribute:"
STRETCH = ".."
BILLING_RULES = ("in_advance", "in_arrears", "on_ready_date")
FREQUENCIES = ("weekly", "monthly", "quarterly", "half_yearly", "yearly")
PRORATIONS = ("calendar_days", "thirty_days", "none", "full")
ALIGNMENTS = ("billing_day", "anniversary", "calendar")
PRICE_PERIODS = ("billing_period", "month", "quarter", "half_year", "year")
ACCOUNT_FEE_KINDS = ("invoice", "late")
TRIAL_UNITS = ("day", "month", "billing_period")
ANY = "*"
# How long an event lasts: by the unit of its quantity, or by an attribute.
SECONDS_OF_UNIT = {"s": 1, "min": 60, "h": 3600}
DURATION = "duration_seconds"
ATTRIBUTE_TYPES = ("text", "number", "flag", "day", "timestamp")
IDENTITY_FIELDS = (
    "source", "record_id", "service_identifier", "product_id", "started_at", "destination", "quantity",
)  # fmt: skip


def reference(name: str, grain: str, description: str, *columns: Column, required=True, derived=()):
    return InputTable(name, GROUP, grain, description, (*columns, *LINEAGE), required=required, derived=derived)


BILLING_CYCLES = reference(
    "billing_cycles",
    "one row per billing cycle",
    "When accounts are billed. Month M of a cycle runs from its anchor day in M to the anchor day of M+1.",
    text("billing_cycle", "Name of the cycle", key=True),
    integer("anchor_day", "Day of the month (1 to 28) on which its months begin", unit="day"),
    integer("run_day", "Day of the month (1 to 28) on which its schedule runs", unit="day"),
)

ACCOUNTS = reference(
    "accounts",
    "one row per account",
    "Individuals and enterprises that bill, are billed, both, or only link others. Copied from the CRM.",
    *ACCOUNT_COLUMNS,
    text("payer_account_id", "Account at the end of the bill-to chain"),
    flag("vat_id_well_formed", "Whether the VAT id has the right form and check digits", nullable=True),
    derived=("payer_account_id", "vat_id_well_formed"),
)

REJECTED_ACCOUNTS = Table(
    "rejected_accounts",
    GROUP,
    "one row per account row that cannot be used",
    "Account rows that were refused, each with its reason.",
    (text("account_id", "Account number, when there was one", nullable=True), *REJECTION),
)

ACCOUNT_CHANGES = reference(
    "account_changes",
    "one row per account, field and day of change",
    "What accounts were before: conditions to select a plan are judged as of the day of the order.",
    text("account_id", "Account", key=True),
    text("field", "What changed", key=True, allowed=ACCOUNT_FIELDS),
    day("changed_on", "First day of the value that came next", key=True),
    text("old_value", "Value until the day before", nullable=True),
    required=False,
)

ACCOUNT_BILLING_SETTINGS = reference(
    "account_billing_settings",
    "one row per account that billing has settings of its own for",
    "What billing decides of an account, whatever the CRM says. An empty value leaves it to the CRM.",
    text("account_id", "Account", key=True),
    text("billing_cycle", "Its billing cycle", nullable=True),
    text("bill_to_account_id", "Account that pays for it; its own number when it pays for itself", nullable=True),
    text("tax_status", "Whether tax is charged", nullable=True, allowed=("taxable", "exempt")),
    text("invoice_split", "What gets an invoice of its own", nullable=True, allowed=INVOICE_SPLITS),
    required=False,
)

CONTACTS = reference(
    "contacts",
    "one row per contact",
    "Who speaks for an account. Copied from the CRM.",
    *CONTACT_COLUMNS,
    required=False,
)

REJECTED_CONTACTS = Table(
    "rejected_contacts",
    GROUP,
    "one row per contact row that cannot be used",
    "Contact rows that were refused, each with its reason; their accounts are billed all the same.",
    (
        text("contact_id", "Contact, when it has a number", nullable=True),
        *(replace(c, personal=c.name == "detail") for c in REJECTION),
    ),
)

CURRENCIES = Table(
    "currencies",
    GROUP,
    "one row per currency",
    "The currencies of ISO 4217 with the number of digits that invoices show.",
    (
        text("currency", "ISO 4217 code", key=True),
        integer("digits", "Digits after the decimal point", unit="digit"),
    ),
)

VENDOR_CURRENCIES = reference(
    "vendor_currencies",
    "one row per vendor and currency",
    "Currencies that a vendor bills. One without rows bills any.",
    text("vendor_account_id", "Vendor or reseller", key=True),
    text("currency", "ISO 4217 currency that it bills", key=True),
    required=False,
)

CATALOGUES = reference(
    "catalogues",
    "one row per catalogue",
    "A vendor's catalogue: the set that its products, offers and price plans belong to.",
    text("catalogue_id", "Catalogue", key=True),
    text("name", "Name"),
    text("vendor_account_id", "The vendor whose catalogue it is"),
)

TAX_CODES = reference(
    "tax_codes",
    "one row per tax code",
    "What kind of supply a product is for tax.",
    text("tax_code", "Tax code", key=True),
    text("name", "Name"),
)

TAX_RATES = reference(
    "tax_rates",
    "one row per tax code, country and first day of validity",
    "Tax rate by code, country of the payer and date of supply.",
    text("tax_code", "Tax code", key=True),
    text("country", "ISO 3166-1 alpha-2 country", key=True),
    number("rate", PERCENT, "Tax rate", unit="percent"),
    Column("valid_from", VALIDITY[0].dtype, VALIDITY[0].description, key=True, default="1900-01-01"),
    VALIDITY[1],
)

PRODUCTS = reference(
    "products",
    "one row per product",
    "Elementary things that are sold: recurring and one-time services, usage services, goods, expenses.",
    text("product_id", "Product", key=True),
    text("catalogue_id", "Catalogue"),
    text("name", "Name as printed on the invoice"),
    text(
        "product_type",
        "How it is sold",
        allowed=("termed_service", "usage_service", "one_time_service", "expense", "physical_good"),
    ),
    text("product_family", "Family that it belongs to, where products are grouped", nullable=True),
    text("udr_type", "UDR type of a usage service", nullable=True),
    text("zone_set", "Set of prefixes that gives the zone of its destination", nullable=True),
    text("time_band_set", "Set of time bands that its usage falls in", nullable=True),
    text("tax_code", "Tax code"),
    text("accounting_code", "Account of the ledger that its revenue is posted to", nullable=True),
)

PRODUCT_ATTRIBUTES = reference(
    "product_attributes",
    "one row per product and attribute",
    "Further attributes of products, which conditions of price plans look at.",
    text("product_id", "Product", key=True),
    text("attribute", "Attribute", key=True),
    text("value", "Its value"),
    required=False,
)

PRICE_PLANS = reference(
    "price_plans",
    "one row per price plan",
    "Named sets of rates that a subscription can be on.",
    text("price_plan_id", "Price plan", key=True),
    text("catalogue_id", "Catalogue"),
    text("name", "Name"),
    text("currency", "ISO 4217 currency of its rates"),
    flag("tax_included", "Whether the amounts of its rates include tax", default="false"),
    text(
        "plan_type",
        "base; conditional: for those who meet its conditions, on the base plan that it falls back to, rate by rate; "
        "global: what every plan of its currency falls back to in the end",
        allowed=("base", "conditional", "global"),
        default="base",
    ),
    text("base_plan_id", "Base plan of a conditional plan", nullable=True),
    text("allowed_units", "Organisational units that may sell it, separated by `|`; any when empty", nullable=True),
)

PRICE_PLAN_CONDITIONS = reference(
    "price_plan_conditions",
    "one row per conditional plan, purpose and field",
    "Who may choose a conditional plan (select), and to whom it applies when usage is priced (apply). All "
    "conditions of a purpose must hold.",
    text("price_plan_id", "Conditional price plan", key=True),
    text("purpose", "When it is looked at", key=True, allowed=("select", "apply")),
    text("field", f"What is looked at: one of {', '.join(PLAN_FIELDS)}, or `{PRODUCT_ATTRIBUTE}NAME`", key=True),
    text("allowed_values", f"Values, or stretches of days `from{STRETCH}to`, that meet it, separated by `|`"),
    required=False,
)

SEGMENTS = reference(
    "segments",
    "one row per segment and field",
    "Named sets of subscriptions: those that meet all conditions of the segment.",
    text("segment_id", "Segment", key=True),
    text("field", "What is looked at", key=True, allowed=SEGMENT_FIELDS),
    text("allowed_values", "Values that meet it, separated by `|`"),
    required=False,
)

RATES = reference(
    "rates",
    "one row per rate",
    "Price of one product in one plan: of usage for a zone and a time band or for all of them, of anything else "
    "for what is ordered.",
    text("rate_id", "Rate", key=True),
    text("price_plan_id", "Price plan"),
    integer("plan_version", "Version of the plan that it belongs to; the date of use picks it", default="1"),
    text("product_id", "Product"),
    text("zone_id", "Zone of the destination; any when empty", nullable=True),
    text("time_band_id", "Band of the local time; any when empty", nullable=True),
    integer("weight", "Of rates that fit equally well the heavier one is taken", default="0"),
    text("priced_by", "Whether each event has its price, or the total of a month", allowed=PRICED_BY, default="event"),
    text(
        "rate_model",
        "flat: the level that the quantity falls in prices all of it; tiered: added up tier by tier; percentage "
        "and tiered_percentage: the same with percent of the measured amount; or a registered model",
                default="flat",
    ),
    text("measure", "What is priced: quantity, or an attribute with a number", default="quantity"),
    text("tier_by", "What chooses the level: what is priced, or the months since the service began",
         allowed=("measure", "maturity"), default="measure"),
    number("setup_fee", AMOUNT, "Charged once per event (or month)", unit="currency", default="0"),
    number("minimum_amount", AMOUNT, "Least amount of an event (or month)", unit="currency", default="0"),
    number("maximum_amount", AMOUNT, "Highest amount of an event (or month)", unit="currency", nullable=True),
    number("minimum_quantity", QUANTITY, "Units charged at least", unit="unit of the measure", default="0"),
    number(
        "increment",
        QUANTITY,
        "Step in which units above the minimum are charged; 0 charges the exact quantity",
        unit="unit of the measure",
        default="0",
    ),
    number(
        "unit_price",
        UNIT_PRICE,
        "Price of `price_per` units, or percent, of what falls in no tier; without it every quantity must have a tier",
        unit="currency",
        nullable=True,
    ),
    number("price_per", QUANTITY, "Units that the price is for", unit="unit of the measure", default="1"),
    text(
        "packages",
        "Whether `price_per` units are sold as a whole: started packages (up), full ones (down), or parts (none)",
        allowed=("none", "up", "down"),
        default="none",
    ),
    number("monthly_minimum", AMOUNT, "Least amount of its events in a month together", unit="currency", nullable=True),
    number("monthly_maximum", AMOUNT, "Highest amount of its events in a month together", unit="currency",
           nullable=True),
    text("aggregation", "How a month's events make one quantity", allowed=AGGREGATIONS, default="sum"),
    text("aggregation_window", "Whether the month is one total, or each day or hour one that is priced by itself",
         allowed=("month", "day", "hour"), default="month"),
    text("group_attributes", "Attributes, separated by `|`: each combination of their values is a charge of its own",
         nullable=True),
    text("across_bands", "Whether an event that lasts into another time band is priced by its start, or split: each "
         "part by the rate of its band", allowed=("start", "split"), default="start"),
    text("tariff_id", "Tariff that prices charging sessions; such a rate has no price of its own", nullable=True),
    *VALIDITY,
)  # fmt: skip

RATE_TIERS = reference(
    "rate_tiers",
    "one row per rate and tier",
    "Levels of a rate: a quantity belongs to the tier that it is above the lower and up to the upper limit of.",
    text("rate_id", "Rate", key=True),
    number("above", QUANTITY, "Lower limit, not part of the tier (0 is part of the first)", key=True,
           unit="unit of the measure, or month", default="0"),
    number("up_to", QUANTITY, "Upper limit, part of the tier; no limit when empty",
           unit="unit of the measure, or month", nullable=True),
    number("unit_price", UNIT_PRICE, "Price of `price_per` units, or percent", unit="currency", default="0"),
    number("price_per", QUANTITY, "Units that the price is for; the rate's when empty", unit="unit of the measure",
           nullable=True),
    number("flat_amount", AMOUNT, "Charged once when the tier is reached", unit="currency", default="0"),
    required=False,
)  # fmt: skip

RATE_CONDITIONS = reference(
    "rate_conditions",
    "one row per rate and attribute",
    "Attributes of the event that a rate is limited to; a rate with more of them is more specific.",
    text("rate_id", "Rate", key=True),
    text("attribute", "Attribute of the event, or result of a lookup", key=True),
    text("value", "Value that it must have"),
    required=False,
)

LOOKUPS = reference(
    "lookups",
    "one row per lookup and key",
    "Named tables that turn one attribute into another: by the exact key, by the longest prefix, or by range.",
    text("lookup_id", "Lookup", key=True),
    text("match", "How a value finds its row; one way per lookup", allowed=("exact", "prefix", "range")),
    text("lookup_key", "Value, its leading characters, or the number from which on", key=True),
    text("key_to", "Number before which a range ends; no limit when empty", nullable=True),
    text("result", "What it is turned into"),
    required=False,
)

PRODUCT_LOOKUPS = reference(
    "product_lookups",
    "one row per product and resulting attribute",
    "Lookups that a product's events pass, in the order of `place`: one may use the result of an earlier one.",
    text("product_id", "Usage product", key=True),
    text("attribute", "Attribute that the result becomes", key=True),
    integer("place", "Order in which lookups are made"),
    text("lookup_id", "Lookup"),
    text("from_attribute", "Attribute that is looked up: destination, an attribute, or an earlier result"),
    required=False,
)

TARIFFS = reference(
    "tariffs",
    "one row per tariff",
    "Tariffs of charging sessions, as in OCPI. Which one a session has is up to its rate.",
    text("tariff_id", "Tariff", key=True),
    text("name", "Name"),
    text("currency", "ISO 4217 currency: that of the plans whose rates refer to it"),
    flag("tax_included", "Whether its amounts include tax, whatever those plans say", default="false"),
    number("minimum_amount", AMOUNT, "Least amount of a session; none when empty", unit="currency", nullable=True),
    number("maximum_amount", AMOUNT, "Most that a session costs; no limit when empty", unit="currency", nullable=True),
    required=False,
)

TARIFF_ELEMENTS = reference(
    "tariff_elements",
    "one row per tariff and element",
    "When the prices of a tariff apply. Of each dimension, the first element whose restrictions all hold does.",
    text("tariff_id", "Tariff", key=True),
    integer("element", "Its place in the tariff", key=True),
    text("start_time", "Local time HH:MM from which it applies", nullable=True),
    text("end_time", "Local time HH:MM before which it applies; not after the start: on the next day", nullable=True),
    day("start_date", "First local day on which it applies", nullable=True),
    day("end_date", "First local day on which it no longer applies", nullable=True),
    text("weekdays", "Days on which it applies, 1 Monday to 7 Sunday: `1-5` or `1,3,6-7`", default="1-7"),
    number("min_kwh", QUANTITY, "Energy of the session from which it applies", unit="kWh", nullable=True),
    number("max_kwh", QUANTITY, "Energy of the session before which it applies", unit="kWh", nullable=True),
    number("min_power", QUANTITY, "Power from which it applies", unit="kW", nullable=True),
    number("max_power", QUANTITY, "Power below which it applies", unit="kW", nullable=True),
    integer("min_duration", "Duration of the session from which it applies", unit="second", nullable=True),
    integer("max_duration", "Duration of the session before which it applies", unit="second", nullable=True),
    text(
        "reservation",
        "Whether it prices reservations, or those that expire; the session itself when empty",
        allowed=("reservation", "reservation_expires"),
        nullable=True,
    ),
    required=False,
)

TARIFF_COMPONENTS = reference(
    "tariff_components",
    "one row per tariff, element and dimension",
    "The prices of a tariff's elements.",
    text("tariff_id", "Tariff", key=True),
    integer("element", "Element of the tariff", key=True),
    text("dimension", "What is priced", key=True, allowed=("energy", "time", "parking_time", "flat")),
    number("price", UNIT_PRICE, "Price of a kWh, of an hour, or of the session (flat)", unit="currency"),
    integer(
        "step_size",
        "Step, in Wh or seconds, to which what a session used of the dimension is rounded up; 0 charges it exactly",
        default="0",
    ),
    text("tax_code", "Tax code; that of the product when empty", nullable=True),
    required=False,
)

ZONE_PREFIXES = reference(
    "zone_prefixes",
    "one row per zone set and prefix",
    "Dial prefixes (or any leading characters) and their zones; the longest that fits wins.",
    text("zone_set", "Set of prefixes", key=True),
    text("prefix", "Leading characters of the destination", key=True),
    text("zone_id", "Zone"),
    required=False,
)

TIME_BANDS = reference(
    "time_bands",
    "one row per time band set, band, weekdays and start",
    "Parts of the week in local time. A moment that no band covers is in none.",
    text("time_band_set", "Set of bands", key=True),
    text("time_band_id", "Band", key=True),
    text("weekdays", "Days it applies on, 1 Monday to 7 Sunday, then H for holidays: `1-5`, `1,3,6-7` or `6-7,H`",
         key=True, default="1-7"),
    text("start_time", "Local time HH:MM at which it begins", key=True),
    text("end_time", "Local time HH:MM (to 24:00) before which it ends; earlier than the start: next day"),
    integer("weight", "Where rows of a set overlap, the heaviest counts", default="0"),
    text("holiday_country", "Country, or subdivision as in DE-BY, whose holidays H means; the account's when empty",
         nullable=True),
    required=False,
)  # fmt: skip

COMPANY_HOLIDAYS = reference(
    "company_holidays",
    "one row per country and day",
    "Holidays of the company's own, beside those of the country.",
    text("country", "ISO 3166-1 alpha-2 country, or subdivision as in DE-BY", key=True),
    day("day", "Local day", key=True),
    text("name", "Name"),
    required=False,
)

HOLIDAYS = Table(
    "holidays",
    GROUP,
    "one row per country and day",
    "Holidays that time bands ask for: public holidays, and the company's own.",
    (
        text("country", "Country, or subdivision as in DE-BY", key=True),
        day("day", "Local day", key=True),
        text("name", "Name"),
    ),
)

UDR_TYPES = reference(
    "udr_types",
    "one row per UDR type",
    "Kinds of usage detail records: unit, identity, and what quantities are believable.",
    text("udr_type", "UDR type", key=True),
    text("name", "Name"),
    text("unit", "Unit of measure in which it is rated"),
    text(
        "identity_fields",
        f"Fields that make a record the same record, separated by `|`: {', '.join(IDENTITY_FIELDS)}, "
        "or attributes of the type",
    ),
    flag("allow_negative", "Whether a negative quantity is a valid reversal", default="false"),
    number(
        "maximum_quantity",
        QUANTITY,
        "Quantities above it are rejected as absurd",
        unit="unit of the UDR type",
        default="400000000",
    ),
)

UDR_TYPE_ATTRIBUTES = reference(
    "udr_type_attributes",
    "one row per UDR type and attribute",
    "Further attributes of a UDR type.",
    text("udr_type", "UDR type", key=True),
    text("attribute", "Attribute", key=True),
    text("attribute_type", "Type of its value", allowed=ATTRIBUTE_TYPES, default="text"),
    flag("mandatory", "Whether a record without it is rejected", default="false"),
    text("allowed_values", "Allowed values, separated by `|`; any when empty", nullable=True),
    required=False,
)

UNIT_CONVERSIONS = reference(
    "unit_conversions",
    "one row per pair of units",
    "How many units one unit is, as an exact fraction.",
    text("from_unit", "Unit in the usage file", key=True),
    text("to_unit", "Unit of the UDR type", key=True),
    integer("numerator", "Numerator of the factor"),
    integer("denominator", "Denominator of the factor", default="1"),
    required=False,
)

BILLING_TERM_SCHEMES = reference(
    "billing_term_schemes",
    "one row per billing term scheme",
    "How subscriptions are billed: which plans they may have, how often, when, and what a part of a period costs.",
    text("billing_term_scheme_id", "Billing term scheme", key=True),
    text("name", "Name"),
    text("kind", "normal; prepaid: billed in advance only", allowed=("normal", "prepaid"), default="normal"),
    text("billing_frequency", "How often a period is billed", allowed=(*FREQUENCIES, "custom"), default="monthly"),
    integer("frequency_count", "Length of a custom period in its unit", nullable=True),
    text("frequency_unit", "Unit of a custom period", allowed=("day", "week", "month"), nullable=True),
    text("billing_rule", "When a period is billed", allowed=BILLING_RULES, default="in_advance"),
    text(
        "alignment",
        "Where periods begin: on the billing day of the month, on the day on which the line begins, or with the "
        "calendar (month, quarter, year, week from Monday)",
        allowed=ALIGNMENTS,
        default="billing_day",
    ),
    integer("cycle_start_month", "Month in which the year of the calendar begins, 1 when empty", nullable=True),
    text("price_period", "What the price of an order line is the price of", allowed=PRICE_PERIODS,
         default="billing_period"),
    text("proration", "What a part of a period costs: by its days, by its days in months of 30, nothing, or all",
         allowed=PRORATIONS, default="calendar_days"),
    text("residual", "Part of a price that takes what rounding of its parts leaves over", allowed=("last", "first"),
         default="last"),
    text("plan_prices", "Whether a recurring price out of a plan stays as it was on the first day, or follows the "
         "rates of the plan", allowed=("fixed", "follows"), default="fixed"),
    text("price_index_id", "Index that recurring prices are tied to; none when empty", nullable=True),
    integer("index_month", "Month on whose first day prices follow the index; the anniversary of the line when empty",
            nullable=True),
    text("default_price_plan_id", "Plan of order lines that have none, on themselves or their offer", nullable=True),
    text("discount_option", "Whether its subscriptions may have discounts", allowed=("flexible", "none"),
         default="flexible"),
    integer("max_unbilled_events", "Usage events of a month at which a bill is due early; no limit when empty",
            nullable=True),
    number("max_unbilled_amount", AMOUNT, "Amount of usage of a month at which a bill is due early; no limit when "
           "empty", unit="currency", nullable=True),
    *VALIDITY,
    required=False,
)  # fmt: skip

BILLING_TERM_SCHEME_PLANS = reference(
    "billing_term_scheme_plans",
    "one row per billing term scheme and price plan",
    "Plans that subscriptions of a scheme may have, with the conditional plans on top of them; any when there is none.",
    text("billing_term_scheme_id", "Billing term scheme", key=True),
    text("price_plan_id", "Price plan", key=True),
    required=False,
)

OFFERS = reference(
    "offers",
    "one row per offer",
    "What customers choose from: products with their prices, on a price plan.",
    text("offer_id", "Offer", key=True),
    text("catalogue_id", "Catalogue"),
    text("name", "Name"),
    text("price_plan_id", "Plan that rates the usage of its subscriptions", nullable=True),
    flag("tax_included", "Whether its list prices, and prices agreed on its order lines, include tax", default="false"),
    *VALIDITY,
    required=False,
)

OFFER_PRODUCTS = reference(
    "offer_products",
    "one row per offer, product, price type and currency",
    "Products of an offer with their list prices.",
    text("offer_id", "Offer", key=True),
    text("product_id", "Product", key=True),
    text("price_type", "How it is charged", key=True, allowed=PRICE_TYPES),
    text("currency", "ISO 4217 currency", key=True),
    number(
        "unit_price",
        FEE_PRICE,
        "List price per unit, once or of a price period; empty for usage",
        unit="currency",
        nullable=True,
    ),
    required=False,
)

ROLES = reference(
    "roles",
    "one row per role",
    "Roles of users: what they may give away themselves, and what they may approve.",
    text("role", "Role", key=True),
    number("maximum_discount", PERCENT, "Discount off the list price that needs no approval", unit="percent",
           default="0"),
    number("approves_discount", PERCENT, "Discount up to which it approves that of others; none when empty",
           unit="percent", nullable=True),
    flag("approves_below_floor", "Whether it approves prices below the floor", default="false"),
    required=False,
)  # fmt: skip

USERS = reference(
    "users",
    "one row per user",
    "People who ask for something that may need approval, or give it.",
    text("user_id", "User", key=True),
    text("name", "Name", personal=True),
    text("role", "Role"),
    text(
        "organisational_unit",
        "Unit that the user belongs to: approves what is asked for there; anything when empty",
        nullable=True,
    ),
    required=False,
)

FLOOR_PRICES = reference(
    "floor_prices",
    "one row per floor price",
    "Prices that a negotiated one may go below only with approval.",
    text("floor_price_id", "Floor price", key=True),
    text("product_id", "Product"),
    text("offer_id", "Offer that it is for; any when empty", nullable=True),
    text("price_type", "How it is charged", allowed=("one_time", "recurring")),
    text("currency", "ISO 4217 currency"),
    number("floor_price", FEE_PRICE, "Least price per unit (and month)", unit="currency"),
    *VALIDITY,
    required=False,
)  # fmt: skip

OFFER_TERMS = reference(
    "offer_terms",
    "one row per offer, recurring product and currency",
    "What an offer says of the life of a subscription: a trial, a binding period, and what leaving it early costs.",
    text("offer_id", "Offer", key=True),
    text("product_id", "Recurring product of the offer", key=True),
    text("currency", "ISO 4217 currency", key=True),
    integer("trial_length", "Length of the trial in its unit; no trial when empty", nullable=True),
    text("trial_unit", "Unit of that length", allowed=TRIAL_UNITS, nullable=True),
    number("trial_price", FEE_PRICE, "Price per unit and price period while the trial lasts", unit="currency",
           default="0"),
    integer("binding_months", "Months from the first day of the product in which leaving costs a fee; none when empty",
            nullable=True, unit="month"),
    text("termination_product_id", "One-time service that the fee for leaving is charged as", nullable=True),
    number("termination_amount", AMOUNT, "Fee for leaving, whenever it is", unit="currency", nullable=True),
    number("termination_percent", PERCENT, "Fee for leaving, in percent of the price of the months that are left",
           unit="percent", nullable=True),
    required=False,
)  # fmt: skip

ACCOUNT_FEES = reference(
    "account_fees",
    "one row per kind of fee, product, paying account and currency",
    "Fees of accounts, not of what they ordered: on each of their invoices, or for what they pay late.",
    text("kind", "When it is charged", key=True, allowed=ACCOUNT_FEE_KINDS),
    text("product_id", "One-time service that it is charged as", key=True),
    text("account_id", f"Paying account; `{ANY}` is any without a row of its own", key=True, default=ANY),
    text("currency", "ISO 4217 currency", key=True),
    number("amount", AMOUNT, "Fee before tax; 0 charges none", unit="currency", nullable=True),
    number("percent", PERCENT, "Late fee in percent of what is overdue", unit="percent", nullable=True),
    required=False,
)

PRICE_INDEXES = reference(
    "price_indexes",
    "one row per price index and first day of a value",
    "Published indexes that recurring prices are tied to, such as consumer prices.",
    text("price_index_id", "Index", key=True),
    day("published_on", "First day of the value", key=True),
    number("value", QUANTITY, "Value"),
    required=False,
)

BUNDLES = reference(
    "bundles",
    "one row per bundle",
    "Units of a usage product that a price plan includes per subscription and month.",
    text("bundle_id", "Bundle", key=True),
    text("name", "Name as printed on the invoice"),
    text("price_plan_id", "Price plan"),
    text("product_id", "Usage product"),
    text("zone_id", "Zone that it is limited to; any when empty", nullable=True),
    number("included_quantity", QUANTITY, "Free units per month", unit="unit of the UDR type"),
    *VALIDITY,
    required=False,
)

USAGE_CATALOGUES = reference(
    "usage_catalogues",
    "one row per usage service catalogue",
    "Sets of usage services that subscriptions may order while the catalogue is in force and its conditions hold.",
    text("usage_catalogue_id", "Usage service catalogue", key=True),
    text("name", "Name"),
    flag("effective", "Whether it is in effect: one that is not is only being prepared", default="true"),
    text("udr_types", "UDR types whose products it may offer, separated by `|`; any when empty", nullable=True),
    text("providers", "Provisioning providers that supply what is ordered, separated by `|`", nullable=True),
    text("price_plan_id", "Default rates: plan of usage whose order line has no plan", nullable=True),
    required=False,
)

USAGE_CATALOGUE_PERIODS = reference(
    "usage_catalogue_periods",
    "one row per usage catalogue and period of validity",
    "When a usage catalogue is valid: one without periods always is.",
    text("usage_catalogue_id", "Usage service catalogue", key=True),
    Column("valid_from", VALIDITY[0].dtype, VALIDITY[0].description, key=True, default="1900-01-01"),
    VALIDITY[1],
    required=False,
)

USAGE_CATALOGUE_ENTRIES = reference(
    "usage_catalogue_entries",
    "one row per entry of a usage catalogue",
    "What a usage catalogue offers and when: a usage service, or all of a product type or family.",
    text("entry_id", "Entry", key=True),
    text("usage_catalogue_id", "Usage service catalogue"),
    text("product_id", "Usage service that it offers", nullable=True),
    text("product_type", "Product type that it offers", allowed=("usage_service",), nullable=True),
    text("product_family", "Family whose usage services it offers", nullable=True),
    text("provisioning_id", "What providers call it; the product's id when empty", nullable=True),
    *VALIDITY,
    required=False,
)

USAGE_CATALOGUE_CONDITIONS = reference(
    "usage_catalogue_conditions",
    "one row per usage catalogue and field",
    "Who may order from a usage catalogue: all conditions must hold for the subscription. One without is open to all.",
    text("usage_catalogue_id", "Usage service catalogue", key=True),
    text("field", "What is looked at; termed_product_id: the termed services of the subscription", key=True,
         allowed=CATALOGUE_FIELDS),
    text("allowed_values", f"Values that meet it, separated by `|`; `{ANY}` is any termed service"),
    required=False,
)  # fmt: skip

INPUTS = (
    BILLING_CYCLES, ACCOUNTS, ACCOUNT_CHANGES, ACCOUNT_BILLING_SETTINGS, CONTACTS, VENDOR_CURRENCIES,
    CATALOGUES, TAX_CODES, TAX_RATES,
    UDR_TYPES, UDR_TYPE_ATTRIBUTES, UNIT_CONVERSIONS, PRODUCTS, PRODUCT_ATTRIBUTES,
    PRICE_PLANS, PRICE_PLAN_CONDITIONS, SEGMENTS, RATES, RATE_TIERS, RATE_CONDITIONS,
    LOOKUPS, PRODUCT_LOOKUPS, ZONE_PREFIXES, TIME_BANDS, COMPANY_HOLIDAYS,
    OFFERS, OFFER_PRODUCTS, OFFER_TERMS, PRICE_INDEXES, ACCOUNT_FEES,
    BILLING_TERM_SCHEMES, BILLING_TERM_SCHEME_PLANS,
    ROLES, USERS, FLOOR_PRICES,
    BUNDLES, TARIFFS, TARIFF_ELEMENTS, TARIFF_COMPONENTS,
    USAGE_CATALOGUES, USAGE_CATALOGUE_PERIODS, USAGE_CATALOGUE_ENTRIES, USAGE_CATALOGUE_CONDITIONS,
)  # fmt: skip

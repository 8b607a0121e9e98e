"""Usage that a plan includes, takes less for, or commits its subscriptions to."""

from billing_assets.contract import VALIDITY, flag, integer, number, text
from billing_assets.exact import PERCENT, QUANTITY, UNIT_PRICE
from billing_assets.reference.tables.form import reference

BUNDLE_EFFECTS = ("include", "discount", "commit")
BUNDLE_SCOPES = ("subscription", "account", "payer", "hierarchy", "group")
COVER_ORDERS = ("time", "highest_price", "lowest_price", "pro_rata")
# What a bundle can measure beside an attribute of the records.
BUNDLE_MEASURES = ("billed_quantity", "quantity", "amount")
# Those that are units, and so the same of an event and of a total of the month.
UNIT_MEASURES = ("billed_quantity", "quantity")
BUNDLE_AGGREGATIONS = ("sum", "count", "average", "minimum", "maximum")
# Conditions of products are resolved before an event is looked at, those of places are part of its key.
PRODUCT_CONDITIONS = ("product_id", "product_family", "product_type", "udr_type")
PLACE_CONDITIONS = ("zone_id", "time_band_id")
# In front of the name of an attribute of the records, as a field of a condition.
UDR_ATTRIBUTE = "attribute:"

BUNDLES = reference(
    "bundles",
    "one row per bundle",
    "Events that are counted together for those on a plan, and what comes of it: included units, a discount, or a "
    "commitment.",
    text("bundle_id", "Bundle", key=True),
    text("name", "Name as printed on the invoice"),
    text("price_plan_id", "Price plan whose subscriptions have it"),
    text("product_id", "Usage product; any when empty", nullable=True),
    text("zone_id", "Zone that it is limited to; any when empty", nullable=True),
    text("effect", "What it does: include units, discount by what was counted (bundle_levels), or commit (commitments)",
         allowed=BUNDLE_EFFECTS, default="include"),
    text("measure", "What is counted of an event: billed_quantity, quantity, amount, or an attribute with a number",
         default="billed_quantity"),
    text("aggregation", "How the events make one number", allowed=BUNDLE_AGGREGATIONS, default="sum"),
    text("scope", "Who counts, and has the units, together: a subscription, an account, all accounts of a payer, all "
         "below the topmost account of a hierarchy, or those of a group (account_groups)", allowed=BUNDLE_SCOPES,
         default="subscription"),
    number("included_quantity", QUANTITY, "Free units per month; all of them when empty", unit="unit of the measure",
           nullable=True),
    integer("priority", "Of several bundles the lowest number takes its events first", default="0"),
    text("cover_order", "Which events the units cover: the first, the dearest, the cheapest, or each in part",
         allowed=COVER_ORDERS, default="time"),
    flag("covers_setup_fee", "Whether the setup fee of an event is covered with its units", default="false"),
    flag("counts_in_tiers", "Whether its units of a total of the month count in the tiers of its rate, and are only "
         "not paid", default="false"),
    text("proration", "What of the units a part of a month has: all of them, or those of its days",
         allowed=("none", "calendar_days"), default="none"),
    integer("rollover_months", "Months after its own in which what is left of a month's units is used first",
            nullable=True),
    number("rollover_maximum", QUANTITY, "Most units that go on to the next month", unit="unit of the measure",
           nullable=True),
    text("overage_rate_id", "Rate of the units above the included ones; that of the event when empty", nullable=True),
    *VALIDITY,
    required=False,
)  # fmt: skip

BUNDLE_CONDITIONS = reference(
    "bundle_conditions",
    "one row per bundle and field",
    "What events a bundle is limited to beside its product and zone: all conditions must hold.",
    text("bundle_id", "Bundle", key=True),
    text("field", f"{', '.join((*PRODUCT_CONDITIONS, *PLACE_CONDITIONS))}, or {UDR_ATTRIBUTE}NAME of the record",
         key=True),
    text("allowed_values", "Values that meet it, separated by `|`"),
    required=False,
)  # fmt: skip

BUNDLE_LEVELS = reference(
    "bundle_levels",
    "one row per bundle and level",
    "What a bundle takes off the price of its events, by what they came to.",
    text("bundle_id", "Bundle with the effect discount", key=True),
    number("above", QUANTITY, "Lower limit, not part of the level", key=True, unit="unit of the measure", default="0"),
    number("up_to", QUANTITY, "Upper limit, part of the level; no limit when empty", unit="unit of the measure",
           nullable=True),
    number("percent", PERCENT, "Percentage off, above 0 and up to 100", unit="percent"),
    required=False,
)  # fmt: skip

COMMITMENTS = reference(
    "commitments",
    "one row per commitment",
    "What those who have a bundle with the effect commit owe, whatever they use.",
    text("bundle_id", "Bundle that counts it", key=True),
    text("product_id", "One-time service that the fee is charged as"),
    number("committed_quantity", QUANTITY, "What a period must come to", unit="unit of the measure"),
    number("unit_price", UNIT_PRICE, "Price of a unit that is missing; of an amount 1", unit="currency", default="1"),
    integer("period_months", "Months of a period", unit="month", default="1"),
    text("billing_rule", "in_arrears: what is missing, with the last month; in_advance: all of it with the month "
         "before, and usage is taken back from it", allowed=("in_advance", "in_arrears"), default="in_arrears"),
    number("overage_percent", PERCENT, "What is above costs so much more: 50 for a factor of 1.5", unit="percent",
           default="0"),
    flag("counts_fees", "Whether fees count toward an amount", default="false"),
    required=False,
)  # fmt: skip

ACCOUNT_GROUPS = reference(
    "account_groups",
    "one row per account that shares bundles",
    "Accounts that share the units of bundles with the scope group.",
    text("account_id", "Account", key=True),
    text("group_id", "Its group"),
    required=False,
)

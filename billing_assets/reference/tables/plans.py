"""Price plans, and who and what they are for."""

from billing_assets.contract import VALIDITY, Column, flag, text
from billing_assets.reference.tables.form import reference
from billing_assets.reference.tables.vocabulary import (
    ANY,
    JOB_FIELDS,
    PLAN_FIELDS,
    PRODUCT_ATTRIBUTE,
    SEGMENT_FIELDS,
    STRETCH,
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
    "Named sets of subscriptions, or of service jobs: those that meet all conditions of the segment.",
    text("segment_id", "Segment", key=True),
    text("field", "What is looked at; the last two of service jobs", key=True, allowed=(*SEGMENT_FIELDS, *JOB_FIELDS)),
    text("allowed_values", "Values that meet it, separated by `|`"),
    required=False,
)

WHOLESALE_PLANS = reference(
    "wholesale_plans",
    "one row per reseller, product or family of products, and first day of validity",
    "By which plan a reseller is charged, by who sells to it, for the usage of its customers.",
    text("reseller_account_id", "Reseller", key=True),
    text("product_family", f"Family of usage products that it is for; `{ANY}` is any", key=True, default=ANY),
    text("product_id", f"Usage product that it is for; `{ANY}` is any", key=True, default=ANY),
    text("price_plan_id", "Price plan that it is charged by"),
    Column("valid_from", VALIDITY[0].dtype, VALIDITY[0].description, key=True, default="1900-01-01"),
    VALIDITY[1],
    required=False,
)

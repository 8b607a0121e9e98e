"""How and when it is billed: billing term schemes."""

from billing_assets.contract import VALIDITY, integer, number, text
from billing_assets.exact import AMOUNT
from billing_assets.reference.tables.form import reference

BILLING_RULES = ("in_advance", "in_arrears", "on_ready_date")
FREQUENCIES = ("weekly", "monthly", "quarterly", "half_yearly", "yearly", "custom")
FREQUENCY_UNITS = ("day", "week", "month")
PRORATIONS = ("calendar_days", "thirty_days", "none", "full")
ALIGNMENTS = ("billing_day", "anniversary", "calendar")
PRICE_PERIODS = ("billing_period", "month", "quarter", "half_year", "year")

BILLING_TERM_SCHEMES = reference(
    "billing_term_schemes",
    "one row per billing term scheme",
    "How subscriptions are billed: which plans they may have, how often, when, and what a part of a period costs.",
    text("billing_term_scheme_id", "Billing term scheme", key=True),
    text("name", "Name"),
    text("kind", "normal; prepaid: billed in advance only", allowed=("normal", "prepaid"), default="normal"),
    text("billing_frequency", "How often a period is billed", allowed=FREQUENCIES, default="monthly"),
    integer("frequency_count", "Length of a custom period in its unit", nullable=True),
    text("frequency_unit", "Unit of a custom period", allowed=FREQUENCY_UNITS, nullable=True),
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

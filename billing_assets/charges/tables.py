"""Contract of the charges stage: usage that is priced by the total of a month."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, flag, instant, integer, number, text
from billing_assets.exact import AMOUNT, QUANTITY, UNIT_PRICE
from billing_assets.rating.tables import TIER_OF_A_PRICE, UNITS_OF_A_PRICE
from billing_assets.totals.tables import WHERE_AND_WHEN, WHOSE

GROUP = "charges"

USAGE_CHARGES = Table(
    "usage_charges",
    GROUP,
    "one row per subscription (of wholesale per account), rate, group and window of the month",
    "Totals of a month with their price, and what monthly limits add to or take from events priced one by one. "
    "A rate that is due without usage has a row of quantity 0.",
    (
        MONTH,
        CYCLE,
        text("usage_charge_id", "Hash of what is charged", key=True),
        text("charge_key", "Hash of the same without the window: its row in charge_items"),
        text("component", "The price of a total, or what a monthly limit makes of it", allowed=("usage", "limit")),
        *WHOSE,
        text("rate_plan", "Plan that the rate is of: that one, or one it falls back to"),
        integer("plan_version", "Version of that plan"),
        text("rate_model", "Model of the rate (pricing/models.py)"),
        text("aggregation", "How the events made the quantity", nullable=True),
        *WHERE_AND_WHEN,
        number("quantity", QUANTITY, "What the events came to", nullable=True),
        number("covered_quantity", QUANTITY, "Units of that which bundles include (covered_totals)", nullable=True),
        number("covered_in_tiers", QUANTITY, "Those of them that count in the tiers, after minimum and increment: "
               "priced with the others, and taken off again", nullable=True),
        number("covered_amount", AMOUNT, "What was taken off for these", unit="currency", nullable=True),
        *UNITS_OF_A_PRICE,
        number("billed_quantity", QUANTITY, "Units charged: what is left, after minimum and increment", nullable=True),
        text("unit", "Unit of the quantities", nullable=True),
        *TIER_OF_A_PRICE,
        text("packages", "How units are rounded to whole `price_per` of them: up, down, or none", nullable=True),
        number("unit_price", UNIT_PRICE, "Price of `price_per` units, or percent", unit="currency", nullable=True),
        number("price_per", QUANTITY, "Units that the price is for", nullable=True),
        number("setup_fee", AMOUNT, "Charged once for the total", unit="currency"),
        number("unit_amount", AMOUNT, "What the model makes of the charged units, before setup fee and limits; of a "
               "limit what its events came to", unit="currency"),
        text("limit_applied", "Amount of the rate that was charged instead", nullable=True,
             allowed=("minimum", "maximum")),
        flag("tax_included", "Whether the price, and so the amount, includes tax"),
        number("amount", AMOUNT, "Amount of the charge", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

REACHED_THRESHOLDS = Table(
    "reached_thresholds",
    GROUP,
    "one row per subscription, month, and limit of its billing term scheme that its usage reached",
    "Subscriptions whose unbilled usage has come to what their scheme allows, so that a bill is due early.",
    (
        MONTH,
        CYCLE,
        text("subscription_id", "Subscription", key=True),
        text("threshold", "Limit that was reached", key=True, allowed=("max_unbilled_events", "max_unbilled_amount")),
        text("currency", "ISO 4217 currency of the amount; `-` for events", key=True),
        text("payer_account_id", "Account that pays"),
        text("billing_term_scheme_id", "Its billing term scheme"),
        number("limit_value", AMOUNT, "Events, or amount before discounts and tax, at which a bill is due"),
        number("value", AMOUNT, "What the usage of the month had come to with the event that reached it"),
        text("udr_id", "That event"),
        instant("reached_at", "Its billing effective time, UTC"),
    ),
    Partition.MONTH,
)

"""Contract of the totals stage: what the events of a month come to under rates that price them together."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, day, flag, instant, integer, number, text
from billing_assets.exact import QUANTITY

GROUP = "totals"

# What a total and its price have in common.
WHOSE = (
    text("leg", "Who bills whom"),
    text("payer_account_id", "Account that pays"),
    text("service_account_id", "Account that used it"),
    text("subscription_id", "Subscription; empty where a reseller pays for usage of its customers", nullable=True),
    text("product_id", "Usage product"),
    text("price_plan_id", "Price plan of the subscription, or wholesale plan"),
    text("rate_id", "Rate"),
)
WHERE_AND_WHEN = (
    text("zone_id", "Zone that the rate is limited to", nullable=True),
    text("time_band_id", "Band that the rate is limited to", nullable=True),
    text("group_value", "Attributes that the rate groups by, with their values", nullable=True),
    instant("window_start", "Begin of the day or hour that is priced by itself, local time", nullable=True),
    day("service_start", "First day of the billing month"),
    day("service_end", "First day after the billing month"),
    integer("events", "Events in it"),
)

USAGE_TOTALS = Table(
    "usage_totals",
    GROUP,
    "one row per subscription (of wholesale per account), rate, group and window of the month",
    "Usage that is priced by the total of the month, before bundles. A rate that is due without usage has a row of "
    "quantity 0.",
    (
        MONTH,
        CYCLE,
        text("usage_charge_id", "Hash of what is charged: its row in usage_charges", key=True),
        text("charge_key", "Hash of the same without the window"),
        *WHOSE,
        text("aggregation", "How the events made the quantity"),
        *WHERE_AND_WHEN,
        number("quantity", QUANTITY, "What the events came to", nullable=True),
        number("remainder", QUANTITY, "What rounding took from that, in billionths of a unit", nullable=True),
        text("unit", "Unit of the quantity; empty without usage", nullable=True),
        flag("tax_included", "Whether its price includes tax"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

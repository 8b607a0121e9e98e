"""Contracts of the bundles stage: what was counted and included, and the events that bundles cover or reduce."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, day, flag, instant, integer, number, text
from billing_assets.exact import AMOUNT, PERCENT, QUANTITY
from billing_assets.reference.tables import BUNDLE_EFFECTS

GROUP = "bundles"

BUNDLE_COUNTERS = Table(
    "bundle_counters",
    GROUP,
    "one row per owner, bundle, and month that units were granted in",
    "What the events of a bundle came to, how much of it was covered, and how many units are left. Without a day or a "
    "month before to reckon with, only of bundles that were used.",
    (
        MONTH,
        CYCLE,
        text("owner_id", "Subscription, account or group that counts together", key=True),
        text("bundle_id", "Bundle", key=True),
        text("granted_month", "Month that the units are of: this one, or an earlier one that they are left from",
             key=True),
        text("effect", "What the bundle does", allowed=BUNDLE_EFFECTS),
        number("included_quantity", QUANTITY, "Units of that month at the begin of this one; empty for no limit, and "
               "for a bundle that includes none", nullable=True),
        number("used_quantity", QUANTITY, "What the events of the month came to, for all units together"),
        number("covered_quantity", QUANTITY, "Units that were covered by these"),
        number("remaining_quantity", QUANTITY, "Units left at the end of the month; empty for no limit", nullable=True),
        number("carried_quantity", QUANTITY, "Units of them that the next month has"),
        number("percent", PERCENT, "Discount of the level that was reached", unit="percent", nullable=True),
        text("unit", "Unit of the quantities; empty where nothing was used", nullable=True),
    ),
    Partition.MONTH,
)  # fmt: skip

BUNDLE_ITEMS = Table(
    "bundle_items",
    GROUP,
    "one row per event, or part of one, and bundle that covers it wholly or in part, prices its overage, or reduces it",
    "Items of opposite sign: what the covered units had cost. The setup fee stays charged unless the bundle says so.",
    (
        MONTH,
        CYCLE,
        text("udr_id", "The covered event", key=True),
        integer("split", "Part of the event that is covered; 0 for a whole one", key=True),
        text("bundle_id", "Bundle", key=True),
        text("part", "Whether units are included, cost the overage rate instead, or have a discount", key=True,
             allowed=("included", "overage", "discount")),
        text("owner_id", "Subscription, account or group that counts together"),
        text("charge_key", "Charge that the covered event rolls up into"),
        instant("billing_effective_at", "Time that decides the billing month, UTC"),
        instant("local_at", "Start of the event, local time of the event or of the account that used it"),
        text("leg", "Who bills whom"),
        text("payer_account_id", "Account that pays", key=True),
        text("service_account_id", "Account that used it"),
        text("subscription_id", "Subscription; empty where a reseller pays for usage of its customers", nullable=True),
        text("product_id", "Usage product"),
        text("zone_id", "Zone of the destination", nullable=True),
        day("service_start", "First day of the billing month"),
        day("service_end", "First day after the billing month"),
        text("unit", "Unit of the quantities: what the bundle counts"),
        number(
            "used_before",
            QUANTITY,
            "What the events before it had come to; empty when the bundle covers the whole month",
            nullable=True,
        ),
        number("counted_quantity", QUANTITY, "What the event counts: the units it charges, unless the bundle measures "
               "something else"),
        number("covered_quantity", QUANTITY, "Part of it that is included, above, or reduced"),
        flag("tax_included", "Whether the price of the event, and so the amount, includes tax"),
        number("amount", AMOUNT, "Minus the price of the covered part; of overage the change of its price",
               unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

COVERED_TOTALS = Table(
    "covered_totals",
    GROUP,
    "one row per total of the month and bundle that covers it wholly or in part",
    "Units of totals that bundles include: they are taken away before the total is priced, or count in its tiers and "
    "are not paid.",
    (
        MONTH,
        CYCLE,
        text("usage_charge_id", "The total: its row in usage_totals and usage_charges", key=True),
        text("bundle_id", "Bundle", key=True),
        text("owner_id", "Subscription, account or group that counts together"),
        text("subscription_id", "Subscription whose total it is; empty of wholesale", nullable=True),
        text("product_id", "Usage product"),
        number("used_before", QUANTITY, "What the events, and the totals before it, had come to"),
        number("counted_quantity", QUANTITY, "Units of the total that earlier bundles had left"),
        number("covered_quantity", QUANTITY, "Those of them that are included"),
        flag("counts_in_tiers", "Whether they stay in the quantity that decides the tier"),
        text("unit", "Unit of the quantities"),
    ),
    Partition.MONTH,
)

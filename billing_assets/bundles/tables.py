"""Contracts of the bundles stage: units that a plan includes, and the events that they cover."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, day, flag, instant, integer, number, text
from billing_assets.exact import AMOUNT, QUANTITY

GROUP = "bundles"

BUNDLE_COUNTERS = Table(
    "bundle_counters",
    GROUP,
    "one row per subscription and bundle that was used in the month",
    "How many of a bundle's units were used, and how many are left.",
    (
        MONTH,
        CYCLE,
        text("subscription_id", "Subscription", key=True),
        text("bundle_id", "Bundle", key=True),
        number("included_quantity", QUANTITY, "Units that the bundle includes"),
        number("used_quantity", QUANTITY, "Units charged by the events that it applies to"),
        number("covered_quantity", QUANTITY, "Units that it covered"),
        number("remaining_quantity", QUANTITY, "Units left at the end of the month"),
        text("unit", "Unit of the quantities"),
    ),
    Partition.MONTH,
)

BUNDLE_ITEMS = Table(
    "bundle_items",
    GROUP,
    "one row per event, or part of one, and bundle that covers it, wholly or in part",
    "Items of opposite sign: what the covered units had cost. The setup fee stays charged.",
    (
        MONTH,
        CYCLE,
        text("udr_id", "The covered event", key=True),
        integer("split", "Part of the event that is covered; 0 for a whole one", key=True),
        text("bundle_id", "Bundle", key=True),
        text("charge_key", "Charge that the covered event rolls up into"),
        instant("billing_effective_at", "Time that decides the billing month, UTC"),
        instant("local_at", "Start of the event, local time of the account that used it"),
        text("leg", "Who bills whom"),
        text("payer_account_id", "Account that pays"),
        text("service_account_id", "Account that used it"),
        text("subscription_id", "Subscription"),
        text("product_id", "Usage product"),
        text("zone_id", "Zone of the destination", nullable=True),
        day("service_start", "First day of the billing month"),
        day("service_end", "First day after the billing month"),
        text("unit", "Unit of the quantities"),
        number(
            "used_before",
            QUANTITY,
            "Units that earlier events had used; empty when the bundle covers the whole month",
            nullable=True,
        ),
        number("billed_quantity", QUANTITY, "Units that the event charges"),
        number("covered_quantity", QUANTITY, "Units of the event that the bundle covers"),
        flag("tax_included", "Whether the price of the event, and so the amount, includes tax"),
        number("amount", AMOUNT, "Minus the unit amount times covered over charged units", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

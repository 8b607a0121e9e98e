"""Contracts of the discounts stage."""

from billing_assets.contract import LINEAGE, REJECTION, VALIDITY, InputTable, Table, number, text
from billing_assets.exact import PERCENT
from billing_assets.item import item_table

GROUP = "discounts"

SUBSCRIPTION_DISCOUNTS = InputTable(
    "subscription_discounts",
    GROUP,
    "one row per discount of a subscription",
    "Percentages that a subscription gets off its usage and fees.",
    (
        text("discount_id", "Discount", key=True),
        text("name", "Name as printed on the invoice"),
        text("subscription_id", "Subscription"),
        number("percent", PERCENT, "Percentage, above 0 and up to 100", unit="percent"),
        *VALIDITY,
        *LINEAGE,
    ),
    required=False,
)

REJECTED_DISCOUNTS = Table(
    "rejected_discounts",
    GROUP,
    "one row per discount that cannot be given",
    "Discount rows that were refused, each with its reason.",
    (text("discount_id", "Discount", nullable=True), *REJECTION),
)

DISCOUNT_ITEMS = item_table(
    "discount_items",
    GROUP,
    "one row per discount, and product, tax code, basis (with tax or before it), currency and service period that it "
    "reduces",
    "Discounts of the month as items of negative amount.",
)

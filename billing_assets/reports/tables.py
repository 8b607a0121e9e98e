"""Contracts of the reports stage."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, number, text
from billing_assets.exact import AMOUNT

GROUP = "reports"

CYCLE_REPORT = Table(
    "cycle_report",
    GROUP,
    "one row per stage, measure and currency of a billing cycle's month",
    "What came in, was rejected, rated and billed, and how that compares with the month before.",
    (
        MONTH,
        CYCLE,
        text("stage", "Stage of the graph", key=True),
        text("measure", "What is counted or summed", key=True),
        text("currency", "ISO 4217 currency of an amount; `-` for a count", key=True),
        number("value", AMOUNT, "Value of the month"),
        number("previous_value", AMOUNT, "Value of the month before", nullable=True),
        number("change", AMOUNT, "Value minus that of the month before", nullable=True),
    ),
    Partition.MONTH,
)

MARGINS = Table(
    "margins",
    GROUP,
    "one row per reseller, usage product and currency of a billing cycle's month",
    "What resellers bill for usage, and what they are charged for the usage of their customers; where there are "
    "wholesale plans. A currency, or a billing cycle, that only one of the two is in has rows of its own.",
    (
        MONTH,
        CYCLE,
        text("reseller_account_id", "Reseller, or who pays for it", key=True),
        text("product_id", "Usage product", key=True),
        text("currency", "ISO 4217 currency", key=True),
        number("retail_amount", AMOUNT, "Net of what it bills its customers, and resellers below it", unit="currency"),
        number("wholesale_amount", AMOUNT, "Net of what it is charged by wholesale plans", unit="currency"),
        number("margin", AMOUNT, "Retail minus wholesale", unit="currency"),
    ),
    Partition.MONTH,
)

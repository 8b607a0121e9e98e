"""Contract of the reports stage."""

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

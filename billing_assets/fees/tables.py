"""Contracts of the fees stage."""

from billing_assets.contract import LINEAGE, REJECTION, InputTable, Table, day, number, text
from billing_assets.exact import AMOUNT
from billing_assets.item import item_table

GROUP = "fees"

OVERDUE_AMOUNTS = InputTable(
    "overdue_amounts",
    GROUP,
    "one row per amount that is paid late",
    "What accounts pay late, as the ledger has it: late fees are charged for it.",
    (
        text("overdue_id", "Overdue amount", key=True),
        text("account_id", "Account; the one that pays for it owes the fee"),
        text("currency", "ISO 4217 currency"),
        number("amount", AMOUNT, "What is overdue", unit="currency"),
        day("overdue_on", "Day on which the fee becomes due"),
        *LINEAGE,
    ),
    required=False,
)

REJECTED_OVERDUE_AMOUNTS = Table(
    "rejected_overdue_amounts",
    GROUP,
    "one row per overdue amount that no fee can be charged for",
    "Overdue amounts that were refused, each with its reason.",
    (text("overdue_id", "Overdue amount", nullable=True), *REJECTION),
)

FEE_ITEMS = item_table(
    "fee_items",
    GROUP,
    "one row per billing schedule detail, and per late fee",
    "One-time and recurring fees that become due in the month, and late fees.",
)

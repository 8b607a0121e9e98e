"""Contracts of the fees stage."""

from billing_assets.contract import CYCLE, LINEAGE, MONTH, REJECTION, InputTable, Partition, Table, day, number, text
from billing_assets.exact import AMOUNT, QUANTITY
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

# What may be charged of a commitment, in the columns of its counter: for its period, and for a month of it.
FOR_PERIOD = ("advance", "missing")
PARTS = (*FOR_PERIOD, "covered", "above")

COMMITMENT_COUNTERS = Table(
    "commitment_counters",
    GROUP,
    "one row per owner and commitment, and period that goes on or is charged in advance",
    "What the period of a commitment has come to, and what of it is charged in the month.",
    (
        MONTH,
        CYCLE,
        text("owner_id", "Subscription or account that committed itself", key=True),
        text("bundle_id", "Bundle that counts it", key=True),
        day("period_from", "First day of the period", key=True),
        day("period_to", "First day after it"),
        number("committed_quantity", QUANTITY, "What the period must come to: for the days on which it has the bundle, "
               "where the bundle is prorated"),
        number("counted_before", QUANTITY, "What earlier months of the period came to"),
        number("counted_quantity", QUANTITY, "What this month came to, with the fees that count"),
        number("carried_quantity", QUANTITY, "What the next month begins with; 0 with the end of the period"),
        number("advance", QUANTITY, "Units charged in advance"),
        number("missing", QUANTITY, "Units that are missing at the end of the period, and are charged"),
        number("covered", QUANTITY, "Units of this month that were charged in advance, and are taken back"),
        number("above", QUANTITY, "Units of this month above the commitment"),
        text("unit", "Unit of the quantities; empty where nothing was used", nullable=True),
    ),
    Partition.MONTH,
)  # fmt: skip

COMMITMENT_ITEMS = item_table(
    "commitment_items",
    GROUP,
    "one row per commitment and part of it that is charged",
    "Commitments that are charged in advance or are missing, usage that they cover, and surcharges on what is above.",
)

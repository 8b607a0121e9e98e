"""Contracts of the items stage: what is charged before tax, what each invoice is for, and what waits for the next."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, flag, instant, number, text
from billing_assets.exact import AMOUNT
from billing_assets.item import item_table
from billing_assets.rating.tables import LOCATIONS

GROUP = "items"

OF_ITEM = (
    text("invoice_part", "Which invoice of its payer it is on, where that has several", nullable=True),
    *LOCATIONS,
)

CHARGE_ITEMS = item_table(
    "charge_items",
    GROUP,
    "one row per combination of everything that prices, taxes or prints a charge",
    "Every pre-tax item of the month: usage and bundles rolled up from their events, fees, discounts.",
    *OF_ITEM,
)

CARRIED_ITEMS = item_table(
    "carried_items",
    GROUP,
    "one row per item that an earlier month left to this one",
    "Charge items of earlier months whose invoice stayed below its minimum: they are billed with those of this month.",
    text("carried_from", "Month that charged it"),
    *OF_ITEM,
)

CARRIED_AMOUNTS = Table(
    "carried_amounts",
    GROUP,
    "one row per invoice that waits for the next month, or that something waited for",
    "What invoices below their minimum came to: what was brought over from earlier months, and what goes on.",
    (
        MONTH,
        CYCLE,
        text("invoice_id", "Draft invoice", key=True),
        text("payer_account_id", "Account that pays"),
        text("invoice_part", "Which of its invoices, where it has several", nullable=True),
        instant("usage_from", "Usage from this moment on is in it, UTC"),
        instant("usage_to", "Usage before this moment is in it, UTC"),
        number("brought_amount", AMOUNT, "What earlier months left to it", unit="currency"),
        number("charged_amount", AMOUNT, "What the month charges, without the fee of the invoice itself",
               unit="currency"),
        number("minimum_amount", AMOUNT, "Minimum of the invoice; empty where there is none", unit="currency",
               nullable=True),
        text("carried_since", "Month of the oldest of its items"),
        flag("waits", "Whether it is below the minimum and waits for the next month"),
        number("carried_amount", AMOUNT, "What it leaves to the next month", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

PARTS = (
    text("service_account_id", "Account that used what is on it", nullable=True),
    text("subscription_id", "Subscription", nullable=True),
    text("order_id", "Order: source:order", nullable=True),
    text("offer_id", "Offer", nullable=True),
    text("contract_id", "Contract, quote or purchase agreement", nullable=True),
    text("location", "Where the account that used it has the service", nullable=True, personal=True),
    text("division", "Division of the customer", nullable=True),
    text("accounting_code", "Account of the ledger that revenue of the products is posted to", nullable=True),
    text("customer_reference", "What the customer calls it", nullable=True),
)
PART_COLUMNS = tuple(column.name for column in PARTS)

INVOICE_PARTS = Table(
    "invoice_parts",
    GROUP,
    "one row per invoice of a payer that has several",
    "What each invoice is for, where an account has one for each order, location or whatever it asks for; empty are "
    "the columns that it does not ask for, and those of what has no order, location…",
    (
        MONTH,
        CYCLE,
        text("payer_account_id", "Account that pays", key=True),
        text("invoice_part", "Its part of the number of the invoice: the values with a + between them", key=True),
        *PARTS,
    ),
    Partition.MONTH,
)

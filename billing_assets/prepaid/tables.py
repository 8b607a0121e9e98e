"""Contracts of the prepaid stage: what was paid in advance, what invoices take of it, and what is left."""

from billing_assets.contract import (
    CYCLE,
    LINEAGE,
    MONTH,
    REJECTION,
    VALIDITY,
    InputTable,
    Partition,
    Table,
    integer,
    number,
    text,
)
from billing_assets.exact import AMOUNT

GROUP = "prepaid"

PREPAID_CREDITS = InputTable(
    "prepaid_credits",
    GROUP,
    "one row per prepaid credit",
    "Money that accounts have paid in advance, or were given, and that pays their invoices.",
    (
        text("credit_id", "Credit", key=True),
        text("account_id", "Paying account that has it"),
        text("currency", "ISO 4217 currency: invoices in it are paid"),
        number("amount", AMOUNT, "Amount, in whole coins", unit="currency"),
        text("product_ids", "Products that it pays for, separated by |; any when empty", nullable=True),
        integer("priority", "Which of several is taken first: the lowest", default="0"),
        *VALIDITY,
        *LINEAGE,
    ),
    required=False,
)

REJECTED_PREPAID_CREDITS = Table(
    "rejected_prepaid_credits",
    GROUP,
    "one row per prepaid credit that pays nothing",
    "Credits that were refused, each with its reason; invoices are to be paid in full.",
    (text("credit_id", "Credit", nullable=True), *REJECTION),
)

PREPAID_PAYMENTS = Table(
    "prepaid_payments",
    GROUP,
    "one row per invoice and credit that pays of it",
    "What prepaid credits pay of the month's invoices, tax included.",
    (
        MONTH,
        CYCLE,
        text("invoice_id", "Draft invoice", key=True),
        text("credit_id", "Credit", key=True),
        text("payer_account_id", "Account that pays"),
        number("paid_amount", AMOUNT, "What the credit pays of it", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

PREPAID_BALANCES = Table(
    "prepaid_balances",
    GROUP,
    "one row per credit that is valid on the date of the month's invoices, or ended before it",
    "What was left of each credit, what the month took, and what goes on. In the first month of its validity, or of "
    "the company, all of it is left.",
    (
        MONTH,
        CYCLE,
        text("credit_id", "Credit", key=True),
        text("payer_account_id", "Account that has it"),
        number("opening_amount", AMOUNT, "What was left of it", unit="currency"),
        number("paid_amount", AMOUNT, "What the month's invoices take", unit="currency"),
        number("lapsed_amount", AMOUNT, "What has lapsed, because it is not valid any more", unit="currency"),
        number("carried_amount", AMOUNT, "What is left for the next month", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

"""Contracts of what is posted.

Posted files stay as they are: these contracts gain columns that may be empty, and lose none.
"""

from billing_assets.contract import CYCLE, MONTH, Column, Partition, Table, day, instant, integer, number, text
from billing_assets.exact import AMOUNT, PERCENT, QUANTITY
from billing_assets.item import item_table
from billing_assets.items.tables import OF_ITEM
from billing_assets.taxation.categories import CATEGORIES
from billing_assets.taxation.regimes import BY_LINE, BY_TAX_GROUP

GROUP = "ledger"

# A correction may be of some days of a period only: these are of the whole, as it is with that correction.
STANDS = (
    day("stands_from", "First day of the period of what is charged"),
    day("stands_until", "First day after it"),
)
# The tax group that an item was billed in: what takes it back is billed in the same.
TAXED: tuple[Column, ...] = (
    text("tax_regime", "Regime of its tax", nullable=True),
    text("tax_rounding", "What is rounded and taxed by itself", allowed=(BY_TAX_GROUP, BY_LINE), nullable=True),
    text("tax_category", "EN 16931 category", allowed=CATEGORIES, nullable=True),
    text("exemption_reason_code", "Why no tax is due: VATEX code", nullable=True),
    text("certificate_id", "Certificate that exempts the payer", nullable=True),
    text("country", "Country whose rate applies", nullable=True),
    number("rate", PERCENT, "Tax rate", unit="percent", nullable=True),
    number("included_rate", PERCENT, "Tax rate that its price includes; 0 for a price before tax", unit="percent",
           nullable=True),
)  # fmt: skip
TAXED_COLUMNS = tuple(column.name for column in TAXED)

POSTED_ITEMS = item_table(
    "posted_items",
    GROUP,
    "one row per item of a posted invoice",
    "What was billed, for good: the billed items of the month as they were posted, each with its tax group.",
    integer("posting_id", "Posting, counted from 1"),
    text("invoice_id", "Draft number of its invoice"),
    text("invoice_line_id", "Line that it is part of; empty for tax", nullable=True),
    text("charged_month", "Month that charged it: an earlier one of what waited, and of corrections"),
    *STANDS,
    *OF_ITEM,
    *TAXED,
)

POSTED_INVOICES = Table(
    "posted_invoices",
    GROUP,
    "one row per posted invoice",
    "Invoices and credit notes with their numbers, as they were posted; also a table of the operations store.",
    (
        MONTH,
        CYCLE,
        text("invoice_id", "Draft number", key=True),
        integer("posting_id", "Posting, counted from 1"),
        text("invoice_number", "Number: invoices and credit notes of a vendor and year are counted without a gap"),
        integer("year", "Year of the issue date, which has a series of its own", unit="year"),
        integer("place", "Place in its series"),
        text("document_type", "Invoice or credit note", allowed=("invoice", "credit_note")),
        text("vendor_account_id", "Account that bills"),
        text("payer_account_id", "Account that pays"),
        day("issue_date", "Date of the invoice"),
        day("due_date", "Last day to pay"),
        number("net_amount", AMOUNT, "Total before tax", unit="currency"),
        number("tax_amount", AMOUNT, "Total tax", unit="currency"),
        number("gross_amount", AMOUNT, "Total to pay", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

POSTED_DOCUMENTS = Table(
    "posted_documents",
    GROUP,
    "one row per posted invoice",
    "The document of each posted invoice as JSON, of which every other form is made.",
    (
        MONTH,
        CYCLE,
        text("invoice_id", "Draft number", key=True),
        text("invoice_number", "Number"),
        text("document", "The document (docs/documents.md)", personal=True),
    ),
    Partition.MONTH,
)

POSTED_USAGE = Table(
    "posted_usage",
    GROUP,
    "one row per event and part of it, of posted invoices with more events than their document lists",
    "All events of long invoices, of which their CSV files are made.",
    (
        MONTH,
        CYCLE,
        text("invoice_id", "Draft number", key=True),
        integer("place", "Place in the order in which they happened, from 1", key=True),
        integer("line_number", "Line of the invoice"),
        text("label", "Name of what is charged"),
        text("subscription_id", "Subscription"),
        instant("local_at", "When it happened, where it happened"),
        text("destination", "Where to", nullable=True, personal=True),
        text("zone_id", "Zone of the destination", nullable=True),
        number("billed_quantity", QUANTITY, "Units charged", nullable=True),
        text("unit", "Unit of the quantity", nullable=True),
        number("amount", AMOUNT, "Price of the event", unit="currency"),
    ),
    Partition.MONTH,
)

BILLING_SCHEDULE_STATES = Table(
    "billing_schedule_states",
    GROUP,
    "one row per schedule record of the month",
    "What has become of each schedule record: its state in the schedule, and whether it was invoiced.",
    (
        MONTH,
        CYCLE,
        text("billing_schedule_record_id", "Record", key=True),
        text("billing_header_id", "Billing header"),
        text(
            "state",
            "In a draft, invoiced (posted), replaced by an amendment, or cancelled before or after it was invoiced",
            allowed=("pending_invoice", "invoiced", "superseded", "cancelled", "invoice_cancelled"),
        ),
        text("invoice_id", "Draft number of the invoice that it was posted with", nullable=True),
        number("posted_amount", AMOUNT, "What was posted of its period, corrections included", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

"""Who is billed, when, and in which money."""

from dataclasses import replace

from billing_assets.contract import REJECTION, Table, day, flag, integer, text
from billing_assets.crm.tables import ACCOUNT_COLUMNS, CONTACT_COLUMNS, INVOICE_SPLITS, PAYMENT_STARTS
from billing_assets.reference.tables.form import GROUP, reference
from billing_assets.reference.tables.vocabulary import ACCOUNT_FIELDS

BILLING_CYCLES = reference(
    "billing_cycles",
    "one row per billing cycle",
    "When accounts are billed. Month M of a cycle runs from its anchor day in M to the anchor day of M+1.",
    text("billing_cycle", "Name of the cycle", key=True),
    integer("anchor_day", "Day of the month (1 to 28) on which its months begin", unit="day"),
    integer("run_day", "Day of the month (1 to 28) on which its schedule runs", unit="day"),
)

ACCOUNTS = reference(
    "accounts",
    "one row per account",
    "Individuals and enterprises that bill, are billed, both, or only link others. Copied from the CRM.",
    *ACCOUNT_COLUMNS,
    text("payer_account_id", "Account at the end of the bill-to chain"),
    flag("vat_id_well_formed", "Whether the VAT id has the right form and check digits", nullable=True),
    derived=("payer_account_id", "vat_id_well_formed"),
)

REJECTED_ACCOUNTS = Table(
    "rejected_accounts",
    GROUP,
    "one row per account row that cannot be used",
    "Account rows that were refused, each with its reason.",
    (text("account_id", "Account number, when there was one", nullable=True), *REJECTION),
)

ACCOUNT_CHANGES = reference(
    "account_changes",
    "one row per account, field and day of change",
    "What accounts were before: conditions to select a plan are judged as of the day of the order.",
    text("account_id", "Account", key=True),
    text("field", "What changed", key=True, allowed=ACCOUNT_FIELDS),
    day("changed_on", "First day of the value that came next", key=True),
    text("old_value", "Value until the day before", nullable=True),
    required=False,
)

ACCOUNT_BILLING_SETTINGS = reference(
    "account_billing_settings",
    "one row per account that billing has settings of its own for",
    "What billing decides of an account, whatever the CRM says. An empty value leaves it to the CRM.",
    text("account_id", "Account", key=True),
    text("billing_cycle", "Its billing cycle", nullable=True),
    text("bill_to_account_id", "Account that pays for it; its own number when it pays for itself", nullable=True),
    text("tax_status", "Whether tax is charged", nullable=True, allowed=("taxable", "exempt")),
    text("invoice_split", "What gets an invoice of its own", nullable=True, allowed=INVOICE_SPLITS, listed=True),
    text("language", "ISO 639-1 language of its documents", nullable=True),
    integer("payment_days", "Days that it has to pay", unit="day", nullable=True),
    text("payment_from", "What these days are counted from", nullable=True, allowed=PAYMENT_STARTS),
    required=False,
)

CONTACTS = reference(
    "contacts",
    "one row per contact",
    "Who speaks for an account. Copied from the CRM.",
    *CONTACT_COLUMNS,
    required=False,
)

REJECTED_CONTACTS = Table(
    "rejected_contacts",
    GROUP,
    "one row per contact row that cannot be used",
    "Contact rows that were refused, each with its reason; their accounts are billed all the same.",
    (
        text("contact_id", "Contact, when it has a number", nullable=True),
        *(replace(c, personal=c.name == "detail") for c in REJECTION),
    ),
)

CURRENCIES = Table(
    "currencies",
    GROUP,
    "one row per currency",
    "The currencies of ISO 4217 with the number of digits that invoices show.",
    (
        text("currency", "ISO 4217 code", key=True),
        integer("digits", "Digits after the decimal point", unit="digit"),
    ),
)

VENDOR_CURRENCIES = reference(
    "vendor_currencies",
    "one row per vendor and currency",
    "Currencies that a vendor bills. One without rows bills any.",
    text("vendor_account_id", "Vendor or reseller", key=True),
    text("currency", "ISO 4217 currency that it bills", key=True),
    required=False,
)

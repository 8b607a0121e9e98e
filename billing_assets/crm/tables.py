"""Contracts of the CRM stage: what is copied of accounts and contacts, and every change that was seen.

The copies hold what the CRM says, as text; what it means is judged by the reference stage.
"""

from billing_assets.contract import LINEAGE, REJECTION, Column, Table, day, instant, integer, text

GROUP = "crm"
ROLES = ("vendor", "customer", "reseller", "linked")
ONE_INVOICE = "none"
INVOICE_SPLITS = (
    ONE_INVOICE, "service_account", "subscription", "order", "offer", "contract", "location", "division",
    "accounting_code", "customer_reference",
)  # fmt: skip
END_OF_MONTH = "end_of_month"
PAYMENT_STARTS = ("issue_date", END_OF_MONTH)

ACCOUNT_COLUMNS: tuple[Column, ...] = (
    text("account_id", "Account number", key=True),
    text("name", "Name", personal=True),
    text("role", "What it does in billing", allowed=ROLES),
    text("account_type", "Kind of party", allowed=("individual", "enterprise"), default="individual"),
    text("parent_account_id", "Account above it in the hierarchy", nullable=True),
    text("bill_to_account_id", "Account that pays for it; itself when empty", nullable=True),
    text("vendor_account_id", "Vendor that bills it; required for customers and resellers", nullable=True),
    text("country", "ISO 3166-1 alpha-2 country, which decides the tax rate"),
    text("currency", "ISO 4217 currency"),
    text("time_zone", "IANA time zone of its local time and of its billing months"),
    text("classification", "Customer class, for example VIP", default="standard"),
    text("organisational_unit", "Unit of the vendor that looks after it", nullable=True),
    text("tax_status", "Whether tax is charged", allowed=("taxable", "exempt"), default="taxable"),
    text("billing_cycle", "Its billing cycle; required for customers and resellers", nullable=True),
    text("invoice_split", "What gets an invoice of its own: nothing, or each account, order… that it pays for",
         allowed=INVOICE_SPLITS, listed=True, default=ONE_INVOICE),
    text("vat_id", "VAT identification number, with the letters of its country", nullable=True),
    text("division", "Division of the customer that it is", nullable=True),
    text("service_location", "Where it has the service, as a tax engine knows places: a postcode, for example",
         nullable=True, personal=True),
    text("billing_location", "Where its bills are sent, in the same way", nullable=True, personal=True),
    text("registration_number", "Number in the register of companies", nullable=True),
    text("tax_number", "Number at its tax office, of a vendor without a VAT id", nullable=True),
    text("street", "Street and number", nullable=True, personal=True),
    text("postal_code", "Postal code", nullable=True, personal=True),
    text("city", "City", nullable=True, personal=True),
    text("endpoint_scheme", "Scheme of its electronic address, of the code list EAS", nullable=True),
    text("endpoint_id", "Electronic address for e-invoices", nullable=True, personal=True),
    text("buyer_reference", "What it wants to read on its invoices", nullable=True),
    text("iban", "Bank account that a vendor is paid to", nullable=True),
    text("bic", "Bank of that account", nullable=True),
    text("language", "ISO 639-1 language of its documents", nullable=True),
    integer("payment_days", "Days that it has to pay", unit="day", nullable=True),
    text("payment_from", "What these days are counted from", allowed=PAYMENT_STARTS, nullable=True),
    day("closed_on", "First day on which it is no account any more", nullable=True),
)  # fmt: skip
CONTACT_COLUMNS: tuple[Column, ...] = (
    text("contact_id", "Contact", key=True),
    text("account_id", "Account that it speaks for"),
    text("name", "Name", personal=True),
    text("email", "E-mail address", nullable=True, personal=True),
    text("phone", "Telephone number; without a country code it is one of the account's country", nullable=True,
         personal=True),
    text("language", "ISO 639-1 language", nullable=True),
    text("role", "What it is asked about, for example billing", default="billing"),
)  # fmt: skip


def _copied(*fields: Column) -> tuple[Column, ...]:
    return tuple(text(c.name, c.description, nullable=not c.key, key=c.key, personal=c.personal) for c in fields)


CHANGED = (
    instant("changed_at", "When it changed in the CRM, UTC; the day it was read where the CRM gives no time"),
    text("changed_by", "Who changed it, where the CRM says so", nullable=True, personal=True),
)

ACCOUNT_HISTORY = Table(
    "account_history",
    GROUP,
    "one row per account, version and field that changed",
    "Who changed what of an account when. Version 1 is the account as it was first read. Rows are only ever added.",
    (
        text("account_id", "Account number", key=True),
        integer("version", "Number of the account's change, from 1", key=True),
        text("field", "Column of crm_accounts", key=True),
        text("old_value", "Value before", nullable=True, personal=True),
        text("new_value", "Value from then on", nullable=True, personal=True),
        *CHANGED,
        text("source_file", "File, database query or page of the API that the change was read from"),
        integer("source_line", "Line or record in it; 0 when it is what the whole of it lacks", unit="line"),
    ),
)

CRM_ACCOUNTS = Table(
    "crm_accounts",
    GROUP,
    "one row per account",
    "Accounts as the CRM has them now, word for word. One that has vanished from the CRM is closed, not deleted.",
    (*_copied(*ACCOUNT_COLUMNS), integer("version", "Its latest version in account_history"), *CHANGED, *LINEAGE),
)

CRM_CONTACTS = Table(
    "crm_contacts",
    GROUP,
    "one row per contact record",
    "Contacts as the CRM has them now, word for word. What the CRM has erased is gone here, too: no history is kept.",
    tuple(text(c.name, c.description, nullable=True, personal=c.personal) for c in CONTACT_COLUMNS) + LINEAGE,
)

REJECTED_CRM_RECORDS = Table(
    "rejected_crm_records",
    GROUP,
    "one row per account record of the latest read that was not copied",
    "Account records without a number, or in contradiction to another one.",
    (text("account_id", "Account number, when there was one", nullable=True), *REJECTION),
)

CRM_READS = Table(
    "crm_reads",
    GROUP,
    "one row: the latest read of the CRM's accounts",
    "Up to where the CRM was read. Written last, so that a read that was broken off is done again.",
    (
        text("mapping", "Digest of the settings it was read by: others mean a full read", key=True),
        instant("changed_up_to", "Latest change that was read, UTC; empty where the CRM gives none", nullable=True),
        day("read_in_full_on", "Day of the latest full read"),
    ),
)

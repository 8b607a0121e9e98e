"""What a subscription's life costs beside its price: trials, leaving, indexes, fees of accounts."""

from dataclasses import replace

from billing_assets.contract import ALWAYS, VALIDITY, Column, day, integer, number, text
from billing_assets.exact import AMOUNT, FEE_PRICE, PERCENT, QUANTITY
from billing_assets.reference.tables.form import reference
from billing_assets.reference.tables.vocabulary import ANY

TRIAL_UNITS = ("day", "month", "billing_period")
ACCOUNT_FEE_KINDS = ("invoice", "late")

LIFE_TERMS = (
    integer("trial_length", "Length of the trial in its unit; 0: none", nullable=True),
    text("trial_unit", "Unit of that length", allowed=TRIAL_UNITS, nullable=True),
    number("trial_price", FEE_PRICE, "Price per unit and price period while the trial lasts", unit="currency",
           default="0"),
    integer("binding_months", "Months from the first day of the product in which leaving costs a fee; 0: none",
            nullable=True, unit="month"),
    text("termination_product_id", "One-time service that the fee for leaving is charged as", nullable=True),
    number("termination_amount", AMOUNT, "Fee for leaving, whenever it is", unit="currency", nullable=True),
    number("termination_percent", PERCENT, "Fee for leaving, in percent of the price of the months that are left",
           unit="percent", nullable=True),
)  # fmt: skip
_ORDERED = (
    Column("valid_from", VALIDITY[0].dtype, "First day on which an order gets the terms", key=True, default=ALWAYS),
    replace(VALIDITY[1], description="First day on which an order no longer gets them"),
)

OFFER_TERMS = reference(
    "offer_terms",
    "one row per offer, recurring product, currency and first day of validity",
    "What an offer says of the life of a subscription: a trial, a binding period, and what leaving it early costs.",
    text("offer_id", "Offer", key=True),
    text("product_id", "Recurring product of the offer", key=True),
    text("currency", "ISO 4217 currency", key=True),
    *LIFE_TERMS,
    *_ORDERED,
    required=False,
)

SCHEME_TERMS = reference(
    "scheme_terms",
    "one row per billing term scheme, currency and first day of validity",
    "The same for all recurring products of the subscriptions of a billing term scheme.",
    text("billing_term_scheme_id", "Billing term scheme", key=True),
    text("currency", "ISO 4217 currency", key=True),
    *LIFE_TERMS,
    *_ORDERED,
    required=False,
)

ACCOUNT_FEES = reference(
    "account_fees",
    "one row per kind of fee, product, paying account, currency and first day of validity",
    "Fees of accounts, not of what they ordered: on each of their invoices, or for what they pay late.",
    text("kind", "When it is charged", key=True, allowed=ACCOUNT_FEE_KINDS),
    text("product_id", "One-time service that it is charged as", key=True),
    text("account_id", f"Paying account; `{ANY}` is any without a row of its own", key=True, default=ANY),
    text("currency", "ISO 4217 currency", key=True),
    number("amount", AMOUNT, "Fee before tax; 0 charges none", unit="currency", nullable=True),
    number("percent", PERCENT, "Late fee in percent of what is overdue", unit="percent", nullable=True),
    Column("valid_from", VALIDITY[0].dtype, "First day on which it is charged", key=True, default=ALWAYS),
    VALIDITY[1],
    required=False,
)

INVOICE_MINIMUMS = reference(
    "invoice_minimums",
    "one row per paying account, currency and first day of validity",
    "Amounts below which an invoice is not billed but waits for the next month.",
    text("account_id", f"Paying account; `{ANY}` is any without a row of its own", key=True, default=ANY),
    text("currency", "ISO 4217 currency", key=True),
    number("minimum_amount", AMOUNT, "Sum of charges from which on an invoice is billed; 0 bills any", unit="currency"),
    integer("longest_months", "Months that an amount may wait; after them it is billed however small", unit="month",
            default="12"),
    Column("valid_from", VALIDITY[0].dtype, "First day on which it counts", key=True, default=ALWAYS),
    VALIDITY[1],
    required=False,
)  # fmt: skip

PRICE_INDEXES = reference(
    "price_indexes",
    "one row per price index and first day of a value",
    "Published indexes that recurring prices are tied to, such as consumer prices.",
    text("price_index_id", "Index", key=True),
    day("published_on", "First day of the value", key=True),
    number("value", QUANTITY, "Value"),
    required=False,
)

"""Contracts of the quotes stage: what was offered, negotiated, approved and accepted, and what it comes to."""

from dataclasses import replace

from billing_assets.contract import LINEAGE, REJECTION, Column, InputTable, Table, day, flag, integer, number, text
from billing_assets.exact import AMOUNT, FEE_PRICE, FEE_QUANTITY, PERCENT, QUANTITY
from billing_assets.orders.tables import IMPORTED_ORDERS, SOURCE_KEYS
from billing_assets.reference.tables import PRICE_TYPES

GROUP = "quotes"
STATES = ("in_progress", "pending", "approved", "accepted", "rejected", "cancelled", "expired", "superseded")
EVENTS = ("submitted", "accepted", "rejected", "cancelled")

VERSION_KEYS = (text("quote_id", "Quote", key=True), integer("version", "Version of the quote", key=True))
LINE_KEYS = (*VERSION_KEYS, text("line_id", "Line of the quote", key=True))
_QUOTE_GIVES = {
    *(c.name for c in SOURCE_KEYS), "ordered_on", "account_id", "currency", "requester_id", "fulfilled_quantity",
}  # fmt: skip
_START = {"nullable": True, "description": "First day that is billed; that of the quote when empty"}
# A quote line has what an order line has, because it becomes one.
ORDER_TERMS = tuple(
    replace(c, **_START) if c.name == "start_date" else c
    for c in IMPORTED_ORDERS.input_columns
    if c.name not in _QUOTE_GIVES
)


def quote_input(name: str, grain: str, description: str, *columns: Column, derived=()) -> InputTable:
    return InputTable(name, GROUP, grain, description, (*columns, *LINEAGE), required=False, derived=derived)


QUOTES = quote_input(
    "quotes",
    "one row per version of a quote",
    "Pro-forma contracts for consumers and negotiated quotes for business customers, with their state.",
    *VERSION_KEYS,
    text("kind", "Pro-forma contract at list prices, or a quote that is negotiated", allowed=("consumer", "business")),
    text("account_id", "Account that it is made for: a prospect is an account without orders"),
    text("requester_id", "User who made it; required for business quotes", nullable=True),
    day("created_on", "Day on which the version was made: its prices and conditions are those of that day"),
    day("valid_to", "First day on which it can no longer be accepted; no limit when empty", nullable=True),
    text("currency", "ISO 4217 currency"),
    day("start_date", "First day of its term"),
    integer("term_months", "Months that its totals are about, 1 to 120", unit="month"),
    text("after_term", "Whether its lines go on after the term, or end with it", allowed=("continues", "ends"),
         default="continues"),
    day("term_end", "First day after the term"),
    text("state", "Where it stands, by its events and approvals", allowed=STATES),
    flag("needs_approval", "Whether a price is below the floor, or a discount above what the requester may give"),
    text("decided_by", "User whose approval, or refusal, was the last that counts", nullable=True),
    derived=("term_end", "state", "needs_approval", "decided_by"),
)  # fmt: skip

QUOTE_LINES = quote_input(
    "quote_lines",
    "one row per line of a version of a quote",
    "What a quote offers: lines as orders have them, at list price or a negotiated one.",
    *LINE_KEYS,
    *ORDER_TERMS,
    number("discount_percent", PERCENT, "Negotiated discount off the list price, instead of a price", unit="percent",
           nullable=True),
)  # fmt: skip

QUOTE_USAGE = quote_input(
    "quote_usage",
    "one row per estimate of a usage line",
    "Usage that is expected of a quote's usage lines in a month.",
    *LINE_KEYS,
    integer("estimate", "Number of the estimate within its line", key=True),
    text("zone_id", "Zone of the destination; any when empty", nullable=True),
    text("time_band_id", "Time band; any when empty", nullable=True),
    integer("events", "Events in a month", default="1"),
    number("event_quantity", QUANTITY, "Quantity of each event", unit="unit of the UDR type"),
)

QUOTE_EVENTS = quote_input(
    "quote_events",
    "one row per version of a quote and what happened to it",
    "What happened to quotes: submission, acceptance (signature), rejection by the customer, cancellation.",
    *VERSION_KEYS,
    text("event", "What happened", key=True, allowed=EVENTS),
    day("event_on", "Day on which it happened"),
    text("by", "Who did it: the customer's signatory, or a user", nullable=True, personal=True),
)

APPROVALS = quote_input(
    "approvals",
    "one row per decision of a user about a request",
    "Decisions about what needs somebody's approval: quotes with prices that pass a limit, order lines with prices "
    "below the floor, requests for discounts.",
    text("object_type", "What was decided about", key=True, allowed=("quote", "order_line", "discount_request")),
    text("object_id", "Its id; of an order line, action or service job source:order:line", key=True),
    integer("object_version", "Its version; 1 of an order line or a request", key=True),
    text("approver_id", "User who decided", key=True),
    day("decided_on", "Day of the decision", key=True),
    text("decision", "What was decided", allowed=("approved", "declined")),
    number("approved_price", FEE_PRICE, "Of an order line the lowest unit price that is approved", unit="currency",
           nullable=True),
    text("comment", "Why", nullable=True),
)  # fmt: skip

QUOTE_PRICES = Table(
    "quote_prices",
    GROUP,
    "one row per valid line of a version of a quote",
    "Quote lines with list price, negotiated price and control, and what they come to over the term.",
    (
        *LINE_KEYS,
        text("product_id", "Product"),
        text("tax_code", "Tax code of the product"),
        text("applied_plan", "Plan that prices it", nullable=True),
        text("price_type", "How it is charged", allowed=PRICE_TYPES),
        number("quantity", FEE_QUANTITY, "Units", unit="piece"),
        text("currency", "ISO 4217 currency"),
        flag("tax_included", "Whether its amounts include tax"),
        day("start_date", "First day that is billed"),
        day("end_date", "First day that is no longer billed, or after the term"),
        number("list_price", FEE_PRICE, "Unit price without negotiation; empty for usage and where tiers price the "
               "quantity", unit="currency", nullable=True),
        number("unit_price", FEE_PRICE, "Unit price that was quoted", unit="currency", nullable=True),
        number("discount_percent", PERCENT, "How far the unit price is below the list price, to 6 decimals",
               unit="percent", nullable=True),
        number("maximum_discount", PERCENT, "Discount that the requester may give", unit="percent"),
        number("floor_price", FEE_PRICE, "Least unit price", unit="currency", nullable=True),
        flag("above_limit", "Whether the discount is above what the requester may give"),
        flag("below_floor", "Whether the unit price is below the floor, or negotiated where there is neither list "
             "price nor floor"),
        number("net_price", AMOUNT, "quantity times unit price: of a full month, or once", unit="currency"),
        integer("periods", "Periods of the term that are billed, parts of one included"),
        number("one_time_amount", AMOUNT, "One-time charges", unit="currency"),
        number("recurring_amount", AMOUNT, "Recurring charges over the term", unit="currency"),
        number("usage_amount", AMOUNT, "Estimated usage over the term", unit="currency"),
        number("total_amount", AMOUNT, "All three", unit="currency"),
    ),
)  # fmt: skip

QUOTE_FEES = Table(
    "quote_fees",
    GROUP,
    "one row per line of a quote and stretch of its term with a fee of its own",
    "Fees of quotes as the billing schedule will bill them: how the fees of a line over the term came about.",
    (
        *LINE_KEYS,
        day("period_start", "First day of the period, or of its part", key=True),
        day("period_end", "First day after it"),
        text("phase", "Where its price comes from, as in price_phases, where there are several", nullable=True),
        number("full_price", AMOUNT, "What the full period that contains it costs", unit="currency"),
        integer("billed_days", "Days of the period that are billed", unit="day"),
        integer("full_days", "Days of the full period", unit="day"),
        number("fee_amount", AMOUNT, "Its part of the full price", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
)  # fmt: skip

QUOTE_USAGE_PRICES = Table(
    "quote_usage_prices",
    GROUP,
    "one row per usage line of a quote and rate",
    "Estimated usage as its rate prices it: how the usage amount of a line came about.",
    (
        *LINE_KEYS,
        text("rate_id", "Rate", key=True),
        integer("events", "Events in a month"),
        number("quantity", QUANTITY, "Quantity in a month", unit="unit of the UDR type"),
        number("month_amount", AMOUNT, "What a month comes to", unit="currency"),
        integer("months", "Months of the term in which it is used"),
        number("amount", AMOUNT, "What they come to", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
)

QUOTE_TOTALS = Table(
    "quote_totals",
    GROUP,
    "one row per version of a quote and basis of its prices",
    "What a quote comes to over its term: the sum of its lines.",
    (
        *VERSION_KEYS,
        text("currency", "ISO 4217 currency", key=True),
        flag("tax_included", "Whether the amounts include tax", key=True),
        integer("lines", "Lines"),
        number("one_time_amount", AMOUNT, "One-time charges", unit="currency"),
        number("recurring_amount", AMOUNT, "Recurring charges", unit="currency"),
        number("usage_amount", AMOUNT, "Estimated usage", unit="currency"),
        number("total_amount", AMOUNT, "All three", unit="currency"),
    ),
)

ACCEPTED_QUOTES = Table(
    "accepted_quotes",
    GROUP,
    "one row per accepted quote",
    "Quotes that were accepted: the version whose lines are orders.",
    (
        text("quote_id", "Quote", key=True),
        integer("version", "Version that was accepted"),
        text("account_id", "Account"),
        day("accepted_on", "Day of the acceptance"),
        text("accepted_by", "Who accepted it", nullable=True, personal=True),
        integer("lines", "Lines, each of which is an order line"),
    ),
)

REJECTED_QUOTES = Table(
    "rejected_quotes",
    GROUP,
    "one row per record of a quote that does not count",
    "Quotes, lines, estimates, events and approvals that were refused, each with its reason.",
    (
        text("record", "Input that the record is of",
             allowed=tuple(t.name for t in (QUOTES, QUOTE_LINES, QUOTE_USAGE, QUOTE_EVENTS, APPROVALS))),
        text("quote_id", "Quote, where it names one", nullable=True),
        text("version", "Version, as it was written", nullable=True),
        *REJECTION,
    ),
)  # fmt: skip

"""What was ordered, by whom, from when to when, at which price, and what was done to it afterwards."""

from billing_assets.contract import (
    LINEAGE,
    REJECTION,
    VALIDITY,
    InputTable,
    Table,
    day,
    flag,
    integer,
    number,
    text,
)
from billing_assets.exact import AMOUNT, FEE_PRICE, FEE_QUANTITY, PERCENT
from billing_assets.reference.tables import BILLING_RULES, FREQUENCIES, FREQUENCY_UNITS, PRICE_TYPES

GROUP = "orders"
PRICING_SOURCES = ("order_line", "offer", "price_plan", "usage")
ACTIONS = ("amend", "renew", "cancel", "reinstate", "swap", "pause", "resume", "fulfil")
NEW = "new"
TAKES_EFFECT = ("immediately", "period_end")
REPLACED_AS = ("superseded", "cancelled")

SOURCE_KEYS = (
    text("source", "System that the order came from (CPQ, web shop, ERP, CRM)", key=True),
    text("source_order_id", "The order's id in that system", key=True),
    text("source_line_id", "The line's id in that order", key=True),
)
REFERENCES = (
    text("asset_id", "Asset that it is about: what the customer has", nullable=True),
    text("contract_id", "Contract, quote or purchase agreement that it was ordered under", nullable=True),
    text("opportunity_id", "Opportunity that it was sold with", nullable=True),
    text("customer_reference", "What the customer calls it: the number of its purchase order, for example",
         nullable=True),
)  # fmt: skip
_VERSION = (
    text("ordered_line_id", "Line that was ordered first: source:order:line, shared by all its versions"),
    integer("version", "Which of its versions, in the order in which they take effect"),
    text("action", "What made the version", allowed=(NEW, *ACTIONS)),
)
PLANNED = (
    day("planned_end_date", "Its end as it was planned: before another version took its place", nullable=True),
    text("replaced_as", "What became of its time from end_date on, where an action cut it short: superseded by another "
         "version, or cancelled (also while paused)", allowed=REPLACED_AS, nullable=True),
)  # fmt: skip
_CUSTOM = (
    integer("frequency_count", "Length of a custom period in its unit", nullable=True),
    text("frequency_unit", "Unit of a custom period", allowed=FREQUENCY_UNITS, nullable=True),
)
_TERMS = (
    day("start_date", "First day that is billed, in the account's time zone"),
    day("end_date", "First day that is no longer billed; open when empty", nullable=True),
    text("service_identifier", "What usage is recognised by: number, card, contract", nullable=True, personal=True),
)

IMPORTED_ORDERS = InputTable(
    "imported_orders",
    GROUP,
    "one row per order line as its source gave it",
    "Order lines of every source in one shape, referring back to the source's ids.",
    (
        *SOURCE_KEYS,
        day("ordered_on", "Day of the order"),
        text("account_id", "Account that uses what was ordered"),
        text("subscription_id", "Subscription it belongs to; one per order when empty", nullable=True),
        text("subscription_type", "Type of the subscription; that of its other lines when empty", nullable=True),
        text("offer_id", "Offer that was chosen", nullable=True),
        text("product_id", "Product"),
        text("price_plan_id", "Plan that rates its usage; the offer's when empty", nullable=True),
        text("price_type", "How it is charged", allowed=PRICE_TYPES),
        text("billing_term_scheme_id", "Billing term scheme; that of the subscription's other lines when empty",
             nullable=True),
        text("billing_rule", "When a period is billed; as its scheme says, else in advance, when empty",
             allowed=BILLING_RULES, nullable=True),
        text("billing_frequency", "How often a period is billed; as its scheme says, else monthly, when empty",
             allowed=FREQUENCIES, nullable=True),
        *_CUSTOM,
        integer("billing_day", "Day of the month on which its periods begin; as its scheme says, else the cycle's "
                "anchor, when empty", nullable=True, unit="day"),
        day("ready_date", "Day from which it may be billed, under the rule on_ready_date", nullable=True),
        number("quantity", FEE_QUANTITY, "Units ordered", unit="piece", default="1"),
        number("unit_price", FEE_PRICE, "Price per unit, once or of a price period; the offer's when empty",
               unit="currency", nullable=True),
        text("currency", "ISO 4217 currency; the account's when empty", nullable=True),
        text("requester_id", "User who asks for its price, where that is below the floor", nullable=True),
        *_TERMS,
        number("fulfilled_quantity", FEE_QUANTITY, "Units that are fulfilled on the first day; all when empty",
               unit="piece", nullable=True),
        *REFERENCES,
        *LINEAGE,
    ),
)  # fmt: skip

ORDER_ACTIONS = InputTable(
    "order_actions",
    GROUP,
    "one row per action on an ordered line as its source gave it",
    "What was done to lines after they were ordered; what an action does not say stays as it was.",
    (
        *SOURCE_KEYS,
        day("ordered_on", "Day of the action's order"),
        text("action", "What is done", allowed=ACTIONS),
        text("amends_order_id", "Order of the line that it acts on, of the same source", nullable=True),
        text("amends_line_id", "That line", nullable=True),
        text("asset_id", "Asset whose lines it acts on, of any source, where it names no line", nullable=True),
        text("price_type", "Which of the asset's lines; recurring and usage when empty", allowed=PRICE_TYPES,
             nullable=True),
        day("start_date", "Day from which it counts, in the account's time zone"),
        text("effective", "Whether it counts from that day, or from the begin of the next period",
             allowed=TAKES_EFFECT, default="immediately"),
        text("offer_id", "Other offer", nullable=True),
        text("product_id", "Other product", nullable=True),
        text("price_plan_id", "Other plan", nullable=True),
        text("billing_rule", "Other rule", allowed=BILLING_RULES, nullable=True),
        text("billing_frequency", "Other frequency", allowed=FREQUENCIES, nullable=True),
        *_CUSTOM,
        integer("billing_day", "Other billing day", nullable=True, unit="day"),
        number("quantity", FEE_QUANTITY, "Other quantity; of `fulfil` the units that it adds, the rest when empty",
               unit="piece", nullable=True),
        number("unit_price", FEE_PRICE, "Other price per unit", unit="currency", nullable=True),
        text("requester_id", "User who asks for its price, where that is below the floor", nullable=True),
        day("end_date", "Other end; a renewal without one is open", nullable=True),
        text("service_identifier", "Other identifier", nullable=True, personal=True),
        text("contract_id", "Other contract, quote or purchase agreement", nullable=True),
        text("customer_reference", "Other reference of the customer", nullable=True),
        *LINEAGE,
    ),
    required=False,
)  # fmt: skip

BILLING_SPLITS = InputTable(
    "billing_splits",
    GROUP,
    "one row per part of a split order line",
    "Fees of order lines that are billed in several parts, or to several accounts: by percent, by amount, by date.",
    (
        *SOURCE_KEYS,
        integer("part", "Part of the line, from 1 on", key=True),
        number("percent", PERCENT, "Its share of each fee; with neither percent nor amount what the others leave",
               unit="percent", nullable=True),
        number("amount", AMOUNT, "What it takes of each schedule record, as far as earlier parts leave as much",
               unit="currency", nullable=True),
        text("bill_to_account_id", "Account that it is billed to, or to whoever pays for that; the line's when empty",
             nullable=True),
        day("ready_date", "Day before which it is not billed, whatever the line's rule; that rule when empty",
            nullable=True),
        *VALIDITY,
        text("ordered_line_id", "The line: source:order:line"),
        number("percent_before", PERCENT, "Share of the parts before it", unit="percent", nullable=True),
        number("amount_before", AMOUNT, "What the parts before it take; of the one that takes the rest, all others",
               unit="currency", nullable=True),
        *LINEAGE,
    ),
    required=False,
    derived=("ordered_line_id", "percent_before", "amount_before"),
)  # fmt: skip

ORDER_LINES = Table(
    "order_lines",
    GROUP,
    "one row per valid order line",
    "The one starting point of billing: order lines with price, plan and subscription resolved.",
    (
        text("order_line_id", "source:order:line; of a later version followed by those of its action", key=True),
        *_VERSION,
        *(text(c.name, c.description) for c in SOURCE_KEYS),
        day("ordered_on", "Day of the order, or of the action, that chose its product, offer and plan"),
        text("account_id", "Account that uses it"),
        text("subscription_id", "Subscription"),
        text("subscription_type", "Type of the subscription", nullable=True),
        text("offer_id", "Offer", nullable=True),
        text("product_id", "Product"),
        text("product_type", "How the product is sold"),
        text("udr_type", "UDR type of a usage service", nullable=True),
        text("tax_code", "Tax code of the product"),
        text("price_plan_id", "Price plan that was chosen", nullable=True),
        text(
            "applied_plan",
            "Plan that prices it: that one, its base plan when its conditions do not hold, or the global plan",
            nullable=True,
        ),
        text("rate_id", "Rate of that plan that gave the price", nullable=True),
        text("price_type", "How it is charged", allowed=PRICE_TYPES),
        text("billing_term_scheme_id", "Billing term scheme of its subscription", nullable=True),
        text("billing_rule", "When a period is billed", allowed=BILLING_RULES),
        text("billing_frequency", "How often a period is billed; empty for usage", nullable=True,
             allowed=("one_time", *FREQUENCIES)),
        *_CUSTOM,
        integer("billing_day", "Day of the month on which its periods begin, where the line says so", nullable=True,
                unit="day"),
        day("ready_date", "Day from which it may be billed, under the rule on_ready_date", nullable=True),
        number("quantity", FEE_QUANTITY, "Units", unit="piece"),
        number(
            "unit_price",
            FEE_PRICE,
            "Price per unit, once or of a price period; 0 for usage, empty where tiers price the quantity",
            unit="currency",
            nullable=True,
        ),
        number("net_price", AMOUNT, "quantity times unit price: of a price period, or once; by maturity: of the first",
               unit="currency"),
        flag("tax_included", "Whether its price includes tax: as its offer or plan says"),
        text(
            "pricing_source", "Where the unit price came from", allowed=("order_line", "offer", "price_plan", "usage")
        ),
        text("currency", "ISO 4217 currency"),
        *_TERMS,
        day("aligned_from", "Day from which its periods are counted: begin of the first version with its frequency"),
        *PLANNED,
        *REFERENCES,
        *LINEAGE,
    ),
)  # fmt: skip

ORDER_LINE_VERSIONS = Table(
    "order_line_versions",
    GROUP,
    "one row per version of an ordered line that something was done to",
    "The history of order lines: each version, what made it, and what took its place.",
    (
        text("ordered_line_id", "Line that was ordered first", key=True),
        integer("version", "Its versions in the order in which they take effect", key=True),
        text("action", "What made the version", allowed=(NEW, *ACTIONS)),
        text("order_line_id", "Version, as in order_lines where it bills something"),
        *(text(c.name, c.description) for c in SOURCE_KEYS),
        day("start_date", "Day from which it counts"),
        text("superseded_by", "Version that took its place", nullable=True),
        flag("is_billed", "Whether it is an order line: neither a gap, nor replaced on its first day"),
        text("account_id", "Account that uses it"),
        text("subscription_id", "Subscription"),
        text("product_id", "Product"),
        text("price_plan_id", "Plan that the versions chose", nullable=True),
        number("quantity", FEE_QUANTITY, "Units that are billed", unit="piece"),
        number("unit_price", FEE_PRICE, "Price per unit that the versions gave", unit="currency", nullable=True),
        *REFERENCES,
        *LINEAGE,
    ),
)

REJECTED_ORDERS = Table(
    "rejected_orders",
    GROUP,
    "one row per order line, action on one, or part of one that cannot be billed, and per approval that does not count",
    "Order lines, actions, splits and approvals that were refused, each with its reason.",
    (
        *(text(c.name, c.description, nullable=True) for c in SOURCE_KEYS),
        *REJECTION,
    ),
)

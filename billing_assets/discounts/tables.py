"""Contracts of the discounts stage: what is asked for, what is given, and what it takes off."""

from billing_assets.contract import LINEAGE, REJECTION, InputTable, Table, day, flag, integer, number, text
from billing_assets.exact import AMOUNT, QUANTITY
from billing_assets.item import item_table
from billing_assets.reference.tables import DISCOUNT_TYPES, STARTS_ON, TARGETS

GROUP = "discounts"
STATES = ("approved", "pending", "declined")

DISCOUNT_REQUESTS = InputTable(
    "discount_requests",
    GROUP,
    "one row per request for a discount",
    "Discounts that somebody asked for, with their state: only approved ones are given.",
    (
        text("discount_request_id", "Request", key=True),
        text("discount_definition_id", "Ad hoc discount definition"),
        text("subscription_id", "Subscription that it is for", nullable=True),
        text("account_id", "Paying account that it is for, where the definition is for accounts", nullable=True),
        text("job_id", "Service job that it is for, where the definition is for jobs", nullable=True),
        text("requester_id", "User who asks", nullable=True),
        text("request_reason", "Why", nullable=True),
        day("requested_on", "Day of the request"),
        day("start_date", "First day of the discount; as its definition says when empty", nullable=True),
        day("end_date", "First day on which it is no longer given; as its definition says when empty", nullable=True),
        number("value", AMOUNT, "Value, where the definition leaves it open", nullable=True),
        text("state", "Whether it was approved, or needs no approval", allowed=STATES),
        text("decided_by", "User who approved or declined it", nullable=True),
        text("decision_comment", "Why", nullable=True),
        *LINEAGE,
    ),
    required=False,
    derived=("state", "decided_by", "decision_comment"),
)  # fmt: skip

DISCOUNTS = Table(
    "discounts",
    GROUP,
    "one row per discount and subscription that has it",
    "Discounts that are given: automatic ones, and approved requests.",
    (
        text("discount_id", "Request; of an automatic one definition:target, then :day where given anew", key=True),
        text("subscription_id", "Subscription whose charges it reduces, of a service job those of the job", key=True),
        text("discount_definition_id", "Discount definition"),
        text("target", "Who has it", allowed=TARGETS),
        text("target_id", "That subscription, paying account or service job"),
        text("name", "Name as printed on the invoice"),
        text("discount_type", "What it takes off", allowed=DISCOUNT_TYPES),
        number("value", AMOUNT, "Percentage, months, units or amount"),
        text("currency", "ISO 4217 currency of an amount", nullable=True),
        text("unit", "Unit of free usage", nullable=True),
        integer("priority", "Of discounts in the same place, the lower goes first"),
        flag("reduces_commitments", "Whether it also reduces what commitments come to"),
        text("starts_on", "What free months begin with: the discount (any_day), or a product", allowed=STARTS_ON),
        day("valid_from", "First day; of free months that begin with a product, the first on which they may begin"),
        day("valid_to", "First day on which it is no longer given, or on which free months may no longer begin"),
        *LINEAGE,
    ),
)

REJECTED_DISCOUNTS = Table(
    "rejected_discounts",
    GROUP,
    "one row per request or approval that does not count",
    "Requests for discounts, and decisions about them, that were refused, each with its reason.",
    (text("discount_request_id", "Request, where it names one", nullable=True), *REJECTION),
)

DISCOUNT_ITEMS = item_table(
    "discount_items",
    GROUP,
    "one row per discount, and user, subscription, product, tax code, basis (with tax or before it), currency and "
    "service period that it reduces",
    "Discounts of the month as items of negative amount, each with what it was worked out from.",
    text("discount_type", "What the discount takes off", allowed=DISCOUNT_TYPES),
    number("value", AMOUNT, "Percentage, months, units or amount"),
    number("base_amount", AMOUNT, "What earlier discounts had left of the charges that it reduces", unit="currency"),
    number("whole_amount", AMOUNT, "Of an amount: all that it is spread over in the month", unit="currency",
           nullable=True),
    number("whole_quantity", QUANTITY, "Of free usage: all units of the month that it is about", nullable=True),
)  # fmt: skip

"""Requests to be billed for a longer period at once than the usual one."""

from billing_assets.contract import LINEAGE, REJECTION, InputTable, Table, day, integer, number, text
from billing_assets.exact import PERCENT
from billing_assets.orders.tables.order_lines import GROUP

BUY_IN_ADVANCE_REQUESTS = InputTable(
    "buy_in_advance_requests",
    GROUP,
    "one row per approved request",
    "Subscriptions that are billed for a longer period at once, as somebody asked for and somebody else approved.",
    (
        text("request_id", "Request", key=True),
        text("subscription_id", "Subscription"),
        day("requested_on", "Day of the request: the definition of that day counts"),
        day("start_date", "Day from which it is asked for: the first period that begins then or later begins it"),
        integer("months", "Months that are billed at once", unit="month"),
        text("requester_id", "User who asked for it"),
        text("approver_id", "User who approved it; it changes nothing before", nullable=True),
        text("duration_id", "Duration of the definition that allows it"),
        integer("free_months", "Months of them that cost nothing", nullable=True, unit="month"),
        number("discount_percent", PERCENT, "Discount off their price", unit="percent", nullable=True),
        *LINEAGE,
    ),
    required=False,
    derived=("duration_id", "free_months", "discount_percent"),
)

REJECTED_BUY_IN_ADVANCE_REQUESTS = Table(
    "rejected_buy_in_advance_requests",
    GROUP,
    "one row per request that changes nothing",
    "Requests to buy in advance that were refused, or are not approved, each with its reason.",
    (text("request_id", "Request", nullable=True), *REJECTION),
)

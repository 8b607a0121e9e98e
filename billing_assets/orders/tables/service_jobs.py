"""Work that is done once, and billed by duration or piece."""

from billing_assets.contract import LINEAGE, InputTable, day, number, text
from billing_assets.exact import FEE_PRICE, FEE_QUANTITY
from billing_assets.orders.tables.order_lines import GROUP

# What one of the unit is of a piece, or of an hour: numerator and denominator.
JOB_UNITS = {"piece": (1, 1), "hour": (1, 1), "minute": (1, 60), "second": (1, 3600)}

SERVICE_JOBS = InputTable(
    "service_jobs",
    GROUP,
    "one row per line of a service job as its source gave it",
    "Installations, repairs and other work with what they use up: billed once, in the month in which they are done.",
    (
        text("job_id", "Service job", key=True),
        text("line_id", "Line of the job: one for each product", key=True, default="1"),
        text("job_type", "Type of the job, which conditions of plans may look at", nullable=True),
        text("account_id", "Account that it is done for"),
        text("subscription_id", "Subscription that it is about; one per job when empty", nullable=True),
        day("agreed_on", "Day on which it was agreed on: its plan is chosen under the conditions of that day"),
        day("expected_on", "Day on which it should be done", nullable=True),
        day("done_on", "Day on which it was done; not billed before there is one", nullable=True),
        text("product_id", "Product: no usage service"),
        number("quantity", FEE_QUANTITY, "How much was done, in its unit", default="1"),
        text("unit", "Pieces, or the time that it took: prices are of a piece, or of an hour",
             allowed=tuple(JOB_UNITS), default="piece"),
        text("price_plan_id", "Plan that prices it; that of its scheme when empty", nullable=True),
        text("billing_term_scheme_id", "Billing term scheme; that of its subscription when empty", nullable=True),
        number("unit_price", FEE_PRICE, "Agreed price of a piece or an hour; its plan's when empty", unit="currency",
               nullable=True),
        text("currency", "ISO 4217 currency; the account's when empty", nullable=True),
        text("requester_id", "User who asks for its price, where that is below the floor", nullable=True),
        *LINEAGE,
    ),
    required=False,
)  # fmt: skip

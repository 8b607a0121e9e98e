"""Contracts of the billing schedule: header, records and details, as order-driven billing has them."""

from billing_assets.contract import (
    CYCLE,
    LINEAGE,
    MONTH,
    REJECTION,
    InputTable,
    Partition,
    Table,
    day,
    flag,
    integer,
    number,
    text,
)
from billing_assets.exact import AMOUNT, FEE_PRICE, FEE_QUANTITY, PERCENT, QUANTITY
from billing_assets.orders.tables import PLANNED, PRICING_SOURCES, REFERENCES, REPLACED_AS, SOURCE_KEYS
from billing_assets.reference.tables import ALIGNMENTS, BILLING_RULES, FREQUENCIES, PRICE_PERIODS, PRORATIONS

GROUP = "billing_schedule"

_PERIOD = (
    day("period_start", "First day of the period"),
    day("period_end", "First day after the period; the day after its start for a one-time charge"),
)

BILLING_HEADERS = Table(
    "billing_headers",
    GROUP,
    "one row per order line that has fees, of a split one per part, per stretch that is bought in advance, and per fee "
    "for leaving",
    "Customer, product and pricing of an order line, as its schedule reads them.",
    (
        text("billing_header_id", "Billing header: BH-order line; then #part for a part, #first day for what is not "
             "split after a part, :termination for a fee for leaving, :advance:request for what is bought in advance, "
             ":after:request for what comes next", key=True),
        text("order_line_id", "Order line"),
        text("ordered_line_id", "Line that was ordered first, shared by all its versions"),
        integer("split_part", "Part of a split line that it bills", nullable=True),
        text("subscription_id", "Subscription"),
        text("service_account_id", "Account that uses it"),
        text("payer_account_id", "Account that pays"),
        text("billing_cycle", "Billing cycle of the payer"),
        text("time_zone", "Time zone of the payer's billing months"),
        text("product_id", "Product"),
        text("tax_code", "Tax code"),
        text("price_type", "How it is charged", allowed=("one_time", "recurring")),
        text("billing_term_scheme_id", "Billing term scheme", nullable=True),
        text("billing_frequency", "How often a period is billed", allowed=("one_time", *FREQUENCIES)),
        text("period_unit", "Unit of its length", allowed=("day", "month"), nullable=True),
        integer("period_length", "Months or days of a period; empty for a one-time charge", nullable=True),
        text("billing_rule", "When a period is billed", allowed=BILLING_RULES),
        day("ready_date", "Day from which it may be billed, under the rule on_ready_date", nullable=True),
        text("alignment", "Where its periods begin; empty for a one-time charge", allowed=ALIGNMENTS, nullable=True),
        integer("billing_day", "Day of the month on which periods of months begin (clamped to short months)",
                unit="day"),
        integer("period_anchor", "Month (year * 12 + month - 1), or day since 1970-01-01, in which one of its periods "
                "begins: all others follow from it", nullable=True),
        text("price_period", "What its price is the price of", allowed=PRICE_PERIODS),
        text("proration", "What a part of a period costs", allowed=PRORATIONS),
        text("residual", "Part of a price that takes what rounding leaves over", allowed=("last", "first")),
        text("pricing_source", "Where the price came from", allowed=PRICING_SOURCES[:-1]),
        text("rate_id", "Rate of the plan that gave the price", nullable=True),
        number("quantity", FEE_QUANTITY, "Units", unit="piece"),
        number(
            "unit_price",
            FEE_PRICE,
            "Price per unit, once or of a price period; empty where tiers price the quantity",
            unit="currency",
            nullable=True,
        ),
        number("net_price", AMOUNT, "Price of a price period, or once; by maturity: of the first", unit="currency"),
        flag("tax_included", "Whether the price includes tax"),
        text("currency", "ISO 4217 currency"),
        day("start_date", "First day that is billed"),
        day("end_date", "First day that is no longer billed; open when empty", nullable=True),
        day("service_start", "Begin of the service's life: first day of the product in the subscription"),
        *PLANNED,
        *REFERENCES,
    ),
)  # fmt: skip

PRICE_PHASES = Table(
    "price_phases",
    GROUP,
    "one row per billing header and stretch of its life, where a trial, a new rate or an index makes several",
    "What each stretch of a recurring fee's life costs. A header without phases has one price for all of it.",
    (
        text("billing_header_id", "Billing header", key=True),
        day("phase_from", "First day of the stretch", key=True),
        day("phase_to", "First day after it"),
        text("phase", "Where its price came from: the order line as agreed, its trial, a later rate, or the index",
             allowed=("agreed", "trial", "new_rate", "indexed")),
        text("rate_id", "Rate of the plan that gave the price", nullable=True),
        number("net_price", AMOUNT, "Price of a price period", unit="currency"),
    ),
)  # fmt: skip

ADVANCE_PURCHASES = Table(
    "advance_purchases",
    GROUP,
    "one row per billing header of what is bought in advance",
    "The longer periods that were bought in advance, and what is taken off their price.",
    (
        text("billing_header_id", "Billing header of the longer period", key=True),
        text("whole_header", "Billing header that it was cut out of"),
        text("request_id", "Request to buy in advance"),
        day("bought_from", "First day of the longer period"),
        day("bought_to", "First day after it"),
        integer("months", "Its months", unit="month"),
        integer("free_months", "Months of them that cost nothing", nullable=True, unit="month"),
        number("discount_percent", PERCENT, "Discount off their price", unit="percent", nullable=True),
    ),
)

SCHEDULE_ADJUSTMENTS = InputTable(
    "schedule_adjustments",
    GROUP,
    "one row per approved adjustment",
    "What is added to the fee of a period, or taken off it, as somebody asked for and somebody else approved.",
    (
        text("adjustment_id", "Adjustment", key=True),
        *(text(c.name, c.description) for c in SOURCE_KEYS),
        integer("split_part", "Part of a split line", nullable=True),
        day("adjusted_on", "Any day of the period whose fee it adjusts"),
        number("amount", AMOUNT, "What is added; below 0 what is taken off", unit="currency", nullable=True),
        number("percent", PERCENT, "The same as a part of the fee, instead of an amount", unit="percent",
               nullable=True),
        text("adjustment_reason", "Why", nullable=True),
        text("requester_id", "User who asked for it"),
        text("approver_id", "User who approved it; it changes nothing before", nullable=True),
        text("billing_schedule_record_id", "Record whose fee it adjusts"),
        number("adjusted_amount", AMOUNT, "What it comes to", unit="currency"),
        *LINEAGE,
    ),
    required=False,
    derived=("billing_schedule_record_id", "adjusted_amount"),
)  # fmt: skip

REJECTED_SCHEDULE_ADJUSTMENTS = Table(
    "rejected_schedule_adjustments",
    GROUP,
    "one row per adjustment that changes nothing",
    "Adjustments of fees that were refused, or are not approved, each with its reason.",
    (text("adjustment_id", "Adjustment", nullable=True), *REJECTION),
)

BILLING_SCHEDULE_RECORDS = Table(
    "billing_schedule_records",
    GROUP,
    "one row per billing header and period, in the month whose run takes it, or would have taken it",
    "When a period becomes due, with the amount rolled up from its details. What an action replaced bills nothing.",
    (
        MONTH,
        CYCLE,
        text("billing_schedule_record_id", "Record: header and first day, and what became of a replaced one", key=True),
        text("billing_header_id", "Billing header"),
        *_PERIOD,
        day("ready_for_invoice_date", "Day from which it may be invoiced"),
        text(
            "status",
            "State of the record: in the drafts of its month, or replaced by an action on its line",
            allowed=("pending_invoice", *REPLACED_AS),
        ),
        number("fee_amount", AMOUNT, "Sum of its details", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

BILLING_SCHEDULE_DETAILS = Table(
    "billing_schedule_details",
    GROUP,
    "one row per schedule record, or per part of it that has a price of its own, by maturity or by phase, and category",
    "The only place with fee amounts: the period's part of what the full period costs.",
    (
        MONTH,
        CYCLE,
        text("billing_schedule_detail_id", "Detail: header, first day and category", key=True),
        text("billing_schedule_record_id", "Record"),
        text("billing_header_id", "Billing header"),
        text("record_type", "Origin of the detail", allowed=("regular",)),
        text("category", "What is charged, taken off for buying in advance, or adjusted",
             allowed=("fee", "discount", "adjustment")),
        *_PERIOD,
        number("maturity", QUANTITY, "Month of the service's life that prices it, where its rate says so",
               nullable=True, unit="month"),
        number("full_price", AMOUNT, "What the full period that contains it costs", unit="currency"),
        integer("days_before", "Days of the full period before it", unit="day"),
        integer("billed_days", "Days of the period that are billed", unit="day"),
        integer("full_days", "Days of the full period", unit="day"),
        number("fee_amount", AMOUNT, "Its part of the full price, by billed days over full days as its proration says, "
               "and of a split line what its part takes of that", unit="currency"),
        number("undivided_amount", AMOUNT, "What all parts of a split line come to; empty where it is not split",
               nullable=True, unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

BILLING_HEADER_AMOUNTS = Table(
    "billing_header_amounts",
    GROUP,
    "one row per billing header that has a record in the month",
    "The month's schedule rolled up to its header.",
    (
        MONTH,
        CYCLE,
        text("billing_header_id", "Billing header", key=True),
        integer("records", "Schedule records of the month"),
        number("fee_amount", AMOUNT, "Sum of the records", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

UNBILLED_AMOUNTS = Table(
    "unbilled_amounts",
    GROUP,
    "one row per billing header with a known end and something left to be billed after the month",
    "What is pending billing: the records from the month's end to the end of the term, as the schedule is today.",
    (
        MONTH,
        CYCLE,
        text("billing_header_id", "Billing header", key=True),
        integer("records", "Schedule records that are not ready yet"),
        day("next_ready_date", "Day from which the next of them may be invoiced"),
        number("unbilled_amount", AMOUNT, "What they come to", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

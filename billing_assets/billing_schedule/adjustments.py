"""Approved adjustments of fees: what is added to the fee of one period of an order line, or taken off it.

An adjustment is of the period that its day is in, and is worked out once, on the fee as the schedule has it today. A
fee may be taken off as a whole, but never becomes one of the other sign.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.schedule import of_header, schedule_records
from billing_assets.billing_schedule.tables import REJECTED_SCHEDULE_ADJUSTMENTS, SCHEDULE_ADJUSTMENTS
from billing_assets.exact import AMOUNT, PERCENT, amount, integer, percentage, zero
from billing_assets.orders.history import LINE
from billing_assets.orders.versions import line_name
from billing_assets.records import first_reason
from billing_assets.reference.approvals import approval_rules, with_approver

_RECORD = "billing_schedule_record_id"


def adjusted_lines(adjustments: ir.Table) -> ir.Table:
    """Typed adjustments with ordered_line_id: the line that they are of."""
    return adjustments.mutate(ordered_line_id=line_name(adjustments))


def judge_adjustments(
    adjustments: ir.Table, headers: ir.Table, due: ir.Table, details: ir.Table, users: ir.Table, roles: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Split adjusted_lines into adjustments that count, with their record and what they come to, and the others.

    `headers` are those of the lines, `due` and `details` all their periods with their fees. Reasons:
    UNKNOWN_ORDER_LINE, NO_SUCH_PERIOD, INVALID_ADJUSTMENT, NOT_APPROVED, those of approvals.py, and MORE_THAN_FEE
    (what is taken off a period comes to more than its fee).
    """
    lines = headers.select(known_line=LINE).distinct()
    found = adjustments.left_join(lines, adjustments[LINE] == lines.known_line)
    found = with_approver(_with_record(found, schedule_records(details, due)), users, roles)
    both = found["amount"].notnull() == found.percent.notnull()
    of_fee = percentage(found.fee, found.percent)
    judged = first_reason(
        found.mutate(adjusted_amount=ibis.coalesce(found["amount"], of_fee)),
        (found.known_line.isnull(), "UNKNOWN_ORDER_LINE", LINE, found[LINE]),
        (found.fee.isnull(), "NO_SUCH_PERIOD", "adjusted_on", found.adjusted_on),
        (both | (found.percent == ibis.literal(0).cast(PERCENT)), "INVALID_ADJUSTMENT", "percent", found.percent),
        (found["amount"] == zero(), "INVALID_ADJUSTMENT", "amount", found["amount"]),
        (found.approver_id.isnull(), "NOT_APPROVED", "approver_id", None),
        *approval_rules(found, found.approves_adjustments),
    )
    together = ibis.window(group_by=[judged[_RECORD], judged.reason.isnull()])
    left = amount(judged.fee + judged.adjusted_amount.sum().over(together))
    turned = ((judged.fee >= zero()) & (left < zero())) | ((judged.fee < zero()) & (left > zero()))
    placed = first_reason(
        judged,
        (judged.reason.notnull(), None, None, None),
        (turned, "MORE_THAN_FEE", "fee_amount", judged.fee),
    )
    return (
        SCHEDULE_ADJUSTMENTS.shape(placed.filter(placed.reason.isnull())),
        REJECTED_SCHEDULE_ADJUSTMENTS.shape(placed.filter(placed.reason.notnull())),
    )


def _with_record(adjustments: ir.Table, records: ir.Table) -> ir.Table:
    """Add the record that an adjustment's day is in, with its fee; a fee for leaving comes last."""
    named = adjustments.drop(_RECORD, "adjusted_amount")
    fees = records.select(
        _RECORD, "period_start", "period_end", "price_type", of_line=LINE, of_part="split_part", fee="fee_amount"
    )
    found = named.left_join(
        fees,
        [
            named[LINE] == fees.of_line,
            ibis.coalesce(named.split_part, integer(0)) == ibis.coalesce(fees.of_part, integer(0)),
            named.adjusted_on >= fees.period_start,
            named.adjusted_on < fees.period_end,
        ],
    )
    order = ibis.window(group_by=found.adjustment_id, order_by=[found.price_type.desc(), found[_RECORD]])
    return found.mutate(place=ibis.row_number().over(order)).filter(ibis._.place == 0)


def adjustment_details(due: ir.Table, details: ir.Table, adjustments: ir.Table) -> ir.Table:
    """What the due periods are adjusted by, as details of their own."""
    given = adjustments.select(_RECORD, "adjustment_id", "adjusted_amount")
    found = due.join(given, _RECORD)
    days = found.period_end.delta(found.period_start, unit="day")
    name = of_header("BSD-", found) + ibis.literal(":adjustment:") + found.adjustment_id
    told = {
        "billing_schedule_detail_id": name, "record_type": ibis.literal("regular"),
        "category": ibis.literal("adjustment"), "full_price": found.adjusted_amount, "days_before": integer(0),
        "billed_days": days, "full_days": days, "fee_amount": found.adjusted_amount,
        "undivided_amount": ibis.null(AMOUNT),
    }  # fmt: skip
    types = dict(details.schema().items())
    known = found.mutate(**told)
    return known.select(**{
        column: (known[column] if column in known.columns else ibis.null(dtype)).cast(dtype)
        for column, dtype in types.items()
    })  # fmt: skip

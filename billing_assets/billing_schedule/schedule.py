"""The billing schedule as a pure function of order lines: what becomes due when, and how much.

A period is a month that begins on the header's billing day. It is billed in advance (ready on its first
day) or in arrears (ready on the day after its last). A part of a period costs its calendar days over the
days of the full period that contains it (docs/conventions.md, proration).
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import exact_ratio, total


def billing_headers(order_lines: ir.Table, accounts: ir.Table, billing_cycles: ir.Table) -> ir.Table:
    """One header per order line with a fee; the payer decides cycle and time zone."""
    lines = order_lines.filter(order_lines.price_type != "usage")
    users = accounts.select(user_id="account_id", payer_id="payer_account_id")
    payers = accounts.select("billing_cycle", "time_zone", payer_account_id="account_id")
    found = (
        lines.join(users, lines.account_id == users.user_id)
        .join(payers, ibis._.payer_id == payers.payer_account_id)
        .join(billing_cycles.select("billing_cycle", "anchor_day"), "billing_cycle")
    )
    return found.mutate(
        billing_header_id=ibis.literal("BH-") + found.order_line_id,
        service_account_id=found.account_id,
        billing_frequency=ibis.ifelse(found.price_type == "one_time", "one_time", "monthly"),
        billing_day=ibis.coalesce(found.billing_day, found.anchor_day),
    )


def due_periods(headers: ir.Table, periods: ir.Table, windows: ir.Table) -> ir.Table:
    """The periods of the headers that become ready for invoice within the windows.

    `periods` as of calendar.billing_periods, `windows` as of calendar.windows. Adds period_start,
    period_end, billed_days, full_days, ready_for_invoice_date and month.
    """
    within = windows.select("month", "billing_cycle", "time_zone", "ready_after", "end_date").rename(
        window_end="end_date"
    )
    taken = headers.join(within, ["billing_cycle", "time_zone"])
    dated = _one_time(taken).union(_monthly(taken, periods))
    ready = dated.mutate(
        ready_for_invoice_date=ibis.ifelse(dated.billing_rule == "in_advance", dated.period_start, dated.period_end)
    )
    return ready.filter(
        ready.ready_for_invoice_date > ready.ready_after, ready.ready_for_invoice_date <= ready.window_end
    )


def _one_time(headers: ir.Table) -> ir.Table:
    once = headers.filter(headers.billing_frequency == "one_time")
    return once.mutate(
        period_start=once.start_date,
        period_end=(once.start_date + ibis.interval(days=1)).cast("date"),
        billed_days=ibis.literal(1, "int64"),
        full_days=ibis.literal(1, "int64"),
    )


def _monthly(headers: ir.Table, periods: ir.Table) -> ir.Table:
    monthly = headers.filter(headers.billing_frequency == "monthly")
    placed = monthly.join(
        periods,
        [
            monthly.billing_day == periods.full_billing_day,
            monthly.start_date < periods.full_end,
            ibis.coalesce(monthly.end_date, ibis.date(9999, 12, 31)) > periods.full_start,
        ],
    )
    parts = placed.mutate(
        period_start=ibis.greatest(placed.full_start, placed.start_date),
        period_end=ibis.least(placed.full_end, ibis.coalesce(placed.end_date, ibis.date(9999, 12, 31))),
    )
    counted = parts.mutate(billed_days=parts.period_end.delta(parts.period_start, unit="day"))
    return counted.select(*headers.columns, "period_start", "period_end", "billed_days", "full_days")


def schedule_details(due: ir.Table) -> ir.Table:
    """The fee of each due period."""
    record = ibis.literal("BSR-") + due.order_line_id + ibis.literal(":") + due.period_start.cast("string")
    return due.mutate(
        billing_schedule_record_id=record,
        billing_schedule_detail_id=record.re_replace("^BSR", "BSD") + ibis.literal(":fee"),
        record_type=ibis.literal("regular"),
        category=ibis.literal("fee"),
        fee_amount=exact_ratio(due.net_price, due.billed_days, due.full_days),
    )


def schedule_records(details: ir.Table, due: ir.Table) -> ir.Table:
    """One record per due period, with the sum of its details."""
    sums = details.group_by("billing_schedule_record_id").aggregate(fee_amount=total(details.fee_amount))
    dated = schedule_details(due).drop("fee_amount").mutate(status=ibis.literal("pending_billing"))
    return dated.join(sums, "billing_schedule_record_id")


def header_amounts(records: ir.Table) -> ir.Table:
    """The month's records rolled up to their header."""
    return records.group_by("month", "billing_cycle", "billing_header_id", "currency").aggregate(
        records=records.count(), fee_amount=total(records.fee_amount)
    )

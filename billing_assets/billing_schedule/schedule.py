"""The billing schedule as a pure function of billing headers: what becomes due when.

A period is billed in advance (ready on its first day), in arrears (ready on the day after its last), or in advance
from the day on which the line may be billed at all. What it costs is up to amounts.py.
"""

from datetime import date

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.headers import PREFIX
from billing_assets.contract import FOREVER
from billing_assets.exact import integer, total, zero

_PLACED = ("full_start", "full_end", "full_number", "period_start", "period_end")


def due_periods(headers: ir.Table, periods: ir.Table, windows: ir.Table) -> ir.Table:
    """The periods of the headers that become ready for invoice within the windows, as schedule records.

    `periods` as of periods.full_periods, `windows` as of calendar.windows. Adds the full period that contains it,
    period_start, period_end, ready_for_invoice_date, month and billing_schedule_record_id.
    """
    taken = _in_windows(headers, windows)
    recurring = parts(taken.filter(taken.period_unit.notnull()), periods, "period_length")
    return _ready(_one_time(taken).union(recurring)).mutate(status=ibis.literal("pending_invoice"))


def replaced_periods(headers: ir.Table, periods: ir.Table, windows: ir.Table) -> ir.Table:
    """The records, without an amount, that actions took the place of: those that would have become ready.

    Of a line without an end only the period that it was in was planned.
    """
    taken = _in_windows(headers, windows)
    recurring = taken.filter(taken.period_unit.notnull(), taken.replaced_as.notnull())
    planned = parts(recurring, periods, "period_length", ("start_date", "planned_end_date"))
    replaced = planned.filter(
        planned.period_end > planned.end_date,
        planned.planned_end_date.notnull() | (planned.full_start < planned.end_date),
    )
    ready = _ready(replaced)
    return ready.mutate(
        billing_schedule_record_id=ready.billing_schedule_record_id + ibis.literal(":") + ready.replaced_as,
        status=ready.replaced_as,
        fee_amount=zero(),
    )


def of_header(prefix: str, rows: ir.Table) -> ir.StringValue:
    """The name of what a header has for a period: prefix, the header without its own, the first day."""
    header = rows.billing_header_id.substr(len(PREFIX))
    return ibis.literal(prefix) + header + ibis.literal(":") + rows.period_start.cast("string")


def _in_windows(headers: ir.Table, windows: ir.Table) -> ir.Table:
    within = windows.select("month", "billing_cycle", "time_zone", "ready_after", window_end="end_date")
    return headers.join(within, ["billing_cycle", "time_zone"])


def _ready(dated: ir.Table) -> ir.Table:
    """The periods that become ready within their window; parts not, where parts are not billed."""
    ready = dated.mutate(
        ready_for_invoice_date=ibis.cases(
            (dated.billing_rule == "in_advance", dated.period_start),
            (dated.billing_rule == "in_arrears", dated.period_end),
            (dated.ready_date > dated.period_start, dated.ready_date),
            (dated.ready_date.notnull(), dated.period_start),
            else_=ibis.null("date"),
        ),
        billing_schedule_record_id=of_header("BSR-", dated),
    )
    is_part = (ready.period_start > ready.full_start) | (ready.period_end < ready.full_end)
    return ready.filter(
        ready.ready_for_invoice_date > ready.ready_after,
        ready.ready_for_invoice_date <= ready.window_end,
        ~((ready.proration == "none") & is_part),
    )


def parts(
    rows: ir.Table, periods: ir.Table, length: str, life: tuple[str, str] = ("start_date", "end_date")
) -> ir.Table:
    """The rows, with the terms of their headers, cut by full periods of a length (the column that has it).

    `life` are the columns of the first day and of the first day after: those of headers, or of periods to be cut.
    """
    start, end = (rows[column] for column in life)
    begun = rows.mutate(
        life_start=start,
        life_end=ibis.coalesce(end, ibis.date(FOREVER)),
        wanted_day=ibis.ifelse(rows.period_unit == "day", integer(0), rows.billing_day),
        wanted_phase=rows.period_anchor % rows[length],
    ).drop(*(column for column in _PLACED if column in rows.columns))
    placed = begun.join(
        periods,
        [
            begun.period_unit == periods.full_unit,
            begun[length] == periods.full_length,
            begun.wanted_day == periods.full_day,
            begun.wanted_phase == periods.full_phase,
            begun.life_start < periods.full_end,
            begun.life_end > periods.full_start,
        ],
    )
    cut = placed.mutate(
        period_start=ibis.greatest(placed.full_start, placed.life_start),
        period_end=ibis.least(placed.full_end, placed.life_end),
    )
    kept = [c for c in rows.columns if c not in _PLACED]
    return cut.select(*kept, *_PLACED)


def _one_time(headers: ir.Table) -> ir.Table:
    once = headers.filter(headers.period_unit.isnull())
    end = (once.start_date + ibis.interval(days=1)).cast("date")
    return once.mutate(
        full_start=once.start_date, full_end=end, full_number=integer(0), period_start=once.start_date, period_end=end
    ).select(*headers.columns, *_PLACED)


def schedule_records(details: ir.Table, due: ir.Table) -> ir.Table:
    """One record per due period, with the sum of its details."""
    sums = details.group_by("billing_schedule_record_id").aggregate(fee_amount=total(details.fee_amount))
    return due.join(sums, "billing_schedule_record_id")


def is_left(headers: ir.Table, month: date, horizon: date) -> ir.BooleanValue:
    """Whether a header may become due from a day on, and for the last time before another: one with a known end."""
    once = headers.period_unit.isnull()
    ends = once | (headers.end_date <= horizon)
    later = ibis.ifelse(once, headers.start_date, headers.end_date) >= month
    return ends & (later | (headers.ready_date >= month).fill_null(False))


def unbilled_amounts(details: ir.Table, due: ir.Table) -> ir.Table:
    """What becomes due later, rolled up to headers."""
    records = schedule_records(details, due)
    return records.group_by("month", "billing_cycle", "billing_header_id", "currency").aggregate(
        records=records.count(), next_ready_date=records.ready_for_invoice_date.min(),
        unbilled_amount=total(records.fee_amount),
    )  # fmt: skip


def header_amounts(records: ir.Table) -> ir.Table:
    """The month's records rolled up to their header."""
    return records.group_by("month", "billing_cycle", "billing_header_id", "currency").aggregate(
        records=records.count(), fee_amount=total(records.fee_amount)
    )

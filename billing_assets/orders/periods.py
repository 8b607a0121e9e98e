"""Where the periods of an order line begin.

The line's own terms go before those of its billing term scheme, and those before what is usual: monthly periods
from the billing day, parts by calendar days.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import integer
from billing_assets.reference.periods import in_days, in_months

_EPOCH = (1970, 1, 1)
_MONDAY = 4  # of 1970-01-05, in days since 1970-01-01
_USUAL = {
    "alignment": "billing_day", "price_period": "billing_period", "proration": "calendar_days", "residual": "last",
}  # fmt: skip


def with_payer(lines: ir.Table, accounts: ir.Table, billing_cycles: ir.Table) -> ir.Table:
    """Add payer_account_id, billing_cycle, time_zone and anchor_day: the payer's."""
    users = accounts.select(user_id="account_id", payer_id="payer_account_id")
    payers = accounts.select("billing_cycle", "time_zone", payer_account_id="account_id")
    return (
        lines.join(users, lines.account_id == users.user_id)
        .join(payers, ibis._.payer_id == payers.payer_account_id)
        .join(billing_cycles.select("billing_cycle", "anchor_day"), "billing_cycle")
    )


def with_periods(lines: ir.Table, schemes: ir.Table) -> ir.Table:
    """Add the terms of the periods: unit, length, alignment, and what their price is the price of.

    So too billing_day, and period_anchor: the month or day in which one of them begins, from which all others
    follow. The lines have their frequency (schemes.frequency_of), anchor_day and aligned_from.
    """
    return _aligned(_with_scheme(lines, schemes))


def next_begin(lines: ir.Table, day: ir.DateValue) -> ir.DateValue:
    """The first begin of a period on or after a day; that day where there are no periods."""
    month = _month_number(day)
    ahead = (lines.period_anchor - month) % lines.period_length
    ahead = (ahead + lines.period_length) % lines.period_length
    in_month = _clamped(month + ahead, lines.billing_day)
    of_months = ibis.ifelse(in_month < day, _clamped(month + ahead + lines.period_length, lines.billing_day), in_month)
    days = (lines.period_anchor - day.delta(ibis.date(*_EPOCH), unit="day")) % lines.period_length
    days = (days + lines.period_length) % lines.period_length
    of_days = (day + days.as_interval("D")).cast("date")
    return ibis.cases((lines.period_unit == "month", of_months), (lines.period_unit == "day", of_days), else_=day)


def _with_scheme(lines: ir.Table, schemes: ir.Table) -> ir.Table:
    terms = schemes.select("cycle_start_month", *_USUAL, scheme="billing_term_scheme_id")
    found = lines.left_join(terms, lines.billing_term_scheme_id == terms.scheme)
    usual = found.mutate(**{name: ibis.coalesce(found[name], ibis.literal(value)) for name, value in _USUAL.items()})
    months, days = in_months(usual), in_days(usual)
    return usual.mutate(
        period_unit=ibis.cases((days.notnull(), "day"), (months.notnull(), "month"), else_=ibis.null("string")),
        period_length=ibis.coalesce(months, days),
        alignment=ibis.cases(
            (usual.billing_frequency == "one_time", ibis.null("string")),
            (days.notnull() & (usual.alignment == "billing_day"), "anniversary"),
            (usual.billing_day.notnull(), "billing_day"),
            else_=usual.alignment,
        ),
    )  # fmt: skip


def _aligned(lines: ir.Table) -> ir.Table:
    start = lines.aligned_from
    placed = lines.mutate(
        billing_day=ibis.cases(
            (lines.alignment == "anniversary", start.day().cast("int64")),
            (lines.alignment == "calendar", integer(1)),
            else_=ibis.coalesce(lines.billing_day, lines.anchor_day),
        ),
        start_month=_month_number(start),
        start_day=start.delta(ibis.date(*_EPOCH), unit="day"),
    )
    year = placed.start_month - placed.start_month % 12
    begun_before = (placed.aligned_from.day() > placed.billing_day).cast("int64")
    of_months = ibis.ifelse(
        placed.alignment == "calendar",
        year + ibis.coalesce(placed.cycle_start_month, integer(1)) - 1,
        placed.start_month + begun_before,
    )
    of_days = ibis.ifelse(placed.alignment == "calendar", integer(_MONDAY), placed.start_day)
    return placed.mutate(
        period_anchor=ibis.cases(
            (placed.period_unit == "month", of_months), (placed.period_unit == "day", of_days), else_=ibis.null("int64")
        )
    )


def _month_number(day: ir.DateValue) -> ir.IntegerValue:
    return day.year().cast("int64") * 12 + day.month().cast("int64") - 1


def _clamped(month: ir.IntegerValue, day: ir.IntegerValue) -> ir.DateValue:
    """The day of a month, or its last."""
    last = (_day_of(month + 1, integer(1)) - ibis.interval(days=1)).cast("date")
    return _day_of(month, ibis.least(day, last.day().cast("int64")))


def _day_of(month: ir.IntegerValue, day: ir.IntegerValue) -> ir.DateValue:
    return ibis.date(*(n.cast("int32") for n in (month // 12, month % 12 + 1, day)))

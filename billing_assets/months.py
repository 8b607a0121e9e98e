"""Months counted through (year * 12 + month - 1), and days in them, as expressions.

An engine that adds months to a day gives the last day of a month that is too short for it. DuckDB gives a timestamp,
of which Ibis does not know: it would drop the cast of a day to a day.
"""

import ibis
import ibis.expr.types as ir

_JANUARY = 2000 * 12


def month_number(day: ir.DateValue) -> ir.IntegerValue:
    """The month that a day is in, counted through."""
    return day.year().cast("int64") * 12 + day.month().cast("int64") - 1


def day_in_month(number: ir.IntegerValue, day: ir.IntegerValue) -> ir.DateValue:
    """A day of a month that is counted through; the last of one that is too short for it."""
    return months_after(ibis.date(2000, 1, day.cast("int32")), number - _JANUARY)


def whole_months(start: ir.DateValue, end: ir.DateValue) -> ir.IntegerValue:
    """The months from a day to the same day of another month, or to the last of one too short for it; else NULL."""
    from_day, to_day = start.day(), end.day()
    clamped = (_is_last(end) & (from_day > to_day)) | (_is_last(start) & (from_day < to_day))
    months = month_number(end) - month_number(start)
    return ibis.ifelse((from_day == to_day) | clamped, months, ibis.null("int64"))


def _is_last(day: ir.DateValue) -> ir.BooleanValue:
    return days_after(day, ibis.literal(1)).day() == 1


def months_after(day: ir.DateValue, months: ir.IntegerValue) -> ir.DateValue:
    """The same day some months later; the last of a month that is too short for it."""
    return (day.cast("timestamp") + months.as_interval("M")).cast("date")


def days_after(day: ir.DateValue, days: ir.IntegerValue) -> ir.DateValue:
    return (day.cast("timestamp") + days.as_interval("D")).cast("date")

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


def months_after(day: ir.DateValue, months: ir.IntegerValue) -> ir.DateValue:
    """The same day some months later; the last of a month that is too short for it."""
    return (day.cast("timestamp") + months.as_interval("M")).cast("date")


def days_after(day: ir.DateValue, days: ir.IntegerValue) -> ir.DateValue:
    return (day.cast("timestamp") + days.as_interval("D")).cast("date")

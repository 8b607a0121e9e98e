"""Maturity: which month of its subscription's life something falls in, the first being 1."""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY


def month_of_life(day: ir.DateValue, start: ir.DateValue) -> ir.DecimalValue:
    """The number of the month of life that a day falls in.

    Months begin on the day of `start`, or on the last day of a month that is too short for it.
    """
    begun = (day.day() >= start.day()) | ((day + ibis.interval(days=1)).day() == 1)
    months = (day.year() - start.year()) * 12 + day.month() - start.month() + begun.cast("int32")
    return months.cast(QUANTITY)


def with_maturity(events: ir.Table, subscriptions: ir.Table) -> ir.Table:
    """Add maturity: the month of its subscription's life that an event falls in, local time."""
    lives = subscriptions.select(living="subscription_id", life_start="start_date")
    found = events.left_join(lives, events.subscription_id == lives.living)
    return found.mutate(maturity=month_of_life(found.local_at.date(), found.life_start)).drop("living", "life_start")

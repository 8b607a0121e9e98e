"""Trials: until when a line has its trial price, counted from the first day of its product."""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.agreed_terms import nearest
from billing_assets.exact import amount
from billing_assets.months import day_in_month, days_after, month_number, months_after
from billing_assets.reference.tables import TRIAL_UNITS

_EPOCH = (1970, 1, 1)


def trials(headers: ir.Table, terms: ir.Table) -> ir.Table:
    """billing_header_id, start_date, trial_end (the first day after it) and net_price of lines that begin in a trial.

    `terms` as of agreed_terms.py. A trial belongs to the product in its subscription: a line that follows another of
    it has what is left of it.
    """
    tried = nearest(terms, "trial_length").select("order_line_id", "trial_length", "trial_unit", "trial_price")
    recurring = headers.filter(headers.price_type == "recurring")
    found = recurring.join(tried, "order_line_id")
    days, months, periods = (found.trial_unit == unit for unit in TRIAL_UNITS)
    ended = found.mutate(
        trial_end=ibis.cases(
            (days, days_after(found.service_start, found.trial_length)),
            (months, months_after(found.service_start, found.trial_length)),
            (periods & (found.period_unit == "month"), _after_periods_of_months(found)),
            (periods, _after_periods_of_days(found)),
        ),
        net_price=amount(found.quantity * found.trial_price),
    )
    kept = ended.filter(ended.trial_end > ended.start_date)
    return kept.select("billing_header_id", "start_date", "trial_end", "net_price")


def _after_periods_of_months(rows: ir.Table) -> ir.DateValue:
    begun = (rows.service_start.day().cast("int64") > rows.billing_day).cast("int64")
    return day_in_month(_end(rows, month_number(rows.service_start) + begun), rows.billing_day)


def _after_periods_of_days(rows: ir.Table) -> ir.DateValue:
    epoch = ibis.date(*_EPOCH)
    return days_after(epoch, _end(rows, rows.service_start.delta(epoch, unit="day")))


def _end(rows: ir.Table, start: ir.IntegerValue) -> ir.IntegerValue:
    """Number of the month or day after the full periods of the trial: the first begins at or after the start."""
    length = rows.period_length
    wait = ((rows.period_anchor - start) % length + length) % length
    return start + wait + rows.trial_length * length

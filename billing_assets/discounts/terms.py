"""From when to when a discount is given.

Amounts are given by the billing month of the paying account, from the one with the first day on; everything else from
day to day. That of a service job is given when the job is done, whenever it is asked for.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import zero
from billing_assets.months import day_in_month, month_number, months_after
from billing_assets.reference.tables import FREE_PERIOD, MOST_FREE_MONTHS, SERVICE_JOB


def with_terms(rows: ir.Table) -> ir.Table:
    """Add decisive, the day that decides, is_available on it, valid_from and valid_to; not later for what never counts.

    The rows have the columns of their definition, with available_from and available_to for its validity, those of
    their target (targets.py), and value, start_date, requested_on and end_date of the request.
    """
    of_job = rows.target == SERVICE_JOB
    without_request = ibis.ifelse(of_job, rows.service_start, ibis.greatest(rows.available_from, rows.service_start))
    any_day = ibis.coalesce(rows.requested_on, without_request)
    decisive = ibis.coalesce(
        rows.start_date,
        ibis.cases((rows.starts_on == "service_start", rows.service_start),
                   (rows.starts_on == "agreement", rows.agreed_on), else_=any_day),
    )  # fmt: skip
    begun = rows.mutate(
        decisive=decisive,
        is_available=(rows.available_from <= decisive) & (decisive < rows.available_to),
        valid_from=ibis.ifelse(of_job, rows.service_start, ibis.greatest(decisive, rows.service_start)),
    )
    started = begun.mutate(valid_from=_in_binding(begun))
    ended = started.mutate(valid_to=_lasting(started))
    unbound = ibis.ifelse(ended.binding_period == "in", ended.valid_from, ended.valid_to)
    bound = ibis.ifelse(ended.binding_period == "in", ended.bound_to, ended.valid_to)
    last = ibis.least(ended.valid_to, ibis.coalesce(bound, unbound))
    return ended.mutate(valid_to=ibis.least(last, ibis.coalesce(ended.end_date, last)))


def _in_binding(rows: ir.Table) -> ir.DateValue:
    first = rows.valid_from
    return ibis.cases(
        (rows.binding_period == "any", first),
        (rows.binding_period == "in", ibis.ifelse(rows.bound_from > first, rows.bound_from, first)),
        (rows.bound_to > first, rows.bound_to),
        else_=first,
    )


def _lasting(rows: ir.Table) -> ir.DateValue:
    first = rows.valid_from
    month = month_number(first) - (first.day().cast("int64") < rows.anchor_day).cast("int64")
    months = rows.duration_months
    is_free = (rows.discount_type == FREE_PERIOD) & (rows.value <= MOST_FREE_MONTHS)
    free = ibis.ifelse(is_free, rows.value, zero()).cast("int64")
    return ibis.cases(
        (rows.discount_type == FREE_PERIOD, months_after(first, free)),
        (rows.discount_type == "amount", day_in_month(month + 1, rows.anchor_day)),
        (months.isnull(), ibis.coalesce(rows.ends_on, rows.available_to)),
        (rows.discount_type == "amount_per_period", day_in_month(month + months, rows.anchor_day)),
        else_=months_after(first, months),
    )

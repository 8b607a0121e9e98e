"""From when to when a discount is given.

Amounts are given by the billing month of the paying account, from the one with the first day on; everything else from
day to day. That of a service job is given when the job is done, whenever it is asked for.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.discounts.free_months import free_months
from billing_assets.months import day_in_month, month_number, months_after
from billing_assets.reference.tables import ANY_DAY, FREE_PERIOD, OF_MONEY, SERVICE_JOB


def with_first_day(rows: ir.Table) -> ir.Table:
    """Add decisive, the day that decides, is_available on it, and valid_from.

    The rows have the columns of their definition, with available_from and available_to for its validity, those of
    their target (targets.py), and value, start_date, requested_on and end_date of the request.
    """
    of_job, of_months = rows.target == SERVICE_JOB, rows.discount_type == FREE_PERIOD
    without_request = ibis.ifelse(of_job, rows.service_start, ibis.greatest(rows.available_from, rows.service_start))
    decisive = ibis.coalesce(
        rows.start_date,
        ibis.cases(
            (rows.starts_on == "service_start", rows.service_start),
            (rows.starts_on == "agreement", rows.agreed_on),
            else_=ibis.coalesce(rows.requested_on, without_request),
        ),
    )
    asked_from = ibis.coalesce(rows.start_date, rows.requested_on, rows.service_start)
    begun = rows.mutate(
        decisive=decisive,
        is_available=(rows.available_from <= decisive) & (decisive < rows.available_to),
        valid_from=ibis.cases(
            (of_job, rows.service_start),
            (of_months & (rows.starts_on == "agreement"), decisive),
            (of_months & (rows.starts_on == "service_start"), ibis.greatest(asked_from, rows.service_start)),
            else_=ibis.greatest(decisive, rows.service_start),
        ),
    )
    return begun.mutate(valid_from=_in_binding(begun))


def _in_binding(rows: ir.Table) -> ir.DateValue:
    first = rows.valid_from
    return ibis.cases(
        (rows.binding_period == "any", first),
        (rows.binding_period == "in", ibis.ifelse(rows.bound_from > first, rows.bound_from, first)),
        (rows.bound_to > first, rows.bound_to),
        else_=first,
    )


def renewed(rows: ir.Table) -> ir.Table:
    """The rows (with_first_day) once for each time that they are given anew, the discount_id with that day."""
    ahead = month_number(rows.available_to) - month_number(rows.valid_from)
    once = ibis.literal(1, "int64")
    times = ibis.greatest(ibis.coalesce(ahead // rows.renewal_months + 1, once), once)
    each = rows.mutate(renewal=ibis.range(ibis.literal(0, "int64"), times)).unnest("renewal")
    later = each.renewal * ibis.coalesce(each.renewal_months, ibis.literal(0, "int64"))
    first = ibis.ifelse(
        each.discount_type.isin(OF_MONEY),
        day_in_month(_billing_month(each) + later, each.anchor_day),
        months_after(each.valid_from, later),
    )
    anew = each.renewal > 0
    named = each.mutate(
        valid_from=ibis.ifelse(anew, first, each.valid_from),
        discount_id=ibis.ifelse(anew, each.discount_id + ibis.literal(":") + first.cast("string"), each.discount_id),
    )
    return named.filter((named.renewal == 0) | (named.valid_from < named.available_to))


def with_last_day(rows: ir.Table) -> ir.Table:
    """Add valid_to to rows with_first_day; not later than valid_from for what never counts."""
    ended = rows.mutate(valid_to=_lasting(rows))
    unbound = ibis.ifelse(ended.binding_period == "in", ended.valid_from, ended.valid_to)
    bound = ibis.ifelse(ended.binding_period == "in", ended.bound_to, ended.valid_to)
    last = ibis.least(ended.valid_to, ibis.coalesce(bound, unbound))
    return ended.mutate(valid_to=ibis.least(last, ibis.coalesce(ended.end_date, last)))


def _lasting(rows: ir.Table) -> ir.DateValue:
    first, months = rows.valid_from, rows.duration_months
    at_once = (rows.starts_on == ANY_DAY) | rows.requested_on.notnull()
    return ibis.cases(
        ((rows.discount_type == FREE_PERIOD) & at_once, months_after(first, free_months(rows))),
        (rows.discount_type == "amount", day_in_month(_billing_month(rows) + 1, rows.anchor_day)),
        (months.isnull(), ibis.coalesce(rows.ends_on, rows.available_to)),
        (rows.discount_type == "amount_per_period", day_in_month(_billing_month(rows) + months, rows.anchor_day)),
        else_=months_after(first, months),
    )


def _billing_month(rows: ir.Table) -> ir.IntegerValue:
    """The billing month of the payer that the first day is in, counted through."""
    first = rows.valid_from
    return month_number(first) - (first.day().cast("int64") < rows.anchor_day).cast("int64")

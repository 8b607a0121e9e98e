"""Billing headers: the terms of an order line, as its schedule reads them.

The line's own terms go before those of its billing term scheme, and those before what is usual: monthly periods
from the billing day, in advance, parts by calendar days.
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


def billing_headers(order_lines: ir.Table, accounts: ir.Table, billing_cycles: ir.Table, schemes: ir.Table) -> ir.Table:
    """One header per order line with a fee; the payer decides cycle and time zone."""
    started = ibis.window(group_by=[order_lines.subscription_id, order_lines.product_id])
    lines = order_lines.mutate(service_start=order_lines.start_date.min().over(started))
    lines = lines.filter(lines.price_type != "usage")
    users = accounts.select(user_id="account_id", payer_id="payer_account_id")
    payers = accounts.select("billing_cycle", "time_zone", payer_account_id="account_id")
    found = (
        lines.join(users, lines.account_id == users.user_id)
        .join(payers, ibis._.payer_id == payers.payer_account_id)
        .join(billing_cycles.select("billing_cycle", "anchor_day"), "billing_cycle")
    )
    named = found.mutate(
        billing_header_id=ibis.literal("BH-") + found.order_line_id, service_account_id=found.account_id
    )
    return _aligned(_with_scheme(named, schemes))


def _with_scheme(lines: ir.Table, schemes: ir.Table) -> ir.Table:
    terms = schemes.select(
        "frequency_count", "frequency_unit", "cycle_start_month", *_USUAL, scheme="billing_term_scheme_id"
    )
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
    """Add billing_day, and the month or day in which one of the periods begins: all others follow from it."""
    start = lines.start_date
    placed = lines.mutate(
        billing_day=ibis.cases(
            (lines.alignment == "anniversary", start.day().cast("int64")),
            (lines.alignment == "calendar", integer(1)),
            else_=ibis.coalesce(lines.billing_day, lines.anchor_day),
        ),
        start_month=start.year().cast("int64") * 12 + start.month().cast("int64") - 1,
        start_day=start.delta(ibis.date(*_EPOCH), unit="day"),
    )
    year = placed.start_month - placed.start_month % 12
    begun_before = (placed.start_date.day() > placed.billing_day).cast("int64")
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

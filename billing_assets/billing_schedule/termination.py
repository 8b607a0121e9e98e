"""Fees for leaving: a product that ends before its binding period does owes one, as a one-time charge of its last day.

A product is bound from its first day in the subscription, whatever lines it had since. What is left is counted in
started months.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.agreed_terms import nearest
from billing_assets.exact import FEE_PRICE, FEE_QUANTITY, exact_ratio, percentage
from billing_assets.months import months_after
from billing_assets.pricing.maturity import month_of_life
from billing_assets.reference.periods import price_months

_DAYS_OF_MONTH = 30
_OF_PERIODS = (
    ("period_unit", "string"), ("period_length", "int64"), ("alignment", "string"), ("period_anchor", "int64"),
    ("rate_id", "string"), ("ready_date", "date"), ("end_date", "date"),
)  # fmt: skip


def termination_headers(headers: ir.Table, terms: ir.Table, products: ir.Table, phases: ir.Table) -> ir.Table:
    """A billing header for each fee for leaving, with the columns of `headers`.

    `terms` as of agreed_terms.py, `phases` as of phases.py: the price of the months that are left is the last that was
    not of a trial.
    """
    bound = nearest(terms, "binding_months").select(
        "order_line_id", "binding_months", "termination_product_id", "termination_amount", "termination_percent"
    )
    found = _last_of_product(headers).join(bound, "order_line_id")
    left = found.filter(found.end_date < months_after(found.service_start, found.binding_months))
    priced = _with_last_price(left, phases)
    services = products.select(termination_product_id="product_id", termination_tax_code="tax_code")
    fee = ibis.coalesce(priced.termination_amount, percentage(_of_months_left(priced), priced.termination_percent))
    charged = priced.mutate(net_price=fee).join(services, "termination_product_id")
    empty = {name: ibis.null(dtype) for name, dtype in _OF_PERIODS}
    return charged.mutate(
        **empty,
        billing_header_id=charged.billing_header_id + ibis.literal(":termination"),
        product_id=charged.termination_product_id,
        tax_code=charged.termination_tax_code,
        price_type=ibis.literal("one_time"),
        billing_frequency=ibis.literal("one_time"),
        billing_rule=ibis.literal("in_advance"),
        pricing_source=ibis.literal("offer"),
        quantity=ibis.literal(1).cast(FEE_QUANTITY),
        unit_price=charged.net_price.cast(FEE_PRICE),
        start_date=charged.end_date,
    ).select(headers.columns)


def _last_of_product(headers: ir.Table) -> ir.Table:
    """The line that ends a product of a subscription: the last of its lines, where none is open."""
    lines = headers.filter(headers.price_type == "recurring")
    product = [lines.subscription_id, lines.product_id]
    order = [lines.end_date.isnull().desc(), lines.end_date.desc(), lines.order_line_id.desc()]
    ranked = lines.mutate(place=ibis.row_number().over(group_by=product, order_by=order))
    return ranked.filter(ranked.place == 0, ranked.end_date.notnull()).drop("place")


def _with_last_price(lines: ir.Table, phases: ir.Table) -> ir.Table:
    regular = phases.filter(phases.phase != "trial").select(
        "phase_from", "phase_to", phased_header="billing_header_id", phase_price="net_price"
    )
    found = lines.select("billing_header_id", last_day="end_date").join(
        regular, ibis._.billing_header_id == regular.phased_header
    )
    open_at_end = found.filter(found.last_day <= found.phase_to)
    first = open_at_end.group_by(priced_header="billing_header_id").aggregate(
        last_price=open_at_end.phase_price.argmin(open_at_end.phase_from)
    )
    joined = lines.left_join(first, lines.billing_header_id == first.priced_header)
    return joined.mutate(net_price=ibis.coalesce(joined.last_price, joined.net_price))


def _of_months_left(rows: ir.Table) -> ir.DecimalValue:
    """The price of the months of the binding period that are left; a month has 30 days where periods have days."""
    passed = month_of_life(rows.end_date, rows.service_start).cast("int64") - 1
    left = rows.binding_months - passed
    of_days = rows.period_unit == "day"
    numerator = ibis.ifelse(of_days, left * _DAYS_OF_MONTH, left)
    months = ibis.coalesce(price_months(rows.price_period), rows.period_length)
    return exact_ratio(rows.net_price, numerator, ibis.ifelse(of_days, rows.period_length, months))

"""Fees for leaving: a product that ends before its binding period does owes one, as a one-time charge of its last day.

A product is bound from its first day in the subscription, whatever lines it had since. What is left is counted in
started months.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.agreed_terms import last_of_product, nearest
from billing_assets.billing_schedule.maturity import Aging, prices_of_months
from billing_assets.exact import FEE_PRICE, FEE_QUANTITY, exact_ratio, integer, percentage
from billing_assets.months import months_after
from billing_assets.pricing.maturity import month_of_life
from billing_assets.reference.periods import price_months

_DAYS_OF_MONTH = 30
_OF_PERIODS = (
    ("period_unit", "string"), ("period_length", "int64"), ("alignment", "string"), ("period_anchor", "int64"),
    ("rate_id", "string"), ("ready_date", "date"), ("end_date", "date"), ("planned_end_date", "date"),
    ("replaced_as", "string"),
)  # fmt: skip


def termination_headers(
    headers: ir.Table, terms: ir.Table, products: ir.Table, phases: ir.Table, aging: Aging | None
) -> ir.Table:
    """A billing header for each fee for leaving, with the columns of `headers`.

    `terms` as of agreed_terms.py, `phases` as of phases.py: the price of the months that are left is the last that was
    not of a trial; by maturity (`aging`, None without) each of them has its own.
    """
    bound = nearest(terms, "binding_months").select(
        "order_line_id", "binding_months", "termination_product_id", "termination_amount", "termination_percent"
    )
    last = last_of_product(headers.filter(headers.price_type == "recurring"))
    found = last.filter(last.end_date.notnull()).join(bound, "order_line_id")
    left = found.filter(found.end_date < months_after(found.service_start, found.binding_months))
    priced = _with_price_left(_with_last_price(left, phases), aging)
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


def _with_last_price(lines: ir.Table, phases: ir.Table) -> ir.Table:
    regular = phases.filter(phases.phase != "trial").select(
        "phase_from", "phase_to", phased_header="billing_header_id", phase_price="net_price", phase_rate="rate_id"
    )
    found = lines.select("billing_header_id", last_day="end_date").join(
        regular, ibis._.billing_header_id == regular.phased_header
    )
    open_at_end = found.filter(found.last_day <= found.phase_to)
    first = open_at_end.group_by(priced_header="billing_header_id").aggregate(
        last_price=open_at_end.phase_price.argmin(open_at_end.phase_from),
        last_rate=open_at_end.phase_rate.argmin(open_at_end.phase_from),
    )
    joined = lines.left_join(first, lines.billing_header_id == first.priced_header)
    moved = joined.priced_header.notnull()
    return joined.mutate(
        net_price=ibis.coalesce(joined.last_price, joined.net_price),
        rate_id=ibis.ifelse(moved, joined.last_rate, joined.rate_id),
    )


def _with_price_left(lines: ir.Table, aging: Aging | None) -> ir.Table:
    """Add price_left: what the months that are left come to, if each were a price period."""
    passed = month_of_life(lines.end_date, lines.service_start).cast("int64") - 1
    counted = lines.mutate(months_passed=passed)
    alike = exact_ratio(counted.net_price, counted.binding_months - counted.months_passed, 1)
    if aging is None:
        return counted.mutate(price_left=alike)
    aged = prices_of_months(counted, aging)
    found = counted.left_join(aged, counted.billing_header_id == aged.aged_header)
    return found.mutate(price_left=ibis.coalesce(found.aged_price, alike))


def _of_months_left(rows: ir.Table) -> ir.DecimalValue:
    """The price of the months of the binding period that are left; a month has 30 days where periods have days."""
    of_days = rows.period_unit == "day"
    months = ibis.coalesce(price_months(rows.price_period), rows.period_length)
    days = ibis.ifelse(of_days, integer(_DAYS_OF_MONTH), integer(1))
    return exact_ratio(rows.price_left, days, ibis.ifelse(of_days, rows.period_length, months))

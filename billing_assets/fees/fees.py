"""Fees: what the billing schedule says is due, as items."""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.exact import FEE_PRICE, FEE_QUANTITY, ITEM_PRICE, QUANTITY, exact_share, integer
from billing_assets.fees.tables import FEE_ITEMS
from billing_assets.item import ADJUSTMENT, REDUCTION, as_items
from billing_assets.orders.service_jobs import SOURCE as SERVICE_JOB
from billing_assets.reference.legs import with_leg

_PART = {"discount": REDUCTION, "adjustment": ADJUSTMENT}
_ONE = ibis.literal(1).cast(QUANTITY)


def fee_items(
    details: ir.Table, headers: ir.Table, products: ir.Table, units: ir.Table | None = None,
    legs: ir.Table | None = None,
) -> ir.Table:  # fmt: skip
    """One item per schedule detail of the month.

    `units` are those of lines that are not counted in pieces, `legs` those of payers (reference/legs.py).
    """
    priced = headers.drop("billing_cycle", "currency").join(products.select("product_id", label="name"), "product_id")
    found = with_leg(details.join(priced, "billing_header_id"), legs)
    if units is not None:
        found = found.left_join(units, "order_line_id").drop("order_line_id_right")
    is_fee = found.category == "fee"
    return as_items(
        found.mutate(unit_price=ibis.ifelse(is_fee, _unit_price(found), ibis.null(ITEM_PRICE))),
        FEE_ITEMS,
        item_type="fee",
        component=found.category.cases(*_PART.items(), else_=None),
        price_per=_ONE,
        source_table=BILLING_SCHEDULE_DETAILS.name,
        source_id=found.billing_schedule_detail_id,
        service_start=found.period_start,
        service_end=found.period_end,
        events=integer(1),
        unit="piece" if units is None else ibis.coalesce(found.unit, "piece"),
        billed_quantity=found.quantity,
        amount=found.fee_amount,
    )


def _unit_price(found: ir.Table) -> ir.DecimalValue:
    """What one unit costs for the period; NULL for a part of it, and where tiers price the quantity."""
    each = exact_share(found.full_price, _ONE, found.quantity.cast(QUANTITY).nullif(0)).try_cast(FEE_PRICE)
    is_price = (found.fee_amount == found.full_price) & found.unit_price.notnull()
    made = each * found.quantity.cast(FEE_QUANTITY)
    return ibis.ifelse(is_price & (made == found.fee_amount), each.cast(ITEM_PRICE), ibis.null(ITEM_PRICE))


def hours(order_lines: ir.Table, jobs: ir.Table) -> ir.Table:
    """order_line_id and unit of the lines of service jobs that are billed by duration."""
    timed = jobs.filter(jobs.unit != "piece").select(source_order_id="job_id", source_line_id="line_id")
    done = order_lines.filter(order_lines.source == SERVICE_JOB)
    return done.semi_join(timed, timed.columns).select("order_line_id", unit=ibis.literal("hour"))

"""Fees: what the billing schedule says is due, as items."""

import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.exact import integer
from billing_assets.fees.tables import FEE_ITEMS
from billing_assets.item import VENDOR_TO_CUSTOMER, as_items


def fee_items(details: ir.Table, headers: ir.Table, products: ir.Table) -> ir.Table:
    """One item per schedule detail of the month."""
    priced = headers.drop("billing_cycle", "currency").join(products.select("product_id", label="name"), "product_id")
    found = details.join(priced, "billing_header_id")
    return as_items(
        found,
        FEE_ITEMS,
        item_type="fee",
        leg=VENDOR_TO_CUSTOMER,
        source_table=BILLING_SCHEDULE_DETAILS.name,
        source_id=found.billing_schedule_detail_id,
        service_start=found.period_start,
        service_end=found.period_end,
        events=integer(1),
        unit="piece",
        billed_quantity=found.quantity,
        amount=found.fee_amount,
    )

"""Billing headers: the terms of an order line, as its schedule reads them."""

import ibis
import ibis.expr.types as ir

from billing_assets.orders.periods import with_payer, with_periods

PREFIX = "BH-"


def billing_headers(order_lines: ir.Table, accounts: ir.Table, billing_cycles: ir.Table, schemes: ir.Table) -> ir.Table:
    """One header per order line with a fee; the payer decides cycle and time zone."""
    started = ibis.window(group_by=[order_lines.subscription_id, order_lines.product_id])
    lines = order_lines.mutate(service_start=order_lines.start_date.min().over(started))
    lines = with_payer(lines.filter(lines.price_type != "usage"), accounts, billing_cycles)
    named = lines.mutate(
        billing_header_id=header_of(lines.order_line_id),
        service_account_id=lines.account_id,
        split_part=ibis.null("int64"),
    )
    return with_periods(named, schemes)


def header_of(order_line_id: ir.StringValue) -> ir.StringValue:
    """The name of the header of an order line."""
    return ibis.literal(PREFIX) + order_line_id

"""Accepted quotes as orders: their lines in the one shape that order lines of every source have."""

import ibis
import ibis.expr.types as ir

from billing_assets.quotes.lines import VERSION, as_orders
from billing_assets.records import first_reason

ORDER_KEY = ("source", "source_order_id")


def accepted_orders(accepted: ir.Table, quotes: ir.Table, lines: ir.Table, prices: ir.Table) -> ir.Table:
    """The order lines of accepted quotes: a negotiated price is the line's own, any other that of offer or plan."""
    of = quotes.semi_join(accepted, VERSION).select(
        *VERSION, "account_id", "currency", "requester_id", "created_on", "term_end", "after_term",
        quote_start="start_date",
    )  # fmt: skip
    quoted = prices.select(*VERSION, "line_id", quoted_price="unit_price")
    found = lines.join(of, VERSION).join(quoted, (*VERSION, "line_id"))
    negotiated = found.unit_price.notnull() | found.discount_percent.notnull()
    end = ibis.ifelse(
        found.after_term == "ends", ibis.least(ibis.coalesce(found.end_date, found.term_end), found.term_end),
        found.end_date,
    )  # fmt: skip
    return as_orders(
        found.mutate(
            start_date=ibis.coalesce(found.start_date, found.quote_start),
            end_date=end,
            unit_price=ibis.ifelse(negotiated, found.quoted_price, ibis.null(found.quoted_price.type())),
        )
    )


def imported_again(imported: ir.Table, orders: ir.Table) -> ir.Table:
    """Imported lines of orders that are accepted quotes. Reason: ORDERED_BY_QUOTE."""
    again = imported.semi_join(orders, ORDER_KEY)
    return first_reason(again, (ibis.literal(True), "ORDERED_BY_QUOTE", "source_order_id", again.source_order_id))

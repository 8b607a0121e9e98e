"""Prices of order lines out of their plan, where neither the order nor its offer gives one."""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, FEE_PRICE, QUANTITY
from billing_assets.pricing.ordered import priced_order
from billing_assets.pricing.price_book import PriceBook
from billing_assets.pricing.rate_card import anywhere, in_force, of_plan


def with_plan_price(lines: ir.Table, book: PriceBook | None) -> ir.Table:
    """Add rate_id, rate_tax_included, plan_price (of a unit, NULL for tiers that are added up) and plan_amount.

    The rate is the one in force on priced_on; all NULL where the plan has none in its currency. By
    maturity, the price is that of the first month.
    """
    if book is None:
        empty = {"rate_id": "string", "rate_tax_included": "boolean", "plan_price": FEE_PRICE, "plan_amount": AMOUNT}
        return lines.mutate(**{name: ibis.null(dtype) for name, dtype in empty.items()})
    card = anywhere(book.card)
    others = lines.filter(lines.price_type != "usage").select(
        "line_key", "applied_plan", "product_id", "line_currency", "priced_on", "quantity"
    )
    found = others.join(
        card,
        [
            *of_plan(others, card, "applied_plan"),
            *in_force(others, card, "priced_on"),
            others.line_currency == card.rate_currency,
        ],
    )
    made = priced_order(found.mutate(maturity=ibis.literal(1).cast(QUANTITY)), book.levels, book.models)
    per_unit = made.amount_below.isnull() & (made.price_per == 1)
    planned = made.select(
        "rate_id",
        priced_line="line_key",
        rate_tax_included="tax_included",
        plan_price=ibis.ifelse(per_unit, made.unit_price.cast(FEE_PRICE), ibis.null(FEE_PRICE)),
        plan_amount=made.amount,
    )
    return lines.left_join(planned, lines.line_key == planned.priced_line).drop("priced_line")

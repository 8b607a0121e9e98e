"""Terms that order lines have of their own: whether there is such a line, and whether they can be."""

import ibis.expr.types as ir

from billing_assets.orders.tables import ORDER_TERMS
from billing_assets.orders.versions import LINE_KEY
from billing_assets.records import first_reason
from billing_assets.reference.life_rules import term_faults


def judge_terms(terms: ir.Table, ordered: ir.Table, products: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Split typed terms into those of order lines and the others, in the shape of refused orders.

    Reasons: UNKNOWN_ORDER_LINE, TERMS_NOT_RECURRING, UNKNOWN_TERMINATION_PRODUCT, INVALID_TERMS.
    """
    of_line = ordered.select("price_type", **{f"ordered_{c}": c for c in LINE_KEY})
    once = products.filter(products.product_type == "one_time_service").select(known_service="product_id")
    found = terms.left_join(of_line, [terms[c] == of_line[f"ordered_{c}"] for c in LINE_KEY])
    found = found.left_join(once, found.termination_product_id == once.known_service)
    service = found.termination_product_id
    judged = first_reason(
        found,
        (found.price_type.isnull(), "UNKNOWN_ORDER_LINE", "source_line_id", found.source_line_id),
        (found.price_type != "recurring", "TERMS_NOT_RECURRING", "price_type", found.price_type),
        (service.notnull() & found.known_service.isnull(), "UNKNOWN_TERMINATION_PRODUCT", "termination_product_id",
         service),
        *((condition, "INVALID_TERMS", column, found[column]) for condition, column, _ in term_faults(found)),
    )  # fmt: skip
    refused = judged.filter(judged.reason.notnull())
    return (
        ORDER_TERMS.shape(judged.filter(judged.reason.isnull())),
        refused.select(*LINE_KEY, "reason", "detail", "source_file", "source_line"),
    )

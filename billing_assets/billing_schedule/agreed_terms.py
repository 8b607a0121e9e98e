"""What was agreed on for the life of a line: trial, binding period, fee for leaving.

What the order line says itself goes before its offer, and that before its billing term scheme; each for what it says:
a trial of the line's own leaves the binding period to its offer. Of offer and scheme, the row valid on the day of the
order counts.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.orders.tables import SOURCE_KEYS
from billing_assets.reference.tables import LIFE_TERMS

_TERMS = tuple(column.name for column in LIFE_TERMS)
_LINE = "order_line_id"


def agreed_terms(
    order_lines: ir.Table, order_terms: ir.Table, offer_terms: ir.Table, scheme_terms: ir.Table
) -> ir.Table:
    """The terms of recurring lines, of each who says something: order_line_id, `distance`, and the terms."""
    lines = order_lines.filter(order_lines.price_type == "recurring").select(
        _LINE, "ordered_line_id", "offer_id", "product_id", "billing_term_scheme_id", "currency", "ordered_on"
    )
    ordered = ibis.literal(":").join([order_terms[key.name] for key in SOURCE_KEYS])
    own = lines.join(order_terms.select(*_TERMS, ordered_line_id=ordered), "ordered_line_id")
    offered = _valid(lines.join(offer_terms.drop("source_file", "source_line"), ("offer_id", "product_id", "currency")))
    general = _valid(
        lines.join(scheme_terms.drop("source_file", "source_line"), ("billing_term_scheme_id", "currency"))
    )
    said = enumerate((own, offered, general))
    return ibis.union(*(rows.select(_LINE, *_TERMS, distance=ibis.literal(n, "int64")) for n, rows in said))


def nearest(terms: ir.Table, column: str) -> ir.Table:
    """The one row of each line that counts for a term: of those that have it, the nearest."""
    given = terms.filter(terms[column].notnull())
    ranked = given.mutate(place=ibis.row_number().over(group_by=given[_LINE], order_by=given.distance))
    return ranked.filter(ranked.place == 0).drop("place", "distance")


def last_of_product(lines: ir.Table) -> ir.Table:
    """The line of each product of a subscription whose terms count for leaving it: an open one, else the last."""
    product = [lines.subscription_id, lines.product_id]
    order = [lines.end_date.isnull().desc(), lines.end_date.desc(), lines[_LINE].desc()]
    ranked = lines.mutate(place=ibis.row_number().over(group_by=product, order_by=order))
    return ranked.filter(ranked.place == 0).drop("place")


def _valid(rows: ir.Table) -> ir.Table:
    return rows.filter(rows.ordered_on >= rows.valid_from, rows.ordered_on < rows.valid_to)

"""Which months of a fee are free.

Free months begin with the discount, or with the product: the first day of its service, or of its agreement. Where they
are for what is bought in advance, they do not begin before that does, and are given once.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.discounts.fee_facts import ADVANCE_MONTHS, BOUGHT_FROM, PRODUCT_AGREED, PRODUCT_FROM
from billing_assets.exact import zero
from billing_assets.months import months_after
from billing_assets.reference.tables import ANY_DAY, FREE_PERIOD, MOST_FREE_MONTHS


def with_free_months(pairs: ir.Table, criteria: ir.Table) -> ir.Table:
    """Add free_from and free_to to pairs of charge and discount (order.py); of other discounts they mean nothing.

    Where they begin with a product, the days of the discount are those on which they may begin.
    """
    own = pairs.starts_on.cases(
        ("service_start", pairs[PRODUCT_FROM]), ("agreement", pairs[PRODUCT_AGREED]), else_=pairs.valid_from
    )
    begun = pairs.mutate(free_from=ibis.greatest(pairs.valid_from, own))
    if BOUGHT_FROM in pairs.columns:
        begun = _not_before_purchases(begun, criteria)
    of_product = begun.starts_on != ANY_DAY
    ended = ibis.ifelse(of_product, months_after(begun.free_from, free_months(begun)), begun.valid_to)
    may_begin = begun.free_from < begun.valid_to
    return begun.mutate(free_to=ibis.ifelse(may_begin, ended, begun.free_from))


def _not_before_purchases(pairs: ir.Table, criteria: ir.Table) -> ir.Table:
    about = criteria.filter(criteria.field == ADVANCE_MONTHS).select(of_purchases="discount_definition_id")
    found = pairs.left_join(about, pairs.discount_definition_id == about.of_purchases)
    waits = found.of_purchases.notnull() & (found.starts_on != ANY_DAY)
    first = ibis.ifelse(waits, ibis.greatest(found.free_from, found[BOUGHT_FROM]), found.free_from)
    return found.mutate(free_from=first).drop("of_purchases")


def free_months(rows: ir.Table) -> ir.IntegerValue:
    """The months of a free period; none of anything else."""
    is_free = (rows.discount_type == FREE_PERIOD) & (rows.value <= MOST_FREE_MONTHS)
    return ibis.ifelse(is_free, rows.value, zero()).cast("int64")

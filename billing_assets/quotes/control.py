"""Control of negotiated prices: floor price, the discount that a role may give, and who may approve more.

What passes a limit counts only once it was approved by a user with the privilege who is not who asked, and who is of
the same organisational unit, or of none.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import PERCENT, amount, exact_ratio
from billing_assets.pricing.floors import with_floor
from billing_assets.quotes.lines import VERSION
from billing_assets.records import first_reason
from billing_assets.reference.approvals import approval_rules, with_approver

_MICRO = 10**6


def with_limits(lines: ir.Table, users: ir.Table, roles: ir.Table, floor_prices: ir.Table) -> ir.Table:
    """Add maximum_discount, floor_price, discount_percent, above_limit and below_floor to priced lines."""
    limits = users.join(roles, "role").select("maximum_discount", requester_id="user_id")
    limited = lines.left_join(limits, "requester_id").drop("requester_id_right")
    floored = with_floor(limited, floor_prices, "created_on")
    nothing = ibis.literal(0).cast(PERCENT)
    made = floored.mutate(
        maximum_discount=ibis.coalesce(floored.maximum_discount, nothing),
        discount_percent=_discount(floored).cast(PERCENT),
    )
    unmeasured = made.negotiated & made.list_price.isnull() & made.floor_price.isnull()
    return made.mutate(
        above_limit=(made.discount_percent > made.maximum_discount).fill_null(False),
        below_floor=(made.unit_price < made.floor_price).fill_null(False) | unmeasured,
    )


def _discount(lines: ir.Table) -> ir.DecimalValue:
    """How many percent of the list price the unit price is below it; 0 where it is above."""
    reduction = amount(lines.list_price - lines.unit_price)
    millionths = (lines.list_price * _MICRO).cast("int64")
    percent = exact_ratio(amount(reduction * 100), _MICRO, ibis.greatest(millionths, 1))
    nothing = ibis.literal(0).cast(percent.type())
    return ibis.ifelse((reduction > 0) & (millionths > 0), percent, ibis.ifelse(reduction.isnull(), None, nothing))


def needs(prices: ir.Table) -> ir.Table:
    """What a version needs approval for: its highest discount above the limit, and prices below the floor."""
    above = ibis.ifelse(prices.above_limit, prices.discount_percent, ibis.literal(0).cast(PERCENT))
    found = (
        prices.mutate(above=above)
        .group_by(*VERSION)
        .aggregate(most_discount=ibis._.above.max(), below_floor=ibis._.below_floor.any(), lines=ibis._.count())
    )
    return found.mutate(needs_approval=(found.most_discount > 0) | found.below_floor)


def judged_approvals(
    approvals: ir.Table, quotes: ir.Table, needed: ir.Table, users: ir.Table, roles: ir.Table
) -> ir.Table:
    """Approvals of quotes with reason and detail, where they do not count.

    Reasons: UNKNOWN_QUOTE, and those of reference/approvals.py.
    """
    asked = quotes.select(*VERSION, "requester_id").left_join(needed, VERSION)
    asked = asked.select(
        "requester_id", "most_discount", "below_floor", known_quote="quote_id", known_version="version"
    )
    found = approvals.left_join(
        asked, [approvals.object_id == asked.known_quote, approvals.object_version == asked.known_version]
    )
    found = with_approver(found, users, roles)
    may_discount = (found.most_discount <= 0) | (found.most_discount <= found.approves_discount).fill_null(False)
    may = (may_discount & (~found.below_floor | found.approves_below_floor)).fill_null(True)
    return first_reason(
        found,
        (found.known_quote.isnull(), "UNKNOWN_QUOTE", "object_id", found.object_id),
        *approval_rules(found, may),
    )

"""Included units: which events of the month a bundle covers, in the order in which they happened.

The units that a bundle has covered after an event are what has been used so far, but at most what it
includes: an event that crosses the limit is covered in part, and a reversed event gives its units back.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, amount, exact_share, quantity, total_quantity, zero
from billing_assets.rating.tables import USAGE


def eligible(rated: ir.Table, bundles: ir.Table) -> ir.Table:
    """The rated events of the month (rating/month.py) that a bundle of their plan applies to."""
    offered = bundles.select(
        "bundle_id", "included_quantity", "valid_from", "valid_to",
        bundle_plan="price_plan_id", bundle_product="product_id", bundle_zone="zone_id",
    )  # fmt: skip
    charged = rated.filter(rated.rating_type == "post_rated", rated.component == USAGE, rated.billed_quantity != 0)
    met = charged.join(
        offered, [charged.price_plan_id == offered.bundle_plan, charged.product_id == offered.bundle_product]
    )
    local_day = met.local_at.date()
    return met.filter(
        met.bundle_zone.isnull() | (met.bundle_zone == met.zone_id),
        met.valid_from <= local_day,
        local_day < met.valid_to,
    )


def use(events: ir.Table) -> ir.Table:
    """Units used per subscription and bundle, and whether their order matters."""
    used = events.group_by("month", "billing_cycle", "subscription_id", "bundle_id", "included_quantity").aggregate(
        used_quantity=total_quantity(events.billed_quantity),
        least=events.billed_quantity.min(),
        unit=events.unit.min(),
    )
    in_order = (used.used_quantity > used.included_quantity) | (used.least < 0)
    return used.mutate(in_order=in_order)


def covered(events: ir.Table, used: ir.Table) -> ir.Table:
    """The covered events with covered_quantity and the amount that it takes back.

    Events are put in order only for those whose bundle does not cover all of the month.
    """
    key = ["subscription_id", "bundle_id"]
    late = events.semi_join(used.filter(used.in_order), key)
    window = ibis.window(
        group_by=[late.subscription_id, late.bundle_id],
        order_by=[late.billing_effective_at, late.udr_id, late.split],
        preceding=None, following=0,
    )  # fmt: skip
    counted = late.mutate(used_after=quantity(late.billed_quantity.sum().over(window)))
    before = quantity(counted.used_after - counted.billed_quantity)
    limit = counted.included_quantity
    partly = counted.mutate(
        used_before=before,
        covered_quantity=quantity(_up_to(counted.used_after, limit) - _up_to(before, limit)),
    ).drop("used_after")
    wholly = events.anti_join(used.filter(used.in_order), key)
    wholly = wholly.mutate(used_before=ibis.null(QUANTITY), covered_quantity=wholly.billed_quantity)
    both = partly.union(wholly)
    both = both.filter(both.covered_quantity != 0)
    return both.mutate(amount=amount(-exact_share(_of_units(both), both.covered_quantity, both.billed_quantity)))


def _of_units(events: ir.Table) -> ir.DecimalValue:
    """What the units of an event were charged: of one brought to its maximum what that leaves beside the setup fee."""
    left = amount(events.amount - events.setup_fee)
    same_sign = (left > 0) == (events.unit_amount > 0)
    capped = ibis.ifelse(same_sign, left, zero())
    return ibis.ifelse(events.limit_applied.fill_null("") == "maximum", capped, events.unit_amount)


def _up_to(used: ir.DecimalValue, limit: ir.DecimalValue) -> ir.DecimalValue:
    return ibis.greatest(ibis.least(used, limit), ibis.literal(0).cast(QUANTITY))


def counters(used: ir.Table) -> ir.Table:
    """What each bundle has covered, and what is left of it."""
    spent = _up_to(used.used_quantity, used.included_quantity)
    return used.mutate(covered_quantity=quantity(spent), remaining_quantity=quantity(used.included_quantity - spent))

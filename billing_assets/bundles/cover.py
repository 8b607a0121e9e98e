"""Included units: which events of the month a bundle covers, in their order.

The units that a bundle has covered after an event are what has been counted so far, but at most what there is: an
event that crosses the limit is covered in part, and a reversed event gives its units back. Pro rata, they are the same
part of what has been counted so far, so that together they come to the limit exactly.
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.events import by
from billing_assets.exact import QUANTITY, amount, exact_share, quantity, quantity_share, zero

OWNER = ["billing_cycle", "owner_id", "bundle_id"]


def covered(events: ir.Table, used: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    """Events (events.py) with used_before, covered_quantity, and what that takes of units, price and setup fee.

    `used` says what their owners have (grants.py). Events are put in order only for those whose units do not cover
    all of the month.
    """
    short = used.filter(used.in_order).select(*OWNER, "available_quantity", "used_quantity")
    late = events.join(short, OWNER)
    window = ibis.window(
        group_by=[late[c] for c in OWNER],
        order_by=[*_dearness(late, bundles), late.billing_effective_at, late.udr_id, late.split],
        preceding=None, following=0,
    )  # fmt: skip
    counted = late.mutate(used_after=quantity(late.counted.sum().over(window)))
    before = quantity(counted.used_after - counted.counted)
    reached = _reached(counted, counted.used_after, bundles) - _reached(counted, before, bundles)
    partly = counted.mutate(used_before=before, covered_quantity=quantity(reached))
    wholly = events.anti_join(short, OWNER)
    wholly = wholly.mutate(used_before=ibis.null(QUANTITY), covered_quantity=wholly.counted)
    return _taken(partly.select(wholly.columns).union(wholly), bundles)


def _dearness(events: ir.Table, bundles: Sequence[Mapping]) -> list[ir.Value]:
    """What puts events in order before their time does."""
    if all(bundle["cover_order"] in ("time", "pro_rata") for bundle in bundles):
        return []
    each = exact_share(events.price, ibis.literal(1).cast(QUANTITY), events.units)
    signs = {"highest_price": amount(-each), "lowest_price": each}
    return [by(events, bundles, "cover_order", lambda order: signs.get(order, zero()))]


def _reached(events: ir.Table, used: ir.DecimalValue, bundles: Sequence[Mapping]) -> ir.DecimalValue:
    """The units that are covered once so many have been counted."""
    limit = events.available_quantity
    whole = ibis.ifelse(events.used_quantity == 0, ibis.literal(1).cast(QUANTITY), events.used_quantity)
    part = quantity_share(up_to(events.used_quantity, limit), used, whole)
    return by(events, bundles, "cover_order", lambda order: part if order == "pro_rata" else up_to(used, limit))


def up_to(used: ir.DecimalValue, limit: ir.DecimalValue) -> ir.DecimalValue:
    """What has been used, as far as the limit reaches."""
    return ibis.greatest(ibis.least(used, limit), ibis.literal(0).cast(QUANTITY))


def _taken(events: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    part, whole = events.covered_quantity, events.counted
    of_units = all(bundle["measure"] == "billed_quantity" and bundle["aggregation"] == "sum" for bundle in bundles)
    units = part if of_units else quantity_share(events.units, part, whole)
    price = exact_share(events.price, part, whole)
    setup = zero()
    if any(bundle["covers_setup_fee"] for bundle in bundles):
        rest = amount(exact_share(amount(events.price + events.setup), part, whole) - price)
        setup = by(events, bundles, "covers_setup_fee", lambda covers: rest if covers else zero())
    return events.mutate(units_taken=units, price_taken=price, setup_taken=setup)

"""Totals of the month that bundles include units of, once events have had theirs.

Totals are covered in the order of their products, then of subscription, rate, group and window. What one bundle leaves
of a total is left for the next; the rest is priced (charges).
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.cover import OWNER, up_to
from billing_assets.bundles.events import by, reaching, with_owner
from billing_assets.exact import QUANTITY, quantity, total_quantity
from billing_assets.reference.tables import UDR_ATTRIBUTE, UNIT_MEASURES

_COUNTER = ("month", *OWNER)
_NOTHING = ibis.literal(0).cast(QUANTITY)
_ORDER = ("product_id", "subscription_id", "rate_id", "group_value", "window_start", "usage_charge_id")


def including(bundles: Sequence[Mapping], conditions: Sequence[Mapping]) -> list[Mapping]:
    """The bundles that include units of totals: those that add up units, whatever the records say."""
    of_records = {row["bundle_id"] for row in conditions if row["field"].startswith(UDR_ATTRIBUTE)}
    return [
        bundle
        for bundle in bundles
        if (bundle["effect"], bundle["aggregation"]) == ("include", "sum")
        and bundle["measure"] in UNIT_MEASURES
        and bundle["bundle_id"] not in of_records
    ]


def chargeable(totals: ir.Table) -> ir.Table:
    """The month's totals that bundles may take units from, with all of them left."""
    return totals.filter(totals.quantity > 0).mutate(units=totals.quantity)


def reached(
    left: ir.Table, bundles: Sequence[Mapping], reach: Sequence[Mapping], owners: ir.Table | None
) -> ir.Table:  # fmt: skip
    """What is left of the totals that some bundles include units of, with bundle_id and owner_id."""
    met = reaching(left.filter(left.units > 0), bundles, reach, lambda rows: rows.service_start)
    return with_owner(met, bundles, owners)


def used_with(used: ir.Table, reached: ir.Table) -> ir.Table:
    """What events (grants.use) and totals of each owner and bundle come to, the latter as totals_quantity."""
    sums = reached.group_by(*_COUNTER).aggregate(
        totals_quantity=total_quantity(reached.units), unit=reached.unit.min(), used_quantity=_NOTHING, least=_NOTHING
    )
    both = used.mutate(totals_quantity=_NOTHING).union(sums.select(*used.columns, "totals_quantity"))
    return both.group_by(*_COUNTER).aggregate(
        least=both.least.min(),
        unit=both.unit.min(),
        **{name: total_quantity(both[name]) for name in ("used_quantity", "totals_quantity")},
    )


def together(used: ir.Table) -> ir.Table:
    """Events and totals as one used_quantity: what events gave back in all is nothing for totals."""
    both = quantity(ibis.greatest(used.used_quantity, _NOTHING) + used.totals_quantity)
    return used.mutate(used_quantity=ibis.ifelse(used.totals_quantity > 0, both, used.used_quantity))


def covered(reached: ir.Table, had: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    """What the units that events have left cover of each total; `had` says what owners have (grants.available)."""
    spent = ibis.greatest(had.used_quantity, _NOTHING)
    limits = had.select(*OWNER, "available_quantity", spent=spent)
    found = reached.join(limits, OWNER)
    order = [ibis.coalesce(found[c].cast("string"), ibis.literal("")) for c in _ORDER]
    window = ibis.window(group_by=[found[c] for c in OWNER], order_by=order, preceding=None, following=0)
    counted = found.mutate(used_after=quantity(found.spent + found.units.sum().over(window)))
    counted = counted.mutate(used_before=quantity(counted.used_after - counted.units))
    limit = counted.available_quantity
    part = quantity(up_to(counted.used_after, limit) - up_to(counted.used_before, limit))
    made = counted.mutate(
        counted_quantity=counted.units,
        covered_quantity=ibis.ifelse(limit.isnull(), counted.units, part),
        counts_in_tiers=by(counted, bundles, "counts_in_tiers", ibis.literal),
    )
    return made.filter(made.covered_quantity > 0)


def after(left: ir.Table, covered: ir.Table) -> ir.Table:
    """What bundles leave of the totals."""
    taken = covered.group_by(taken_charge="usage_charge_id").aggregate(taken=total_quantity(covered.covered_quantity))
    found = left.left_join(taken, left.usage_charge_id == taken.taken_charge)
    return found.mutate(units=quantity(found.units - found.taken.fill_null(_NOTHING))).select(left.columns)

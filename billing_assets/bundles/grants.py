"""What owners have of a bundle in a month: its own units, in full or by its days, and what earlier months left.

A counter is one month's grant. The oldest is used first. What is left of one goes on to the next month until it
expires, so that a month follows from its own usage and the counters of the month before.
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets import calendar
from billing_assets.bundles.cover import OWNER, up_to
from billing_assets.bundles.events import by
from billing_assets.bundles.owners import days
from billing_assets.exact import QUANTITY, SOURCE_QUANTITY, exact_conversion, quantity, total_count, total_quantity

_COUNTER = ("month", *OWNER)
_INCLUDED = pa.schema([("bundle_id", pa.string()), ("included_quantity", pa.decimal128(18, 9))])
NOTHING = ibis.literal(0).cast(QUANTITY)


def use(events: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    """What the events of each owner and bundle come to."""
    names = sorted({bundle["aggregation"] for bundle in bundles})
    sums = events.group_by(*_COUNTER).aggregate(
        least=events.counted.min(),
        unit=events.unit.min(),
        **{f"{name}_of": _AGGREGATES[name](events) for name in names},
    )
    return sums.mutate(used_quantity=by(sums, bundles, "aggregation", lambda name: sums[f"{name}_of"])).select(
        *_COUNTER, "used_quantity", "least", "unit"
    )


def _average(events: ir.Table) -> ir.DecimalValue:
    number = total_count(ibis.ifelse(events.counted.notnull(), 1, 0).cast("int64"))
    return exact_conversion(total_quantity(events.counted).cast(SOURCE_QUANTITY), 1, number)


_AGGREGATES = {
    # the sum of ones, and of minus one for what is taken back
    **dict.fromkeys(("sum", "count"), lambda events: total_quantity(events.counted)),
    "average": _average,
    "minimum": lambda events: events.counted.min(),
    "maximum": lambda events: events.counted.max(),
}


def plain_grants(used: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    """What bundles include that are neither prorated nor carried over: in full, for those who used them."""
    return used.join(_included(bundles), "bundle_id").select(
        *_COUNTER, "included_quantity", granted_month=used.month
    )  # fmt: skip


def own_grants(entitled: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    """The month's own units of entitled owners (owners.py), for all of it or for their days."""
    found = entitled.join(_included(bundles), "bundle_id")
    lived = days(found.first_day, found.last_day, found.service_start, found.service_end)
    some = found.mutate(lived=lived).filter(ibis._.lived > 0)
    month = some.service_end.delta(some.service_start, unit="day")
    part = exact_conversion(some.included_quantity.cast(SOURCE_QUANTITY), some.lived, month)
    given = by(some, bundles, "proration", lambda name: some.included_quantity if name == "none" else part)
    return some.mutate(included_quantity=given).select(*_COUNTER, "included_quantity", granted_month=some.month)


def _included(bundles: Sequence[Mapping]) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist(list(bundles), _INCLUDED))


def carried_grants(own: ir.Table, before: ir.Table) -> ir.Table:
    """What the counters of the month before carry over to owners that still have the bundle."""
    left = before.filter(before.carried_quantity > 0).select(*OWNER, "granted_month", "carried_quantity")
    return own.select(*_COUNTER).join(left, OWNER).select(
        *_COUNTER, "granted_month", included_quantity="carried_quantity"
    )  # fmt: skip


def available(used: ir.Table, grants: ir.Table) -> ir.Table:
    """Used owners with available_quantity (NULL for no limit), and whether the order of their events matters."""
    sums = grants.group_by(*OWNER).aggregate(available_quantity=quantity(grants.included_quantity.sum()))
    found = used.left_join(sums, OWNER, rname="had_{name}")
    # without a grant there are no units; with one without a limit there is none to run short of
    limit = ibis.ifelse(found.had_owner_id.isnull(), NOTHING, found.available_quantity)
    return _judged(found.mutate(available_quantity=limit).select(*used.columns, "available_quantity"))


def available_plain(used: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    """The same where every owner has the units of its bundle in full."""
    return _judged(used.join(_included(bundles).rename(available_quantity="included_quantity"), "bundle_id"))


def _judged(found: ir.Table) -> ir.Table:
    short = (found.used_quantity > found.available_quantity) | (found.least < 0)
    return found.mutate(in_order=found.available_quantity.notnull() & short)


def counters(grants: ir.Table, used: ir.Table, bundles: Sequence[Mapping], month: str) -> ir.Table:
    """Each grant with what was used of it, the oldest first, and what of the rest goes on to the next month."""
    found = grants.left_join(used.select(*OWNER, "used_quantity", "unit"), OWNER, rname="used_{name}")
    found = found.mutate(used_quantity=found.used_quantity.fill_null(NOTHING))
    rolling = [bundle for bundle in bundles if bundle["rollover_months"]]
    older = ibis.window(group_by=[found[c] for c in OWNER], order_by=found.granted_month, preceding=(None, 1))
    before = quantity(found.included_quantity.sum().over(older)).fill_null(NOTHING) if rolling else NOTHING
    limit = found.included_quantity
    spent = up_to(quantity(found.used_quantity - before), limit.fill_null(found.used_quantity))
    spent = found.mutate(covered_quantity=quantity(spent))
    left = spent.mutate(remaining_quantity=quantity(spent.included_quantity - spent.covered_quantity))
    return _carried(left, rolling, month) if rolling else left.mutate(carried_quantity=NOTHING)


def counted_only(used: ir.Table) -> ir.Table:
    """The counters of bundles that include nothing: what their events came to."""
    return used.mutate(
        granted_month=used.month,
        included_quantity=ibis.null(QUANTITY),
        covered_quantity=NOTHING,
        remaining_quantity=ibis.null(QUANTITY),
        carried_quantity=NOTHING,
    )


def _carried(counted: ir.Table, rolling: Sequence[Mapping], month: str) -> ir.Table:
    """Add carried_quantity: what is left and does not expire, up to the maximum; the latest units stay."""
    rows = [
        {"bundle_id": bundle["bundle_id"], "most": bundle["rollover_maximum"],
         "oldest": calendar.months_later(month, 1 - bundle["rollover_months"])}
        for bundle in rolling
    ]  # fmt: skip
    schema = pa.schema([("bundle_id", pa.string()), ("most", pa.decimal128(18, 9)), ("oldest", pa.string())])
    found = counted.left_join(ibis.memtable(pa.Table.from_pylist(rows, schema)), "bundle_id", rname="rolling_{name}")
    lives = (found.granted_month >= found.oldest).fill_null(False)
    living = found.mutate(living=ibis.ifelse(lives, found.remaining_quantity, NOTHING))
    later = ibis.window(
        group_by=[living[c] for c in OWNER], order_by=living.granted_month.desc(), preceding=(None, 1)
    )  # fmt: skip
    room = quantity(living.most - quantity(living.living.sum().over(later)).fill_null(NOTHING))
    kept = ibis.ifelse(living.most.isnull(), living.living, up_to(living.living, room))
    return living.mutate(carried_quantity=quantity(kept))

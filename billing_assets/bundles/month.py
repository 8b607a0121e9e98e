"""The bundles of a month, priority by priority: each takes events and totals from what those before it have left."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets.bundles import cover, events, grants, indicators, overage
from billing_assets.bundles import totals as of_totals
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.exact import PERCENT, amount

_TAKEN = ("units_taken", "price_taken", "setup_taken")


@dataclass(frozen=True)
class Terms:
    """What the bundles of a company are, and the tables that some of them need; None where none does."""

    bundles: Sequence[Mapping]
    reach: Sequence[Mapping]
    conditions: Sequence[Mapping]
    owners: ir.Table | None = None
    entitled: ir.Table | None = None
    before: ir.Table | None = None
    levels: ir.Table | None = None
    rates: overage.Rates | None = None


@dataclass(frozen=True)
class Met:
    """What bundles apply to: events and what these come to, and totals of the month; None where they reach none."""

    events: ir.Table
    used: ir.Table
    totals: ir.Table | None


class Made(NamedTuple):
    """What bundles make of it: None for items or covered totals where they make none."""

    counters: ir.Table
    items: ir.Table | None = None
    covered: ir.Table | None = None


def needs_days(bundle: Mapping) -> bool:
    """Whether it matters on which days an owner has a bundle: to prorate its units, or to carry them over."""
    prorated = bundle["effect"] == "include" and bundle["proration"] != "none"
    return prorated or bundle["rollover_months"] is not None


def apply(
    left: ir.Table, totals: ir.Table | None, terms: Terms, month: str, cache: Callable[[ir.Table], ir.Table]
) -> tuple[ir.Table, ir.Table, ir.Table]:  # fmt: skip
    """Bundle items, counters and covered totals of the month's chargeable events (events.py) and totals (totals.py)."""
    items, counted, covered = [], [], []
    steps = list(_steps(terms.bundles))
    for place, (effect, bundles) in enumerate(steps):
        if effect == "commit":
            left = events.as_charged(left)
        elif place:
            left = left.filter(left.units != 0)
        met = events.eligible(left, bundles, terms.reach, terms.conditions, terms.owners)
        used = cache(grants.use(met, bundles))
        including = [] if totals is None else of_totals.including(bundles, terms.conditions)
        reached = cache(of_totals.reached(totals, including, terms.reach, terms.owners)) if including else None
        made = _EFFECTS[effect](Met(met, used, reached), bundles, terms, month)
        counted.append(made.counters)
        if made.covered is not None:
            taken = cache(made.covered)
            totals = of_totals.after(totals, taken)
            covered.append(COVERED_TOTALS.shape(taken))
        if made.items is not None:
            changes = made.items
            if place + 1 < len(steps):
                changes = cache(changes)
                left = events.after(left, changes)
            items.append(BUNDLE_ITEMS.shape(changes))
    return (
        ibis.union(*items) if items else BUNDLE_ITEMS.no_rows(),
        ibis.union(*counted),
        ibis.union(*covered) if covered else COVERED_TOTALS.no_rows(),
    )


def _steps(bundles: Sequence[Mapping]) -> Iterator[tuple[str, list[Mapping]]]:
    """What is applied to all events at once: a priority's bundles of one effect. Commitments count what is left."""
    taking = sorted({(b["priority"], b["effect"]) for b in bundles if b["effect"] != "commit"})
    for priority, effect in taking:
        yield effect, [b for b in bundles if (b["priority"], b["effect"]) == (priority, effect)]
    committed = [bundle for bundle in bundles if bundle["effect"] == "commit"]
    if committed:
        yield "commit", committed


def _include(met: Met, bundles: Sequence[Mapping], terms: Terms, month: str) -> Made:
    used = spent = met.used
    if met.totals is not None:
        used = of_totals.used_with(used, met.totals)
        spent = of_totals.together(used)
    dated = [bundle for bundle in bundles if needs_days(bundle)]
    if dated:
        granted = _granted(used, bundles, dated, terms)
        had = grants.available(used, granted)
    else:
        granted = grants.plain_grants(used, bundles)
        had = grants.available_plain(used, bundles)
    every = cover.covered(met.events, had, bundles)
    made = _items(every.filter(every.covered_quantity != 0), "included")
    if any(bundle["overage_rate_id"] for bundle in bundles):
        above = overage.repriced(every, bundles, terms.rates)
        made = made.union(_items(above, "overage", above.amount).select(made.columns))
    counters = _counters(grants.counters(granted, spent, bundles, month), "include")
    return Made(counters, made, None if met.totals is None else of_totals.covered(met.totals, had, bundles))


def _granted(
    used: ir.Table, bundles: Sequence[Mapping], dated: Sequence[Mapping], terms: Terms
) -> ir.Table:  # fmt: skip
    own = grants.own_grants(terms.entitled.filter(terms.entitled.bundle_id.isin(_ids(dated))), dated)
    plain = [bundle for bundle in bundles if not needs_days(bundle)]
    granted = [own, grants.plain_grants(used, plain).select(own.columns)] if plain else [own]
    if terms.before is not None:
        granted.append(grants.carried_grants(own, terms.before).select(own.columns))
    return ibis.union(*granted) if len(granted) > 1 else own


def _discount(met: Met, bundles: Sequence[Mapping], terms: Terms, month: str) -> Made:
    levelled = indicators.with_level(met.used, terms.levels)
    made = _items(indicators.discounted(met.events, levelled, bundles), "discount")
    return Made(_counters(grants.counted_only(levelled), "discount"), made)


def _commit(met: Met, bundles: Sequence[Mapping], terms: Terms, month: str) -> Made:
    return Made(_counters(grants.counted_only(met.used), "commit"))


_EFFECTS = {"include": _include, "discount": _discount, "commit": _commit}


def _items(made: ir.Table, part: str, changed: ir.DecimalValue | None = None) -> ir.Table:
    taken_back = amount(-(made.price_taken + made.setup_taken)) if changed is None else changed
    shaped = made.mutate(part=ibis.literal(part), counted_quantity=made.counted, amount=taken_back)
    return shaped.select(*BUNDLE_ITEMS.schema.names, *_TAKEN)


def _counters(rows: ir.Table, effect: str) -> ir.Table:
    missing = {} if "percent" in rows.columns else {"percent": ibis.null(PERCENT)}
    return BUNDLE_COUNTERS.shape(rows.mutate(effect=ibis.literal(effect), **missing))


def _ids(bundles: Sequence[Mapping]) -> list[str]:
    return [bundle["bundle_id"] for bundle in bundles]

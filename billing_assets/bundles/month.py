"""The bundles of a month, priority by priority: each takes its events from what those before it have left of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from billing_assets.bundles import cover, events, grants, indicators, overage
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS
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


def needs_days(bundle: Mapping) -> bool:
    """Whether it matters on which days an owner has a bundle: to prorate its units, or to carry them over."""
    prorated = bundle["effect"] == "include" and bundle["proration"] != "none"
    return prorated or bundle["rollover_months"] is not None


def apply(
    left: ir.Table, terms: Terms, month: str, cache: Callable[[ir.Table], ir.Table]
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    """Bundle items and counters of the month's chargeable events (events.py)."""
    items, counted = [], []
    steps = list(_steps(terms.bundles))
    for place, (effect, bundles) in enumerate(steps):
        if effect == "commit":
            left = events.as_charged(left)
        elif place:
            left = left.filter(left.units != 0)
        met = events.eligible(left, bundles, terms.reach, terms.conditions, terms.owners)
        used = cache(grants.use(met, bundles))
        made, counters = _EFFECTS[effect](met, used, bundles, terms, month)
        counted.append(counters)
        if made is None:
            continue
        if place + 1 < len(steps):
            made = cache(made)
            left = events.after(left, made)
        items.append(BUNDLE_ITEMS.shape(made))
    return ibis.union(*items) if items else BUNDLE_ITEMS.no_rows(), ibis.union(*counted)


def _steps(bundles: Sequence[Mapping]) -> Iterator[tuple[str, list[Mapping]]]:
    """What is applied to all events at once: a priority's bundles of one effect. Commitments count what is left."""
    taking = sorted({(b["priority"], b["effect"]) for b in bundles if b["effect"] != "commit"})
    for priority, effect in taking:
        yield effect, [b for b in bundles if (b["priority"], b["effect"]) == (priority, effect)]
    committed = [bundle for bundle in bundles if bundle["effect"] == "commit"]
    if committed:
        yield "commit", committed


def _include(
    met: ir.Table, used: ir.Table, bundles: Sequence[Mapping], terms: Terms, month: str
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    dated = [bundle for bundle in bundles if needs_days(bundle)]
    if dated:
        granted = _granted(used, bundles, dated, terms)
        had = grants.available(used, granted)
    else:
        granted = grants.plain_grants(used, bundles)
        had = grants.available_plain(used, bundles)
    every = cover.covered(met, had, bundles)
    made = _items(every.filter(every.covered_quantity != 0), "included")
    if any(bundle["overage_rate_id"] for bundle in bundles):
        above = overage.repriced(every, bundles, terms.rates)
        made = made.union(_items(above, "overage", above.amount).select(made.columns))
    return made, _counters(grants.counters(granted, used, bundles, month), "include")


def _granted(
    used: ir.Table, bundles: Sequence[Mapping], dated: Sequence[Mapping], terms: Terms
) -> ir.Table:  # fmt: skip
    own = grants.own_grants(terms.entitled.filter(terms.entitled.bundle_id.isin(_ids(dated))), dated)
    plain = [bundle for bundle in bundles if not needs_days(bundle)]
    granted = [own, grants.plain_grants(used, plain).select(own.columns)] if plain else [own]
    if terms.before is not None:
        granted.append(grants.carried_grants(own, terms.before).select(own.columns))
    return ibis.union(*granted) if len(granted) > 1 else own


def _discount(
    met: ir.Table, used: ir.Table, bundles: Sequence[Mapping], terms: Terms, month: str
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    levelled = indicators.with_level(used, terms.levels)
    made = _items(indicators.discounted(met, levelled, bundles), "discount")
    return made, _counters(grants.counted_only(levelled), "discount")


def _commit(
    met: ir.Table, used: ir.Table, bundles: Sequence[Mapping], terms: Terms, month: str
) -> tuple[None, ir.Table]:  # fmt: skip
    return None, _counters(grants.counted_only(used), "commit")


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

"""Offers that were copied and amended: what such an offer has no row for itself, it has from the one it is based on.

Resolved once, as the tables are taken in: whatever reads offers sees them complete. A row that is taken over keeps the
file and line that it was written in.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.contract import ConfigurationError

_INHERITED = {
    "offer_products": ("product_id", "price_type", "currency"),
    "offer_terms": ("product_id", "currency"),
    "floor_prices": ("product_id", "price_type", "currency"),
}
_SCHEMA = pa.schema([("copy", pa.string()), ("origin", pa.string()), ("distance", pa.int64())])


def with_copies(tables: dict[str, ir.Table], rows: Callable[[ir.Table], list[dict]]) -> dict[str, ir.Table]:
    """offers, their products, terms and floors with what copies have from their origins; nothing without copies."""
    offers = tables["offers"]
    origins = _origins(rows(offers.select("offer_id", "based_on_offer_id", "source_file", "source_line")))
    if not origins:
        return {}
    chain = ibis.memtable(pa.table(list(zip(*origins, strict=True)), schema=_SCHEMA))
    plans = offers.select(origin="offer_id", plan="price_plan_id").filter(ibis._.plan.notnull())
    found = chain.join(plans, "origin")
    nearest = found.group_by("copy").aggregate(inherited_plan=found.plan.argmin(found.distance))
    planned = offers.left_join(nearest, offers.offer_id == nearest["copy"])
    complete = planned.mutate(price_plan_id=ibis.coalesce(planned.price_plan_id, planned.inherited_plan))
    return {
        "offers": complete.select(offers.columns),
        **{name: _inherited(tables[name], chain, key) for name, key in _INHERITED.items()},
    }


def _inherited(given: ir.Table, chain: ir.Table, key: tuple[str, ...]) -> ir.Table:
    """The rows of each offer, and of the nearest of its origins that has some, for each of what `key` names."""
    copied = chain.join(given, chain.origin == given.offer_id).drop("offer_id", "origin").rename(offer_id="copy")
    if "floor_price_id" in given.columns:
        copied = copied.mutate(floor_price_id=copied.floor_price_id + ibis.literal(":") + copied.offer_id)
    own = given.mutate(distance=ibis.literal(0, "int64"))
    known = own.union(copied.select(own.columns))
    nearest = known.distance.min().over(group_by=[known[c] for c in ("offer_id", *key)])
    return known.mutate(nearest=nearest).filter(ibis._.distance == ibis._.nearest).select(given.columns)


def _origins(offers: list[dict]) -> list[tuple[str, str, int]]:
    """(offer, offer that it is based on directly or by others, how many steps away)."""
    base = {offer["offer_id"]: offer["based_on_offer_id"] for offer in offers}
    found = []
    for offer in offers:
        passed, origin = [offer["offer_id"]], offer["based_on_offer_id"]
        while origin is not None:
            if origin in passed:
                place = f"{offer['source_file']}, line {offer['source_line']}"
                raise ConfigurationError(f"{place}: offer {offer['offer_id']!r} is based on itself")
            found.append((offer["offer_id"], origin, len(passed)))
            passed.append(origin)
            origin = base.get(origin)
    return found

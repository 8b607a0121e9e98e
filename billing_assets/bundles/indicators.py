"""Discounts by an indicator: a percentage off the price of a bundle's events, by what all of them came to."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.cover import OWNER
from billing_assets.bundles.events import by
from billing_assets.exact import QUANTITY, percentage, zero


def with_level(used: ir.Table, levels: ir.Table) -> ir.Table:
    """Owners (grants.use) with the percent of the level that they reached (bundle_levels); NULL for none."""
    terms = levels.select("above", "up_to", "percent", known="bundle_id")
    return used.left_join(
        terms,
        [
            used.bundle_id == terms.known,
            used.used_quantity > terms.above,
            terms.up_to.isnull() | (used.used_quantity <= terms.up_to),
        ],
    ).drop("known", "above", "up_to")


def discounted(events: ir.Table, levelled: ir.Table, bundles: Sequence[Mapping]) -> ir.Table:
    """The events of owners that reached a level, each with its part of the discount. It leaves them their units."""
    given = levelled.filter(levelled.percent.notnull()).select(*OWNER, "percent")
    found = events.join(given, OWNER)
    setup = percentage(found.setup, found.percent)
    return found.mutate(
        used_before=ibis.null(QUANTITY),
        covered_quantity=found.counted,
        units_taken=ibis.literal(0).cast(QUANTITY),
        price_taken=percentage(found.price, found.percent),
        setup_taken=by(found, bundles, "covers_setup_fee", lambda covers: setup if covers else zero()),
    )

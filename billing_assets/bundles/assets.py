"""Bundles as assets: what the included units cover in the month."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.bundles import cover
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, BUNDLES
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(BUNDLE_ITEMS, BUNDLE_COUNTERS, reads=(RATED_ITEMS, BUNDLES, ACCOUNTS, BILLING_CYCLES))
def bundles(run: Run) -> Iterator[ir.Table]:
    """Events that the units included in a plan cover, as items of opposite sign."""
    rated = rated_in_month(run(RATED_ITEMS), payer_windows(run(ACCOUNTS), run.windows))
    events = cover.eligible(rated, run(BUNDLES))
    used = run.cache(cover.use(events))
    yield BUNDLE_ITEMS.shape(cover.covered(events, used))
    yield BUNDLE_COUNTERS.shape(cover.counters(used))

"""Bundles as assets: what included units cover in the month, what discounts take off, what commitments count."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.bundles import events, month
from billing_assets.bundles.overage import overage_rates
from billing_assets.bundles.owners import entitled, sharing
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.bundles.totals import chargeable
from billing_assets.orders.subscriptions import usage_lines
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.bundle_reach import reach
from billing_assets.reference.tables import (
    ACCOUNT_GROUPS,
    ACCOUNTS,
    BILLING_CYCLES,
    BUNDLE_CONDITIONS,
    BUNDLE_LEVELS,
    BUNDLES,
    PRODUCTS,
    RATE_TIERS,
    RATES,
)
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.totals.tables import USAGE_TOTALS
from billing_assets.usage.tables import UDRS


@stage(
    BUNDLE_ITEMS, BUNDLE_COUNTERS, COVERED_TOTALS,
    reads=(RATED_ITEMS, USAGE_TOTALS, BUNDLES, BUNDLE_CONDITIONS, BUNDLE_LEVELS, ACCOUNT_GROUPS, ORDER_LINES, UDRS,
           ACCOUNTS, BILLING_CYCLES, PRODUCTS, RATES, RATE_TIERS),
    previous_month=(BUNDLE_COUNTERS,),
)  # fmt: skip
def bundles(run: Run) -> Iterator[ir.Table]:
    """Events that bundles cover, as items of opposite sign; totals of the month that they cover; what is left."""
    if run.is_empty(BUNDLES):
        yield BUNDLE_ITEMS.no_rows()
        yield BUNDLE_COUNTERS.no_rows()
        yield COVERED_TOTALS.no_rows()
        return
    windows = payer_windows(run(ACCOUNTS), run.windows)
    terms = _terms(run, windows)
    left = events.chargeable(rated_in_month(run(RATED_ITEMS), windows))
    if events.looks_at_records(terms.bundles, terms.conditions):
        left = events.with_attributes(left, run(UDRS))
    totals = None if run.is_empty(USAGE_TOTALS) else chargeable(run(USAGE_TOTALS))
    yield from month.apply(left, totals, terms, run.month, run.cache)


def _terms(run: Run, windows: ir.Table) -> month.Terms:
    """What the bundles are, with the tables that some of them need."""
    bundles, conditions, products = (run.rows(run(table)) for table in (BUNDLES, BUNDLE_CONDITIONS, PRODUCTS))
    owners = shared_by(run, bundles)
    dated = [bundle for bundle in bundles if month.needs_days(bundle)]
    entitled_owners = before = rates = None
    if dated:
        entitled_owners = run.cache(entitled(usage_lines(run(ORDER_LINES), run(ACCOUNTS)), windows, dated, owners))
    if any(bundle["rollover_months"] for bundle in dated) and run.last_month:
        before = run.lake.read(BUNDLE_COUNTERS, run.last_month, run.cycles)
    above = {bundle["overage_rate_id"] for bundle in bundles if bundle["overage_rate_id"]}
    if above:
        rates = overage_rates(run(RATES), run(RATE_TIERS), above, run.rows)
    return month.Terms(
        bundles, reach(bundles, conditions, products), conditions, owners, entitled_owners, before,
        run(BUNDLE_LEVELS), rates,
    )  # fmt: skip


def shared_by(run: Run, bundles: list[dict]) -> ir.Table | None:
    """Which accounts share bundles; None where none is shared by a hierarchy or a group."""
    if not {bundle["scope"] for bundle in bundles} & {"hierarchy", "group"}:
        return None
    return sharing(run.rows(run(ACCOUNTS)), run.rows(run(ACCOUNT_GROUPS)))

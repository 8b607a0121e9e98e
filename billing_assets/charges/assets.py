"""Usage charges as assets: what is priced by the total of the month, and what is to be billed before its end."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.charges import charges as rules
from billing_assets.charges import included, thresholds
from billing_assets.charges.tables import REACHED_THRESHOLDS, USAGE_CHARGES
from billing_assets.exact import zero
from billing_assets.orders.tables import SUBSCRIPTION_SERVICES, SUBSCRIPTIONS
from billing_assets.pricing import price_book as prices
from billing_assets.pricing.tiers import tiers
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import (
    ACCOUNTS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEMES,
    PRICE_PLANS,
    RATE_TIERS,
    RATES,
)
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.totals.tables import USAGE_TOTALS
from billing_assets.totals.totals import in_force


@stage(
    USAGE_CHARGES,
    reads=(USAGE_TOTALS, COVERED_TOTALS, RATED_ITEMS, SUBSCRIPTION_SERVICES, ACCOUNTS, BILLING_CYCLES, *prices.READS),
)
def usage_charges(run: Run) -> Iterator[ir.Table]:
    """Usage that is priced by the total of the month, and monthly limits of what is priced by event."""
    rates = run(RATES).join(run(PRICE_PLANS).select("price_plan_id", "tax_included"), "price_plan_id")
    limited = rates.filter(rates.monthly_minimum.notnull() | rates.monthly_maximum.notnull())
    has_totals, has_limits = not run.is_empty(USAGE_TOTALS), bool(run.rows(limited.limit(1)))
    made = [USAGE_CHARGES.no_rows()]
    if has_totals or has_limits:
        book = prices.price_book(run, run.rows, run.cache)
    if has_totals:
        covered = None if run.is_empty(COVERED_TOTALS) else run(COVERED_TOTALS)
        found = included.with_covered(run(USAGE_TOTALS), covered)
        of_units = None if covered is None else _tiers_of_units(run, covered)
        made.append(USAGE_CHARGES.shape(rules.priced_totals(found, run(RATES), book, of_units)))
    if has_limits:
        windows = payer_windows(run(ACCOUNTS), run.windows)
        due = in_force(run(SUBSCRIPTION_SERVICES), book.card, windows, payer_legs(run(ACCOUNTS), run.rows))
        rated = rated_in_month(run(RATED_ITEMS), windows)
        made.append(USAGE_CHARGES.shape(rules.limits(rated, due, rates)))
    yield ibis.union(*made) if len(made) > 1 else made[0]


def _tiers_of_units(run: Run, covered: ir.Table) -> ir.Table | None:
    """The tiers without their flat amounts, where some covered units count in them."""
    if not run.rows(covered.filter(covered.counts_in_tiers).limit(1)):
        return None
    return run.cache(tiers(run(RATE_TIERS).mutate(flat_amount=zero()), run(RATES)))


@stage(
    REACHED_THRESHOLDS,
    reads=(RATED_ITEMS, MEASURED_USAGE, BUNDLE_ITEMS, SUBSCRIPTIONS, BILLING_TERM_SCHEMES, ACCOUNTS, BILLING_CYCLES),
)
def reached_thresholds(run: Run) -> Iterator[ir.Table]:
    """Subscriptions whose usage of the month came to what their billing term scheme allows."""
    schemes = run(BILLING_TERM_SCHEMES)
    limited = schemes.filter(schemes[thresholds.EVENTS].notnull() | schemes[thresholds.AMOUNTS].notnull())
    if not run.rows(limited.limit(1)):
        yield REACHED_THRESHOLDS.no_rows()
        return
    windows = payer_windows(run(ACCOUNTS), run.windows)
    rated, measured = (rated_in_month(run(table), windows) for table in (RATED_ITEMS, MEASURED_USAGE))
    found = thresholds.reached(rated, measured, run(BUNDLE_ITEMS), run(SUBSCRIPTIONS), limited)
    yield REACHED_THRESHOLDS.shape(found)

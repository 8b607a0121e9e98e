"""Usage charges as assets: what is priced by the total of the month, and what is to be billed before its end."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges import charges as rules
from billing_assets.charges import thresholds, totals
from billing_assets.charges.tables import REACHED_THRESHOLDS, USAGE_CHARGES
from billing_assets.orders.tables import SUBSCRIPTION_SERVICES, SUBSCRIPTIONS
from billing_assets.pricing import price_book as prices
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES, PRICE_PLANS, RATES
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(
    USAGE_CHARGES,
    reads=(MEASURED_USAGE, RATED_ITEMS, SUBSCRIPTION_SERVICES, ACCOUNTS, BILLING_CYCLES, *prices.READS),
)
def usage_charges(run: Run) -> Iterator[ir.Table]:
    """Usage that is priced by the total of the month, and monthly limits of what is priced by event."""
    rates = run(RATES).join(run(PRICE_PLANS).select("price_plan_id", "tax_included"), "price_plan_id")
    by_month = rates.filter(rates.priced_by == "month")
    limited = rates.filter(rates.monthly_minimum.notnull() | rates.monthly_maximum.notnull())
    aggregations = run.column(by_month, "aggregation")
    has_limits = bool(run.rows(limited.limit(1)))
    made = [USAGE_CHARGES.no_rows()]
    if aggregations or has_limits:
        book = prices.price_book(run, run.rows, run.cache)
        windows = payer_windows(run(ACCOUNTS), run.windows)
        legs = payer_legs(run(ACCOUNTS), run.rows)
        due = totals.in_force(run(SUBSCRIPTION_SERVICES), book.card, windows, legs)
    if aggregations:
        measured = rated_in_month(run(MEASURED_USAGE), windows)
        found = run.cache(totals.totals(measured, due, by_month, aggregations))
        made.append(USAGE_CHARGES.shape(rules.priced_totals(found, by_month, book)))
    if has_limits:
        rated = rated_in_month(run(RATED_ITEMS), windows)
        made.append(USAGE_CHARGES.shape(rules.limits(rated, due, rates)))
    yield ibis.union(*made) if len(made) > 1 else made[0]


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

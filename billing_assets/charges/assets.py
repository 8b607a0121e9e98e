"""Usage charges as an asset: what is priced by the total of the month."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.charges import charges as rules
from billing_assets.charges import totals
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.orders.tables import SUBSCRIPTION_SERVICES
from billing_assets.pricing import price_book as prices
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, PRICE_PLANS, RATES
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
        due = totals.in_force(run(SUBSCRIPTION_SERVICES), book.card, windows)
    if aggregations:
        measured = rated_in_month(run(MEASURED_USAGE), windows)
        found = run.cache(totals.totals(measured, due, by_month, aggregations))
        made.append(USAGE_CHARGES.shape(rules.priced_totals(found, by_month, book)))
    if has_limits:
        rated = rated_in_month(run(RATED_ITEMS), windows)
        made.append(USAGE_CHARGES.shape(rules.limits(rated, due, rates)))
    yield ibis.union(*made) if len(made) > 1 else made[0]

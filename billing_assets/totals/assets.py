"""Totals as an asset: what the month's events come to under rates that price them together."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.orders.tables import SUBSCRIPTION_SERVICES
from billing_assets.pricing import price_book as prices
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import MEASURED_USAGE
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, PRICE_PLANS, RATES
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.totals.tables import USAGE_TOTALS
from billing_assets.totals.totals import in_force, totals


@stage(USAGE_TOTALS, reads=(MEASURED_USAGE, SUBSCRIPTION_SERVICES, ACCOUNTS, BILLING_CYCLES, *prices.READS))
def usage_totals(run: Run) -> Iterator[ir.Table]:
    """What usage that is priced by the total of the month comes to, subscription by subscription."""
    rates = run(RATES).filter(lambda rate: rate.priced_by == "month")
    aggregations = run.column(rates, "aggregation")
    if not aggregations:
        yield USAGE_TOTALS.no_rows()
        return
    windows = payer_windows(run(ACCOUNTS), run.windows)
    card, legs = prices.price_book(run, run.rows, run.cache).card, payer_legs(run(ACCOUNTS), run.rows)
    due = in_force(run(SUBSCRIPTION_SERVICES), card, windows, legs)
    measured = rated_in_month(run(MEASURED_USAGE), windows)
    yield USAGE_TOTALS.shape(totals(measured, due, rates, run(PRICE_PLANS), aggregations))

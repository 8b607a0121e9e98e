"""Recurring fees by maturity: each price period is priced by the month of the service's life that it begins in.

Where the billed period is longer than the price period, as a year that is billed at once at prices of a month, it
is cut into those, so that each has its own price and details.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.schedule import parts
from billing_assets.exact import FEE_PRICE, QUANTITY
from billing_assets.pricing.maturity import month_of_life
from billing_assets.pricing.ordered import priced_order
from billing_assets.pricing.tiers import rate_terms, tiers
from billing_assets.reference.periods import price_months


def with_net_price(due: ir.Table) -> ir.Table:
    """Add price and maturity to due periods whose price is that of their header."""
    return due.mutate(price=due.net_price, maturity=ibis.null(QUANTITY))


def with_price_by_maturity(
    due: ir.Table, periods: ir.Table, rates: ir.Table, rate_tiers: ir.Table, models: list[str]
) -> ir.Table:
    """Add price and maturity to due periods; those whose rate is among the `rates` are cut into price periods.

    `rates` are those by maturity, `periods` as of periods.full_periods for price_lengths.
    """
    known = rates.select(aging_rate="rate_id")
    found = due.left_join(known, due.rate_id == known.aging_rate)
    by_maturity = found.aging_rate.notnull() & found.period_unit.notnull()
    others = with_net_price(found.filter(~by_maturity).drop("aging_rate"))
    cut = found.filter(by_maturity)
    placed = parts(cut.mutate(part_length=part_length(cut)), periods, "part_length", ("period_start", "period_end"))
    aged = placed.mutate(maturity=month_of_life(placed.period_start, placed.service_start))
    terms = rate_terms(rates, "tier_by")
    priced = priced_order(aged.drop("unit_price").join(terms, "rate_id"), tiers(rate_tiers, rates), models)
    made = priced.mutate(price=priced.amount, unit_price=ibis.null(FEE_PRICE))
    return others.union(made.select(others.columns))


def part_length(due: ir.Table) -> ir.IntegerValue:
    """Months (or days) of the parts that a period is cut into: its price period, where that is shorter."""
    of_price = price_months(due.price_period)
    shorter = (due.period_unit == "month") & (of_price < due.period_length)
    return ibis.ifelse(shorter.fill_null(False), of_price, due.period_length)

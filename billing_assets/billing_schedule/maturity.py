"""Recurring fees by maturity: each price period is priced by the month of the service's life that it begins in.

Where the billed period is longer than the price period, as a year that is billed at once at prices of a month, it
is cut into those, so that each has its own price and details.
"""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.billing_schedule.schedule import parts
from billing_assets.exact import FEE_PRICE, QUANTITY, total
from billing_assets.pricing.maturity import month_of_life
from billing_assets.pricing.ordered import priced_order
from billing_assets.pricing.tiers import rate_terms, tiers
from billing_assets.reference.life_rules import MOST_BINDING_MONTHS
from billing_assets.reference.periods import price_months


class Aging(NamedTuple):
    """The rates by maturity of a company that has some, their tiers, and the names of their models."""

    rates: ir.Table
    rate_tiers: ir.Table
    models: list[str]


def with_net_price(due: ir.Table) -> ir.Table:
    """Add price and maturity to due periods whose price is that of their header."""
    return due.mutate(price=due.net_price, maturity=ibis.null(QUANTITY))


def with_price_by_maturity(due: ir.Table, periods: ir.Table, aging: Aging) -> ir.Table:
    """Add price and maturity to due periods; those whose rate is by maturity are cut into price periods.

    `periods` as of periods.full_periods for price_lengths.
    """
    known = aging.rates.select(aging_rate="rate_id")
    found = due.left_join(known, due.rate_id == known.aging_rate)
    by_maturity = found.aging_rate.notnull() & found.period_unit.notnull()
    others = with_net_price(found.filter(~by_maturity).drop("aging_rate"))
    cut = found.filter(by_maturity)
    placed = parts(cut.mutate(part_length=part_length(cut)), periods, "part_length", ("period_start", "period_end"))
    priced = _priced(placed.mutate(maturity=month_of_life(placed.period_start, placed.service_start)), aging)
    made = priced.mutate(price=priced.amount, unit_price=ibis.null(FEE_PRICE))
    return others.union(made.select(others.columns))


def prices_of_months(lines: ir.Table, aging: Aging) -> ir.Table:
    """aged_header and aged_price of lines by maturity: the prices of the months of life that are left, together.

    Those are the ones after `months_passed`, up to `binding_months`.
    """
    months = ibis.memtable(pa.table({"month_left": pa.array(range(1, MOST_BINDING_MONTHS + 1), pa.int64())}))
    each = lines.semi_join(aging.rates, "rate_id").join(
        months, [lines.months_passed < months.month_left, lines.binding_months >= months.month_left]
    )
    priced = _priced(each.mutate(maturity=each.month_left.cast(QUANTITY)), aging)
    return priced.group_by(aged_header="billing_header_id").aggregate(aged_price=total(priced.amount))


def _priced(aged: ir.Table, aging: Aging) -> ir.Table:
    termed = aged.drop("unit_price").join(rate_terms(aging.rates, "tier_by"), "rate_id")
    return priced_order(termed, tiers(aging.rate_tiers, aging.rates), aging.models)


def part_length(due: ir.Table) -> ir.IntegerValue:
    """Months (or days) of the parts that a period is cut into: its price period, where that is shorter."""
    of_price = price_months(due.price_period)
    shorter = (due.period_unit == "month") & (of_price < due.period_length)
    return ibis.ifelse(shorter.fill_null(False), of_price, due.period_length)

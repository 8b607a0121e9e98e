"""Tiers of rates: which one a quantity falls in, and what the full ones below it come to.

A tier reaches from above its lower limit up to and including its upper one, so that 3.5 falls in the
tier above 3 and up to 6; a quantity of 0 belongs to the first. What falls in no tier takes the rate's
own price: the whole quantity, or where tiers are added up the part of it.
"""

import re
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, QUANTITY, UNIT_PRICE, amount, price_with_percentage, quantity, zero
from billing_assets.pricing.models import MODELS, PERCENTAGES, PRICE_COLUMNS

TIER_COLUMNS = ("tier_above", "tier_up_to", "amount_below", "tiers_below", "flat_amount")
# What a rate itself says of its price.
TERM_COLUMNS = tuple(c for c in PRICE_COLUMNS if c not in TIER_COLUMNS)
_NO_TIER = {
    "tier_above": QUANTITY, "tier_up_to": QUANTITY, "amount_below": AMOUNT, "tiers_below": "string",
    "flat_amount": AMOUNT,
}  # fmt: skip
_COMPLETE = ("rate_id", "above", "up_to", "unit_price", "price_per", "flat_amount", "packages", "adds_up")
_HUNDRED = 100
_FULL_TIER = ("above", "up_to", "unit_price", "price_per", "flat_amount", "full_amount")


def per_hundred(rates: ir.Table) -> ir.DecimalValue:
    """Units that a rate's price is for: a percentage is a price per hundred."""
    percent = rates.rate_model.isin(PERCENTAGES)
    return ibis.ifelse(percent, ibis.literal(_HUNDRED).cast(QUANTITY), rates.price_per)


def rate_terms(rates: ir.Table, *columns: str) -> ir.Table:
    """The terms of rates by rate_id, with the units that each price is for, and other columns of theirs."""
    return rates.mutate(price_per=per_hundred(rates)).select("rate_id", *columns, *TERM_COLUMNS)


def complete_tiers(rate_tiers: ir.Table, rates: ir.Table) -> ir.Table:
    """The tiers of rates, each with the units that its price is for; a part of no tier is one where tiers are added up.

    Columns: rate_id, above, up_to, unit_price, price_per, flat_amount, packages, adds_up.
    """
    known = rates.select(
        "packages",
        known_rate="rate_id",
        adds_up=rates.rate_model.startswith("tiered") & (rates.tier_by == "measure"),
        rate_per=per_hundred(rates),
        rate_price="unit_price",
    )
    joined = rate_tiers.join(known, rate_tiers.rate_id == known.known_rate)
    own = joined.mutate(
        price_per=ibis.coalesce(joined.price_per, joined.rate_per),
        unit_price=ibis.ifelse(
            joined.markup_percent.isnull(),
            joined.unit_price,
            price_with_percentage(joined.rate_price, joined.markup_percent),
        ),
    )
    order = ibis.window(group_by=own.rate_id, order_by=own.above)
    placed = own.mutate(before=ibis.coalesce(own.up_to.lag().over(order), _none()), after=own.above.lead().over(order))
    open_to_own_price = placed.filter(placed.adds_up, placed.rate_price.notnull())
    gaps = open_to_own_price.filter(open_to_own_price.before < open_to_own_price.above)
    ends = open_to_own_price.filter(open_to_own_price.after.isnull(), open_to_own_price.up_to.notnull())
    return ibis.union(
        own.select(_COMPLETE),
        _at_own_price(gaps, gaps.before, gaps.above),
        _at_own_price(ends, ends.up_to, ibis.null(QUANTITY)),
    )


def _at_own_price(rows: ir.Table, above: ir.DecimalValue, up_to: ir.DecimalValue) -> ir.Table:
    priced = {"unit_price": rows.rate_price, "price_per": rows.rate_per, "flat_amount": zero()}
    return rows.mutate(above=above, up_to=up_to, **priced).select(_COMPLETE)


def _none() -> ir.DecimalScalar:
    return ibis.literal(0).cast(QUANTITY)


def tiers(rate_tiers: ir.Table, rates: ir.Table) -> ir.Table:
    """One row per rate and tier, with the price of its units and what the full tiers below it come to.

    Columns: tier_rate, tier_above, tier_up_to, tier_price, tier_per, flat_amount, amount_below and tiers_below (those
    full tiers, as full_tiers reads them), both NULL for rates that are not added up tier by tier.
    """
    complete = complete_tiers(rate_tiers, rates)
    full = complete.mutate(billed_quantity=ibis.coalesce(quantity(complete.up_to - complete.above), _none()))
    priced = full.mutate(full_amount=MODELS["flat"](full))
    whole = priced.mutate(written=_written(priced))
    below = ibis.window(group_by=whole.rate_id, order_by=whole.above, preceding=(None, 1))
    sums = whole.mutate(
        sum_below=ibis.coalesce(amount(whole.full_amount.sum().over(below)), zero()),
        tiers_below=whole.written.collect().over(below).join("|").nullif(""),
    )
    return sums.select(
        tier_rate=sums.rate_id,
        tier_above=sums.above,
        tier_up_to=sums.up_to,
        tier_price=sums.unit_price,
        tier_per=sums.price_per,
        flat_amount=sums.flat_amount,
        amount_below=ibis.ifelse(sums.adds_up, sums.sum_below, ibis.null(AMOUNT)),
        tiers_below=ibis.ifelse(sums.adds_up, sums.tiers_below, ibis.null("string")),
    )


def _written(tiers: ir.Table) -> ir.StringValue:
    """A tier as `above..up_to:unit_price/price_per+flat_amount=full_amount`."""
    above, *numbers = (tiers[name].cast("string").re_replace(r"\.?0+$", "") for name in _FULL_TIER)
    marks = (ibis.literal(mark) for mark in ("..", ":", "/", "+", "="))
    return ibis.literal("").join([above, *(part for pair in zip(marks, numbers, strict=True) for part in pair)])


def full_tiers(tiers_below: str | None) -> list[dict[str, Decimal]]:
    """The full tiers that a column tiers_below names: above, up_to, unit_price, price_per, flat_amount, full_amount."""
    written = tiers_below.split("|") if tiers_below else []
    numbers = ([Decimal(number) for number in re.split(r"\.\.|[:/+=]", tier)] for tier in written)
    return [dict(zip(_FULL_TIER, tier, strict=True)) for tier in numbers]


def with_tier(rows: ir.Table, levels: ir.Table | None) -> ir.Table:
    """Add TIER_COLUMNS to rows with rate_id and `level`, and the tier's price and units instead of the rate's.

    `levels` are the `tiers` of the company, None when it has none.
    """
    if levels is None:
        return rows.mutate(**{name: ibis.null(dtype) for name, dtype in _NO_TIER.items()})
    found = rows.left_join(
        levels,
        [
            rows.rate_id == levels.tier_rate,
            (rows.level > levels.tier_above) | ((rows.level == 0) & (levels.tier_above == 0)),
            levels.tier_up_to.isnull() | (rows.level <= levels.tier_up_to),
        ],
    )
    has_tier = found.tier_rate.notnull()
    return found.mutate(
        unit_price=ibis.ifelse(has_tier, found.tier_price, found.unit_price).cast(UNIT_PRICE),
        price_per=ibis.ifelse(has_tier, found.tier_per, found.price_per),
    ).drop("tier_rate", "tier_price", "tier_per")

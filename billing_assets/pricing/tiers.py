"""Tiers of rates: which one a quantity falls in, and what the full ones below it come to.

A tier reaches from above its lower limit up to and including its upper one, so that 3.5 falls in the
tier above 3 and up to 6; a quantity of 0 belongs to the first. What falls in no tier takes the rate's
own price.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, QUANTITY, UNIT_PRICE, amount, quantity
from billing_assets.pricing.models import MODELS, PERCENTAGES

TIER_COLUMNS = ("tier_above", "tier_up_to", "amount_below", "flat_amount")
_NO_TIER = {"tier_above": QUANTITY, "tier_up_to": QUANTITY, "amount_below": AMOUNT, "flat_amount": AMOUNT}
_HUNDRED = 100


def per_hundred(rates: ir.Table) -> ir.DecimalValue:
    """Units that a rate's price is for: a percentage is a price per hundred."""
    percent = rates.rate_model.isin(PERCENTAGES)
    return ibis.ifelse(percent, ibis.literal(_HUNDRED).cast(QUANTITY), rates.price_per)


def tiers(rate_tiers: ir.Table, rates: ir.Table) -> ir.Table:
    """One row per rate and tier, with the price of its units and what the full tiers below it come to.

    Columns: tier_rate, tier_above, tier_up_to, tier_price, tier_per, flat_amount, amount_below (NULL for
    rates that are not added up tier by tier).
    """
    known = rates.select(
        "rate_model", "packages", "tier_by", known_rate="rate_id", rate_per=per_hundred(rates), rate_price="unit_price"
    )
    joined = rate_tiers.join(known, rate_tiers.rate_id == known.known_rate)
    full = joined.mutate(
        price_per=ibis.coalesce(joined.price_per, joined.rate_per),
        billed_quantity=ibis.coalesce(quantity(joined.up_to - joined.above), ibis.literal(0).cast(QUANTITY)),
    )
    whole = full.mutate(full_amount=MODELS["flat"](full))
    below = ibis.window(group_by=whole.rate_id, order_by=whole.above, preceding=(None, 1))
    adds_up = whole.rate_model.startswith("tiered") & (whole.tier_by == "measure")
    sums = whole.mutate(
        sum_below=ibis.coalesce(amount(whole.full_amount.sum().over(below)), ibis.literal(0).cast(AMOUNT))
    )
    return sums.select(
        tier_rate=sums.rate_id,
        tier_above=sums.above,
        tier_up_to=sums.up_to,
        tier_price=sums.unit_price,
        tier_per=sums.price_per,
        flat_amount=sums.flat_amount,
        amount_below=ibis.ifelse(adds_up, sums.sum_below, ibis.null(AMOUNT)),
    )


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

"""The price of what is ordered: a quantity under a rate, as of a usage event, or by the month of a service's life."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, amount
from billing_assets.pricing.models import charged_units, priced
from billing_assets.pricing.tiers import with_tier


def priced_order(rows: ir.Table, levels: ir.Table | None, models: Sequence[str]) -> ir.Table:
    """Add the tier and the amount to rows with quantity, the columns of their rate, and maturity.

    `levels` are the tiers of the rates (None without tiers), `models` the names of the rate models that occur. A
    negative quantity is the exact opposite of its positive twin.
    """
    made = priced_units(rows.mutate(magnitude=rows.quantity.cast(QUANTITY).abs()), levels, models)
    return made.mutate(amount=ibis.ifelse(made.quantity < 0, amount(-made.amount), made.amount))


def priced_units(rows: ir.Table, levels: ir.Table | None, models: Sequence[str]) -> ir.Table:
    """Add charged units, tier and amount to rows with a `magnitude` and the columns of their rate.

    The tier is that of the units, or of `maturity` where the rate asks for it; rows without one have no such rate.
    """
    units = rows.mutate(billed_quantity=charged_units(rows))
    level = units.billed_quantity
    if "maturity" in units.columns:
        level = ibis.ifelse(units.tier_by == "maturity", units.maturity, level)
    return priced(with_tier(units.mutate(level=level), levels), models)

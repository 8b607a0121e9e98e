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
    measured = rows.mutate(magnitude=rows.quantity.cast(QUANTITY).abs())
    units = measured.mutate(billed_quantity=charged_units(measured))
    level = ibis.ifelse(units.tier_by == "maturity", units.maturity, units.billed_quantity)
    made = priced(with_tier(units.mutate(level=level), levels), models)
    return made.mutate(amount=ibis.ifelse(made.quantity < 0, amount(-made.amount), made.amount))

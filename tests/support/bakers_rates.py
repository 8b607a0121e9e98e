"""A company's own rate models, as a module that billing.toml names."""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, QUANTITY, billed_units, exact_price, read_number
from billing_assets.pricing.models import rate_model


@rate_model("bakers_dozen")
def bakers_dozen(rows: ir.Table) -> ir.DecimalValue:
    """Every started thirteen costs the unit price: 13 cost as much as 12."""
    nothing, thirteen = (ibis.literal(n).cast(QUANTITY) for n in (0, 13))
    return exact_price(billed_units(rows.billed_quantity, nothing, thirteen), rows.unit_price, thirteen)


@rate_model("oven_capacity")
def oven_capacity(rows: ir.Table) -> ir.DecimalValue:
    """An amount by two attributes together: 10 up to 100 loaves and 1,000 W, 20 up to twice of both, 30 above."""

    def within(loaves: int, watts: int) -> ir.BooleanValue:
        limits = {"loaves": loaves, "watts": watts}
        return ibis.and_(*(read_number(rows.attributes.get(name), QUANTITY) <= most for name, most in limits.items()))

    return ibis.cases((within(100, 1000), 10), (within(200, 2000), 20), else_=30).cast(AMOUNT)

"""A company's own rate models, as a module that billing.toml names."""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, billed_units, exact_price
from billing_assets.pricing.models import rate_model


@rate_model("bakers_dozen")
def bakers_dozen(rows: ir.Table) -> ir.DecimalValue:
    """Every started thirteen costs the unit price: 13 cost as much as 12."""
    nothing, thirteen = (ibis.literal(n).cast(QUANTITY) for n in (0, 13))
    return exact_price(billed_units(rows.billed_quantity, nothing, thirteen), rows.unit_price, thirteen)

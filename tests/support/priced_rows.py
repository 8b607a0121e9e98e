"""Quantities priced under one rate with its tiers, as the stages do it."""

import ibis
import ibis.expr.types as ir
from sample_rows import Row, rate, rate_tier

from billing_assets.exact import QUANTITY
from billing_assets.pricing.models import charged_units, priced
from billing_assets.pricing.tiers import per_hundred, tiers, with_tier
from billing_assets.reference.tables import RATE_TIERS, RATES


def priced_quantities(table, quantities: list[str], given: Row, tier_rows: list[dict]) -> ir.Table:
    """place (of the quantity in the list) and amount."""
    rates = table(RATES, rate(**({"unit_price": None} | given)))
    found = table(RATE_TIERS, *(rate_tier(**row) for row in tier_rows))
    asked = ibis.memtable(list(enumerate(quantities)), schema={"place": "int64", "text": "string"})
    terms = rates.mutate(price_per=per_hundred(rates))
    measured = asked.mutate(magnitude=asked.text.cast(QUANTITY)).cross_join(terms)
    units = measured.mutate(billed_quantity=charged_units(measured))
    levels = tiers(found, rates) if tier_rows else None
    made = priced(with_tier(units.mutate(level=units.billed_quantity), levels), [given.get("rate_model", "flat")])
    return made.select("place", "amount")

"""What rated events have in common that roll up into one charge item: everything that prices, taxes or prints them."""

from collections.abc import Collection

import ibis.expr.types as ir
from ibis import null

from billing_assets.item import digest
from billing_assets.rating.tables import LOCATIONS

CHARGE = (
    "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id", "component", "rating_type",
    "price_plan_id", "rate_id", "zone_id", "time_band_id", "unit", "tax_included", "currency",
)  # fmt: skip


def with_locations(events: ir.Table, attributes: Collection[str]) -> ir.Table:
    """Events with a column for each location that is among the declared attributes of UDR types."""
    names = [column.name for column in LOCATIONS if column.name in attributes]
    return events.mutate(**{name: events.attributes.get(name) for name in names})


def with_charge_key(rows: ir.Table, *further: str) -> ir.Table:
    """Rated items with their charge_key, which `further` columns are part of as well, and with all locations.

    A location that no event has is no part of the key.
    """
    given = [column.name for column in LOCATIONS if column.name in rows.columns]
    keyed = rows.mutate(charge_key=digest(*(rows[c] for c in (*CHARGE, *further, *given))))
    return keyed.mutate(**{c.name: null(c.dtype) for c in LOCATIONS if c.name not in given})

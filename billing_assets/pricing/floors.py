"""Floor prices: the least that a piece may be sold for without approval."""

import ibis
import ibis.expr.types as ir

_SOLD = ("product_id", "price_type", "currency")


def with_floor(lines: ir.Table, floor_prices: ir.Table, day: str) -> ir.Table:
    """Add floor_price, in force on a day (the column that has it): that of the line's offer, else that of any."""
    of_offers = floor_prices.offer_id.notnull()
    found = _in_force(lines, floor_prices.filter(of_offers), (*_SOLD, "offer_id"), day, "of_offer")
    found = _in_force(found, floor_prices.filter(~of_offers), _SOLD, day, "of_any")
    return found.mutate(floor_price=ibis.coalesce(found.of_offer, found.of_any)).drop("of_offer", "of_any")


def _in_force(lines: ir.Table, floor_prices: ir.Table, key: tuple[str, ...], day: str, name: str) -> ir.Table:
    """Add the floor of the lines' key on a day, as the column `name`."""
    floors = floor_prices.select(
        floor_from="valid_from", floor_to="valid_to", **{name: "floor_price"}, **{f"floor_{c}": c for c in key}
    )
    same = [lines[c] == floors[f"floor_{c}"] for c in key]
    found = lines.left_join(floors, [*same, lines[day] >= floors.floor_from, lines[day] < floors.floor_to])
    return found.select(*lines.columns, name)

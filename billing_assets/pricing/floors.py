"""Floor prices: the least that a piece may be sold for without approval."""

import ibis
import ibis.expr.types as ir


def with_floor(lines: ir.Table, floor_prices: ir.Table, day: str) -> ir.Table:
    """Add floor_price, in force on a day (the column that has it): that of the line's offer, else that of any."""
    f = floor_prices.select(
        floor_offer="offer_id", floor_product="product_id", floor_type="price_type", floor_currency="currency",
        floor="floor_price", floor_from="valid_from", floor_to="valid_to",
    )  # fmt: skip
    for name, floors in (("of_offer", f.filter(f.floor_offer.notnull())), ("of_any", f.filter(f.floor_offer.isnull()))):
        keys = [lines.product_id == floors.floor_product, lines.price_type == floors.floor_type,
                lines.currency == floors.floor_currency, lines[day] >= floors.floor_from,
                lines[day] < floors.floor_to]  # fmt: skip
        if name == "of_offer":
            keys.append(lines.offer_id == floors.floor_offer)
        found = lines.left_join(floors, keys)
        lines = found.mutate(**{name: found.floor}).drop(floors.columns)
    return lines.mutate(floor_price=ibis.coalesce(lines.of_offer, lines.of_any)).drop("of_offer", "of_any")

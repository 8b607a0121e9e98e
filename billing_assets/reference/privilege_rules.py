"""What makes privileges and limits unusable: unknown roles and units, limits that are no percentage, two floors."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, outside, unknown, validity


def privilege_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    for column in ("maximum_discount", "approves_discount"):
        yield outside(t["roles"], column, 0, 100)
    yield unknown(t["users"], "role", t["roles"])
    units = t["organisational_units"]
    for table in ("users", "unit_collaborations"):
        yield unknown(t[table], "organisational_unit", units)
    yield unknown(t["unit_collaborations"], "collaborates_with", units, "organisational_unit", "organisational_unit")
    floors = t["floor_prices"]
    yield unknown(floors, "product_id", t["products"])
    yield unknown(floors, "offer_id", t["offers"])
    yield unknown(floors, "currency", t["currencies"])
    yield broken(floors, floors.floor_price < 0, "floor_price", "is below 0")
    yield from validity(floors, "product_id", "offer_id", "price_type", "currency")

"""What each bundle reaches: products, zones and bands as rows that events meet by equality. Two may not meet the same.

Worked out once on the small side, in Python: a bundle of any product, or one with conditions, is as many rows as
products and places that it reaches.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from billing_assets.contract import ConfigurationError
from billing_assets.reference.tables import PLACE_CONDITIONS, PRODUCT_CONDITIONS

Row = dict[str, object]


def reach(bundles: Sequence[Row], conditions: Sequence[Row], products: Sequence[Row]) -> list[Row]:
    """bundle_id, price_plan_id, product_id, zone_id, time_band_id (None for any), valid_from, valid_to."""
    asked: dict[str, dict[str, list[str]]] = {}
    for row in conditions:
        asked.setdefault(row["bundle_id"], {})[row["field"]] = row["allowed_values"].split("|")
    usage = [row for row in products if row["product_type"] == "usage_service"]
    by_id = {row["product_id"]: [row] for row in usage}
    return [
        {
            "bundle_id": bundle["bundle_id"], "price_plan_id": bundle["price_plan_id"], "product_id": met["product_id"],
            **place, "valid_from": bundle["valid_from"], "valid_to": bundle["valid_to"],
        }
        for bundle in bundles
        for met in (by_id.get(bundle["product_id"], []) if bundle["product_id"] else usage)
        if _meets(met, asked.get(bundle["bundle_id"], {}))
        for place in _places(bundle, asked.get(bundle["bundle_id"], {}))
    ]  # fmt: skip


def _meets(product_row: Row, asked: dict[str, list[str]]) -> bool:
    return all(product_row[field] in asked[field] for field in PRODUCT_CONDITIONS if field in asked)


def _places(bundle: Row, asked: dict[str, list[str]]) -> Iterator[Row]:
    choices = {"zone_id": [bundle["zone_id"]], "time_band_id": [None]}
    choices |= {field: asked[field] for field in PLACE_CONDITIONS if field in asked}
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


def require_apart(bundles: Sequence[Row], conditions: Sequence[Row], products: Sequence[Row]) -> None:
    """Raises ConfigurationError when two bundles of a priority take the same events; commitments may."""
    taking = {row["bundle_id"]: row for row in bundles if row["effect"] != "commit"}
    alike: dict[tuple, list[Row]] = {}
    for row in reach(list(taking.values()), conditions, products):
        key = (row["price_plan_id"], row["product_id"], taking[row["bundle_id"]]["priority"])
        alike.setdefault(key, []).append(row)
    pairs = [
        sorted((taking[one["bundle_id"]], taking[other["bundle_id"]]), key=lambda row: row["source_line"])
        for rows in alike.values()
        for one, other in combinations(rows, 2)
        if one["bundle_id"] != other["bundle_id"] and _overlap(one, other)
    ]
    for first, second in sorted(pairs, key=lambda pair: pair[1]["source_line"])[:1]:
        raise ConfigurationError(
            f"{second['source_file']}, line {second['source_line']}: bundle '{second['bundle_id']}' takes events that "
            f"bundle '{first['bundle_id']}' takes as well: give one of them another priority"
        )


def _overlap(one: Row, other: Row) -> bool:
    same_place = all(None in (one[c], other[c]) or one[c] == other[c] for c in PLACE_CONDITIONS)
    return same_place and one["valid_from"] < other["valid_to"] and other["valid_from"] < one["valid_to"]

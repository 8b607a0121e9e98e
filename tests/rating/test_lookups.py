"""Lookups by key, prefix and range, one after the other."""

import pytest
from sample_rows import Row, udr

from billing_assets.rating.lookups import with_lookups
from billing_assets.usage.tables import UDRS


def lookup(lookup_id: str, match: str, *rows: tuple) -> list[Row]:
    return [
        {"lookup_id": lookup_id, "match": match, "lookup_key": key, "key_to": to, "result": result}
        for key, to, result in rows
    ]


LOOKUPS = [
    *lookup("country_of_number", "prefix", ("33", None, "FR"), ("336", None, "FR mobile"), ("1", None, "US")),
    *lookup("zone_of_country", "exact", ("FR", None, "home"), ("FR mobile", None, "home"), ("US", None, "world")),
    *lookup("power_class", "range", ("0", "22", "slow"), ("22", "100", "fast"), ("100", None, "rapid")),
]


def chained(place: int, attribute: str, lookup_id: str, source: str, product_id: str = "CALLS") -> Row:
    return {"product_id": product_id, "attribute": attribute, "place": place, "lookup_id": lookup_id,
            "from_attribute": source}  # fmt: skip


CHAIN = [
    chained(1, "country", "country_of_number", "destination"),
    chained(2, "zone", "zone_of_country", "country"),
    chained(1, "power_class", "power_class", "power", product_id="CHARGING"),
]


@pytest.fixture
def found(rows, table):
    """Attributes and words of an event after its lookups."""

    def run(**values: object) -> tuple[dict[str, str], str | None]:
        (row,) = rows(with_lookups(table(UDRS, udr(**values)), CHAIN, LOOKUPS))
        return dict(row["attributes"]), row["lookups"]

    return run


def test_number_to_country_to_zone_by_the_longest_prefix(found):
    attributes = {"country": "FR mobile", "zone": "home"}
    assert found(destination="33612345") == (attributes, "country FR mobile, zone home")
    assert found(destination="33112345") == ({"country": "FR", "zone": "home"}, "country FR, zone home")


def test_what_a_lookup_does_not_know_has_no_result(found):
    assert found(destination="4930", attributes={"cell": "7"}) == ({"cell": "7"}, None)
    assert found(destination=None) == ({}, None)


@pytest.mark.parametrize(("power", "expected"), [("21.999", "slow"), ("22", "fast"), ("350", "rapid")])
def test_a_range_begins_with_its_lower_limit(found, power, expected):
    attributes, words = found(product_id="CHARGING", attributes={"power": power})
    assert (attributes["power_class"], words) == (expected, f"power_class {expected}")


def test_other_products_pass_no_lookup(found):
    assert found(product_id="DATA") == ({}, None)

"""Discounts by what the events of a bundle came to: sum, count, average, minimum or maximum."""

from decimal import Decimal

import pytest
from bundled_month import call
from sample_rows import bundle, bundle_level, reseller

LEVELS = (bundle_level(above="50", up_to="100", percent="10"), bundle_level(above="100", percent="25"))
CALLS = (call("a", "30", 0), call("b", "60", 1), call("c", "12", 2))


def discount(**values: object) -> dict:
    return bundle(included_quantity=None, effect="discount", **values)


@pytest.mark.parametrize(
    ("aggregation", "came_to", "percent"),
    [("sum", "102", 25), ("count", "3", None), ("average", "34", None), ("minimum", "12", None), ("maximum", "60", 10)],
)
def test_the_level_is_that_of_the_indicator(bundled, aggregation, came_to, percent):
    """30, 60 and 12 units: 102 together, 3 calls, 34 on average, 12 to 60. Above 50: 10 %, above 100: 25 %."""
    items, (counter,) = bundled(*CALLS, bundles=(discount(aggregation=aggregation),), bundle_levels=LEVELS)
    assert (counter["used_quantity"], counter["percent"]) == (Decimal(came_to), percent)
    assert [row["amount"] for row in items] == [
        -Decimal(amount) * (percent or 0) / 100 for amount in ("0.30", "0.60", "0.12") if percent
    ]


def test_the_upper_limit_is_part_of_a_level(bundled):
    """100 units are 10 %; 50 none; nothing is off the setup fee."""
    calls = (call("a", "100", setup_fee="0.15", amount="1.15"),)
    items, _ = bundled(*calls, bundles=(discount(),), bundle_levels=LEVELS)
    assert [(row["part"], row["amount"]) for row in items] == [("discount", Decimal("-0.10"))]
    assert bundled(call("a", "50"), bundles=(discount(),), bundle_levels=LEVELS)[0] == []
    with_setup, _ = bundled(*calls, bundles=(discount(covers_setup_fee=True),), bundle_levels=LEVELS)
    assert with_setup[0]["amount"] == Decimal("-0.115")


def test_a_discount_is_of_what_other_bundles_leave(bundled):
    """30 of 90 units are included first. The discount counts the 60 that are left: above 50 it is 10 % of 0.60."""
    bundles = (discount(priority=2), bundle(bundle_id="FREE", included_quantity="30", priority=1, source_line=3))
    items, counters = bundled(*CALLS[:2], bundles=bundles, bundle_levels=LEVELS)
    assert [(r["udr_id"], r["bundle_id"], r["amount"]) for r in items] == [
        ("a", "FREE", Decimal("-0.30")), ("b", "BUNDLE", Decimal("-0.06")),
    ]  # fmt: skip
    assert counters[0]["used_quantity"] == 60


def test_an_average_is_rounded_once(bundled):
    """10 / 3 = 3.333333333."""
    calls = [call(name, units, 0) for name, units in (("a", "3"), ("b", "3"), ("c", "4"))]
    _, (counter,) = bundled(*calls, bundles=(discount(aggregation="average"),), bundle_levels=LEVELS)
    assert counter["used_quantity"] == Decimal("3.333333333")


def test_a_reseller_has_a_discount_by_the_volume_of_all_its_customers(bundled):
    """30 and 60 units of two customers are 90 together: 10 % off either."""
    paid = {"payer_account_id": "BIG", "subscription_id": None, "leg": "vendor_to_reseller"}
    calls = [
        call(name, units, n, service_account_id=name, **paid)
        for n, (name, units) in enumerate([("ANN", "30"), ("BOB", "60")])
    ]
    items, (counter,) = bundled(
        *calls, bundles=(discount(scope="payer"),), bundle_levels=LEVELS, accounts=(reseller(),)
    )
    assert (counter["owner_id"], counter["percent"]) == ("BIG", 10)
    assert [row["amount"] for row in items] == [Decimal("-0.03"), Decimal("-0.06")]
    assert {(row["payer_account_id"], row["subscription_id"], row["leg"]) for row in items} == {tuple(paid.values())}

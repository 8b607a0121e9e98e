"""Which events a bundle applies to, what it counts of them, and who counts together."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from bundled_month import call
from sample_rows import Row, account, account_group, bundle, bundle_condition, product, udr

CHILD = account(account_id="BEN", payer_account_id="BEN", parent_account_id="ANNA")
OTHER = account(account_id="CARL", payer_account_id="ANNA")


@pytest.fixture(scope="module")
def covered(bundled) -> Callable[..., dict[str, Decimal]]:
    """{event: covered units} of some bundles."""

    def run(*rated: Row, bundles: tuple[Row, ...], **given: tuple[Row, ...]) -> dict[str, Decimal]:
        return {row["udr_id"]: row["covered_quantity"] for row in bundled(*rated, bundles=bundles, **given)[0]}

    return run


def test_any_product_of_a_type(covered):
    """Of any product: those of UDR type voice."""
    products = (product(), product(product_id="ABROAD"), product(product_id="DATA", udr_type="data"))
    calls = [call(name, "10", product_id=name) for name in ("CALLS", "ABROAD", "DATA")]
    wide = (bundle(product_id=None),)
    assert set(covered(*calls, bundles=wide, products=products)) == {"CALLS", "ABROAD", "DATA"}
    voice = (bundle_condition(field="udr_type", allowed_values="voice"),)
    assert set(covered(*calls, bundles=wide, products=products, bundle_conditions=voice)) == {"CALLS", "ABROAD"}
    both = (*voice, bundle_condition(allowed_values="ABROAD|DATA"))
    assert set(covered(*calls, bundles=wide, products=products, bundle_conditions=both)) == {"ABROAD"}


def test_zones_and_bands(covered):
    """Nights to France or Spain."""
    conditions = (
        bundle_condition(field="zone_id", allowed_values="FR|ES"),
        bundle_condition(field="time_band_id", allowed_values="night"),
    )
    calls = [
        call("France", "10", zone_id="FR", time_band_id="night"),
        call("Spain", "10", zone_id="ES", time_band_id="night"),
        call("by day", "10", zone_id="FR"),
        call("US", "10", zone_id="US", time_band_id="night"),
    ]
    assert set(covered(*calls, bundles=(bundle(),), bundle_conditions=conditions)) == {"France", "Spain"}


def test_attributes_of_the_record(covered):
    """Records of 5G; a record without the attribute does not meet the condition."""
    records = [udr(udr_id=n, attributes=a) for n, a in (("a", {"network": "5G"}), ("b", {"network": "4G"}), ("c", {}))]
    condition = (bundle_condition(field="attribute:network", allowed_values="5G|6G"),)
    calls = [call(name, "10") for name in "abc"]
    assert covered(*calls, bundles=(bundle(),), bundle_conditions=condition, udrs=tuple(records)) == {"a": 10}


def test_counting_events(bundled):
    """Two events are included: 30 and 40 units wholly, the third not at all. A reversal gives one back."""
    two = (bundle(included_quantity="2", aggregation="count"),)
    items, (counter,) = bundled(*(call(n, u, i) for i, (n, u) in enumerate((("a", "30"), ("b", "40"), ("c", "5")))),
                                bundles=two)  # fmt: skip
    assert [(r["udr_id"], r["covered_quantity"], r["amount"]) for r in items] == [
        ("a", 1, Decimal("-0.30")), ("b", 1, Decimal("-0.40")),
    ]  # fmt: skip
    assert (counter["used_quantity"], counter["remaining_quantity"], counter["unit"]) == (3, 0, "event")


def test_counting_money(bundled):
    """1.00 is included: 0.60 and 0.40 of 0.80."""
    items, (counter,) = bundled(
        call("a", "60", 0), call("b", "80", 1), bundles=(bundle(included_quantity="1", measure="amount"),)
    )
    assert [row["amount"] for row in items] == [Decimal("-0.60"), Decimal("-0.40")]
    assert (counter["used_quantity"], counter["unit"]) == (Decimal("1.40"), "EUR")


def test_counting_an_attribute(bundled):
    """100 credits are included, of events of 80 and 40 credits: all of the first, and half of the second."""
    records = (udr(udr_id="a", attributes={"credits": "80"}), udr(udr_id="b", attributes={"credits": "40"}))
    items, _ = bundled(
        call("a", "60", 0), call("b", "80", 1), bundles=(bundle(measure="credits"),), udrs=records
    )  # fmt: skip
    assert [(r["covered_quantity"], r["amount"]) for r in items] == [(80, Decimal("-0.60")), (20, Decimal("-0.40"))]


def test_all_events_are_free_without_a_limit(bundled):
    items, (counter,) = bundled(call("a", "5000"), call("b", "-30", 1), bundles=(bundle(included_quantity=None),))
    assert [row["amount"] for row in items] == [Decimal("-50"), Decimal("0.30")]
    assert (counter["covered_quantity"], counter["remaining_quantity"]) == (4970, None)


@pytest.mark.parametrize(
    ("scope", "together"),
    [
        ("subscription", [{"a"}, {"b"}, {"c"}, {"d"}]),
        ("account", [{"a", "b"}, {"c"}, {"d"}]),
        ("payer", [{"a", "b", "d"}, {"c"}]),
        ("hierarchy", [{"a", "b", "c"}, {"d"}]),
        ("group", [{"a", "b"}, {"c", "d"}]),
    ],
)
def test_who_shares_the_units(bundled, scope, together):
    """Two subscriptions of Anna, one of Ben below her, one of Carl that she pays for; Ben and Carl are a group."""
    calls = [
        call("a", "10", 0), call("b", "10", 1, subscription_id="SUB2"),
        call("c", "10", 2, subscription_id="SUB3", service_account_id="BEN", payer_account_id="BEN"),
        call("d", "10", 3, subscription_id="SUB4", service_account_id="CARL"),
    ]  # fmt: skip
    items, _ = bundled(
        *calls, bundles=(bundle(scope=scope),), accounts=(account(), CHILD, OTHER),
        account_groups=(account_group(account_id="BEN"), account_group(account_id="CARL")),
    )  # fmt: skip
    owners: dict[str, set[str]] = {}
    for row in items:
        owners.setdefault(row["owner_id"], set()).add(row["udr_id"])
    assert sorted(owners.values(), key=min) == together


def test_shared_units_are_used_in_the_order_of_all_events(covered):
    """100 units of Anna's account: 60 of one subscription, then 40 of 60 of the other."""
    calls = (call("late", "60", 9, subscription_id="SUB2"), call("early", "60", 1))
    assert covered(*calls, bundles=(bundle(scope="account"),)) == {"early": 60, "late": 40}

"""Included units: which events a bundle covers, and what that takes back."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from bundled_month import call
from sample_rows import Row, bundle


@pytest.fixture(scope="module")
def covered(rows, bundled) -> Callable[..., dict[str, tuple[Decimal, Decimal]]]:
    """{event: (covered units, amount)} of the events that a bundle of 100 units (or other bundles) covers."""

    def run(*rated: Row, bundles: tuple[Row, ...] = (bundle(),)) -> dict[str, tuple[Decimal, Decimal]]:
        items, _ = bundled(*rated, bundles=bundles)
        return {row["udr_id"]: (row["covered_quantity"], row["amount"]) for row in items}

    return run


@pytest.fixture(scope="module")
def counter(bundled) -> Callable[..., tuple[Decimal, Decimal, Decimal]]:
    """(used, covered, left) of the only counter."""

    def run(*rated: Row, bundles: tuple[Row, ...] = (bundle(),)) -> tuple[Decimal, Decimal, Decimal]:
        (found,) = bundled(*rated, bundles=bundles)[1]
        return found["used_quantity"], found["covered_quantity"], found["remaining_quantity"]

    return run


def pairs(**values: tuple[str, str]) -> dict[str, tuple[Decimal, Decimal]]:
    return {name: (Decimal(units), Decimal(amount)) for name, (units, amount) in values.items()}


def test_a_bundle_that_covers_the_whole_month(covered, counter):
    """30 and 40 of 100 units: everything is taken back, 30 are left."""
    calls = (call("a", "30", 0), call("b", "40", 1))
    assert covered(*calls) == pairs(a=("30", "-0.30"), b=("40", "-0.40"))
    assert counter(*calls) == (70, 70, 30)


def test_a_bundle_that_is_just_used_up(covered, counter):
    calls = (call("a", "60", 0), call("b", "40", 1))
    assert covered(*calls) == pairs(a=("60", "-0.60"), b=("40", "-0.40"))
    assert counter(*calls) == (100, 100, 0)


def test_the_event_that_crosses_the_limit_is_covered_in_part(covered, counter):
    """After 60 and 30 units 10 are left: 10 of 40 units take back a quarter of 0.40, and nothing of what follows."""
    calls = (call("a", "60", 0), call("b", "30", 1), call("c", "40", 2), call("d", "5", 3))
    assert covered(*calls) == pairs(a=("60", "-0.60"), b=("30", "-0.30"), c=("10", "-0.10"))
    assert counter(*calls) == (135, 100, 0)


def test_events_count_in_the_order_of_their_time(covered):
    """Whatever the order they are read in; at the same time, in the order of their ids."""
    calls = (call("late", "60", 9), call("b", "60", 1), call("a", "60", 1))
    assert covered(*calls) == pairs(a=("60", "-0.60"), b=("40", "-0.40"))


def test_a_part_is_rounded_once(covered):
    """100 of 300 units that cost 1.00: 0.333…"""
    assert covered(call("a", "300", unit_amount="1", amount="1")) == pairs(a=("100", "-0.3333333333"))


def test_the_setup_fee_stays_charged(covered):
    """The unit amount is taken back, 0.60 of 0.75; so is it when the minimum of the rate was charged."""
    calls = (
        call("a", "60", 0, setup_fee="0.15", amount="0.75"),
        call("b", "10", 1, limit_applied="minimum", amount="0.50"),
    )
    assert covered(*calls) == pairs(a=("60", "-0.60"), b=("10", "-0.10"))


def test_a_call_in_a_bundle_owes_its_setup_fee(covered, counter):
    """CGRateS: 10 s in steps of 20 s, 40 s included, connect fee 0.01: 20 s are left, and 0.01 is to be paid."""
    one = call("a", "20", quantity="10", unit_amount="2", setup_fee="0.01", amount="2.01")
    bundles = (bundle(included_quantity="40"),)
    taken = covered(one, bundles=bundles)
    assert taken == pairs(a=("20", "-2"))
    assert one["amount"] + taken["a"][1] == Decimal("0.01")
    assert counter(one, bundles=bundles) == (20, 20, 20)


def test_a_bundle_takes_back_no_more_than_a_maximum_has_left(covered):
    """9.00 brought to 1.00 with a set-up fee of 0.25: the units were charged 0.75, or nothing beside a fee of 1.00."""
    calls = (
        call("a", "60", 0, unit_amount="9", setup_fee="0.25", limit_applied="maximum", amount="1"),
        call("b", "30", 1, unit_amount="9", setup_fee="1", limit_applied="maximum", amount="1"),
    )
    assert covered(*calls) == pairs(a=("60", "-0.75"), b=("30", "0"))


def test_a_reversed_event_gives_its_units_back(covered, counter):
    """60, 60 of which 40, 60 back of which 40 had been covered, and 30 that are covered again."""
    calls = (call("a", "60", 0), call("b", "60", 1), call("reversed", "-60", 2), call("c", "30", 3))
    assert covered(*calls) == pairs(
        a=("60", "-0.60"), b=("40", "-0.40"), reversed=("-40", "0.40"), c=("30", "-0.30")
    )  # fmt: skip
    assert counter(*calls) == (90, 90, 10)


def test_a_reversal_before_anything_was_used(covered, counter):
    """-50 take back what they had cost; of the next 120 units only the 70 above zero are covered, so 0.00 is left."""
    calls = (call("reversed", "-50", 0), call("a", "120", 1), call("b", "120", 2))
    assert covered(*calls) == pairs(a=("70", "-0.70"), b=("30", "-0.30"))
    assert counter(*calls) == (190, 100, 0)


def test_a_month_within_its_bundle_needs_no_order(bundled):
    """Not put in order: used_before is empty. With 1 unit above, it says what earlier events had used."""
    calls = [call(f"U{n}", str(n), n) for n in range(1, 13)]
    items, _ = bundled(*calls, bundles=(bundle(),))
    assert {row["used_before"] for row in items} == {None}
    ordered, _ = bundled(*calls, bundles=(bundle(included_quantity="77"),))
    assert {row["udr_id"]: row["used_before"] for row in ordered} == {f"U{n}": n * (n - 1) // 2 for n in range(1, 13)}
    cut = [row | {"used_before": None} for row in ordered if row["udr_id"] != "U12"]
    assert cut == [row for row in items if row["udr_id"] != "U12"]


def test_each_subscription_has_its_own_units(covered):
    calls = (call("a", "80", 0), call("b", "80", 1, subscription_id="SUB2"))
    assert covered(*calls) == pairs(a=("80", "-0.80"), b=("80", "-0.80"))


def test_what_a_bundle_applies_to(covered):
    """Rated usage of its plan, product and zone that charges units."""
    zoned = (bundle(zone_id="FR"),)
    calls = (
        call("France", "1", zone_id="FR"),
        call("abroad", "1", zone_id="US"),
        call("nowhere", "1"),
        call("other plan", "1", zone_id="FR", price_plan_id="OTHER"),
        call("other product", "1", zone_id="FR", product_id="DATA"),
        call("prerated", "1", zone_id="FR", rating_type="pre_rated"),
        call("nothing", "0", zone_id="FR"),
    )
    assert set(covered(*calls, bundles=zoned)) == {"France"}
    assert set(covered(*calls)) == {"France", "abroad", "nowhere"}


def test_a_bundle_is_valid_on_local_days(covered):
    """From 15 to 16 January, end exclusive; 23:30 UTC of 14 January is 00:30 of 15 January in Paris."""
    version = (bundle(valid_from="2026-01-15", valid_to="2026-01-16"),)
    calls = (
        call("before", "1", local_at="2026-01-14T23:59:59"),
        call("first", "1", local_at="2026-01-15T00:00:00"),
        call("last", "1", local_at="2026-01-15T23:59:59"),
        call("after", "1", local_at="2026-01-16T00:00:00"),
    )
    assert set(covered(*calls, bundles=version)) == {"first", "last"}


def test_versions_of_a_bundle_have_units_of_their_own(covered):
    """10 units until 16 January, 100 from then on: 10 of 80, and all of 80."""
    versions = (
        bundle(bundle_id="SMALL", included_quantity="10", valid_to="2026-01-16"),
        bundle(bundle_id="LARGE", valid_from="2026-01-16"),
    )
    calls = (call("a", "80", 0), call("b", "80", 1, local_at="2026-01-16T13:00:00"))
    assert covered(*calls, bundles=versions) == pairs(a=("10", "-0.10"), b=("80", "-0.80"))


def test_the_parts_of_an_event_are_covered_in_their_order(bundled):
    """100 units: 70 of the first part, and 30 of the 50 of the second."""
    parts = (call("U1", "50", split=2), call("U1", "70", split=1))
    found, _ = bundled(*parts, bundles=(bundle(),))
    assert {row["split"]: row["covered_quantity"] for row in found} == {1: 70, 2: 30}

"""Totals of the month that bundles include units of: events first, then totals in the order of their products."""

from decimal import Decimal

import pytest
from bundled_month import call, whole_month
from sample_rows import Row, account, bundle, bundle_condition, bundle_counter, order_line, product, usage_total

DATA = product(product_id="DATA")
PRODUCTS = (product(), DATA)


def total(name: str, units: str, **values: object) -> Row:
    return usage_total(usage_charge_id=name, charge_key=name, quantity=units, **values)


@pytest.fixture(scope="module")
def cover(table, rows):
    """{(total, bundle): (used before, covered)} and {(owner, bundle): (used, covered, remaining)}."""

    def run(*totals: Row, bundles: tuple[Row, ...], events: tuple[Row, ...] = (), **given):
        given = {"products": PRODUCTS} | given
        _, counters, covered = whole_month(table, rows, *events, bundles=bundles, usage_totals=totals, **given)
        return (
            {(r["usage_charge_id"], r["bundle_id"]): (r["used_before"], r["covered_quantity"]) for r in covered},
            {(r["owner_id"], r["bundle_id"]): tuple(r[f"{c}_quantity"] for c in ("used", "covered", "remaining"))
             for r in counters},
        )  # fmt: skip

    return run


def test_events_come_first_then_totals_by_product(cover):
    """100 included: 30 of a call, 50 of calls in all, and 20 of 40 of data."""
    totals = (total("T1", "40", product_id="DATA"), total("T2", "50"))
    covered, counters = cover(*totals, bundles=(bundle(product_id=None),), events=(call("A", "30"),))
    assert covered == {("T2", "BUNDLE"): (30, 50), ("T1", "BUNDLE"): (80, 20)}
    assert counters == {("SUB", "BUNDLE"): (120, 100, 0)}


def test_a_total_without_events(cover):
    covered, counters = cover(total("T1", "40"), bundles=(bundle(),))
    assert covered == {("T1", "BUNDLE"): (0, 40)} and counters == {("SUB", "BUNDLE"): (40, 40, 60)}


def test_nothing_and_less_are_not_covered(cover):
    totals = (total("T1", "0"), total("T2", "-7"))
    assert cover(*totals, bundles=(bundle(),)) == ({}, {})


def test_what_events_gave_back_in_all_is_nothing_for_totals(cover):
    covered, counters = cover(total("T1", "120"), bundles=(bundle(),), events=(call("A", "-10"),))
    assert covered == {("T1", "BUNDLE"): (0, 100)} and counters == {("SUB", "BUNDLE"): (120, 100, 0)}


def test_all_of_it_where_there_is_no_limit(cover):
    covered, counters = cover(total("T1", "120"), bundles=(bundle(included_quantity=None),))
    assert covered == {("T1", "BUNDLE"): (0, 120)} and counters == {("SUB", "BUNDLE"): (120, 120, None)}


def test_several_bundles_in_the_order_of_their_priority(cover):
    bundles = (bundle(bundle_id="SECOND", priority=2), bundle(bundle_id="FIRST", included_quantity="30"))
    covered, _ = cover(total("T1", "150"), bundles=bundles)
    assert covered == {("T1", "FIRST"): (0, 30), ("T1", "SECOND"): (0, 100)}


def test_units_that_are_shared(cover):
    """ANNA pays for BEN: of 100, 60 are the first subscription's."""
    totals = (total("T1", "60"), total("T2", "60", subscription_id="SUB2", service_account_id="BEN"))
    accounts = (account(), account(account_id="BEN", payer_account_id="ANNA"))
    covered, counters = cover(*totals, bundles=(bundle(scope="payer"),), accounts=accounts)
    assert covered == {("T1", "BUNDLE"): (0, 60), ("T2", "BUNDLE"): (60, 40)}
    assert counters == {("ANNA", "BUNDLE"): (120, 100, 0)}


def test_half_a_month_has_the_units_of_its_days(cover):
    """16 of 31 days: 100 * 16 / 31."""
    usage = order_line(product_id="CALLS", price_type="usage", applied_plan="PLAN", start_date="2026-01-16")
    half = bundle(proration="calendar_days")
    covered, counters = cover(total("T1", "150"), bundles=(half,), order_lines=(usage,))
    assert covered == {("T1", "BUNDLE"): (0, Decimal("51.612903226"))}
    assert counters == {("SUB", "BUNDLE"): (150, Decimal("51.612903226"), 0)}


def test_what_was_left_is_used_first(table, rows):
    """30 of December and 100 of January: 40 of a call and 75 of a total leave 15 of January's."""
    usage = order_line(product_id="CALLS", price_type="usage", applied_plan="PLAN")
    _, counters, covered = whole_month(
        table, rows, call("A", "40"), bundles=(bundle(rollover_months=1),), usage_totals=(total("T1", "75"),),
        order_lines=(usage,), before=(bundle_counter(carried_quantity="30"),),
    )  # fmt: skip
    assert [(r["used_before"], r["covered_quantity"]) for r in covered] == [(40, 75)]
    left = {r["granted_month"]: (r["covered_quantity"], r["carried_quantity"]) for r in counters}
    assert left == {"2025-12": (30, 0), "2026-01": (85, 15)}


def test_pro_rata_is_among_events(cover):
    """Events of 150 have all of the 100, two thirds each; nothing is left for the total."""
    events = (call("A", "90"), call("B", "60", minute=1))
    covered, counters = cover(total("T1", "50"), bundles=(bundle(cover_order="pro_rata"),), events=events)
    assert covered == {} and counters == {("SUB", "BUNDLE"): (200, 100, 0)}


@pytest.mark.parametrize(
    "terms",
    [
        {"zone_id": "FR"},
        {"valid_from": "2026-01-02"},
        {"measure": "amount"},
        {"aggregation": "count"},
        {"product_id": "DATA"},
        {"price_plan_id": "OTHER"},
    ],
)
def test_what_is_not_reached(cover, terms):
    assert cover(total("T1", "40"), bundles=(bundle(**terms),)) == ({}, {})


def test_a_condition_of_records_is_none_of_totals(cover):
    condition = bundle_condition(field="attribute:network", allowed_values="5G")
    assert cover(total("T1", "40"), bundles=(bundle(),), bundle_conditions=(condition,), udrs=()) == ({}, {})


def test_a_zone_is_that_of_the_rate(cover):
    covered, _ = cover(total("T1", "40", zone_id="FR"), total("T2", "40"), bundles=(bundle(zone_id="FR"),))
    assert set(covered) == {("T1", "BUNDLE")}

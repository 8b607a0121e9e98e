"""What owners have of a bundle: parts of a month, and what earlier months left."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from bundled_month import call
from sample_rows import Row, bundle, bundle_counter, order_line

ROLLING = bundle(rollover_months=2)


def line(**values: object) -> Row:
    """A usage line of Anna's subscription on the plan of the bundle."""
    return order_line(**({"product_id": "CALLS", "price_type": "usage", "applied_plan": "PLAN"} | values))


@pytest.fixture(scope="module")
def grants(bundled) -> Callable[..., list[tuple]]:
    """(month, included, covered, left, carried) of each grant of January."""

    def run(*rated: Row, bundles: tuple[Row, ...] = (ROLLING,), **given: tuple[Row, ...]) -> list[tuple]:
        _, counters = bundled(*rated, bundles=bundles, **{"order_lines": (line(),), "before": ()} | given)
        names = ("included_quantity", "covered_quantity", "remaining_quantity", "carried_quantity")
        return [(row["granted_month"], *(row[name] for name in names)) for row in counters]

    return run


def left(month: str, units: str, **values: object) -> Row:
    return bundle_counter(granted_month=month, carried_quantity=units, **values)


def test_a_month_without_usage_is_carried_over(grants):
    assert grants() == [("2026-01", 100, 0, 100, 100)]


def test_what_is_left_is_used_first(grants, bundled):
    """30 of November and 50 of December, then 100 of January: 120 used leave 60. November's expire with January."""
    before = (left("2025-11", "30"), left("2025-12", "50"))
    assert grants(call("a", "120"), before=before) == [
        ("2025-11", 30, 30, 0, 0), ("2025-12", 50, 50, 0, 0), ("2026-01", 100, 40, 60, 60),
    ]  # fmt: skip
    assert grants(call("a", "10"), before=before) == [
        ("2025-11", 30, 10, 20, 0), ("2025-12", 50, 0, 50, 50), ("2026-01", 100, 0, 100, 100),
    ]  # fmt: skip


def test_more_than_all_that_is_there(grants, bundled):
    """180 units are there, of 200."""
    before = (left("2025-11", "30"), left("2025-12", "50"))
    given = {"bundles": (ROLLING,), "order_lines": (line(),), "before": before}
    items, _ = bundled(call("a", "150", 0), call("b", "50", 1), **given)
    assert [row["covered_quantity"] for row in items] == [150, 30]
    assert [row[1:] for row in grants(call("a", "150", 0), call("b", "50", 1), before=before)] == [
        (30, 30, 0, 0), (50, 50, 0, 0), (100, 100, 0, 0),
    ]  # fmt: skip


def test_at_most_so_many_go_on_the_latest_of_them(grants):
    """120 may go on: 100 of January and 20 of December's 50."""
    before = (left("2025-12", "50"),)
    assert grants(bundles=(ROLLING | {"rollover_maximum": Decimal(120)},), before=before) == [
        ("2025-12", 50, 0, 50, 20), ("2026-01", 100, 0, 100, 100),
    ]  # fmt: skip


def test_who_has_the_bundle_no_more_has_nothing_left(grants):
    """Of a subscription that ended with December nothing goes on; of a bundle that does not roll over neither."""
    before = (left("2025-12", "50"),)
    assert grants(before=before, order_lines=(line(end_date="2026-01-01"),)) == []
    assert grants(before=before, order_lines=(line(applied_plan="OTHER"),)) == []
    assert grants(before=(), bundles=(bundle(),)) == []


@pytest.mark.parametrize(
    ("lines", "units"),
    [
        ((line(start_date="2026-01-17"),), "48.387096774"),
        ((line(end_date="2026-01-17"),), "51.612903226"),
        ((line(start_date="2026-01-10", end_date="2026-01-11"),), "3.225806452"),
        ((line(end_date="2026-01-11"), line(order_line_id="2", start_date="2026-01-11")), "100"),
    ],
)
def test_part_of_a_month(grants, lines, units):
    """100 by 15, 16 and 1 of 31 days; of two lines one after the other all of them."""
    (found,) = grants(bundles=(bundle(proration="calendar_days"),), order_lines=lines)
    assert found[1] == Decimal(units)


def test_part_of_a_month_of_the_bundle_itself(grants):
    """Valid until 11 January: 10 of 31 days; without proration all of its units."""
    ending = {"valid_to": "2026-01-11"}
    assert grants(bundles=(bundle(proration="calendar_days", **ending),))[0][1] == Decimal("32.258064516")
    assert grants(call("a", "1", local_at="2026-01-05T12:00"), bundles=(bundle(**ending),))[0][1] == 100


def test_the_events_of_a_part_of_a_month(bundled):
    """48.387096774 units: all of 40, and 8.387096774 of 20."""
    items, _ = bundled(
        call("a", "40", 0), call("b", "20", 1), bundles=(bundle(proration="calendar_days"),),
        order_lines=(line(start_date="2026-01-17"),),
    )  # fmt: skip
    assert [row["covered_quantity"] for row in items] == [40, Decimal("8.387096774")]

"""Months that carry units over: what tells that one is missing, or was made of other numbers."""

from collections.abc import Callable

import pytest
from sample_rows import Row, billing_cycle, bundle, bundle_counter

from billing_assets.bundles.checks import CHECKS
from billing_assets.bundles.tables import BUNDLE_COUNTERS
from billing_assets.reference.tables import BILLING_CYCLES, BUNDLES
from billing_assets.run import Run

FIND = {check.name: check.find for check in CHECKS}


@pytest.fixture
def january(lake, table) -> Callable[..., Run]:
    """A run of January of a company that bills since December: the counters of some months are in its lake."""

    def run(offered: Row, **months: list[Row]) -> Run:
        lake.write(BILLING_CYCLES, table(BILLING_CYCLES, billing_cycle()))
        lake.write(BUNDLES, table(BUNDLES, offered))
        for name, counters in months.items():
            month = name.replace("m", "").replace("_", "-")
            lake.write_month(BUNDLE_COUNTERS, table(BUNDLE_COUNTERS, *counters), month, ["first"], drop_others=True)
        return Run(lake, None, "2025-12", month="2026-01")

    return run


def counter(month: str, granted: str, included: str, carried: str = "0") -> Row:
    return bundle_counter(month=month, granted_month=granted, included_quantity=included, carried_quantity=carried)


def test_the_month_before_has_to_be_billed(january):
    missing = [{"month": "2025-12", "billing_cycle": "first"}]
    assert FIND["month_before_made"](january(bundle(rollover_months=1))) == missing
    assert FIND["month_before_made"](january(bundle())) == []
    assert FIND["month_before_made"](january(bundle(rollover_months=1), m2025_12=[])) == []


@pytest.mark.parametrize(("begins_with", "is_stale"), [("60", False), ("40", True), (None, True)])
def test_the_next_month_is_stale_when_it_began_with_other_units(january, begins_with, is_stale):
    """60 units of January go on. February, which was billed before, began with 60, 40 or none of them."""
    later = [counter("2026-02", "2026-02", "100", "100")]
    if begins_with:
        later.append(counter("2026-02", "2026-01", begins_with))
    run = january(bundle(rollover_months=1), m2026_01=[counter("2026-01", "2026-01", "100", "60")], m2026_02=later)
    found = FIND["next_month_begins_with_it"](run)
    assert [row["owner_id"] for row in found] == (["SUB"] if is_stale else [])


def test_who_is_not_there_any_more_makes_nothing_stale(january):
    now = [counter("2026-01", "2026-01", "100", "60")]
    assert FIND["next_month_begins_with_it"](january(bundle(rollover_months=1), m2026_01=now, m2026_02=[])) == []
    assert FIND["next_month_begins_with_it"](january(bundle(rollover_months=1), m2026_01=now)) == []

"""The cycle report: what came in and what was made of it, beside the month before."""

from datetime import date
from decimal import Decimal

import ibis
import pytest
from sample_rows import item, sample

from billing_assets import calendar
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.reports import report
from billing_assets.reports.tables import CYCLE_REPORT

measure = sample(
    CYCLE_REPORT, month="2025-12", billing_cycle="first", stage="items", measure="charges", currency="EUR", value="80"
)


@pytest.fixture
def windows():
    cycles, zones = {"first": 1, "middle": 15}, ["Europe/Paris", "America/New_York"]
    return ibis.memtable(calendar.windows("2026-01", cycles, zones, "2026-01"))


@pytest.fixture
def values(rows):
    """{(cycle, currency): value} of a measure."""
    return lambda measures: {(row["billing_cycle"], row["currency"]): row["value"] for row in rows(measures)}


def test_days_are_counted_in_the_window_of_each_cycle(values, windows):
    """31 December, 1, 14, 15 and 31 January, 1 and 14, 15 February: once each, however many zones there are."""
    days = [(12, 31), (1, 1), (1, 14), (1, 15), (1, 31), (2, 1), (2, 14), (2, 15)]
    rows = ibis.memtable({"event_day": [date(2025 if m == 12 else 2026, m, d) for m, d in days]})
    counted = values(report.counted_days(rows, windows, "records", "usage"))
    assert counted == {("first", "-"): 4, ("middle", "-"): 4}


def test_records_of_days_are_summed(values, windows):
    rows = ibis.memtable({"event_day": [date(2026, 1, 1), date(2026, 1, 20)], "records": [5, 7]})
    counted = values(report.counted_days(rows, windows, "records", "usage", "records"))
    assert counted == {("first", "-"): 12, ("middle", "-"): 7}


def test_a_cycle_without_usage_has_a_count_of_nothing(values, windows):
    rows = ibis.memtable({"event_day": [date(2026, 2, 10)]})
    assert values(report.counted_days(rows, windows, "records", "usage")) == {("first", "-"): 0, ("middle", "-"): 1}


def test_amounts_are_summed_per_cycle_and_currency(values, table):
    items = table(CHARGE_ITEMS, item(amount="1.5"), item(amount="0.0000000001"), item(currency="JPY", amount="7"),
                  item(billing_cycle="middle", amount="-2"))  # fmt: skip
    assert values(report.summed(items, "items", "charges")) == {
        ("first", "EUR"): Decimal("1.5000000001"), ("first", "JPY"): 7, ("middle", "EUR"): -2,
    }  # fmt: skip
    assert values(report.counted(items, "items", "charge items")) == {("first", "-"): 3, ("middle", "-"): 1}


def test_the_month_before_stands_beside_it(rows, table):
    """100.00 after 80.00 is 20.00 more; what was not there before has no change."""
    measures = table(
        CYCLE_REPORT, measure(month="2026-01", value="100"), measure(month="2026-01", currency="JPY", value="7"),
        measure(month="2026-01", billing_cycle="middle", value="5"),
    )  # fmt: skip
    now = measures.drop("previous_value", "change")
    found = rows(CYCLE_REPORT.shape(report.with_previous(now, table(CYCLE_REPORT, measure(), measure(stage="taxes")))))
    assert {(r["billing_cycle"], r["currency"]): (r["value"], r["previous_value"], r["change"]) for r in found} == {
        ("first", "EUR"): (100, 80, 20), ("first", "JPY"): (7, None, None), ("middle", "EUR"): (5, None, None),
    }  # fmt: skip
    assert {row["month"] for row in found} == {"2026-01"}

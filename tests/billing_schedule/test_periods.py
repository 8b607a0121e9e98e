"""Full periods of every length: where they begin, and that each day is in one."""

from datetime import date

import pytest

from billing_assets.billing_schedule.periods import full_periods


def periods(after: str, up_to: str, unit: str, length: int, phase: int, day: int = 0) -> list[tuple[str, str]]:
    rows = full_periods([(unit, length)], date.fromisoformat(after), date.fromisoformat(up_to)).to_pylist()
    chosen = [row for row in rows if (row["full_phase"], row["full_day"]) == (phase, day)]
    return [(str(row["full_start"]), str(row["full_end"])) for row in chosen]


def test_periods_begin_on_the_billing_day():
    assert periods("2025-12-15", "2026-01-31", "month", 1, 0, day=15) == [
        ("2025-12-15", "2026-01-15"), ("2026-01-15", "2026-02-15"),
    ]  # fmt: skip


def test_a_billing_day_is_clamped_to_short_months():
    """Day 31: 31 January to 28 February, to 31 March; in a leap year to 29 February."""
    assert periods("2026-01-31", "2026-03-31", "month", 1, 0, day=31) == [
        ("2026-01-31", "2026-02-28"), ("2026-02-28", "2026-03-31"), ("2026-03-31", "2026-04-30"),
    ]  # fmt: skip
    assert periods("2024-01-30", "2024-02-29", "month", 1, 0, day=30) == [
        ("2024-01-30", "2024-02-29"), ("2024-02-29", "2024-03-30"),
    ]  # fmt: skip


def test_a_leap_day_comes_back():
    """Years from 29 February 2024: on 28 February until the next leap year. 2024 * 12 + 1 is month 1 of 12."""
    assert periods("2024-03-01", "2028-03-01", "month", 12, 1, day=29) == [
        ("2024-02-29", "2025-02-28"), ("2025-02-28", "2026-02-28"), ("2026-02-28", "2027-02-28"),
        ("2027-02-28", "2028-02-29"), ("2028-02-29", "2029-02-28"),
    ]  # fmt: skip


def test_quarters_begin_in_every_third_month():
    """2026 * 12 is a multiple of three: phase 0 has January, April, July, October."""
    assert periods("2026-01-01", "2026-09-30", "month", 3, 0, day=1) == [
        ("2026-01-01", "2026-04-01"), ("2026-04-01", "2026-07-01"), ("2026-07-01", "2026-10-01"),
    ]  # fmt: skip


def test_weeks_are_stretches_of_days():
    """1970-01-05, day 4, was a Monday."""
    assert periods("2026-01-01", "2026-01-12", "day", 7, 4) == [
        ("2025-12-29", "2026-01-05"), ("2026-01-05", "2026-01-12"), ("2026-01-12", "2026-01-19"),
    ]  # fmt: skip


@pytest.mark.parametrize(("unit", "length"), [("month", 1), ("month", 5), ("month", 12), ("day", 1), ("day", 10)])
def test_every_day_is_in_exactly_one_period_of_each_phase(unit, length):
    after, day, up_to = date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 31)
    rows = full_periods([(unit, length)], after, up_to).to_pylist()
    holding = [(r["full_phase"], r["full_day"]) for r in rows if r["full_start"] <= day < r["full_end"]]
    days = 31 if unit == "month" else 1
    assert len(holding) == len(set(holding)) == length * days


def test_only_what_can_become_due_is_made():
    """What ended by the first day, or begins after the last, is left out; of no lengths there are none."""
    rows = full_periods([("month", 12), ("day", 7)], date(2026, 1, 1), date(2026, 2, 28)).to_pylist()
    assert all(row["full_end"] > date(2026, 1, 1) and row["full_start"] <= date(2026, 2, 28) for row in rows)
    assert full_periods([], date(2026, 1, 1), date(2026, 2, 28)).num_rows == 0

"""Periods of every frequency and alignment, and the run that takes each: published examples, and by hand.

Intervals are half-open: "16 April to 31 May" of a source is period 2015-04-16 to 2015-06-01 here.
"""

from datetime import date
from decimal import Decimal

import pytest
from billing_schedules import Schedules
from sample_rows import Row, order_line, scheme

from billing_assets.calendar import month_range


@pytest.fixture(scope="module")
def billed(table, rows):
    """(first day, first day after, fee) of the periods of a line under a scheme, billed from its first month on."""

    def run(months: int, terms: Row, **line: object) -> list[tuple[str, str, Decimal]]:
        of_scheme = {name: terms.get(name) for name in ("billing_frequency", "frequency_count", "frequency_unit")}
        named = {"billing_term_scheme_id": "SCHEME"} | of_scheme
        given = order_line(**named | line)
        first = f"{given['start_date']:%Y-%m}"
        taken = month_range(first, "2099-12")[:months]
        details = Schedules(table, rows, (terms,)).details(taken, given, first=first)
        found = rows(details.order_by("period_start"))
        return [(f"{r['period_start']}", f"{r['period_end']}", r["fee_amount"]) for r in found]

    return run


def test_conga_quarters_from_june(billed):
    """Conga, change of billing frequency: 100.00 a month, quarters from 1 June, from 16 April 2015: 150 and 300."""
    quarters = scheme(billing_frequency="quarterly", alignment="calendar", cycle_start_month=6, price_period="month")
    assert billed(5, quarters, start_date="2015-04-16", end_date="2015-09-01") == [
        ("2015-04-16", "2015-06-01", Decimal(150)), ("2015-06-01", "2015-09-01", Decimal(300)),
    ]  # fmt: skip


def test_lago_week_of_the_calendar(billed):
    """Lago, invoices: 7.00 a week from Monday, from Friday 16 June 2023 in Paris: 3 of 7 days."""
    weeks = scheme(billing_frequency="weekly", alignment="calendar")
    found = billed(1, weeks, start_date="2023-06-16", net_price="7")
    assert found[:2] == [("2023-06-16", "2023-06-19", Decimal(3)), ("2023-06-19", "2023-06-26", Decimal(7))]


def test_lago_week_of_the_calendar_in_arrears(billed):
    """Lago, minimum commitments: 1000.00 a week from Monday in arrears, from Wednesday 1 February 2023: 5 of 7 days."""
    weeks = scheme(billing_frequency="weekly", alignment="calendar")
    found = billed(1, weeks, start_date="2023-02-01", billing_rule="in_arrears", net_price="1000")
    assert found[0] == ("2023-02-01", "2023-02-06", Decimal("714.2857142857"))
    assert [end for _, end, _ in found] == ["2023-02-06", "2023-02-13", "2023-02-20", "2023-02-27"]


ALIGNED = {
    "quarters from 31 January, without drift": (
        {"billing_frequency": "quarterly", "alignment": "anniversary"}, "2026-01-31",
        ["2026-01-31", "2026-04-30", "2026-07-31", "2026-10-31"],
    ),
    "quarters of the calendar": (
        {"billing_frequency": "quarterly", "alignment": "calendar"}, "2026-02-10",
        ["2026-02-10", "2026-04-01", "2026-07-01", "2026-10-01"],
    ),
    "quarters from the first billing day on or after the start": (
        {"billing_frequency": "quarterly"}, "2026-02-10", ["2026-02-10", "2026-03-01", "2026-06-01", "2026-09-01"],
    ),
    "half years from 1 April": (
        {"billing_frequency": "half_yearly", "alignment": "calendar", "cycle_start_month": 4}, "2026-03-20",
        ["2026-03-20", "2026-04-01", "2026-10-01", "2027-04-01"],
    ),
    "years of a leap day": (
        {"billing_frequency": "yearly", "alignment": "anniversary"}, "2024-02-29",
        ["2024-02-29", "2025-02-28", "2026-02-28"],
    ),
    "5 months": (
        {"billing_frequency": "custom", "frequency_count": 5, "frequency_unit": "month", "alignment": "anniversary"},
        "2026-01-15", ["2026-01-15", "2026-06-15", "2026-11-15", "2027-04-15"],
    ),
    "2 weeks": (
        {"billing_frequency": "custom", "frequency_count": 2, "frequency_unit": "week", "alignment": "anniversary"},
        "2026-12-25", ["2026-12-25", "2027-01-08", "2027-01-22", "2027-02-05"],
    ),
    "10 days": (
        {"billing_frequency": "custom", "frequency_count": 10, "frequency_unit": "day", "alignment": "anniversary"},
        "2026-02-25", ["2026-02-25", "2026-03-07", "2026-03-17", "2026-03-27"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIGNED)
def test_where_periods_begin(billed, name):
    terms, start, expected = ALIGNED[name]
    found = billed(25, scheme(**terms), start_date=start)
    assert [row[0] for row in found][: len(expected)] == expected
    assert [row[1] for row in found][: len(expected) - 1] == expected[1:]


def test_a_billing_day_of_the_line_goes_before_the_schemes_alignment(billed):
    """5 of the 182 days from 15 October to 15 April, then half a year: 182 a half year, a unit a day."""
    halves = scheme(billing_frequency="half_yearly", alignment="calendar")
    assert billed(1, halves, start_date="2026-04-10", billing_day=15, net_price="182") == [
        ("2026-04-10", "2026-04-15", Decimal(5)), ("2026-04-15", "2026-10-15", Decimal(182)),
    ]  # fmt: skip


def test_a_frequency_of_the_line_goes_before_the_schemes(billed):
    """Weeks of a line begin on its first day where its scheme goes by the billing day."""
    found = billed(1, scheme(), billing_frequency="weekly", start_date="2026-01-07")
    assert [row[0] for row in found] == ["2026-01-07", "2026-01-14", "2026-01-21", "2026-01-28"]


def test_a_line_may_be_billed_from_its_ready_date(table, rows):
    """From 1 January, ready on 10 March: three months then, and each later one on its first day."""
    line = order_line(billing_rule="on_ready_date", ready_date="2026-03-10")
    schedules = Schedules(table, rows)
    due = {month: rows(schedules.due([month], line, first="2026-01")) for month in month_range("2026-01", "2026-04")}
    ready = {m: sorted((f"{r['period_start']}", f"{r['ready_for_invoice_date']}") for r in due[m]) for m in due}
    assert ready == {
        "2026-01": [], "2026-02": [], "2026-04": [("2026-05-01", "2026-05-01")],
        "2026-03": [("2026-01-01", "2026-03-10"), ("2026-02-01", "2026-03-10"), ("2026-03-01", "2026-03-10"),
                    ("2026-04-01", "2026-04-01")],
    }  # fmt: skip
    waiting = order_line(billing_rule="on_ready_date")
    assert rows(schedules.due(["2026-01"], waiting, first="2026-01")) == []


def test_each_period_is_in_exactly_one_month(table, rows):
    """Every frequency, alignment and rule, month by month and all at once."""
    schemes = [
        scheme(billing_term_scheme_id=f"{frequency} {alignment}", billing_frequency=frequency, alignment=alignment)
        for frequency in ("weekly", "monthly", "quarterly", "half_yearly", "yearly")
        for alignment in ("billing_day", "anniversary", "calendar")
    ]
    lines = [
        order_line(order_line_id=f"{terms['billing_term_scheme_id']} {rule}", billing_rule=rule, net_price="100",
                   billing_term_scheme_id=terms["billing_term_scheme_id"], ready_date="2025-05-20",
                   billing_frequency=terms["billing_frequency"], start_date=date(2025, 1 + n % 3, 31 - n % 4))
        for n, terms in enumerate(schemes)
        for rule in ("in_advance", "in_arrears", "on_ready_date")
        if (1 + n % 3, 31 - n % 4) not in ((2, 31), (2, 30), (2, 29))
    ]  # fmt: skip
    year = month_range("2025-01", "2026-02")
    schedules = Schedules(table, rows, schemes)

    def periods(months: list[str]) -> list[tuple]:
        found = schedules.due(months, *lines, first="2025-01")
        return [tuple(row.values()) for row in rows(found.select("order_line_id", "period_start", "period_end"))]

    at_once = periods(year)
    assert sorted(row for month in year for row in periods([month])) == sorted(at_once)
    assert len(at_once) == len(set(at_once)) > 400

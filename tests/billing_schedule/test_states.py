"""The states of schedule records: what an action took the place of, and what is left to be billed."""

from datetime import date

import pytest
from billing_schedules import Schedules
from order_lives import Lives, action
from sample_rows import Row, order, order_line, scheme

from billing_assets.billing_schedule.schedule import is_left
from billing_assets.calendar import month_range

TERM = {"unit_price": "100", "start_date": "2015-03-01", "end_date": "2015-09-01"}


@pytest.fixture
def replaced(table, rows, engine):
    """(month, first day, first day after, state) of the records of an order line that its actions replaced."""

    def run(ordered: Row, *actions: Row) -> list[tuple[str, str, str, str]]:
        schemes = (scheme(alignment="calendar", cycle_start_month=6),)
        lines, _, _ = Lives(table, rows, engine)(
            [order(billing_term_scheme_id="SCHEME", **ordered)], *actions, schemes=schemes
        )
        months = month_range("2015-03", "2015-12")
        found = rows(Schedules(table, rows, schemes).replaced(months, *rows(lines), first="2015-03"))
        assert {row["fee_amount"] for row in found} <= {0}
        shown = sorted((row["month"], row["period_start"], row["period_end"], row["status"]) for row in found)
        return [(month, f"{start:%m-%d}", f"{end:%m-%d}", status) for month, start, end, status in shown]

    return run


def months(state: str, *numbers: int) -> list[tuple[str, str, str, str]]:
    """In advance, with a cycle of day 1: the run of a month takes the period of the next."""
    return [(f"2015-{n - 1:02}", f"{n:02}-01", f"{n + 1:02}-01", state) for n in numbers]


def test_another_price_takes_the_place_of_the_months_that_were_planned(replaced):
    """Conga: April and May, which were billed, and June on are superseded."""
    found = replaced(TERM | {"end_date": "2015-07-01"}, action(start_date="2015-04-16", unit_price="200"))
    assert found == months("superseded", 4, 5, 6)


def test_so_does_another_frequency(replaced):
    """Conga: August is superseded, which was not billed yet."""
    quarters = action(start_date="2015-04-16", billing_frequency="quarterly", unit_price="300")
    assert replaced(TERM, quarters) == months("superseded", 4, 5, 6, 7, 8)


def test_what_is_cancelled_or_paused_is_cancelled(replaced):
    assert replaced(TERM, action(action="cancel", start_date="2015-07-01")) == months("cancelled", 7, 8)
    paused = (
        action(action="pause", start_date="2015-07-01"),
        action(source_order_id="A2", action="resume", start_date="2015-08-01"),
    )
    assert replaced(TERM, *paused) == months("cancelled", 7, 8)


def test_of_a_line_without_an_end_the_begun_period_was_planned(replaced):
    line = TERM | {"end_date": None}
    assert replaced(line, action(start_date="2015-04-16", unit_price="200")) == months("superseded", 4)
    assert replaced(line, action(start_date="2015-05-01", unit_price="200")) == []
    # the second takes the place of what the first planned
    twice = (
        action(start_date="2015-04-11", unit_price="200"),
        action(source_order_id="A2", action="cancel", start_date="2015-04-21"),
    )
    assert replaced(line, *twice) == [
        ("2015-03", "04-01", "05-01", "superseded"), ("2015-04", "04-11", "05-01", "cancelled"),
    ]  # fmt: skip


LEFT = {
    "ends later": ({"end_date": "2016-05-10"}, True),
    "has ended": ({"end_date": "2016-04-01"}, False),
    "has no end": ({}, False),
    "ends beyond what is known": ({"end_date": "2026-05-02"}, False),
    "is charged later": ({"price_type": "one_time", "billing_frequency": "one_time", "start_date": "2016-06-01"}, True),
    "was charged": ({"price_type": "one_time", "billing_frequency": "one_time", "start_date": "2016-03-01"}, False),
    "is held": ({"end_date": "2016-04-01", "billing_rule": "on_ready_date", "ready_date": "2016-07-01"}, True),
}


def test_what_may_be_left_after_a_month(table, rows):
    lines = [order_line(order_line_id=name, **terms) for name, (terms, _) in LEFT.items()]
    headers = Schedules(table, rows).headers(*lines)
    kept = rows(headers.filter(is_left(headers, date(2016, 5, 1), date(2026, 5, 1))))
    assert {row["order_line_id"] for row in kept} == {name for name, (_, left) in LEFT.items() if left}

"""Conga Billing's published amendments: what each service period comes to, net of what was billed for it before.

Conga leaves what is invoiced, and adds negative and positive schedules to it. The schedule here is made anew; what is
to be billed or credited is the difference of two of them.
"""

from collections import Counter
from decimal import Decimal

import pytest
from billing_schedules import Schedules
from order_lives import Lives, action
from sample_rows import Row, order, scheme

from billing_assets.calendar import month_range

HUNDRED = {"unit_price": "100", "start_date": "2015-03-01"}


@pytest.fixture
def schedule(table, rows, engine):
    """(first day, first day after, fee) of all periods of an order line and what was done to it, up to a month."""
    lives = Lives(table, rows, engine)

    def run(last: str, ordered: Row, *actions: Row, **terms: object) -> list[tuple[str, str, Decimal]]:
        schemes = (scheme(**terms),)
        lines, refused, _ = lives([order(billing_term_scheme_id="SCHEME", **ordered)], *actions, schemes=schemes)
        assert refused == {}
        given = rows(lines)
        first = f"{min(line['start_date'] for line in given):%Y-%m}"
        details = Schedules(table, rows, schemes).details(month_range(first, last), *given, first=first)
        found = rows(details.order_by("period_start"))
        return [(f"{r['period_start']}", f"{r['period_end']}", r["fee_amount"]) for r in found]

    return run


def money(periods: list[tuple[str, str, Decimal]]) -> Decimal:
    return sum((fee for *_, fee in periods), Decimal(0))


def test_another_price_within_an_invoiced_month(schedule):
    """100 a month, 200 from 16 April: April has 100 - 50 for the first half, 100 for the second; May 200, June 200."""
    found = schedule("2015-05", HUNDRED, action(start_date="2015-04-16", unit_price="200"))
    assert found == [
        ("2015-03-01", "2015-04-01", Decimal(100)), ("2015-04-01", "2015-04-16", Decimal(50)),
        ("2015-04-16", "2015-05-01", Decimal(100)), ("2015-05-01", "2015-06-01", Decimal(200)),
        ("2015-06-01", "2015-07-01", Decimal(200)),
    ]  # fmt: skip


# What Conga has for the service periods before and after: 450.00 are the net price of the 4.5 months that are left.
CONGA_QUARTERS = (
    *((f"2015-{month:02}-01", f"2015-{month + 1:02}-01", 100) for month in range(3, 8)),
    ("2015-04-16", "2015-05-01", -50), ("2015-04-16", "2015-06-01", 150), ("2015-05-01", "2015-06-01", -100),
    ("2015-06-01", "2015-07-01", -100), ("2015-06-01", "2015-09-01", 300), ("2015-07-01", "2015-08-01", -100),
)  # fmt: skip
QUARTERS = {"alignment": "calendar", "cycle_start_month": 6}


@pytest.mark.parametrize(
    ("terms", "price"),
    [
        # 100 are the price of a month, whatever is billed at once: the amendment needs no other
        ({"price_period": "month"}, None),
        ({}, "300"),
    ],
)
def test_another_frequency_within_an_invoiced_month(schedule, terms, price):
    """Months until 16 April, then quarters from June on: 46 of the 92 days from 1 March are half of 300."""
    quarters = action(start_date="2015-04-16", billing_frequency="quarterly", unit_price=price)
    ending = HUNDRED | {"end_date": "2015-09-01", "billing_frequency": "monthly"}
    found = schedule("2015-08", ending, quarters, **QUARTERS, **terms)
    assert found == [
        ("2015-03-01", "2015-04-01", Decimal(100)), ("2015-04-01", "2015-04-16", Decimal(50)),
        ("2015-04-16", "2015-06-01", Decimal(150)), ("2015-06-01", "2015-09-01", Decimal(300)),
    ]  # fmt: skip
    # each is within one of these stretches, in which they come to the same
    for since, until in (("2015-03-01", "2015-04-01"), ("2015-04-01", "2015-06-01"), ("2015-06-01", "2015-09-01")):
        of_conga = sum(fee for start, end, fee in CONGA_QUARTERS if since <= start and end <= until)
        assert money([row for row in found if since <= row[0] and row[1] <= until]) == of_conga


def test_a_custom_frequency_from_the_next_period_on(schedule):
    """Months until 16 April, then ten days each at 30; from the begin of the next ten days, two months each at 200.

    Those begin on the billing day: 26 of the 61 days from 1 April come first.
    """
    ten_days = {"billing_frequency": "custom", "frequency_count": 10, "frequency_unit": "day", "unit_price": "30"}
    found = schedule(
        "2015-06", HUNDRED, action(start_date="2015-04-16", **ten_days),
        action(source_order_id="A2", start_date="2015-05-01", effective="period_end", **ten_days | {
            "frequency_count": 2, "frequency_unit": "month", "unit_price": "200"}),
    )  # fmt: skip
    assert found[2:] == [
        ("2015-04-16", "2015-04-26", Decimal(30)), ("2015-04-26", "2015-05-06", Decimal(30)),
        ("2015-05-06", "2015-06-01", Decimal("85.2459016393")),
        ("2015-06-01", "2015-08-01", Decimal(200)),
    ]  # fmt: skip


def test_a_lower_price_within_what_is_billed_in_advance(schedule):
    """Six months at 100 are 600; at 90 from the third on 560: 40 are to be credited, 10 for each of four months."""
    six = HUNDRED | {"start_date": "2015-01-01", "end_date": "2015-07-01"}
    before = schedule("2015-06", six)
    after = schedule("2015-06", six, action(start_date="2015-03-01", unit_price="90"))
    assert money(before) - money(after) == 40
    credited = Counter({start: fee for start, _, fee in before}) - Counter({start: fee for start, _, fee in after})
    assert credited == {f"2015-{month:02}-01": Decimal(10) for month in range(3, 7)}


@pytest.mark.parametrize(("invoiced", "difference"), [(1, 300), (3, -300)])
def test_a_switch_from_instalments_to_months(schedule, invoiced, difference):
    """1200 a year in four parts of 300, from mid-term on by months: what came before is worth 600.

    Where one part is invoiced by then, 300 more are due for it; where three are, 300 are to be refunded.
    """
    year = {"start_date": "2015-01-01", "end_date": "2016-01-01", "unit_price": "1200"}
    by_months = action(start_date="2015-07-01", billing_frequency="monthly")
    found = schedule("2015-12", year | {"billing_frequency": "quarterly"}, by_months, price_period="year",
                     alignment="calendar")  # fmt: skip
    before = [row for row in found if row[0] < "2015-07-01"]
    assert money(before) - invoiced * 300 == difference
    assert money(found) - money(before) == 600
    assert [fee for *_, fee in found[2:]] == [Decimal(100)] * 6

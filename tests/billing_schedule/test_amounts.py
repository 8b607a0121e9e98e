"""What periods and their parts cost: instalments, proration methods, and where what rounding leaves over goes."""

from decimal import Decimal

import pytest
from billing_schedules import Schedules
from sample_rows import Row, order_line, scheme


@pytest.fixture(scope="module")
def fees(table, rows):
    """The fees of some lines under a scheme, in the order of their periods, all billed in one run."""

    def run(terms: Row, *lines: dict, first: str = "2023-03") -> list[Decimal]:
        given = [
            order_line(order_line_id=str(n), billing_term_scheme_id="SCHEME",
                       **{"billing_frequency": terms["billing_frequency"]} | line)
            for n, line in enumerate(lines)
        ]  # fmt: skip
        months = [f"{first[:4]}-{month:02}" for month in range(int(first[5:]), 13)]
        details = Schedules(table, rows, (terms,)).details(months, *given, first=first)
        return [row["fee_amount"] for row in rows(details.order_by("order_line_id", "period_start"))]

    return run


THIRD = {"price_period": "quarter", "alignment": "anniversary"}
QUARTER = {"start_date": "2023-03-01", "end_date": "2023-06-01", "net_price": "1000"}


def test_conga_residual_in_the_last_part(fees):
    """Conga, billing the round-offs: 1000.00 over three months from 1 March 2023."""
    assert fees(scheme(**THIRD), QUARTER) == [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")]


def test_conga_residual_in_the_first_part(fees):
    """Conga, billing the round-offs, BillProratedBalanceInFirstSchedule."""
    found = fees(scheme(**THIRD, residual="first"), QUARTER)
    assert found == [Decimal("333.34"), Decimal("333.33"), Decimal("333.33")]


def test_instalments_are_whole_coins_of_their_currency(fees):
    """1000 JPY: 333, 333, 334; 1000 TND in thousandths; -1000 EUR as 1000 EUR."""
    found = fees(scheme(**THIRD), *(QUARTER | terms for terms in (
        {"currency": "JPY"}, {"currency": "TND"}, {"net_price": "-1000"},
    )))  # fmt: skip
    assert [str(fee.normalize()) for fee in found] == [
        "333", "333", "334", "333.333", "333.333", "333.334", "-333.33", "-333.33", "-333.34",
    ]  # fmt: skip


def test_an_instalment_is_rounded_once(fees):
    """0.0599999999 a year is 0.004999999991666… a month, which is no half cent: nothing, and all of it at the end."""
    year = {"start_date": "2023-01-01", "end_date": "2024-01-01", "net_price": "0.0599999999"}
    found = fees(scheme(price_period="year", alignment="anniversary"), year, first="2023-01")
    assert found == [Decimal(0)] * 11 + [Decimal("0.0599999999")]


def test_a_year_of_instalments_begins_again(fees):
    """100 a year by quarters of the calendar from 1 October: the last of one year, the first of the next."""
    terms = scheme(billing_frequency="quarterly", price_period="year", alignment="calendar", residual="first")
    line = {"start_date": "2023-10-01", "end_date": "2024-04-01", "net_price": "100.01"}
    assert fees(terms, line, first="2023-09") == [Decimal("25"), Decimal("25.01")]


def test_a_price_of_a_shorter_period_counts_as_often_as_it_fits(fees):
    """25 a quarter: 100 a year."""
    terms = scheme(billing_frequency="yearly", price_period="quarter", alignment="anniversary")
    assert fees(terms, {"start_date": "2023-03-01", "end_date": "2024-03-01", "net_price": "25"}) == [Decimal(100)]


# Method, billing day, first day, first day after, fee of 20.00 a month.
METHODS = {
    "calendar days: 22 of 31": ("calendar_days", 1, "2023-03-10", "2023-04-01", ["14.1935483871"]),
    "months of 30 days: 10 to 30 are 21 of 30": ("thirty_days", 1, "2023-03-10", "2023-04-01", ["14"]),
    "February has 30 days, too: 15 to 30 are 16": ("thirty_days", 1, "2023-02-15", "2023-03-01", ["10.6666666667"]),
    "28 February is the 30th: 10 to 30 are 20": ("thirty_days", 31, "2023-02-10", "2023-02-28", ["13.3333333333"]),
    "the 31st adds nothing": ("thirty_days", 1, "2023-03-30", "2023-03-31", ["0"]),
    "a part is not billed": ("none", 1, "2023-03-10", "2023-05-01", ["20"]),
    "a part is billed in full": ("full", 1, "2023-03-10", "2023-05-10", ["20", "20", "20"]),
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_proration(fees, name):
    method, billing_day, start, end, expected = METHODS[name]
    line = {"start_date": start, "end_date": end, "billing_day": billing_day, "net_price": "20"}
    assert fees(scheme(proration=method), line, first="2023-01") == [Decimal(fee) for fee in expected]


def test_weeks_have_no_months_of_30_days(fees):
    """A line of weeks under a scheme for months: 2 of 7 days of 7.00, over the end of May."""
    line = {"billing_frequency": "weekly", "start_date": "2023-05-30", "end_date": "2023-06-01", "net_price": "7"}
    assert fees(scheme(proration="thirty_days"), line) == [Decimal(2)]


def test_a_part_of_an_instalment(fees):
    """1000 a quarter, monthly from 1 March, until 16 April: 333.33, and 15 of 30 days of the second 333.33."""
    line = QUARTER | {"end_date": "2023-04-16"}
    assert fees(scheme(**THIRD), line) == [Decimal("333.33"), Decimal("166.665")]


TENTHS = [("2023-04-01", "2023-04-11"), ("2023-04-11", "2023-04-21"), ("2023-04-21", "2023-05-01")]


def test_parts_of_a_full_period_add_up(fees):
    """A third of 1 three times: 0.3333333333, up to 0.6666666667, up to 1."""
    lines = [{"start_date": start, "end_date": end, "net_price": "1"} for start, end in TENTHS]
    assert fees(scheme(), *lines) == [Decimal("0.3333333333"), Decimal("0.3333333334"), Decimal("0.3333333333")]


@pytest.mark.parametrize(("residual", "expected"), [("last", ["1E-10", "0"]), ("first", ["0", "1E-10"])])
def test_what_rounding_leaves_goes_to_one_of_the_parts(fees, residual, expected):
    """Halves of the smallest amount are rounded up: one of them has it, the other what is left, nothing."""
    halves = [("2023-04-01", "2023-04-16"), ("2023-04-16", "2023-05-01")]
    lines = [{"start_date": start, "end_date": end, "net_price": "0.0000000001"} for start, end in halves]
    assert fees(scheme(residual=residual), *lines) == [Decimal(fee) for fee in expected]

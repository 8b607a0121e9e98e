"""The billing schedule: published examples of other products, and what its rules come to by hand.

Intervals are half-open: "20 April to 14 May" of a source is period 2016-04-20 to 2016-05-15 here.
"""

from datetime import date
from decimal import Decimal

import pytest
from billing_schedules import Schedules
from sample_rows import Row, order_line

from billing_assets import calendar
from billing_assets.billing_schedule import maturity, schedule
from billing_assets.billing_schedule.tables import (
    BILLING_HEADER_AMOUNTS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
)


@pytest.fixture(scope="module")
def schedules(table, rows) -> Schedules:
    return Schedules(table, rows)


@pytest.fixture(scope="module")
def billed(rows, schedules):
    """(first day, first day after, ready date, fee) of the periods that become ready in some months."""

    def run(months: list[str], *lines: Row, first: str = "1999-01") -> list[tuple[str, str, str, Decimal]]:
        details = schedules.details(months, *lines, first=first)
        found = rows(details.order_by("order_line_id", "period_start"))
        return [
            (f"{r['period_start']}", f"{r['period_end']}", f"{r['ready_for_invoice_date']}", r["fee_amount"])
            for r in found
        ]

    return run


def months(first: str, last: str) -> list[str]:
    return calendar.month_range(first, last)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def test_conga_alignment_in_advance(billed):
    """Conga, billing schedule alignment: 100.00 a month, bill day 15, from 20 April 2016: 25 of 30 days, then full."""
    line = order_line(start_date="2016-04-20", billing_day=15)
    first, second, *_ = billed(months("2016-04", "2016-05"), line)
    assert first == ("2016-04-20", "2016-05-15", "2016-04-20", Decimal("83.3333333333"))
    assert second == ("2016-05-15", "2016-06-15", "2016-05-15", Decimal(100))


def test_conga_alignment_in_arrears(billed):
    """Conga, billing schedule alignment, Bill in Arrears: ready on the day after the period's last."""
    line = order_line(start_date="2016-04-20", billing_day=15, billing_rule="in_arrears")
    assert [ready for _, _, ready, _ in billed(months("2016-04", "2016-06"), line)] == ["2016-05-15", "2016-06-15"]


def test_kill_bill_arrears(billed):
    """Kill Bill, TestWithInArrearSubscriptions: 1000.00 and 900.00, 1 to 11 April 2012: 10 of 30 days."""
    life = {"start_date": "2012-04-01", "end_date": "2012-04-11", "billing_day": 1, "billing_rule": "in_arrears"}
    found = billed(
        ["2012-04"], order_line(**life, net_price="1000"), order_line(**life, net_price="900", order_line_id="cpq:O1:2")
    )
    assert [cents(fee) for *_, fee in found] == [Decimal("333.33"), Decimal("300.00")]
    assert [ready for _, _, ready, _ in found] == ["2012-04-11", "2012-04-11"]


def test_kill_bill_leading_stub(billed):
    """Kill Bill, TestProRation, leading stub: 100.00 from 1 February 2011, billing day 13: 12 of 31 days, then full."""
    line = order_line(start_date="2011-02-01", billing_day=13)
    first, second, *_ = billed(months("2011-01", "2011-02"), line)
    assert first[:2] == ("2011-02-01", "2011-02-13")
    assert cents(first[3]) == Decimal("38.71")
    assert second == ("2011-02-13", "2011-03-13", "2011-02-13", Decimal(100))


def test_kill_bill_over_the_end_of_the_year(billed):
    """Kill Bill, TestProRation: 15 December 2010 to 17 March 2011, billing day 15: three periods and 2 of 31 days."""
    line = order_line(start_date="2010-12-15", end_date="2011-03-17", billing_day=15)
    found = billed(months("2010-12", "2011-05"), line)
    assert [(start, end) for start, end, *_ in found] == [
        ("2010-12-15", "2011-01-15"), ("2011-01-15", "2011-02-15"), ("2011-02-15", "2011-03-15"),
        ("2011-03-15", "2011-03-17"),
    ]  # fmt: skip
    assert [cents(fee) for *_, fee in found] == [Decimal(100), Decimal(100), Decimal(100), Decimal("6.45")]


def test_kill_bill_trailing_stub(billed):
    """Kill Bill, TestProRation: 7 February to 10 March 2011, billing day 7: one period and 3 of 31 days, 109.68."""
    line = order_line(start_date="2011-02-07", end_date="2011-03-10", billing_day=7)
    found = [(start, end, cents(fee)) for start, end, _, fee in billed(months("2011-01", "2011-04"), line)]
    assert found == [
        ("2011-02-07", "2011-03-07", Decimal("100.00")), ("2011-03-07", "2011-03-10", Decimal("9.68")),
    ]  # fmt: skip
    assert sum(fee for *_, fee in found) == Decimal("109.68")


# Monthly price, billing day, first day, first day after, and the fee in whole cents: of whom it was published.
PARTS = {
    "Lago, invoices: from 8 January 2023, 24 of 31 days": ("50", 1, "2023-01-08", "2023-02-01", "38.71"),
    "Lago, subscription fees: ended on 20 March, 20 of 31 days": ("1", 1, "2022-03-01", "2022-03-21", "0.65"),
    "Lago, invoices: 15 to 20 December, 6 of 31 days": ("10", 1, "2022-12-15", "2022-12-21", "1.94"),
    "Lago, upgrade: ten units at 1.00 from 10 December": ("10", 1, "2025-12-10", "2026-01-01", "7.10"),
    "Lago, upgrade: an add-on of 20.00 from 22 December": ("20", 1, "2025-12-22", "2026-01-01", "6.45"),
    "Lago, invoices: five units at 1.00 from 12 February": ("5", 1, "2024-02-12", "2024-03-01", "3.10"),
    "Kill Bill, TestDefaultInvoiceGenerator: 6 of the 30 days from 5 April": (
        "12", 5, "2011-04-29", "2011-05-05", "2.40",
    ),
    "Kill Bill, repair logic: 24 of the 31 days of May": ("29.95", 1, "2012-05-08", "2012-06-01", "23.19"),
    "a leap February: 15 of 29 days": ("29", 1, "2024-02-15", "2024-03-01", "15.00"),
    "a plain February: 14 of 28 days": ("28", 1, "2023-02-15", "2023-03-01", "14.00"),
}  # fmt: skip


@pytest.fixture(scope="module")
def parts(rows, schedules) -> dict[str, Decimal]:
    """The fees of PARTS."""
    lines = [
        order_line(order_line_id=name, net_price=price, billing_day=day, start_date=start, end_date=end)
        for name, (price, day, start, end, _) in PARTS.items()
    ]
    details = rows(schedules.details(["2026-01"], *lines, first="2026-01"))
    assert len(details) == len(PARTS)
    return {row["order_line_id"]: cents(row["fee_amount"]) for row in details}


@pytest.mark.parametrize("source", PARTS)
def test_a_part_of_a_period(parts, source):
    assert parts[source] == Decimal(PARTS[source][-1])


def test_a_contract_that_ends_with_its_period(billed):
    """Lago, invoices: 5 September to 5 October is one full period, and nothing more."""
    line = order_line(net_price="10", start_date="2023-09-05", end_date="2023-10-05", billing_day=5)
    assert billed(months("2023-08", "2023-12"), line) == [("2023-09-05", "2023-10-05", "2023-09-05", Decimal(10))]


def test_billing_day_31_is_clamped(billed):
    """31 January, 28 February, 31 March, 30 April 2026: full periods of 28, 31 and 30 days."""
    line = order_line(start_date="2026-01-31", billing_day=31)
    assert [(start, end, fee) for start, end, _, fee in billed(months("2026-01", "2026-03"), line)] == [
        ("2026-01-31", "2026-02-28", Decimal(100)),
        ("2026-02-28", "2026-03-31", Decimal(100)),
        ("2026-03-31", "2026-04-30", Decimal(100)),
    ]


def test_a_part_of_a_clamped_period(billed):
    """From 10 February with billing day 31: 18 of the 28 days from 31 January to 28 February."""
    line = order_line(start_date="2026-02-10", end_date="2026-02-28", billing_day=31)
    assert [fee for *_, fee in billed(["2026-02"], line)] == [Decimal("64.2857142857")]


def test_the_cycle_gives_the_billing_day(billed):
    """BEN's cycle begins on day 15: from 1 January 14 of the 31 days from 15 December, then full."""
    found = billed(months("2025-12", "2026-01"), order_line(account_id="BEN"))
    assert [(start, end) for start, end, *_ in found] == [
        ("2026-01-01", "2026-01-15"), ("2026-01-15", "2026-02-15"), ("2026-02-15", "2026-03-15"),
    ]  # fmt: skip
    assert found[0][3] == Decimal("45.1612903226")


def test_a_one_time_charge_is_due_once(billed):
    """In advance on the day it starts, in arrears on the day after; never in parts."""
    once = {"price_type": "one_time", "billing_frequency": "one_time", "start_date": "2026-01-31", "net_price": "102"}
    assert billed(months("2025-12", "2026-04"), order_line(**once)) == [
        ("2026-01-31", "2026-02-01", "2026-01-31", Decimal(102))
    ]
    arrears = order_line(**once, billing_rule="in_arrears")
    assert [ready for _, _, ready, _ in billed(months("2025-12", "2026-04"), arrears)] == ["2026-02-01"]


def test_usage_has_no_schedule(rows, schedules):
    assert rows(schedules.headers(order_line(price_type="usage", pricing_source="usage"))) == []


def test_a_month_takes_what_is_ready_after_its_first_day_up_to_the_day_after_its_last(billed):
    """January's run bills arrears of January and February's fee in advance: ready in (1 January, 1 February]."""
    advance, arrears = (order_line(start_date="2025-06-01", billing_rule=r) for r in ("in_advance", "in_arrears"))
    assert [row[:2] for row in billed(["2026-01"], advance)] == [("2026-02-01", "2026-03-01")]
    assert [row[:2] for row in billed(["2026-01"], arrears)] == [("2026-01-01", "2026-02-01")]


def test_the_first_month_takes_everything_that_was_ready_earlier(billed):
    found = billed(["2026-01"], order_line(start_date="2025-11-11"), first="2026-01")
    assert [row[0] for row in found] == ["2025-11-11", "2025-12-01", "2026-01-01", "2026-02-01"]


def test_month_by_month_is_the_same_as_in_one_go(billed):
    """Lines of every billing day that begin and end anywhere in a year, each period in exactly one month."""
    lines = [
        order_line(order_line_id=f"{rule}{day}", billing_rule=rule, billing_day=day,
                   start_date=date(2025, 1 + day % 5, day if day < 29 else 7), end_date=date(2025, 10, 31 - day % 28))
        for rule in ("in_advance", "in_arrears")
        for day in range(1, 32)
    ]  # fmt: skip
    year = months("2025-01", "2025-12")
    at_once = billed(year, *lines, first="2025-01")
    by_month = [row for month in year for row in billed([month], *lines, first="2025-01")]
    assert sorted(by_month) == sorted(at_once)
    assert len(at_once) > 2 * 31 * 5


def test_the_payer_decides_cycle_and_zone(rows, schedules):
    (header,) = rows(schedules.headers(order_line(account_id="SON")))
    assert (header["service_account_id"], header["payer_account_id"]) == ("SON", "BEN")
    assert (header["billing_cycle"], header["time_zone"], header["billing_day"]) == ("middle", "Europe/Paris", 15)
    assert header["billing_header_id"] == "BH-cpq:O1:1"


def test_details_add_up_to_records_and_headers(rows, schedules):
    """Two full months and 9 of 31 days of January in the first month: 100 + 100 + 29.0322580645."""
    periods = schedules.due(["2026-01"], order_line(start_date="2025-12-01", end_date="2026-02-01"),
                  order_line(order_line_id="cpq:O1:2", start_date="2026-01-01", end_date="2026-01-10"),
                  first="2026-01")  # fmt: skip
    details = schedules.priced(maturity.with_net_price(periods))
    records = schedule.schedule_records(details, periods)
    found = {r["billing_schedule_record_id"]: r for r in rows(BILLING_SCHEDULE_RECORDS.shape(records))}
    assert {key: row["fee_amount"] for key, row in found.items()} == {
        "BSR-cpq:O1:1:2025-12-01": Decimal(100),
        "BSR-cpq:O1:1:2026-01-01": Decimal(100),
        "BSR-cpq:O1:2:2026-01-01": Decimal("29.0322580645"),
    }
    assert {row["billing_schedule_record_id"] for row in rows(BILLING_SCHEDULE_DETAILS.shape(details))} == set(found)
    sums = rows(BILLING_HEADER_AMOUNTS.shape(schedule.header_amounts(records)))
    assert {row["billing_header_id"]: (row["records"], row["fee_amount"]) for row in sums} == {
        "BH-cpq:O1:1": (2, Decimal(200)),
        "BH-cpq:O1:2": (1, Decimal("29.0322580645")),
    }

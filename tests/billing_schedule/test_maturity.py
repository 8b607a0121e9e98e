"""Recurring fees by maturity: Gold is free for three months, and 20.00 a month from the fourth on (CRM.COM)."""

from decimal import Decimal

import ibis
import pytest
from billing_schedules import Schedules
from sample_rows import order_line, rate, rate_tier, scheme

from billing_assets.billing_schedule import maturity
from billing_assets.billing_schedule.periods import full_periods
from billing_assets.billing_schedule.schedule import schedule_records
from billing_assets.calendar import month_range
from billing_assets.reference.tables import RATE_TIERS, RATES

GOLD = {"product_id": "GOLD", "rate_id": "RATE", "pricing_source": "price_plan", "net_price": "0", "unit_price": None}


@pytest.fixture(scope="module")
def fees(table, rows):
    """(month of life, fee) of the details of some lines, and the fees of their records, from their first month on."""

    def run(terms: dict, *lines: dict, tiers=({"up_to": "3", "unit_price": "0"}, {"above": "3", "unit_price": "20"})):
        schedules = Schedules(table, rows, (scheme(**terms),))
        given = [
            order_line(order_line_id=str(n), billing_term_scheme_id="SCHEME",
                       **GOLD | {"billing_frequency": terms.get("billing_frequency", "monthly")} | line)
            for n, line in enumerate(lines)
        ]  # fmt: skip
        first = min(line["start_date"] for line in given)
        due = schedules.due(month_range(f"{first:%Y-%m}", "2026-12"), *given, first=f"{first:%Y-%m}")
        rates = table(RATES, rate(product_id="GOLD", rate_model="tiered", tier_by="maturity", unit_price=None))
        months = ibis.memtable(full_periods([("month", n) for n in (1, 3, 12)], first, first.replace(year=2028)))
        levels = table(RATE_TIERS, *(rate_tier(**row) for row in tiers))
        aging = maturity.Aging(rates, levels, ["tiered"])
        details = schedules.priced(maturity.with_price_by_maturity(due, months, aging))
        found = rows(details.order_by("order_line_id", "period_start"))
        records = rows(schedule_records(details, due).order_by("order_line_id", "period_start"))
        assert len({row["billing_schedule_detail_id"] for row in found}) == len(found)
        return [(row["maturity"], row["fee_amount"]) for row in found], [row["fee_amount"] for row in records]

    return run


YEAR = {"start_date": "2026-01-01", "end_date": "2027-01-01"}


def test_a_year_of_gold_by_the_month(fees):
    """CRM.COM: 3 * 0 + 9 * 20 = 180."""
    details, records = fees({}, YEAR)
    assert details == [(Decimal(n), Decimal(0 if n <= 3 else 20)) for n in range(1, 13)]
    assert sum(records) == Decimal(180)


def test_a_year_of_gold_billed_at_once(fees):
    """The same year as one record, with a detail for each month, at prices of a month."""
    details, records = fees({"billing_frequency": "yearly", "price_period": "month"}, YEAR)
    assert (len(details), records) == (12, [Decimal(180)])


def test_the_life_begins_with_the_service(fees):
    """A calendar year from 1 June on: June to August free, September to December 80."""
    terms = {"billing_frequency": "yearly", "price_period": "month", "alignment": "calendar"}
    details, records = fees(terms, {"start_date": "2026-06-01", "end_date": "2027-01-01"})
    assert [month for month, _ in details] == [Decimal(n) for n in range(1, 8)]
    assert records == [Decimal(80)]


def test_a_part_is_in_the_month_that_it_begins_in(fees):
    """From 20 January by the 1st: January, February, March, April are in months 1, 1, 2, 3; May in 4, 15 of 31 days."""
    details, _ = fees({}, {"start_date": "2026-01-20", "end_date": "2026-05-16"})
    assert details[:-1] == [(Decimal(n), Decimal(0)) for n in (1, 1, 2, 3)]
    assert details[-1] == (Decimal(4), Decimal("9.6774193548"))


def test_a_line_that_goes_on_with_the_service_goes_on_with_its_life(fees):
    """A second line of the product in the subscription, with two pieces, from 1 March: month 3, then 2 * 20."""
    before = {"start_date": "2026-01-01", "end_date": "2026-03-01"}
    details, _ = fees({}, before, {"start_date": "2026-03-01", "end_date": "2026-05-01", "quantity": "2"})
    assert details == [(Decimal(n), Decimal(fee)) for n, fee in ((1, 0), (2, 0), (3, 0), (4, 40))]


def test_a_price_of_the_billed_period_is_that_of_its_first_month(fees):
    """60 a quarter: the first is free, the second begins in month 4."""
    tiers = ({"up_to": "3", "unit_price": "0"}, {"above": "3", "unit_price": "60"})
    details, _ = fees({"billing_frequency": "quarterly", "alignment": "anniversary"}, YEAR, tiers=tiers)
    assert details == [(Decimal(n), Decimal(fee)) for n, fee in ((1, 0), (4, 60), (7, 60), (10, 60))]


def test_other_lines_keep_their_price(fees):
    """A line with a price of its own, and a one-time charge at the rate, which is of the first month."""
    own = YEAR | {"rate_id": None, "net_price": "5", "end_date": "2026-02-01"}
    once = {"price_type": "one_time", "billing_frequency": "one_time", "start_date": "2026-01-01"}
    assert fees({}, own, once)[0] == [(None, Decimal(5)), (None, Decimal(0))]

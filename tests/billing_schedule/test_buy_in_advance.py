"""Services that are bought in advance: the longer period, what is around it, and what is taken off."""

from datetime import date
from decimal import Decimal

import pytest
from billing_schedules import Schedules
from sample_rows import order_line, request_in_advance, scheme

from billing_assets.billing_schedule import maturity
from billing_assets.billing_schedule.advance_purchases import (
    advance_purchases,
    cut_headers,
    phases_of_parts,
    reductions,
)
from billing_assets.billing_schedule.phases import in_phases
from billing_assets.billing_schedule.tables import BILLING_HEADERS, PRICE_PHASES
from billing_assets.calendar import month_range
from billing_assets.orders.tables import BUY_IN_ADVANCE_REQUESTS, ORDER_LINES


class Bought:
    """The headers of some lines that are bought in advance, and what becomes due."""

    def __init__(self, table, rows, cache, lines, requests, terms, phases):
        given = {"billing_term_scheme_id": "SCHEME"} if terms else {}
        made = ({"aligned_from": str(line["start_date"]), **given, **line} for line in lines)
        lines = [order_line(**{"order_line_id": str(n), **line}) for n, line in enumerate(made)]
        self.schedules = Schedules(table, rows, (scheme(**terms or {}),))
        self.rows = rows
        headers = cache(self.schedules.headers(*lines))
        asked = table(BUY_IN_ADVANCE_REQUESTS, *(request_in_advance(**request) for request in requests))
        self.purchases = cache(advance_purchases(headers, table(ORDER_LINES, *lines), asked))
        parts = cache(cut_headers(headers, self.purchases))
        self.headers = cache(BILLING_HEADERS.shape(parts))
        self.phases = phases_of_parts(table(PRICE_PHASES, *phases), parts)

    def lives(self) -> list[tuple[str, str, str | None]]:
        """(header, first day, first day after it)."""
        found = self.rows(self.headers)
        return sorted((row["billing_header_id"], str(row["start_date"]), row["end_date"] and str(row["end_date"]))
                      for row in found)  # fmt: skip

    def fees(self, first: str, last: str) -> list[tuple[str, str, Decimal]]:
        """(day from which it may be invoiced, category, fee) of what becomes due in some months."""
        due = self.schedules.due_of(self.headers, month_range(first, last), first=first)
        details = self.schedules.priced(maturity.with_net_price(in_phases(due, self.phases)))
        both = details.union(reductions(details, self.purchases))
        return sorted((str(row["ready_for_invoice_date"]), row["category"], row["fee_amount"])
                      for row in self.rows(both))  # fmt: skip


@pytest.fixture(scope="module")
def bought(engine, table, rows):
    def make(*lines, requests=({},), terms=None, phases=()):
        return Bought(table, rows, engine.cache, lines, requests, terms, phases)

    return make


LINE = {"start_date": "2026-01-10", "net_price": "20"}
FREE = {"free_months": 3}


def test_a_year_with_three_months_free(bought):
    """CRM.COM: 12 * 20.00 at once, three of them free. The part in January and the month after are as usual."""
    found = bought(LINE | {"billing_rule": "in_arrears"}, requests=[FREE])
    assert found.lives() == [
        ("BH-0", "2026-01-10", "2026-02-01"),
        ("BH-0:advance:R1", "2026-02-01", "2027-02-01"),
        ("BH-0:after:R1", "2027-02-01", None),
    ]
    assert found.fees("2026-01", "2027-02") == [
        ("2026-02-01", "discount", Decimal(-60)),
        ("2026-02-01", "fee", Decimal("14.1935483871")),
        ("2026-02-01", "fee", Decimal(240)),
        ("2027-03-01", "fee", Decimal(20)),
    ]


@pytest.mark.parametrize(
    ("line", "fees"),
    [
        # half a year of quarters at 20.00: 40.00
        ({"billing_frequency": "quarterly"}, ["-4", "40"]),
        # of an instalment of 240.00 a year, half of it
        ({"billing_term_scheme_id": "SCHEME", "net_price": "240"}, ["-12", "120"]),
    ],
)
def test_half_a_year_of_other_periods(bought, line, fees):
    """Ten percent off."""
    terms = {"price_period": "year"} if "billing_term_scheme_id" in line else None
    half = {"months": 6, "discount_percent": "10", "start_date": "2026-01-01"}
    found = bought(LINE | {"start_date": "2026-01-01"} | line, requests=[half], terms=terms)
    assert [str(fee.normalize()) for day, _, fee in found.fees("2025-12", "2026-01")] == [
        f"{Decimal(fee).normalize()}" for fee in fees
    ]


@pytest.mark.parametrize(
    "line",
    [
        {"billing_frequency": "yearly"},
        {"start_date": "2026-01-16"},
        {"aligned_from": "2026-01-16"},
        {"end_date": "2026-02-01"},
        {"price_type": "one_time", "billing_frequency": "one_time"},
        {"subscription_id": "OTHER"},
    ],
    ids=lambda line: next(iter(line)),
)
def test_what_is_not_bought(bought, line):
    """A longer usual period, a line or a frequency that begins later, one that has ended, a charge, another's."""
    assert [header for header, *_ in bought(LINE | line).lives()] == ["BH-0"]


def test_a_year_is_split_by_an_amendment_and_an_end(bought):
    """At 20.00 up to 1 May, 89 of 365 days; at 30.00 up to 1 July, 61 of them; and a quarter of both is free."""
    first = LINE | {"end_date": "2026-05-01"}
    second = {"start_date": "2026-05-01", "end_date": "2026-07-01", "net_price": "30", "aligned_from": "2026-01-10"}
    found = bought(first, second, requests=[FREE])
    assert found.fees("2026-02", "2026-06")[-4:] == [
        ("2026-02-01", "discount", Decimal("-14.6301369863")),
        ("2026-02-01", "fee", Decimal("58.5205479452")),
        ("2026-05-01", "discount", Decimal("-15.0410958904")),
        ("2026-05-01", "fee", Decimal("60.1643835617")),
    ]


def test_one_year_after_another(bought):
    found = bought(LINE, requests=[{}, {"request_id": "R2", "start_date": "2027-06-15", "months": 6}])
    assert found.lives()[1:] == [
        ("BH-0:advance:R1", "2026-02-01", "2027-02-01"),
        ("BH-0:advance:R2", "2027-07-01", "2028-01-01"),
        ("BH-0:after:R1", "2027-02-01", "2027-07-01"),
        ("BH-0:after:R2", "2028-01-01", None),
    ]


def test_a_later_price_counts_within_the_year(bought):
    """20.00, from 2 May on 30.00: 240 * 90 / 365 and 360 * 275 / 365."""
    prices = (("2026-01-10", "2026-05-02", "20"), ("2026-05-02", "9999-12-31", "30"))
    phases = [
        {"billing_header_id": "BH-0", "phase_from": date.fromisoformat(begin), "phase_to": date.fromisoformat(end),
         "phase": "new_rate", "net_price": Decimal(price)} for begin, end, price in prices
    ]  # fmt: skip
    assert [fee for *_, fee in bought(LINE, phases=phases).fees("2026-02", "2026-03")][-2:] == [
        Decimal("59.1780821918"), Decimal("271.2328767123"),
    ]  # fmt: skip

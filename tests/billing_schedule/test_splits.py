"""What the parts of a split order line bill: shares of its fees, to whom, and when."""

from decimal import Decimal

import pytest
from sample_rows import billing_split, order_line, sample, scheme
from split_lines import SplitLines

from billing_assets.billing_schedule.tables import PRICE_PHASES
from billing_assets.calendar import month_range

phase = sample(PRICE_PHASES, billing_header_id="BH-cpq:O1:1", phase="agreed", phase_to="9999-12-31")


@pytest.fixture
def shares(table, rows):
    """(header, month, begin, payer, ready date, share) of the parts that become due from January 2026 on."""

    def run(*parts: dict, line=None, terms=None, last="2026-01", phases=None, shown=("header", "share")):
        splits = [billing_split(**{"part": n + 1, **part}) for n, part in enumerate(parts)]
        lines = [order_line(**{"billing_term_scheme_id": "SCHEME", "billing_day": 1} | (line or {}))]
        found = SplitLines(table, rows, lines, splits, (scheme(**terms or {}),))
        assert found.refused == []
        of_line = table(PRICE_PHASES, *phases) if phases else None
        made = found.shares(month_range("2026-01", last), "2026-01", of_line)
        named = [
            {"header": row["billing_header_id"].removeprefix("BH-cpq:O1:1"), "share": row["fee_amount"],
             "start": f"{row['period_start']}", "ready": f"{row['ready_for_invoice_date']}", **row}
            for row in made
        ]  # fmt: skip
        return [tuple(row[c] for c in shown) for row in named]

    return run


def money(*amounts: str) -> list[Decimal]:
    return [Decimal(a) for a in amounts]


JANUARY = {"end_date": "2026-02-01"}
THIRD = {"percent": "33.333333"}


@pytest.mark.parametrize(
    ("residual", "expected"), [("last", ("33.33", "33.33", "33.34")), ("first", ("33.34", "33.33", "33.33"))]
)
def test_what_is_left_of_coins_goes_to_one_of_the_parts(shares, residual, expected):
    found = shares(THIRD, THIRD, {}, line=JANUARY, terms={"residual": residual})
    assert found == [(f"#{n + 1}", share) for n, share in enumerate(money(*expected))]


def test_parts_are_in_coins_of_their_currency(shares):
    """100 JPY by thirds; 20 / 31 of 100 EUR are 64.5161290323, of which the last part has what is no coin."""
    assert [s for _, s in shares(THIRD, THIRD, {}, line=JANUARY | {"currency": "JPY"})] == money("33", "33", "34")
    part = {"start_date": "2026-01-12", **JANUARY}
    assert [s for _, s in shares({"percent": "60"}, {}, line=part)] == money("38.70", "25.8161290323")


def test_a_part_is_never_of_another_sign(shares):
    """0.03 by fifths: 0.01 for three of them; and what is taken back is."""
    fifths = [{"percent": "20"}] * 5
    for price, coin in (("0.03", "0.01"), ("-0.03", "-0.01")):
        found = shares(*fifths, line=JANUARY | {"net_price": price})
        assert [s for _, s in found] == money("0", coin, "0", coin, coin)


def test_each_part_is_billed_in_the_months_of_who_pays_for_it(shares):
    """BEN pays for SON, in a cycle of day 15; the periods stay those of the line."""
    found = shares(
        {"percent": "60"}, {"bill_to_account_id": "SON"}, line={"end_date": "2026-03-01"}, last="2026-01",
        shown=("header", "start", "payer_account_id", "billing_cycle", "service_account_id", "share"),
    )  # fmt: skip
    assert found == [
        ("#1", "2026-01-01", "ANNA", "first", "ANNA", Decimal(60)),
        ("#1", "2026-02-01", "ANNA", "first", "ANNA", Decimal(60)),
        ("#2", "2026-01-01", "BEN", "middle", "ANNA", Decimal(40)),
        ("#2", "2026-02-01", "BEN", "middle", "ANNA", Decimal(40)),
    ]


@pytest.mark.parametrize(
    ("price", "start", "expected"),
    [
        ("100", "2026-01-01", ("60", "15", "25")),
        # 22 of 31 days are 70.9677419355
        ("100", "2026-01-10", ("60", "10.9677419355", "0")),
        ("50", "2026-01-01", ("50", "0", "0")),
        ("-100", "2026-01-01", ("-60", "-15", "-25")),
    ],
)
def test_amounts_are_taken_one_after_the_other(shares, price, start, expected):
    line = JANUARY | {"start_date": start, "net_price": price}
    assert [s for _, s in shares({"amount": "60"}, {"amount": "15"}, {}, line=line)] == money(*expected)


def test_amounts_are_of_records_with_several_details(shares):
    """31.00 until 11 January, then 62.00: 10.00 and 42.00; 15.00 of them are 10.00 and 5.00."""
    steps = [phase(phase_from="2026-01-01", phase_to="2026-01-11", net_price="31"),
             phase(phase_from="2026-01-11", phase="new_rate", net_price="62")]  # fmt: skip
    found = shares({"amount": "15"}, {}, line=JANUARY, phases=steps, shown=("header", "start", "share"))
    assert found == [
        ("#1", "2026-01-01", Decimal(10)), ("#1", "2026-01-11", Decimal(5)),
        ("#2", "2026-01-01", Decimal(0)), ("#2", "2026-01-11", Decimal(37)),
    ]  # fmt: skip


def test_by_date(shares):
    """Half of April each: the first 15 days to ANNA, the others to BEN."""
    found = shares(
        {"valid_to": "2026-04-16"}, {"valid_from": "2026-04-16", "bill_to_account_id": "BEN"}, last="2026-04",
        line={"start_date": "2026-04-01", "end_date": "2026-05-01"},
        shown=("header", "start", "payer_account_id", "share"),
    )  # fmt: skip
    assert found == [("#1", "2026-04-01", "ANNA", Decimal(50)), ("#2", "2026-04-16", "BEN", Decimal(50))]


def test_days_that_no_part_is_for_are_not_split(shares):
    february = {"valid_from": "2026-02-01", "valid_to": "2026-03-01"}
    found = shares(
        {"percent": "50", **february}, {"percent": "50", **february}, line={"end_date": "2026-04-01"}, last="2026-03",
        shown=("header", "start", "share"),
    )  # fmt: skip
    assert found == [
        ("", "2026-01-01", Decimal(100)), ("#1", "2026-02-01", Decimal(50)), ("#2", "2026-02-01", Decimal(50)),
        ("#2026-03-01", "2026-03-01", Decimal(100)),
    ]  # fmt: skip


def test_a_charge_in_instalments(shares):
    """1,200.00 once, in four parts that are ready on their own days, the first with the charge."""
    days = (None, "2026-02-10", "2026-03-10", "2026-04-10")
    once = {"price_type": "one_time", "billing_frequency": "one_time", "net_price": "1200", "start_date": "2026-01-05"}
    parts = [{"percent": "25", "ready_date": day} for day in days]
    found = shares(*parts, line=once, last="2026-03", shown=("header", "ready", "share"))
    assert found == [
        ("#1", "2026-01-05", Decimal(300)), ("#2", "2026-02-10", Decimal(300)), ("#3", "2026-03-10", Decimal(300)),
    ]  # fmt: skip

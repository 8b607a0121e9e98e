"""Adjustments of fees: which count, what they come to, and the details that they become."""

from datetime import date
from decimal import Decimal

import pytest
from billing_schedules import Schedules
from sample_rows import Row, order_line, role, sample, scheme, user

from billing_assets.billing_schedule import maturity
from billing_assets.billing_schedule.adjustments import adjusted_lines, adjustment_details, judge_adjustments
from billing_assets.billing_schedule.schedule import schedule_records
from billing_assets.billing_schedule.tables import SCHEDULE_ADJUSTMENTS
from billing_assets.reference.tables import ROLES, USERS

adjustment = sample(
    SCHEDULE_ADJUSTMENTS, adjustment_id="ADJ", source="cpq", source_order_id="O1", source_line_id="1",
    adjusted_on="2026-02-10", amount="-20", requester_id="sam", approver_id="mia",
)  # fmt: skip
LINE = order_line(start_date="2026-01-10", end_date="2026-04-01")
CREDIT = order_line(start_date="2026-01-10", end_date="2026-04-01", order_line_id="cpq:O1:credit",
                    ordered_line_id="cpq:O1:credit", net_price="-50")  # fmt: skip
UNBILLED = order_line(start_date="2026-01-15", end_date="2026-03-10", order_line_id="cpq:O1:part",
                      ordered_line_id="cpq:O1:part", billing_term_scheme_id="SCHEME")  # fmt: skip
MONTHS = [f"2026-{month:02}" for month in range(1, 5)]


@pytest.fixture(scope="module")
def adjusted(table, rows, engine):
    """(sums of the records by first day, amounts by adjustment, reasons of the others) of some lines of 100 a month."""

    def run(*given: Row) -> tuple[dict[date, Decimal], dict[str, Decimal], dict[str, str]]:
        schedules = Schedules(table, rows, (scheme(proration="none"),))
        headers = engine.cache(schedules.headers(LINE, CREDIT, UNBILLED))
        due = engine.cache(schedules.due_of(headers, MONTHS, "2026-01"))
        details = engine.cache(schedules.priced(maturity.with_net_price(due)))
        people = (user(), user(user_id="mia", role="manager"), user(user_id="max"))
        roles = table(ROLES, role(), role(role="manager", approves_adjustments=True))
        asked = adjusted_lines(table(SCHEDULE_ADJUSTMENTS, *given))
        counting, refused = judge_adjustments(asked, headers, due, details, table(USERS, *people), roles)
        counting = engine.cache(counting)
        whole = details.union(adjustment_details(due, details, counting))
        records = rows(schedule_records(whole, due))
        of_line = [row for row in records if row["order_line_id"] == LINE["order_line_id"]]
        return (
            {row["period_start"]: row["fee_amount"] for row in of_line},
            {row["adjustment_id"]: row["adjusted_amount"] for row in rows(counting)},
            {row["adjustment_id"]: row["reason"] for row in rows(refused)},
        )

    return run


def test_an_amount_or_a_percentage_is_of_the_period_of_its_day(adjusted):
    """100 * 22 / 31 = 70.9677419355 for January, of which 10 % are 7.0967741936; 100 - 20 + 5 for February."""
    first = adjustment(adjustment_id="TENTH", adjusted_on="2026-01-31", amount=None, percent="-10")
    more = adjustment(adjustment_id="MORE", amount="5")
    records, amounts, refused = adjusted(first, adjustment(), more)
    assert refused == {}
    assert amounts == {"TENTH": Decimal("-7.0967741936"), "ADJ": Decimal(-20), "MORE": Decimal(5)}
    assert records == {
        date(2026, 1, 10): Decimal("63.8709677419"), date(2026, 2, 1): Decimal(85), date(2026, 3, 1): Decimal(100),
    }  # fmt: skip


def test_a_fee_is_taken_off_as_a_whole_but_no_more(adjusted):
    """-60 and -40 of 100; -60 and -41 are refused together, as is what would make a credit of 50 a charge."""
    one = adjustment(adjustment_id="ONE", amount="-60")
    records, _, refused = adjusted(one, adjustment(adjustment_id="TWO", amount="-40"))
    assert (records[date(2026, 2, 1)], refused) == (0, {})
    of_credit = {"source_line_id": "credit", "adjusted_on": "2026-03-01"}
    less = adjustment(adjustment_id="LESS", amount="50", **of_credit)
    records, amounts, refused = adjusted(one, adjustment(adjustment_id="TWO", amount="-41"), less)
    assert (records[date(2026, 2, 1)], amounts) == (100, {"LESS": 50})
    assert refused == dict.fromkeys(("ONE", "TWO"), "MORE_THAN_FEE")
    _, _, refused = adjusted(adjustment(adjustment_id="MUCH", amount="50.01", **of_credit))
    assert refused == {"MUCH": "MORE_THAN_FEE"}


REFUSED = {
    "UNKNOWN_ORDER_LINE": {"source_order_id": "O2"}, "NO_SUCH_PERIOD": {"adjusted_on": "2026-04-01"},
    "INVALID_ADJUSTMENT": {"percent": "5"}, "NOT_APPROVED": {"approver_id": None},
    "UNKNOWN_USER": {"approver_id": "eve"}, "SELF_APPROVAL": {"requester_id": "mia"},
    "NOT_PRIVILEGED": {"approver_id": "max"}, "OTHER_UNIT": {"requester_id": "eve"},
}  # fmt: skip
MORE_REFUSED = {
    "before": {"adjusted_on": "2026-01-09"}, "part": {"source_line_id": "part", "adjusted_on": "2026-03-05"},
    "no split": {"split_part": 1}, "neither": {"amount": None},
    "nothing": {"amount": "0"}, "no part": {"amount": None, "percent": "0"},
}  # fmt: skip


def test_why_an_adjustment_changes_nothing(adjusted):
    """A day outside of the line's life, or in a part of a period that is not billed, is in no period."""
    records, amounts, refused = adjusted(
        *(adjustment(adjustment_id=name, **terms) for name, terms in (REFUSED | MORE_REFUSED).items())
    )
    assert refused == {
        **{name: name for name in REFUSED},
        **dict.fromkeys(("before", "part", "no split"), "NO_SUCH_PERIOD"),
        **dict.fromkeys(("neither", "nothing", "no part"), "INVALID_ADJUSTMENT"),
    }
    assert amounts == {}
    assert records[date(2026, 2, 1)] == 100

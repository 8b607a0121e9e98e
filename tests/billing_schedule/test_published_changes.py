"""Changes within a period that was billed, as other engines publish them: what is credited of it, and charged anew.

They bill the old part back and the new one on top. The schedule here is made anew; both are differences of two of them.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pytest
from billing_schedules import Schedules
from order_lives import Lives, action
from sample_rows import Row, order, scheme

from billing_assets.calendar import month_range

THIRTY_DAYS = scheme(
    billing_term_scheme_id="THIRTY", billing_frequency="custom", frequency_count=30, frequency_unit="day",
    alignment="anniversary",
)  # fmt: skip


class Change(NamedTuple):
    """A line, the period in which it is changed, and by what; cents that were billed for it, and that are due then."""

    ordered: Row
    period: str
    done: Row
    billed: str
    credited: str
    charged: str
    net: str


CHANGES = {
    "Flexprice: five seats at 10 are ten, 17 of 31 days": Change(
        {"quantity": "5", "unit_price": "10", "start_date": "2024-03-01"}, "2024-03-01",
        {"start_date": "2024-03-15", "quantity": "10"}, "50.00", "-27.42", "54.84", "27.42",
    ),
    "Flexprice: two at 50 are one at 30": Change(
        {"quantity": "2", "unit_price": "50", "start_date": "2024-03-01"}, "2024-03-01",
        {"start_date": "2024-03-15", "quantity": "1", "unit_price": "30"}, "100.00", "-54.84", "16.45", "-38.39",
    ),
    "Meteroid: at the end of a period of 30 days nothing of it changes": Change(
        {"unit_price": "100", "start_date": "2025-01-01", "billing_term_scheme_id": "THIRTY"}, "2025-01-01",
        {"start_date": "2025-01-31", "unit_price": "200"}, "100.00", "0.00", "0.00", "0.00",
    ),
    "Lago: five units at 3, 22 of 31 days, are ten at 10 for the last ten days": Change(
        {"quantity": "5", "unit_price": "3", "start_date": "2025-12-10"}, "2025-12-01",
        {"start_date": "2025-12-22", "quantity": "10", "unit_price": "10"}, "10.65", "-4.84", "32.26", "27.42",
    ),
    "Lago: ended on its first day, which is billed": Change(
        {"unit_price": "29", "start_date": "2024-02-01"}, "2024-02-01",
        {"start_date": "2024-02-02", "action": "cancel"}, "29.00", "-28.00", "0.00", "-28.00",
    ),
    "Lago: 29 are 290 from 12 February on, 18 of 29 days, in arrears": Change(
        {"unit_price": "29", "start_date": "2024-01-01", "billing_rule": "in_arrears"}, "2024-02-01",
        {"start_date": "2024-02-12", "unit_price": "290"}, "29.00", "-18.00", "180.00", "162.00",
    ),
    # Kill Bill adds the rounded lines up, to 15.49
    "Kill Bill: 9.95 are 29.95 on the day after the first": Change(
        {"unit_price": "9.95", "start_date": "2012-05-07"}, "2012-05-01",
        {"start_date": "2012-05-08", "unit_price": "29.95"}, "8.02", "-7.70", "23.19", "15.48",
    ),
}  # fmt: skip


def cents(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01")) + 0)


@pytest.fixture(scope="module")
def periods(table, rows, engine):
    """Fees of each line's full periods, with their first days: before its change, and after."""

    def made(*actions: Row) -> dict[tuple[str, date], list[tuple[date, Decimal]]]:
        orders = [order(source_order_id=f"O{n}", **change.ordered) for n, change in enumerate(CHANGES.values())]
        lines, refused, _ = Lives(table, rows, engine)(orders, *actions, schemes=(THIRTY_DAYS,))
        assert refused == {}
        given = rows(lines)
        first = f"{min(line['start_date'] for line in given):%Y-%m}"
        schedules = Schedules(table, rows, (THIRTY_DAYS,))
        found: dict = {}
        for row in rows(schedules.details(month_range(first, "2026-01"), *given, first=first)):
            key = row["ordered_line_id"], row["full_start"]
            found.setdefault(key, []).append((row["period_start"], row["fee_amount"]))
        return found

    actions = [
        action(source_order_id=f"A{n}", amends_order_id=f"O{n}", **change.done)
        for n, change in enumerate(CHANGES.values())
    ]
    return made(), made(*actions)


@pytest.mark.parametrize("source", CHANGES)
def test_what_is_credited_and_charged(periods, source):
    change = CHANGES[source]
    key = f"cpq:O{list(CHANGES).index(source)}:1", date.fromisoformat(change.period)
    ((_, billed),), after = (of[key] for of in periods)
    changed_on = date.fromisoformat(change.done["start_date"])
    kept, charged = (sum(fee for day, fee in after if (day < changed_on) is early) for early in (True, False))
    assert (cents(billed), cents(kept - billed), cents(Decimal(charged))) == (
        change.billed, change.credited, change.charged,
    )  # fmt: skip
    assert cents(kept + charged - billed) == change.net

"""Conga Billing's published amendments of invoiced periods: the entries that the comparison with the ledger makes."""

from collections import Counter
from decimal import Decimal

import ibis
import pytest
from billing_schedules import Schedules
from order_lives import Lives, action
from sample_rows import Row, item, order, scheme

from billing_assets import calendar
from billing_assets.corrections.compare import as_posted, charges, correction_items, differing
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows

HUNDRED = {"unit_price": "100", "start_date": "2015-03-01", "billing_frequency": "monthly"}


@pytest.fixture
def corrected(table, rows, engine):
    """(first day, first day after, amount) of the corrections of a line whose months up to a last one were posted."""

    def details(last: str, terms: Row, *actions: Row) -> list[Row]:
        schemes = (scheme(**terms),)
        lives = Lives(table, rows, engine)
        lines, refused, _ = lives([order(billing_term_scheme_id="SCHEME", **HUNDRED)], *actions, schemes=schemes)
        assert refused == {}
        schedules = Schedules(table, rows, schemes)
        return rows(schedules.details(calendar.month_range("2015-02", last), *rows(lines), first="2015-02"))

    def charged(found: list[Row]) -> ibis.Table:
        items = (
            item(
                month=row["month"], source_table="billing_schedule_details", currency=row["currency"],
                item_id=row["billing_schedule_detail_id"], source_id=row["billing_schedule_detail_id"],
                service_start=row["period_start"], service_end=row["period_end"], amount=row["fee_amount"],
            )
            for row in found
        )  # fmt: skip
        made = table(CHARGE_ITEMS, *items)
        return charges(as_posted(made.mutate(charged_month=made.month)))

    def run(last: str, *actions: Row, **terms: object) -> Counter:
        posted, due = charged(details(last, terms)), charged(details(last, terms, *actions))
        changed = differing(due, posted)
        windows = ibis.memtable(calendar.windows("2015-12", {"first": 1}, ["Europe/Paris"], "2015-02"))
        payers = payer_windows(Schedules(table, rows).accounts(), windows)
        sides = (side.semi_join(changed, "charge") for side in (due, posted))
        found = rows(correction_items(*sides, payers, None))
        return Counter((f"{r['service_start']}", f"{r['service_end']}", r["amount"]) for r in found)

    return run


def entries(*given: tuple[str, str, int]) -> Counter:
    return Counter((start, end, Decimal(amount)) for start, end, amount in given)


def test_another_price_within_an_invoiced_month(corrected):
    """100 a month, 200 from 16 April; March to May are invoiced. Conga's 100.00 for May are -100.00 and 200.00 here."""
    assert corrected("2015-04", action(start_date="2015-04-16", unit_price="200")) == entries(
        ("2015-04-16", "2015-05-01", -50), ("2015-04-16", "2015-05-01", 100), ("2015-05-01", "2015-06-01", -100),
        ("2015-05-01", "2015-06-01", 200),
    )  # fmt: skip


def test_another_frequency_within_an_invoiced_month(corrected):
    """100 a month, from 16 April quarters that begin in June; March to July are invoiced: entry by entry as Conga's."""
    quarters = action(start_date="2015-04-16", billing_frequency="quarterly")
    terms = {"price_period": "month", "alignment": "calendar", "cycle_start_month": 6}
    assert corrected("2015-06", quarters, **terms) == entries(
        ("2015-04-16", "2015-05-01", -50), ("2015-04-16", "2015-06-01", 150), ("2015-05-01", "2015-06-01", -100),
        ("2015-06-01", "2015-07-01", -100), ("2015-06-01", "2015-09-01", 300), ("2015-07-01", "2015-08-01", -100),
    )  # fmt: skip


def test_a_lower_price_within_what_is_billed_in_advance(corrected):
    """Six months of 100 are invoiced; 90 from the third on: 40 are credited."""
    found = corrected("2015-07", action(start_date="2015-05-01", unit_price="90"))
    assert sum(amount * count for (*_, amount), count in found.items()) == -40
    months = {f"2015-{month:02}-01" for month in range(5, 9)}
    assert {start for start, *_ in found} == months

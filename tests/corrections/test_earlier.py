"""Which charges of earlier months are compared, and which corrections wait with an invoice below its minimum."""

import ibis
import pytest
from posted_books import GROUP
from sample_rows import item, sample

from billing_assets.corrections.compare import as_posted, charges, correction_items, differing
from billing_assets.corrections.due import without_waiting
from billing_assets.corrections.earlier import comparable
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS
from billing_assets.ledger.tables import POSTED_ITEMS

JANUARY = {"month": "2026-01", "source_id": "JANUARY", "amount": "3"}
FEBRUARY = {
    "month": "2026-02", "source_id": "FEBRUARY", "amount": "4", "service_start": "2026-02-01",
    "service_end": "2026-03-01",
}  # fmt: skip


@pytest.fixture
def corrected(table, rows):
    """What May, which corrects February to April, finds of charges; `posted` and `due` are of February's invoices."""

    def find(posted: list[dict], due: list[dict], waiting: list[dict]) -> list[tuple]:
        held = [
            row | GROUP | {"month": "2026-02", "charged_month": row["month"], "posting_id": 2, "invoice_id": "I",
                           "stands_from": row["service_start"], "stands_until": row["service_end"]}
            for row in (item(**given) for given in posted)
        ]  # fmt: skip
        have = charges(table(POSTED_ITEMS, *held))
        both = comparable(_carried(due, "2026-02"), have, _carried(waiting, "2026-05"), "2026-02")
        found = differing(*both)
        payers = ibis.memtable([{"window_payer": "ANNA", "month": "2026-05", "billing_cycle": "first"}])
        made = rows(correction_items(*(side.semi_join(found, "charge") for side in both), payers, None))
        return sorted((row["corrects_month"], row["correction"], row["amount"]) for row in made)

    def _carried(given: list[dict], month: str):
        carried = table(CARRIED_ITEMS, *(item(**row) | {"carried_from": row["month"], "month": month} for row in given))
        return charges(as_posted(carried.mutate(charged_month=carried.carried_from)))

    return find


def test_what_stands_from_before_the_window_stays(corrected):
    """January's charge was billed by itself, and is in no draft of February or later."""
    assert corrected([JANUARY, FEBRUARY], [FEBRUARY], []) == []


def test_what_waited_and_was_billed_with_a_month_of_the_window_is_due_there(corrected):
    assert corrected([JANUARY, FEBRUARY], [JANUARY, FEBRUARY], []) == []


def test_what_was_billed_and_waits_again_is_taken_back(corrected):
    """3.00 of January were billed with 4.00 of February. February is 1.00 by now, which is below the minimum of 5.00:
    4.00 wait, and May bills them.
    """
    assert corrected([JANUARY, FEBRUARY], [], [JANUARY, FEBRUARY | {"amount": "1"}]) == [
        ("2026-01", "withdrawn", -3), ("2026-02", "withdrawn", -4),
    ]  # fmt: skip


def test_what_waited_and_is_due_by_now_is_billed(corrected):
    """3.00 of January waited on, as February had nothing; its late usage of 4.00 makes an invoice of both."""
    assert corrected([], [JANUARY, FEBRUARY], []) == [("2026-01", "added", 3), ("2026-02", "added", 4)]


def test_corrections_wait_with_their_invoice_as_long_as_a_later_month_finds_them(table, rows):
    amounts = sample(
        CARRIED_AMOUNTS, month="2026-05", billing_cycle="first", invoice_id="2026-05-ANNA-EUR",
        payer_account_id="ANNA", waits=True, currency="EUR",
    )  # fmt: skip
    made = [
        item(item_id=f"{payer} {month}", month="2026-05", payer_account_id=payer) | {"corrects_month": month}
        for payer in ("ANNA", "BEN")
        for month in ("2026-01", "2026-02", "2026-03")
    ]
    found = without_waiting(table(CORRECTION_ITEMS, *made), table(CARRIED_AMOUNTS, amounts()), "2026-02")
    assert sorted(row["item_id"] for row in rows(found)) == [
        "ANNA 2026-02",
        "BEN 2026-01",
        "BEN 2026-02",
        "BEN 2026-03",
    ]

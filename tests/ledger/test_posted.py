"""What is posted of items and invoices, as pure rules."""

from datetime import date

import pytest
from invoiced import invoice, line
from sample_rows import item, sample

from billing_assets.contract import Table, integer, text
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.ledger.posted import posted_invoices, posted_items

SERIES = Table("last_numbers", "tests", "", "", (
    text("vendor_account_id", ""), text("document_type", ""), integer("year", ""), integer("last_number", ""),
))  # fmt: skip
billed = sample(
    BILLED_ITEMS, **{k: v for k, v in item().items() if k in BILLED_ITEMS.schema.names}, invoice_id="2026-01-ANNA-EUR"
)
correction = sample(CORRECTION_ITEMS, month="2026-03", billing_cycle="first", corrects_month="2026-01")


@pytest.fixture
def numbers(table, rows):
    """The numbers of invoices by their ids, after some last numbers."""

    def run(*invoices: dict, last: tuple[dict, ...] = ()) -> dict[str, str]:
        drafts = table(INVOICES, *(invoice(**each) for each in invoices))
        found = posted_invoices(drafts, table(SERIES, *last), "INV-", "CN-", 7)
        return {row["invoice_id"]: row["invoice_number"] for row in rows(found)}

    return run


def test_numbers_go_on_after_the_last_of_their_series(numbers):
    last = {"vendor_account_id": "VENDOR", "document_type": "invoice", "year": 2026, "last_number": 41}
    others = (last | {"year": 2025, "last_number": 7}, last | {"document_type": "credit_note", "last_number": 3})
    assert numbers(
        {"invoice_id": "B"}, {"invoice_id": "A"}, {"invoice_id": "C", "document_type": "credit_note"},
        {"invoice_id": "D", "vendor_account_id": "OTHER"}, {"invoice_id": "E", "issue_date": "2027-01-01"},
        last=(last, *others),
    ) == {
        "A": "INV-2026-000042", "B": "INV-2026-000043", "C": "CN-2026-000004", "D": "INV-2026-000001",
        "E": "INV-2027-000001",
    }  # fmt: skip


def test_numbers_have_at_least_six_digits(numbers):
    last = {"vendor_account_id": "VENDOR", "document_type": "invoice", "year": 2026, "last_number": 999_998}
    assert numbers({"invoice_id": "A"}, {"invoice_id": "B"}, last=(last,)) == {
        "A": "INV-2026-999999", "B": "INV-2026-1000000",
    }  # fmt: skip


@pytest.fixture
def items(table, rows):
    """Posted items by item_id."""

    def run(billed_items: list[dict], charged: list[dict] = (), corrections: list[dict] = ()) -> dict[str, dict]:
        lines = [line(invoice_line_id="L1", tax_category="S", tax_rate="20", country="FR")]
        found = posted_items(
            table(BILLED_ITEMS, *billed_items), table(INVOICE_LINES, *lines), table(CHARGE_ITEMS, *charged),
            table(CORRECTION_ITEMS, *corrections), 7,
        )  # fmt: skip
        return {row["item_id"]: row for row in rows(found)}

    return run


def test_an_item_has_the_tax_group_of_its_line(items):
    found = items(
        [billed(item_id="A", invoice_line_id="L1"), billed(item_id="T", item_type="tax", invoice_line_id=None)],
        [item(item_id="A")],
    )
    assert {name: (row["tax_category"], row["rate"], row["posting_id"]) for name, row in found.items()} == {
        "A": ("S", 20, 7), "T": (None, None, 7),
    }  # fmt: skip


def test_an_item_is_of_the_month_that_charged_it(items):
    of_march = {"month": "2026-03", "invoice_line_id": "L1"}
    found = items([
        billed(item_id="own", **of_march), billed(item_id="waited", carried_from="2026-02", **of_march),
        billed(item_id="corrects", corrects_month="2026-01", **of_march),
    ])  # fmt: skip
    assert {name: row["charged_month"] for name, row in found.items()} == {
        "own": "2026-03", "waited": "2026-02", "corrects": "2026-01",
    }  # fmt: skip


def test_a_correction_of_some_days_stands_for_its_whole_period(items):
    """Half of January is given back: what stands is January until the 16th."""
    days = {"service_start": "2026-01-16", "service_end": "2026-02-01", "month": "2026-03", "invoice_line_id": "L1"}
    found = items(
        [billed(item_id="back", corrects_month="2026-01", **days), billed(item_id="own", **days)],
        [item(item_id="own", service_start="2026-01-16", service_end="2026-02-01")],
        [correction(item_id="back", stands_from="2026-01-01", stands_until="2026-01-16", invoice_part="2")],
    )
    assert {name: (row["stands_from"], row["stands_until"], row["invoice_part"]) for name, row in found.items()} == {
        "back": (date(2026, 1, 1), date(2026, 1, 16), "2"),
        "own": (date(2026, 1, 16), date(2026, 2, 1), None),
    }  # fmt: skip

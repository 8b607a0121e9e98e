"""What was posted against what is due, charge by charge, with the tax groups and periods of what is corrected."""

from datetime import date
from decimal import Decimal

import pytest
from posted_books import Books
from sample_rows import item
from tests_support import ENGINES


@pytest.fixture
def books(table, rows) -> Books:
    return Books(table, rows)


def april(until: str = "2026-05-01", amount: str = "100", **values: object) -> dict:
    """A fee of 100.00 for April."""
    return item(month="2026-04", service_start="2026-04-01", service_end=until, amount=amount, **values)


def told(made: list[dict]) -> list[tuple]:
    """Kind, first day, end (day of April, 1 is the first of May), amount, rate."""
    return [(r["correction"], r["service_start"].day, r["service_end"].day, r["amount"], r["rate"]) for r in made]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_what_changes_and_changes_back_leaves_nothing(books):
    assert told(books.post(april())) == [("added", 1, 1, 100, None)]
    assert books.found(april()) == []
    assert told(books.post(april(amount="80"))) == [("changed", 1, 1, -100, 20), ("changed", 1, 1, 80, None)]
    assert books.found(april(amount="80")) == []
    assert told(books.post(april())) == [("changed", 1, 1, -80, 20), ("changed", 1, 1, 100, None)]
    assert told(books.post()) == [("withdrawn", 1, 1, -100, 20)]
    assert books.sums() == {}
    assert books.found() == []


def test_an_end_that_moves_again_and_again(books):
    """100.00 for 30 days: 50.00 for 15, 30.00 for 9, and all of it again."""
    books.post(april())
    assert told(books.post(april("2026-04-16", "50"))) == [("shortened", 16, 1, -50, 20)]
    assert told(books.post(april("2026-04-10", "30"))) == [("shortened", 10, 16, -20, 20)]
    assert told(books.post(april())) == [("extended", 10, 1, 70, None)]
    assert told(books.post(april("2026-04-16", "50"))) == [("shortened", 16, 1, -50, 20)]
    assert books.found(april("2026-04-16", "50")) == []


def test_days_that_are_added_are_taxed_by_their_own_date(books):
    """Posted until 16 April at 10 %; from 20 April the rate is 20 %, and of that is the last day of the longer one."""
    rate = lambda day: 20 if day > date(2026, 4, 20) else 10  # noqa: E731
    books.post(april("2026-04-16", "50"), rate=rate)
    assert told(books.post(april(), rate=rate)) == [("extended", 16, 1, 50, None)]
    assert books.sums("rate") == {(10,): 50, (20,): 50}
    # cut again, it is of two groups: both are taken back
    assert told(books.post(april("2026-04-10", "30"), rate=rate)) == [
        ("changed", 1, 10, 30, None), ("changed", 1, 16, -50, 10), ("changed", 1, 1, -50, 20),
    ]  # fmt: skip
    assert books.sums("rate") == {(10,): 30}


@pytest.mark.parametrize("amount", ["150", "-10"])
def test_a_shorter_period_that_costs_more_or_pays_is_billed_anew(books, amount):
    """What takes back takes no more than was posted in its group, and nothing is billed there."""
    books.post(april())
    made = books.post(april("2026-04-16", amount), rate=lambda day: 7)
    assert told(made) == [("changed", 1, 16, Decimal(amount), None), ("changed", 1, 1, -100, 20)]
    assert books.sums("rate") == {(7,): Decimal(amount)}


def test_a_longer_period_that_costs_less_is_billed_anew(books):
    books.post(april("2026-04-16", "50"))
    assert told(books.post(april(amount="40"))) == [("changed", 1, 16, -50, 20), ("changed", 1, 1, 40, None)]
    assert books.sums() == {(): 40}
    # what stands goes to the end of the month by now
    assert told(books.found(april("2026-04-16", "20"))) == [("shortened", 16, 1, -20, 20)]


def test_what_was_taken_back_is_told_as_it_was_billed_last(books):
    """The price of one: 100.00, then 80.00, then 70.00. Ids of items have no order that would tell."""
    for price in range(100, 90, -1):
        charged = april(amount=str(price), unit_price=str(price), price_per="1", rate_id=f"R{price}")
        for row in books.post(charged):
            assert row["amount"] == row["quantity"] * row["unit_price"]
            assert row["rate_id"] == f"R{row['unit_price']:.0f}"


def test_a_certificate_that_came_later_is_of_what_is_due(books):
    """Taken back with the tax that it was billed with, whoever is exempt by now."""
    books.post(april())
    (back, _) = books.post(april(amount="80"), rate=lambda day: 0)
    assert (back["rate"], back["tax_category"], back["certificate_id"]) == (20, "S", None)


def test_charges_that_differ_in_nothing_but_zone_or_payer(books):
    zones = [april(item_id=z, zone_id=z, amount="5") for z in ("DE", "FR")]
    none = april(item_id="none", zone_id=None, amount="5", subscription_id=None, service_account_id=None)
    books.post(*zones, none)
    assert books.found(*zones, none) == []
    assert [(r["zone_id"], r["amount"]) for r in books.post(*zones)] == [(None, -5)]
    assert [(r["zone_id"], r["amount"]) for r in books.post(zones[0], none)] == [("FR", -5), (None, 5)]
    other = april(item_id="DE", zone_id="DE", amount="5", payer_account_id="BEN")
    made = books.post(other, none)
    assert [(r["payer_account_id"], r["correction"], r["amount"]) for r in made] == [
        ("ANNA", "withdrawn", -5), ("BEN", "added", 5),
    ]  # fmt: skip


def test_two_items_of_a_charge_are_corrected_together(books):
    """They differ in what they are called only: 5.00 + 7.00 posted, 5.00 + 4.00 due."""
    books.post(april(item_id="A", label="Day", amount="5"), april(item_id="B", label="Night", amount="7"))
    made = books.post(april(item_id="A", label="Day", amount="5"), april(item_id="B", label="Night", amount="4"))
    assert [r["amount"] for r in made] == [-12, 9]


def test_another_currency_takes_back_in_the_first(books):
    books.post(april())
    made = books.post(april(currency="CHF", amount="95"))
    assert sorted((r["currency"], r["correction"], r["amount"]) for r in made) == [
        ("CHF", "added", 95), ("EUR", "withdrawn", -100),
    ]  # fmt: skip


def test_what_is_taken_back_is_on_the_invoice_of_what_is_due(books):
    """The payer had an invoice for each order, and has one for each contract by now."""
    books.post(april(invoice_part="cpq:O1"))
    assert books.found(april(invoice_part="C7")) == []
    assert {r["invoice_part"] for r in books.post(april(invoice_part="C7", amount="80"))} == {"C7"}
    assert {r["invoice_part"] for r in books.post(april("2026-04-16", "40", invoice_part="C8"))} == {"C8"}
    # of what is withdrawn nobody knows another one
    assert {r["invoice_part"] for r in books.post()} == {"C8"}


def test_quantities_that_differ_alone_are_corrected(books):
    books.post(april(amount="0", quantity="5", billed_quantity="5"))
    made = books.post(april(amount="0", quantity="7", billed_quantity="7"))
    assert sorted((r["quantity"], r["amount"]) for r in made) == [(-5, 0), (7, 0)]
    assert books.found(april(amount="0", quantity="7", billed_quantity="7")) == []

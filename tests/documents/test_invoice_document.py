"""The document of an invoice: made from the tables, in the shape that docs/documents.md describes."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from invoiced import document, invoice, line, tax, write_invoices
from sample_rows import item, prepaid_payment, rated_item, udr
from tests_support import ENGINES

from billing_assets.documents import usage
from billing_assets.documents.contents import Contents
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICES
from billing_assets.prepaid.tables import PREPAID_PAYMENTS
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.usage.tables import UDRS

PAGE = Path(__file__).parents[2] / "docs" / "documents.md"


@pytest.fixture
def read(lake, table):
    """The documents of invoices of some accounts."""

    def run(*payers: str, **of_buyer: object) -> list[dict]:
        write_invoices(lake, table, *payers, **of_buyer)
        with Contents(lake, "2026-01") as contents:
            return list(contents.documents(contents.invoice_ids))

    return run


def test_a_document_is_made_from_the_tables(read):
    (found,) = read("ANNA")
    own = found["details"]["groups"][0]["lines"]
    assert found["summary"]["net_amount"] == "20.82" and found["summary"]["gross_amount"] == "24.98"
    assert found["summary"]["by_type"] == [
        {"item_type": "fee", "amount": "20.00"}, {"item_type": "usage", "amount": "0.82"},
    ]  # fmt: skip
    assert [(row["label"], row["quantity"], row["amount"]) for row in own] == [
        ("Mobile plan", "1", "20.00"), ("Calls", "980", "0.82"),
    ]  # fmt: skip
    assert own[0]["period"] == {"first_day": "2026-02-01", "last_day": "2026-02-28"}
    assert (found["seller"]["name"], found["buyer"]["name"]) == ("Télécom Fictive SA", "Anna & Söhne")
    assert found["seller"]["contact"]["email"] == "billing@fictive.example"


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_events_are_listed_in_the_order_of_time(read):
    (found,) = read("ANNA")
    records = found["details"]["usage"]["records"]
    assert [row["local_at"] for row in records] == [f"2026-01-15T13:00:0{second}" for second in range(7)]
    assert {(row["line"], row["destination"], row["quantity"]) for row in records} == {(2, "33612345", "140")}


def test_no_more_events_are_listed_than_can_be_read(read, monkeypatch):
    monkeypatch.setattr(usage, "MOST_RECORDS", 3)
    (found,) = read("ANNA")
    assert (found["details"]["usage"]["events"], len(found["details"]["usage"]["records"])) == (7, 3)


def test_events_that_waited_for_the_invoice_are_listed(table, rows):
    """The item is of January, and is billed in February: its events are those of January's window."""
    billed = item(invoice_id="2026-02-ANNA-EUR", source_table="rated_items", source_id="CHARGE", carried_from="2026-01")
    windows = table(INVOICES, invoice(), invoice(
        month="2026-02", invoice_id="2026-02-ANNA-EUR", usage_from="2026-01-31T23:00:00", usage_to="2026-02-28T23:00:00"
    ))  # fmt: skip
    given = ((BILLED_ITEMS, billed), (RATED_ITEMS, rated_item()), (UDRS, udr()))
    found = rows(usage.usage_records(windows, *(table(contract, made) for contract, made in given)))
    assert [row["invoice_id"] for row in found] == ["2026-02-ANNA-EUR"]


def test_events_of_customers_are_not_listed_to_their_reseller(table, rows):
    """Its item is of no subscription."""
    (row,) = [invoice(payer_account_id="BIG")]
    for subscription, listed in (("SUB", 1), (None, 0)):
        billed = item(
            invoice_id=row["invoice_id"], source_table="rated_items", source_id="CHARGE", subscription_id=subscription
        )
        given = ((INVOICES, row), (BILLED_ITEMS, billed), (RATED_ITEMS, rated_item()), (UDRS, udr()))
        assert len(rows(usage.usage_records(*(table(contract, made) for contract, made in given)))) == listed


def test_each_invoice_has_its_own_rows(read):
    found = read("BEN", "ANNA")
    assert [one["document"]["number"] for one in found] == ["2026-01-ANNA-EUR", "2026-01-BEN-EUR"]
    assert [len(one["details"]["usage"]["records"]) for one in found] == [7, 7]
    assert [len(one["summary"]["history"]) for one in found] == [1, 1]


def test_a_reference_is_the_account_number_where_it_has_none():
    assert document()["buyer"]["reference"] == "ANNA"


def test_amounts_are_with_tax_where_all_prices_are_and_are_what_is_due():
    """12.00 with 20 % are 10.00 and 2.00; who is exempt pays the 10.00, and reads lines before tax."""
    included = {"tax_included": True, "included_rate": "20", "price_amount": "12", "net_amount": "10"}
    total = {"net_amount": "10", "tax_amount": "2", "gross_amount": "12"}
    found = document(invoice=invoice(**total), lines=[line(**included)])
    assert (found["document"]["amounts"], found["details"]["groups"][0]["amount"]) == ("gross", "12.00")
    exempt = document(invoice=invoice(**total | {"tax_amount": "0", "gross_amount": "10"}), lines=[line(**included)])
    assert (exempt["document"]["amounts"], exempt["details"]["groups"][0]["amount"]) == ("net", "10.00")


def test_a_rate_is_one_tax_whatever_its_codes():
    """Two groups of 10.41 with 2.08 each are 20.82 with 4.16."""
    halves = [tax(item_id=code, tax_code=code, base_amount="10.41", amount="2.08") for code in ("GOODS", "SERVICES")]
    (one,) = document(taxes=halves)["summary"]["taxes"]
    assert (one["net_amount"], one["tax_amount"]) == ("20.82", "4.16")


def test_the_digits_are_those_of_the_currency():
    yen = document(invoice=invoice(currency="JPY", net_amount="21", gross_amount="25", tax_amount="4"), digits=0)
    assert yen["summary"]["net_amount"] == "21"
    dinar = document(invoice=invoice(currency="KWD", net_amount=Decimal("3.226")), digits=3)
    assert dinar["summary"]["net_amount"] == "3.226"


def test_the_shape_is_the_one_that_is_described(read, lake, table):
    number = {"invoice_id": "2026-01-ANNA-EUR", "payer_account_id": "ANNA"}
    lake.write_month(PREPAID_PAYMENTS, table(PREPAID_PAYMENTS, prepaid_payment(**number)), "2026-01", ["first"], True)
    (found,) = read("ANNA")
    described = re.findall(r"^\| `([a-z_.\[\]]+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.M)
    assert described == list(dict.fromkeys(_paths(found)))


def _paths(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _paths(value[0], f"{path}[]")
    else:
        yield path

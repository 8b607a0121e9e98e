"""Fees of accounts on each of their invoices."""

from decimal import Decimal

import ibis
import pytest
from sample_rows import account_fee, item, product

from billing_assets import calendar
from billing_assets.items.invoice_fees import invoice_fees as fees_of
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES, PRODUCTS


@pytest.fixture(scope="module")
def invoice_fees(rows, table):
    """Payer, invoice, currency and amount of the fees of some items of February."""
    products = table(PRODUCTS, product(product_id="PAPER", name="Paper invoice"))
    windows = ibis.memtable(calendar.windows("2026-02", {"first": 1}, ["Europe/Paris"], "2026-01"))

    def run(items, *fees):
        charged = table(CHARGE_ITEMS, *(item(month="2026-02", **values) for values in items))
        found = rows(fees_of(charged, table(ACCOUNT_FEES, *fees), products, windows))
        named = ((row["payer_account_id"], row["invoice_part"], row["currency"], row["amount"]) for row in found)
        return sorted(named, key=str)

    return run


def test_each_invoice_has_its_fee(invoice_fees):
    """Two items in euros are on one invoice; one in pounds is on another, for which there is no fee."""
    items = [{"item_id": "1"}, {"item_id": "2"}, {"item_id": "3", "currency": "GBP"}]
    assert invoice_fees(items, account_fee(amount="1.50")) == [("ANNA", None, "EUR", Decimal("1.5"))]


def test_several_invoices_have_one_each(invoice_fees):
    items = [{"payer_account_id": "BEN", "invoice_part": part} for part in ("BEN", "SON", "SON")]
    found = invoice_fees(items, account_fee(amount="1.50"))
    assert found == [("BEN", part, "EUR", Decimal("1.5")) for part in ("BEN", "SON")]


def test_an_account_may_have_its_own_fee_or_none(invoice_fees):
    items = [{"payer_account_id": payer} for payer in ("ANNA", "BEN")]
    common = account_fee(amount="1.50")
    assert invoice_fees(items, common, account_fee(account_id="BEN", amount="2"))[1] == (
        "BEN",
        None,
        "EUR",
        Decimal(2),
    )
    assert [payer for payer, *_ in invoice_fees(items, common, account_fee(account_id="BEN", amount="0"))] == ["ANNA"]


def test_a_fee_of_the_first_day_of_the_month(invoice_fees):
    """2.00 from February on; 3.00 from 2 February on, which no invoice of February has. BEN's own has ended."""
    fees = [
        account_fee(amount="1", valid_to="2026-02-01"),
        account_fee(amount="2", valid_from="2026-02-01", valid_to="2026-02-02"),
        account_fee(amount="3", valid_from="2026-02-02"),
        account_fee(account_id="BEN", amount="9", valid_to="2026-02-01"),
    ]
    items = [{"payer_account_id": payer} for payer in ("ANNA", "BEN")]
    assert [(payer, fee) for payer, *_, fee in invoice_fees(items, *fees)] == [("ANNA", 2), ("BEN", 2)]


def test_no_invoice_no_fee(invoice_fees):
    assert invoice_fees([], account_fee(amount="1.50")) == []

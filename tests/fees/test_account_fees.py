"""Fees of accounts: on each of their invoices, and for what they pay late."""

from datetime import date
from decimal import Decimal

import ibis
import pytest
from sample_rows import account, account_fee, currency, item, overdue, product, vendor

from billing_assets import calendar
from billing_assets.fees import account_fees as rules
from billing_assets.fees.tables import OVERDUE_AMOUNTS
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES, ACCOUNTS, CURRENCIES, PRODUCTS

LATE = {"kind": "late", "product_id": "LATE"}


@pytest.fixture(scope="module")
def joined(table):
    """Accounts, products and the windows of February: BEN pays for SON, and has his invoices split."""
    ben = account(account_id="BEN", payer_account_id="BEN", invoice_split="service_account")
    accounts = table(ACCOUNTS, vendor(), account(), ben, account(account_id="SON", payer_account_id="BEN"))
    products = table(
        PRODUCTS, product(product_id="PAPER", name="Paper invoice"), product(product_id="LATE", name="Late")
    )
    windows = ibis.memtable(calendar.windows("2026-02", {"first": 1}, ["Europe/Paris"], "2026-01"))
    return accounts, products, windows


@pytest.fixture(scope="module")
def invoice_fees(rows, table, joined):
    def run(items, *fees):
        accounts, products, windows = joined
        charged = table(CHARGE_ITEMS, *(item(month="2026-02", **values) for values in items))
        found = rows(rules.invoice_fees(charged, accounts, table(ACCOUNT_FEES, *fees), products, windows))
        return sorted(
            (row["payer_account_id"], row["service_account_id"], row["currency"], row["amount"]) for row in found
        )

    return run


@pytest.fixture(scope="module")
def late_fees(rows, table, joined):
    def run(fees, *amounts):
        accounts, products, windows = joined
        given = table(OVERDUE_AMOUNTS, *amounts)
        return rows(rules.late_fees(given, accounts, table(ACCOUNT_FEES, *fees), products, windows))

    return run


def test_each_invoice_has_its_fee(invoice_fees):
    """Two items in euros are on one invoice; one in pounds is on another, for which there is no fee."""
    items = [{"item_id": "1"}, {"item_id": "2"}, {"item_id": "3", "currency": "GBP"}]
    assert invoice_fees(items, account_fee(amount="1.50")) == [("ANNA", "ANNA", "EUR", Decimal("1.5"))]


def test_split_invoices_have_one_each(invoice_fees):
    items = [{"payer_account_id": "BEN", "service_account_id": user} for user in ("BEN", "SON", "SON")]
    found = invoice_fees(items, account_fee(amount="1.50"))
    assert found == [("BEN", user, "EUR", Decimal("1.5")) for user in ("BEN", "SON")]


def test_an_account_may_have_its_own_fee_or_none(invoice_fees):
    items = [{"payer_account_id": payer, "service_account_id": payer} for payer in ("ANNA", "BEN")]
    common = account_fee(amount="1.50")
    assert invoice_fees(items, common, account_fee(account_id="BEN", amount="2"))[1] == (
        "BEN",
        "BEN",
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
    items = [{"payer_account_id": payer, "service_account_id": payer} for payer in ("ANNA", "BEN")]
    assert [(payer, fee) for payer, *_, fee in invoice_fees(items, *fees)] == [("ANNA", 2), ("BEN", 2)]


def test_a_late_fee_of_its_day(late_fees):
    fees = [
        account_fee(**LATE, amount="1", valid_to="2026-02-20"),
        account_fee(**LATE, amount="2", valid_from="2026-02-20"),
    ]
    days = ("2026-02-19", "2026-02-20")
    found = late_fees(fees, *(overdue(overdue_id=day, overdue_on=day) for day in days))
    assert sorted((row["source_id"], row["amount"]) for row in found) == [(days[0], 1), (days[1], 2)]


def test_no_invoice_no_fee(invoice_fees):
    assert invoice_fees([], account_fee(amount="1.50")) == []


def test_a_late_fee_is_what_is_overdue_in_percent(late_fees):
    """5 % of 24.18, charged to who pays, taxed as its product on its day."""
    (fee,) = late_fees(
        [account_fee(**LATE, percent="5")], overdue(account_id="SON", amount="24.18", overdue_on="2026-02-20")
    )
    names = ("item_type", "payer_account_id", "service_account_id", "label", "tax_code", "service_start", "service_end")
    day, after = date(2026, 2, 20), date(2026, 2, 21)
    assert tuple(fee[name] for name in names) == ("fee", "BEN", "SON", "Late", "STANDARD", day, after)
    assert (fee["amount"], fee["source_table"], fee["source_id"]) == (Decimal("1.209"), "overdue_amounts", "D1")


def test_an_amount_of_its_own(late_fees):
    fees = [account_fee(**LATE, percent="5"), account_fee(**LATE, account_id="ANNA", amount="10")]
    (fee,) = late_fees(fees, overdue(overdue_on="2026-02-20"))
    assert fee["amount"] == Decimal(10)


@pytest.mark.parametrize(("day", "taken"), [("2026-02-01", 0), ("2026-02-02", 1), ("2026-03-01", 1), ("2026-03-02", 0)])
def test_the_run_takes_late_fees_as_it_takes_charges(late_fees, day, taken):
    assert len(late_fees([account_fee(**LATE, amount="10")], overdue(overdue_on=day))) == taken


def test_what_no_fee_can_be_charged_for(rows, table, joined):
    given = table(
        OVERDUE_AMOUNTS, overdue(), overdue(account_id="X"), overdue(account_id="VENDOR"), overdue(currency="X"),
        overdue(amount="0"),
    )  # fmt: skip
    known, refused = rules.judge_overdue(given, joined[0], table(CURRENCIES, currency()))
    assert [row["account_id"] for row in rows(known)] == ["ANNA"]
    assert sorted((row["reason"], row["detail"]) for row in rows(refused)) == [
        ("ACCOUNT_NOT_BILLED", "account_id 'VENDOR'"), ("NOTHING_OVERDUE", "amount '0.0000000000'"),
        ("UNKNOWN_ACCOUNT", "account_id 'X'"), ("UNKNOWN_CURRENCY", "currency 'X'"),
    ]  # fmt: skip

"""Fees for what accounts pay late."""

from datetime import date
from decimal import Decimal

import ibis
import pytest
from sample_rows import account, account_fee, currency, overdue, product, vendor

from billing_assets import calendar
from billing_assets.fees import account_fees as rules
from billing_assets.fees.tables import OVERDUE_AMOUNTS
from billing_assets.reference.tables import ACCOUNT_FEES, ACCOUNTS, CURRENCIES, PRODUCTS

LATE = {"kind": "late", "product_id": "LATE"}


@pytest.fixture(scope="module")
def joined(table):
    """Accounts, products and the windows of February: BEN pays for SON."""
    ben = account(account_id="BEN", payer_account_id="BEN")
    accounts = table(ACCOUNTS, vendor(), account(), ben, account(account_id="SON", payer_account_id="BEN"))
    products = table(
        PRODUCTS, product(product_id="PAPER", name="Paper invoice"), product(product_id="LATE", name="Late")
    )
    windows = ibis.memtable(calendar.windows("2026-02", {"first": 1}, ["Europe/Paris"], "2026-01"))
    return accounts, products, windows


@pytest.fixture(scope="module")
def late_fees(rows, table, joined):
    def run(fees, *amounts):
        accounts, products, windows = joined
        given = table(OVERDUE_AMOUNTS, *amounts)
        return rows(rules.late_fees(given, accounts, table(ACCOUNT_FEES, *fees), products, windows))

    return run


def test_a_late_fee_of_its_day(late_fees):
    fees = [
        account_fee(**LATE, amount="1", valid_to="2026-02-20"),
        account_fee(**LATE, amount="2", valid_from="2026-02-20"),
    ]
    days = ("2026-02-19", "2026-02-20")
    found = late_fees(fees, *(overdue(overdue_id=day, overdue_on=day) for day in days))
    assert sorted((row["source_id"], row["amount"]) for row in found) == [(days[0], 1), (days[1], 2)]


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

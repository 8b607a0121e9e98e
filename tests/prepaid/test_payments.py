"""What prepaid credits pay of invoices, and what is left of them."""

from decimal import Decimal

import ibis
import pytest
from sample_rows import Row, account, billing_cycle, currency, prepaid_credit, prepaid_payment, product, sample

from billing_assets import calendar
from billing_assets.invoices.tables import INVOICE_LINES, INVOICES
from billing_assets.prepaid import payments as rules
from billing_assets.prepaid.checks import CHECKS
from billing_assets.prepaid.credits import judge_credits
from billing_assets.prepaid.owed import owed_by_product
from billing_assets.prepaid.tables import PREPAID_BALANCES, PREPAID_CREDITS, PREPAID_PAYMENTS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES, PRODUCTS
from billing_assets.run import Run
from billing_assets.taxes.tables import TAX_ITEMS

FIND = {check.name: check.find for check in CHECKS}
invoice = sample(INVOICES, month="2026-01", billing_cycle="first", payer_account_id="ANNA", currency="EUR")
line = sample(INVOICE_LINES, month="2026-01", product_id="CALLS", tax_regime="vat", tax_group="VAT", currency="EUR")
tax = sample(TAX_ITEMS, month="2026-01", tax_regime="vat", source_id="VAT", currency="EUR")
balance = sample(
    PREPAID_BALANCES, month="2026-01", billing_cycle="first", credit_id="C1", payer_account_id="ANNA",
    opening_amount="10", paid_amount="4", lapsed_amount="0", carried_amount="6", currency="EUR",
)  # fmt: skip


class Owed:
    """An invoice: the net of its products, the tax of each, and what that comes to."""

    def __init__(self, name: str = "I1", tax_amount: str = "0", **nets: str):
        gross = sum(map(Decimal, nets.values()), Decimal(tax_amount))
        self.invoice = invoice(invoice_id=name, gross_amount=str(gross))
        self.lines = [line(invoice_id=name, product_id=product_id, net_amount=net) for product_id, net in nets.items()]
        self.taxes = [tax(invoice_id=name, amount=tax_amount)]


@pytest.fixture(scope="module")
def pay(rows, table, engine):
    """What credits pay of invoices of January, as (invoice, credit): amount; and their balances."""
    windows = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2025-01"))
    of_payers = payer_windows(table(ACCOUNTS, account()), windows)
    coins = table(CURRENCIES, currency())

    def run(credits: list[Row], invoices: list[Owed], before: list[Row] = ()):
        opened = engine.cache(
            rules.openings(table(PREPAID_CREDITS, *credits), table(PREPAID_BALANCES, *before), of_payers)
        )
        lines = table(INVOICE_LINES, *(row for one in invoices for row in one.lines))
        taxes = table(TAX_ITEMS, *(row for one in invoices for row in one.taxes))
        owed = owed_by_product(lines, taxes, table(INVOICES, *(one.invoice for one in invoices)), coins)
        paid = engine.cache(rules.payments(opened, owed, len(credits), engine.cache))
        left = {
            row["credit_id"]: tuple(_text(row[c]) for c in ("opening_amount", "paid_amount", "carried_amount"))
            for row in rows(rules.balances(opened, paid))
        }
        return {(row["invoice_id"], row["credit_id"]): _text(row["paid_amount"]) for row in rows(paid)}, left

    return run


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def test_a_credit_after_a_discount(pay):
    """Flexprice: 30 and 70 less 10 %, and a credit of 20: 70.00 is left to pay."""
    paid, left = pay([prepaid_credit(amount="20")], [Owed(L1="27", L2="63")])
    assert (paid, left) == ({("I1", "C1"): "20"}, {"C1": ("20", "20", "0")})


def test_a_credit_pays_no_more_than_is_owed(pay):
    """Flexprice: 100 less 50, and a credit of 100: 50 of it are taken, nothing is left to pay."""
    paid, left = pay([prepaid_credit(amount="100")], [Owed(L1="15", L2="35")])
    assert (paid, left) == ({("I1", "C1"): "50"}, {"C1": ("100", "50", "50")})


def test_what_a_discount_covers_takes_no_credit(pay):
    """Flexprice: 50 and 50 less 100, and a credit of 50, which stays as it is."""
    paid, left = pay([prepaid_credit(amount="50")], [Owed(L1="50", L2="50", OFF="-100")])
    assert (paid, left) == ({}, {"C1": ("50", "0", "50")})


def test_a_wallet_for_two_metrics_over_two_invoices(pay):
    """Lago: 39.00 pay 14.29 + 3.43, then 14.27 + 3.42; 21.28, then 3.59 are left."""
    wallet = prepaid_credit(amount="39", product_ids="count_1|count_2")
    paid, left = pay([wallet], [Owed(tax_amount="3.43", count_1="14.29")])
    assert (paid, left) == ({("I1", "C1"): "17.72"}, {"C1": ("39", "17.72", "21.28")})
    paid, left = pay([wallet], [Owed("I2", "3.42", count_2="14.27")], [balance(carried_amount="21.28")])
    assert (paid, left) == ({("I2", "C1"): "17.69"}, {"C1": ("21.28", "17.69", "3.59")})


def test_a_credit_pays_its_products_with_their_tax(pay):
    """20 % of 10 + 20 is 6.00: 2.00 for calls and 4.00 for messages, of which the credit pays 24.00."""
    paid, _ = pay([prepaid_credit(amount="100", product_ids="SMS")], [Owed(tax_amount="6", CALLS="10", SMS="20")])
    assert paid == {("I1", "C1"): "24"}


def test_coins_that_rounding_leaves_are_of_the_largest(pay):
    """Tax of 1.00 on three times 3.33: 0.33 each, and 0.34 for the first, which is the largest by its name."""
    only = [prepaid_credit(credit_id=p, amount="100", product_ids=p) for p in ("A", "B", "C")]
    paid, _ = pay(only, [Owed(tax_amount="1", A="3.33", B="3.33", C="3.33")])
    assert paid == {("I1", "A"): "3.67", ("I1", "B"): "3.66", ("I1", "C"): "3.66"}


def test_what_is_below_zero_is_taken_off_the_first_of_the_others(pay):
    """10 for A and 20 for B less 15: 15 of B are owed."""
    both = [prepaid_credit(credit_id=p, amount="100", product_ids=p) for p in ("A", "B")]
    assert pay(both, [Owed(A="10", B="20", OFF="-15")])[0] == {("I1", "B"): "15"}


def test_a_credit_note_takes_nothing(pay):
    assert pay([prepaid_credit(amount="100")], [Owed(A="10", B="-20")]) == ({}, {"C1": ("100", "0", "100")})


def test_credits_in_their_turn_on_invoices_in_theirs(pay):
    """LAST has a higher number; of the others SOON ends first. 5 of SOON, 10 of LONG, 3 of LAST are taken."""
    credits = [
        prepaid_credit(credit_id="LAST", amount="5", priority=1),
        prepaid_credit(credit_id="LONG", amount="10"),
        prepaid_credit(credit_id="SOON", amount="5", valid_to="2026-06-01"),
    ]
    paid, left = pay(credits, [Owed("I1", A="8"), Owed("I2", A="10")])
    assert paid == {("I1", "SOON"): "5", ("I1", "LONG"): "3", ("I2", "LONG"): "7", ("I2", "LAST"): "3"}
    assert left["LAST"] == ("5", "3", "2")


@pytest.mark.parametrize(
    ("validity", "left"),
    [
        ({"valid_to": "2026-02-01"}, {"C1": ("10", "0", "0")}),
        ({"valid_to": "2026-02-02"}, {"C1": ("10", "4", "6")}),
        ({"valid_from": "2026-02-01"}, {"C1": ("10", "4", "6")}),
        ({"valid_from": "2026-02-02"}, {}),
    ],
)
def test_a_credit_is_valid_on_the_date_of_the_invoice(pay, validity, left):
    """January's invoices are dated 1 February; what is not valid any more lapses."""
    assert pay([prepaid_credit(amount="10", **validity)], [Owed(A="4")])[1] == left


def test_a_credit_in_another_currency_pays_nothing(pay):
    assert pay([prepaid_credit(currency="GBP")], [Owed(A="4")])[0] == {}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, None),
        ({"product_ids": "CALLS"}, None),
        ({"account_id": "NOBODY"}, "UNKNOWN_ACCOUNT"),
        ({"account_id": "SON"}, "PAID_BY_ANOTHER"),
        ({"currency": "X"}, "UNKNOWN_CURRENCY"),
        ({"amount": "0"}, "NOTHING_PREPAID"),
        ({"amount": "0.005"}, "NOT_IN_COINS"),
        ({"product_ids": "CALLS|FAX"}, "UNKNOWN_PRODUCT"),
        ({"valid_from": "2026-01-02", "valid_to": "2026-01-02"}, "END_BEFORE_START"),
    ],
)
def test_which_credits_count(rows, table, values, reason):
    accounts = table(ACCOUNTS, account(payer_account_id="ANNA"), account(account_id="SON", payer_account_id="ANNA"))
    given = table(PREPAID_CREDITS, prepaid_credit(**values))
    counted, refused = judge_credits(given, accounts, table(CURRENCIES, currency()), table(PRODUCTS, product()))
    assert [row["reason"] for row in rows(refused)] == ([reason] if reason else [])
    assert len(rows(counted)) == (0 if reason else 1)


PAID, LESS = (prepaid_payment(paid_amount=paid) for paid in ("4", "3"))
FOUR, THREE = (invoice(invoice_id="I1", gross_amount=gross) for gross in ("4", "3"))
SIX, SEVEN = (balance(month="2026-02", opening_amount=left) for left in ("6", "7"))


@pytest.fixture
def january(lake, table):
    """A run of January of a company that bills since December, with some rows in its lake."""

    def run(**tables: list[Row]) -> Run:
        lake.write(BILLING_CYCLES, table(BILLING_CYCLES, billing_cycle()))
        lake.write(PREPAID_CREDITS, table(PREPAID_CREDITS, prepaid_credit()))
        for contract in (INVOICES, PREPAID_PAYMENTS, PREPAID_BALANCES):
            given = tables.get(contract.name, [])
            for month in sorted({row["month"] for row in given}):
                of_month = table(contract, *(row for row in given if row["month"] == month))
                lake.write_month(contract, of_month, month, ["first"], drop_others=True)
        return Run(lake, None, "2025-12", month="2026-01")

    return run


@pytest.mark.parametrize(
    ("name", "tables", "broken"),
    [
        ("paid_of_what_is_owed", {"prepaid_payments": [PAID], "invoices": [FOUR]}, 0),
        ("paid_of_what_is_owed", {"prepaid_payments": [PAID], "invoices": [THREE]}, 1),
        ("paid_of_what_is_owed", {"prepaid_payments": [PAID]}, 1),
        ("balances_add_up", {"prepaid_balances": [balance()], "prepaid_payments": [PAID]}, 0),
        ("balances_add_up", {"prepaid_balances": [balance(carried_amount="5")], "prepaid_payments": [PAID]}, 1),
        ("balances_add_up", {"prepaid_balances": [balance()], "prepaid_payments": [LESS]}, 1),
        ("month_before_made", {}, 1),
        ("month_before_made", {"prepaid_balances": [balance(month="2025-12")]}, 0),
        ("next_month_begins_with_it", {"prepaid_balances": [balance(), SIX]}, 0),
        ("next_month_begins_with_it", {"prepaid_balances": [balance(), SEVEN]}, 1),
    ],
)  # fmt: skip
def test_checks_find_what_is_wrong(january, name, tables, broken):
    assert len(FIND[name](january(**tables))) == broken

"""Value added tax per invoice and tax group, at the rate of the date of supply."""

from collections.abc import Callable

import ibis
import pytest
from sample_rows import Row, account, currency, item, tax_code, tax_rate

from billing_assets import calendar
from billing_assets.items.carried import charged_now
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, TAX_CODES, TAX_RATES
from billing_assets.taxes.determination import TaxBook, with_tax_group
from billing_assets.taxes.groups import tax_items

RATES = (
    tax_rate(rate="20"),
    tax_rate(country="DE", rate="16", valid_from="2020-07-01", valid_to="2021-01-01"),
    tax_rate(country="DE", rate="19", valid_from="2021-01-01"),
    tax_rate(tax_code="REDUCED", rate="5.5"),
    tax_rate(tax_code="ZERO", rate="0"),
    tax_rate(country="BE", rate="21"),
)
ACCOUNTS_GIVEN = (
    account(),
    account(account_id="EXEMPT", tax_status="exempt"),
    account(account_id="DORA", country="DE"),
    account(account_id="BRAM", country="BE"),
    account(account_id="EMBASSY", country="DE", tax_status="exempt"),
)


@pytest.fixture(scope="module")
def taxes(rows, table) -> Callable[..., list[Row]]:
    """The tax items of some items, in the order of their groups."""

    def run(*items: Row) -> list[Row]:
        others = {row["payer_account_id"] for row in items} - {row["account_id"] for row in ACCOUNTS_GIVEN}
        accounts = table(ACCOUNTS, *ACCOUNTS_GIVEN, *(account(account_id=name) for name in sorted(others)))
        windows = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2026-01"))
        known = ("STANDARD", "REDUCED", "ZERO", "NEW")
        codes = table(TAX_CODES, *(tax_code(tax_code=code, name=code.title()) for code in known))
        book = TaxBook(accounts, codes, table(TAX_RATES, *RATES))
        grouped = with_tax_group(charged_now(table(CHARGE_ITEMS, *items)), book)
        currencies = table(
            CURRENCIES, currency(), currency(currency="JPY", digits=0), currency(currency="TND", digits=3)
        )
        made = tax_items(grouped, codes, currencies, payer_windows(accounts, windows))
        return sorted(rows(made), key=lambda row: (row["invoice_id"], row["source_id"]))

    return run


def group(row: Row) -> tuple[str, ...]:
    """Net before rounding, net and tax of a tax item, as text."""
    return tuple(f"{row[name].normalize():f}" for name in ("exact_amount", "base_amount", "amount"))


# Items of a group, and its net before rounding, net and tax.
GROUPS = {
    "Lago: 38.71 at 20 % is 7.742": (("38.71",), ("38.71", "38.71", "7.74")),
    "Lago: 1.94 at 20 % is 0.388": (("1.94",), ("1.94", "1.94", "0.39")),
    "the net is rounded once: 3 * 0.333 = 0.999, 20 % of 1.00": (("0.333",) * 3, ("0.999", "1", "0.2")),
    "and then the tax: 20 % of 0.03 is 0.006": (("0.025",), ("0.025", "0.03", "0.01")),
    "of a net below half a cent nothing is left": (("0.0049999999",), ("0.0049999999", "0", "0")),
    "a credit: 20 % of -0.03": (("-0.025",), ("-0.025", "-0.03", "-0.01")),
    "fees and a credit: 10 - 30": (("10", "-30"), ("-20", "-20", "-4")),
}


@pytest.fixture(scope="module")
def groups(taxes) -> dict[str, tuple[str, ...]]:
    """The tax items of GROUPS, each of an account of its own."""
    items = [item(payer_account_id=name, amount=amount) for name, (amounts, _) in GROUPS.items() for amount in amounts]
    return {row["payer_account_id"]: group(row) for row in taxes(*items)}


@pytest.mark.parametrize("source", GROUPS)
def test_tax_of_a_group(groups, source):
    assert groups[source] == GROUPS[source][-1]


def test_the_tax_is_that_of_the_printed_net(taxes):
    """0.092 is printed as 0.09, and 5.5 % of that is 0.00495: nothing. Of 0.092 it would be 0.00506, a cent."""
    (made,) = taxes(item(amount="0.092", tax_code="REDUCED"))
    assert group(made) == ("0.092", "0.09", "0")


def test_coins_of_other_currencies(taxes):
    """20 % of 1234.5 JPY: of 1235, 247. Of 1.2345 TND: of 1.235, 0.247; 2.5 and 0.0005 are rounded away from zero."""
    dinar, yen = taxes(item(amount="1.2345", currency="TND"), item(amount="1234.5", currency="JPY"))[::-1]
    assert group(dinar) == ("1.2345", "1.235", "0.247")
    assert group(yen) == ("1234.5", "1235", "247")


def test_a_group_is_a_code_at_one_rate(taxes):
    """20 % of 100 and 50 together, 5.5 % of 10, nothing of 7."""
    made = taxes(
        item(amount="100"), item(amount="50"), item(amount="10", tax_code="REDUCED"), item(amount="7", tax_code="ZERO")
    )
    assert {row["source_id"]: (group(row)[-1], row["tax_category"]) for row in made} == {
        "STANDARD:FR:S:20.000000": ("30", "S"),
        "REDUCED:FR:S:5.500000": ("0.55", "S"),
        "ZERO:FR:Z:0.000000": ("0", "Z"),
    }


def test_an_exempt_account_pays_no_tax(taxes):
    """Meteroid, tax tests: 100.00 and 50.00 of an exempt customer at a nominal 20 % are 150.00, tax 0.00."""
    (made,) = taxes(item(payer_account_id="EXEMPT", amount="100"), item(payer_account_id="EXEMPT", amount="50"))
    assert (group(made), made["rate"], made["tax_category"]) == (("150", "150", "0"), 0, "E")


# Items with tax of a group, and their sum before rounding, net and tax.
WITH_TAX = {
    "Microsoft, Finance: 120 with 20 % is 100 and 20": (("120",), ("120", "100", "20")),
    "the sum is rounded once, to 1.00: 0.8333 and the rest": (("0.333",) * 3, ("0.999", "0.83", "0.17")),
    "of half a cent of net the net has a cent: 0.03 is 0.025 and nothing": (("0.03",), ("0.03", "0.03", "0")),
    "a discount of 10 % is in the price: 18.00": (("20", "-2"), ("18", "15", "3")),
    "a credit: -20 is -16.6667": (("10", "-30"), ("-20", "-16.67", "-3.33")),
    "a credit of less than a coin": (("-0.004",), ("-0.004", "0", "0")),
}


@pytest.fixture(scope="module")
def groups_with_tax(taxes) -> dict[str, tuple[str, ...]]:
    """The tax items of WITH_TAX, each of an account of its own."""
    given = [(name, amount) for name, (amounts, _) in WITH_TAX.items() for amount in amounts]
    items = [item(payer_account_id=name, amount=amount, tax_included=True) for name, amount in given]
    return {row["payer_account_id"]: group(row) for row in taxes(*items)}


@pytest.mark.parametrize("source", WITH_TAX)
def test_net_and_tax_of_prices_with_tax(groups_with_tax, source):
    assert groups_with_tax[source] == WITH_TAX[source][-1]


def test_the_same_number_with_tax_and_before_it(taxes):
    """eenvoudigfactureren.be: 100 with 21 % is 82.64 and 17.36; 82.64 before tax has 17.35."""
    before, with_tax = taxes(
        item(payer_account_id="BRAM", amount="82.64"), item(payer_account_id="BRAM", amount="100", tax_included=True)
    )
    assert (group(before), before["included_rate"]) == (("82.64", "82.64", "17.35"), 0)
    assert (group(with_tax), with_tax["included_rate"], with_tax["rate"]) == (("100", "82.64", "17.36"), 21, 21)
    assert before["invoice_id"] == with_tax["invoice_id"]
    assert len({row["item_key"] for row in (before, with_tax)}) == 2


def test_prices_with_tax_in_coins_of_other_currencies(taxes):
    """1234.5 JPY are 1235, 1235 / 1.2 = 1029.17; 1.2345 TND are 1.235, 1.235 / 1.2 = 1.02917."""
    yen, dinar = taxes(
        item(amount="1234.5", currency="JPY", tax_included=True),
        item(amount="1.2345", currency="TND", tax_included=True),
    )
    assert (group(yen), yen["price_amount"]) == (("1234.5", "1029", "206"), 1235)
    assert group(dinar) == ("1.2345", "1.029", "0.206")


def test_an_exempt_account_pays_the_net_of_a_price_with_tax(taxes):
    """At the rate that it would have had on the day: 119 / 1.19 and 116 / 1.16 are 100 each; 100 before tax stays."""
    embassy = {"payer_account_id": "EMBASSY", "tax_included": True}
    made = taxes(
        item(**embassy, amount="119"),
        item(**embassy, amount="116", service_end="2020-12-01"),
        item(payer_account_id="EMBASSY", amount="100"),
    )
    found = {int(row["included_rate"]): (group(row)[1:], row["rate"], row["tax_category"]) for row in made}
    assert found == dict.fromkeys((19, 16, 0), (("100", "0"), 0, "E"))
    assert len({row["item_key"] for row in made}) == 3


def test_a_price_with_tax_at_rate_zero_is_its_net(taxes):
    (made,) = taxes(item(amount="7", tax_code="ZERO", tax_included=True))
    assert (group(made), made["tax_category"]) == (("7", "7", "0"), "Z")


def test_the_net_of_a_price_needs_a_rate_even_for_the_exempt(taxes):
    """The check rate_known finds them."""
    new = {"tax_code": "NEW", "tax_included": True}
    exempt, taxable = taxes(item(**new), item(**new, payer_account_id="EXEMPT"))[::-1]
    assert (exempt["rate"], exempt["included_rate"]) == (0, None)
    assert (taxable["rate"], taxable["included_rate"], group(taxable)) == (None, None, ("10", "10", "0"))


def test_the_payer_decides_not_the_user(taxes):
    paid_by_dora = item(payer_account_id="DORA", service_account_id="EXEMPT", amount="100")
    (made,) = taxes(paid_by_dora)
    assert (made["country"], made["rate"], group(made)[-1]) == ("DE", 19, "19")


def test_the_rate_of_the_last_day_of_the_service_counts(taxes):
    """Germany charged 16 % in the second half of 2020: a period up to 31 December has 16, one with 1 January 19."""
    periods = (("2020-06-15", "2020-07-02"), ("2020-12-01", "2021-01-01"), ("2020-12-15", "2021-01-02"))
    made = taxes(
        *(item(payer_account_id="DORA", amount="100", service_start=start, service_end=end) for start, end in periods)
    )
    assert {int(row["rate"]): group(row)[1] for row in made} == {16: "200", 19: "100"}


def test_a_code_without_a_rate_is_shown(taxes):
    """No rate for the code, or not on that day: no tax, and a missing rate that stops the month."""
    made = taxes(item(tax_code="NEW"), item(payer_account_id="DORA", service_end="2020-07-01"))
    assert [(row["rate"], row["amount"]) for row in made] == [(None, 0), (None, 0)]


def test_an_invoice_is_a_payer_and_a_currency(taxes):
    made = taxes(item(), item(currency="JPY"), item(payer_account_id="EXEMPT"), item(service_account_id="SON"))
    assert [(row["invoice_id"], row["events"]) for row in made] == [
        ("2026-01-ANNA-EUR", 2), ("2026-01-ANNA-JPY", 1), ("2026-01-EXEMPT-EUR", 1),
    ]  # fmt: skip


def test_a_tax_item_says_what_it_is(taxes):
    (made,) = taxes(item())
    assert (made["item_type"], made["label"], made["source_table"]) == ("tax", "Standard", "tax_rates")
    assert (f"{made['service_start']}", f"{made['service_end']}") == ("2026-01-01", "2026-02-01")
    assert (made["subscription_id"], made["product_id"], made["quantity"]) == (None, None, None)

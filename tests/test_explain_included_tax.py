"""An invoice of prices with tax, explained: what lines print, what is taken out of them, and the tax of it."""

from pathlib import Path

import ibis
import pytest
from sample_rows import account, currency, item, tax_code, tax_rate

from billing_assets import calendar
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.invoices import lines as rules
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.items.carried import charged_now
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, TAX_CODES, TAX_RATES
from billing_assets.taxes.determination import TaxBook, with_tax_group
from billing_assets.taxes.groups import tax_items
from billing_assets.taxes.tables import TAX_ITEMS
from jobs.explain import Explanation
from resources.lake import Lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory, table, engine) -> Lake:
    """What Anna, and the exempt embassy, pay for 12.005 with 20 % tax; Anna also for 5 before tax."""
    accounts = table(ACCOUNTS, account(), account(account_id="EMBASSY", tax_status="exempt"))
    # totals of the month, of which nothing more is told here
    total = {"source_table": USAGE_CHARGES.name, "source_id": "TOTAL"}
    items = table(
        CHARGE_ITEMS, item(amount="12.005", tax_included=True, **total), item(amount="5", **total),
        item(payer_account_id="EMBASSY", amount="12.005", tax_included=True, **total),
    )  # fmt: skip
    euro, codes = table(CURRENCIES, currency()), table(TAX_CODES, tax_code())
    january = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2025-01"))
    windows = payer_windows(accounts, january)
    grouped = with_tax_group(charged_now(items), TaxBook(accounts, codes, table(TAX_RATES, tax_rate())))
    lines = engine.cache(rules.invoice_lines(rules.with_line(grouped), euro))
    taxes = tax_items(grouped, codes, euro, windows)
    made = Lake(tmp_path_factory.mktemp("explained") / "lake", engine)
    for contract, rows in {
        TAX_ITEMS: taxes,
        INVOICE_LINES: INVOICE_LINES.shape(lines),
        BILLED_ITEMS: rules.billed_items(rules.with_line(grouped), lines, taxes),
        INVOICES: INVOICES.shape(rules.invoices(lines, taxes, accounts, windows)),
    }.items():
        path: Path = made.file(contract, "2026-01", "first")
        path.parent.mkdir(parents=True)
        engine.write(rows, path)
    return made


@pytest.fixture
def explained(lake):
    """The texts of an invoice, and of each of its lines."""

    def run(name: str) -> tuple[list[str], list[list[str]]]:
        explanation = Explanation(lake, name)
        whole = list(explanation.invoice())
        return whole, [list(explanation.line(number)) for number in range(1, len(explanation._lines()) + 1)]

    return run


def test_prices_with_tax_and_before_it(explained):
    """12.005 is 12.01 (half a cent up), 12.01 / 1.2 = 10.0083, 10.01: 2.00; 20 % of 5 is 1.00."""
    (_, *lines, net, first, second, total), texts = explained("2026-01-ANNA-EUR")
    assert sum("price 12.01 EUR with tax" in line for line in lines) == 1
    assert net.split() == ["15.01", "EUR", "net"]
    assert {" ".join(text.split()) for text in (first, second)} == {
        "1.00 EUR VAT 20 % of 5.00 EUR, FR", "2.00 EUR VAT 20 % in 12.01 EUR, FR",
    }  # fmt: skip
    assert total.split() == ["18.01", "EUR", "total"]
    (with_tax,) = (text for text in texts if len(text) > 3)
    assert [line.strip().split(" item ")[0] for line in with_tax[1:]] == [
        "12.0050000000  fee",
        "0.0050000000  rounding",
        "to whole coins, so that the lines add up to what their tax group comes to",
        "-2.0000000000  included_tax",
        "20 % tax in 12.01 EUR: taken out of the line, and added to the invoice as tax",
        "10.0100000000  sum of the items = 10.01 EUR",
    ]


def test_the_exempt(explained):
    whole, (line,) = explained("2026-01-EMBASSY-EUR")
    assert " ".join(whole[-2].split()) == "0.00 EUR VAT 0 % of 10.01 EUR, FR"
    assert line[-2].strip() == "20 % tax in 12.01 EUR: taken out of the line, and not due"

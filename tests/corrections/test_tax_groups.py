"""Lines and taxes of invoices that take something back in the tax group that it was posted in."""

from decimal import Decimal

import ibis
import pytest
from posted_books import GROUP
from sample_rows import account, currency, exemption, item, sample, tax_code, tax_rate, tax_regime, vendor
from tests_support import ENGINES

from billing_assets import calendar
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.invoices.lines import invoice_lines, rounding_items, with_line
from billing_assets.invoices.tables import INVOICE_LINES
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, TAX_CODES, TAX_RATES, TAX_REGIMES
from billing_assets.taxes.determination import TAX_GROUP, TaxBook, with_tax_group
from billing_assets.taxes.grouped import as_posted
from billing_assets.taxes.groups import tax_items
from billing_assets.taxes.tables import TAX_EXEMPTIONS

# One of January that was posted for 100.00 with 20 %, and is 80.00 by now.
BACK = item(month="2026-02", amount="-100", quantity="-1", billed_quantity="-1") | GROUP | {
    "corrects_month": "2026-01", "rate": Decimal(20),
}  # fmt: skip
DUE = item(month="2026-02", item_id="I2", amount="80") | {"corrects_month": "2026-01"}


@pytest.fixture
def billed(table, rows):
    """The lines and taxes of what is taken back and what is due."""

    def bill(back: dict, **book: object) -> tuple[list[dict], list[dict]]:
        accounts, codes = table(ACCOUNTS, vendor(), account()), table(TAX_CODES, tax_code())
        euro, rates = table(CURRENCIES, currency()), table(TAX_RATES, tax_rate())
        made = {name: table(contract, *given) for name, (contract, given) in book.items()}
        names = ["vat", "none"] if "regimes" in made else ["vat"]
        known = TaxBook(accounts, codes, rates, names=names, **made)
        taken, due = (table(CORRECTION_ITEMS, row).mutate(carried_from=ibis.null("string")) for row in (back, DUE))
        columns = [*(c for c in due.columns if c not in TAX_GROUP), *TAX_GROUP, "rounding_unit"]
        due = with_tax_group(due.drop("rate", "country", "tax_regime", "tax_rounding", "included_rate",
                                      "tax_category", "exemption_reason_code", "certificate_id"), known)  # fmt: skip
        grouped = due.select(columns).union(as_posted(taken, known).select(columns))
        february = ibis.memtable(calendar.windows("2026-02", {"first": 1}, ["Europe/Paris"], "2026-01"))
        lines = rows(invoice_lines(with_line(grouped), euro).order_by("price_amount"))
        return lines, rows(tax_items(grouped, codes, euro, payer_windows(accounts, february)).order_by("amount"))

    return bill


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_one_tax_group_is_one_line(billed):
    ((line,), (tax,)) = billed(BACK)
    assert (line["net_amount"], line["billed_quantity"], tax["base_amount"], tax["amount"]) == (-20, 0, -20, -4)
    assert line["tax_group"] == tax["source_id"]


def test_another_rate_is_another_line(billed):
    """Posted with 10 %: -100.00 and -10.00; due with 20 %: 80.00 and 16.00."""
    lines, taxes = billed(BACK | {"rate": Decimal(10)})
    assert [line["net_amount"] for line in lines] == [-100, 80]
    assert [(tax["rate"], tax["amount"]) for tax in taxes] == [(10, -10), (20, 16)]


def test_what_was_rounded_by_group_is_rounded_by_line_with_what_is_due(billed):
    """The vendor rounds its lines by now: -33.333 and 80.00 are one line of 46.67."""
    by_line = (TAX_REGIMES, [tax_regime(rounding="line")])
    ((line,), (tax,)) = billed(BACK | {"amount": Decimal("-33.333")}, regimes=by_line)
    assert (line["net_amount"], line["tax_rounding"]) == (Decimal("46.67"), "line")
    assert (tax["base_amount"], tax["amount"], tax["tax_rounding"]) == (Decimal("46.67"), Decimal("9.33"), "line")


def test_rounding_corrects_nothing(table, rows):
    """-33.333 is a line of -33.33: what rounds it has no source but the line."""
    line = sample(
        INVOICE_LINES, month="2026-02", invoice_line_id="L1", corrects_month="2026-01", item_type="fee",
        exact_amount="-33.333", price_amount="-33.33", net_amount="-33.33", events=1,
    )  # fmt: skip
    lines = table(INVOICE_LINES, line())
    (rounded,) = rows(rounding_items(lines))
    assert (rounded["amount"], rounded["corrects_month"]) == (Decimal("0.003"), None)


def test_a_regime_of_another_name_has_the_same_group(billed):
    ((line,), (tax,)) = billed(BACK | {"tax_regime": "levy"})
    assert (line["net_amount"], line["tax_regime"], tax["tax_regime"]) == (-20, "vat", "vat")


def test_what_one_certificate_exempted_and_another_does_are_two_lines(billed):
    """Exempt by the certificate of last year, whose number is another one now. Neither owes a tax."""
    held = exemption(certificate_id="NEW", tax_code="STANDARD", reason_code="VATEX-EU-132", valid_from="2026-01-01",
                     valid_to="9999-12-31")  # fmt: skip
    was = {"rate": Decimal(0), "tax_category": "E", "exemption_reason_code": "VATEX-EU-132", "certificate_id": "OLD"}
    lines, taxes = billed(BACK | was, exemptions=(TAX_EXEMPTIONS, [held]))
    assert [(line["certificate_id"], line["net_amount"]) for line in lines] == [("OLD", -100), ("NEW", 80)]
    assert sorted((tax["certificate_id"], tax["base_amount"]) for tax in taxes) == [("NEW", 80), ("OLD", -100)]
    assert {line["tax_group"] for line in lines} == {tax["source_id"] for tax in taxes}


def test_prices_with_tax_are_taken_back_with_the_rate_that_they_included(billed):
    """120.00 with 20 % were posted, of which 100.00 are net; tax is not included any more: 80.00 and 16.00."""
    lines, taxes = billed(BACK | {"amount": Decimal(-120), "tax_included": True, "included_rate": Decimal(20)})
    assert [(line["price_amount"], line["net_amount"]) for line in lines] == [(-120, -100), (80, 80)]
    assert [tax["amount"] for tax in taxes] == [-20, 16]

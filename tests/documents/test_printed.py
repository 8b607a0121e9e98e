"""Invoices as they are read: in the customer's language and form, whole, and in the same bytes each time."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from invoiced import BUYER, SELLER, USED, document, invoice, line, tax, untaxed

from billing_assets.documents import words
from billing_assets.documents.form import Form
from billing_assets.documents.html import as_html
from billing_assets.documents.page import Page
from billing_assets.documents.pdf import as_pdf
from billing_assets.documents.printed import Printed

WORDS = Path(words.__file__).parent


def _in(language: str, country: str) -> dict:
    return BUYER | {"language": language, "country": country}


@pytest.mark.parametrize(
    ("language", "country", "title", "due", "last_day"),
    [
        ("en", "GB", "Invoice", ("To pay by 03/03/2026", "€24.98"), "28/02/2026"),
        ("de", "DE", "Rechnung", ("Zu zahlen bis 03.03.2026", "24,98\xa0€"), "28.02.2026"),
        ("de", "CH", "Rechnung", ("Zu zahlen bis 03.03.2026", "EUR\xa024.98"), "28.02.2026"),
        ("fr", "FR", "Facture", ("À payer au plus tard le 03/03/2026", "24,98\xa0€"), "28/02/2026"),
        ("es", "ES", "Factura", ("A pagar hasta el 3/3/2026", "24,98\xa0€"), "28/2/2026"),
        ("en", "JP", "Invoice", ("To pay by 03/03/2026", "€24.98"), "28/02/2026"),
        # there is no French of Japan, and no catalogue in Finnish
        ("fr", "JP", "Facture", ("À payer au plus tard le 03/03/2026", "24,98\xa0€"), "28/02/2026"),
        ("fi", "GB", "Invoice", ("To pay by 03/03/2026", "€24.98"), "28/02/2026"),
    ],
)
def test_language_and_form_are_those_of_the_customer(language, country, title, due, last_day):
    printed = Printed(document(buyer=_in(language, country)))
    assert (printed.title, printed.amount_due) == (title, due)
    assert printed.details.groups[0].lines[0].cells[0].endswith(f" \u2013 {last_day}")


def test_what_an_invoice_says():
    printed = Printed(document(buyer=_in("en", "GB")))
    assert printed.by_type == [("Subscriptions and fees", "€20.00"), ("Usage", "€0.82")]
    assert printed.totals == [("Net", "€20.82"), ("VAT 20% on €20.82", "€4.16")]
    assert printed.total == ("Total", "€24.98")
    (group,) = printed.details.groups
    assert [(row.label, row.remark, row.cells[1:]) for row in group.lines] == [
        ("Mobile plan", "", ("1", "€20.00")), ("Calls", "FR", ("0:16:20", "€0.82")),
    ]  # fmt: skip
    assert "FR76 3000 6000 0112 3456 7890 189" in printed.payment


def test_a_credit_note_is_not_to_be_paid():
    total = {"document_type": "credit_note", "net_amount": "-20.82", "tax_amount": "-4.16", "gross_amount": "-24.98"}
    printed = Printed(document(invoice=invoice(**total), buyer=_in("en", "GB")))
    assert printed.title == "Credit note"
    assert printed.amount_due == ("Credit to your account", "€24.98")
    assert printed.payment == "" and "Due date" not in dict(printed.facts)


def test_prices_with_tax_are_told_beside_net_lines():
    """12.00 with 20 % beside 0.82 before tax: 10.00 and 0.82."""
    lines = [line(tax_included=True, price_amount="12", net_amount="10"), line(**USED)]
    printed = Printed(document(lines=lines, buyer=_in("en", "GB")))
    assert [row.remark for row in printed.details.groups[0].lines] == ["€12.00 with tax", "FR"]
    assert printed.details.basis == "Amounts are before tax."


def test_the_reason_for_no_tax_is_told():
    taxes = [untaxed("AE")]
    printed = Printed(document(taxes=taxes, buyer=_in("en", "GB")))
    assert printed.totals[-1] == ("VAT 0% on €20.82, Reverse charge", "€0.00")


def test_a_tax_without_a_rate_is_an_amount():
    of_engine = {"tax_category": None, "tax_regime": "engine"}
    taxes = [
        tax(item_id="T1", label="City fee", rate=None, amount="3", **of_engine),
        tax(item_id="T2", label="Alarm fee", rate=None, amount="1", **of_engine),
        tax(item_id="T3", label="State tax", rate="0.5", amount="0.1", **of_engine),
        tax(item_id="T4", label="Free tax", rate="0", amount="0", **of_engine),
    ]
    printed = Printed(document(taxes=taxes, buyer=_in("en", "GB")))
    assert printed.totals[1:] == [
        ("State tax 0.5% on €20.82", "€0.10"), ("Free tax 0% on €20.82", "€0.00"),
        ("Alarm fee", "€1.00"), ("City fee", "€3.00"),
    ]  # fmt: skip


def test_every_catalogue_has_the_same_words_and_blanks():
    catalogues = {name: tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8")) for name in words.LANGUAGES}
    blanks = {name: {key: _blanks(text) for key, text in found.items()} for name, found in catalogues.items()}
    assert set(words.LANGUAGES) >= {"de", "en", "es", "fr"}
    assert all(found == blanks["en"] for found in blanks.values())


def _blanks(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_every_word_is_used():
    code = "".join(
        path.read_text(encoding="utf-8") for path in WORDS.parent.iterdir() if path.suffix in (".py", ".html")
    )
    types = {"fee", "usage", "bundle", "discount", "invoice", "credit_note"}
    assert {key for key in words.words_of("en") if f'"{key}"' not in code and f".{key}" not in code} <= types


def test_html_is_escaped():
    assert b"Anna &amp; S\xc3\xb6hne" in as_html(document())


def test_a_document_has_the_same_bytes_each_time():
    assert as_html(document()) == as_html(document())
    assert as_pdf(document()).startswith(b"%PDF-") and as_pdf(document()) == as_pdf(document())


def test_no_name_is_too_long_for_a_page():
    long = "Donaudampfschifffahrtsgesellschaft" * 12
    lines = [line(label=long, product_id=long), line(**USED | {"zone_id": long, "label": long, "unit": long})]
    parties = {"buyer": BUYER | {"name": long, "buyer_reference": long}, "seller": SELLER | {"name": long}}
    assert as_pdf(document(lines=lines, **parties)).startswith(b"%PDF-")
    page = Page("", document_day())
    page.write_as(9)
    assert page.fitting("short", 50) == "short"
    cut = page.fitting(long, 50)
    assert cut.endswith("…") and page.get_string_width(cut) <= 50


def document_day():
    return Printed(document()).issue_date


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [("980", "s", "0:16:20"), ("90000", "s", "25:00:00"), ("-61", "s", "-0:01:01"), ("0.5", "s", "0.5 s"),
     ("1300.5", "MB", "1,300.5 MB"), ("2", "piece", "2"), ("2", None, "2")],
)  # fmt: skip
def test_quantities(value, unit, text):
    assert Form.in_language("en", "GB").quantity(Decimal(value), unit) == text

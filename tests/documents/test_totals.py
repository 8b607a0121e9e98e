"""Totals are read back from what was written, not from what was to be written."""

from decimal import Decimal
from io import BytesIO

import pytest
from invoiced import document, invoice, line, tax
from pypdf import PdfReader

from billing_assets.documents.files import FORMS
from billing_assets.documents.pdf import as_pdf
from billing_assets.documents.totals import READERS

NET = {"net_amount": Decimal("20.82"), "tax_amount": Decimal("4.16"), "gross_amount": Decimal("24.98")}


@pytest.mark.parametrize("form", READERS)
def test_totals_are_those_of_the_file(form):
    content = FORMS[form][1](document())
    assert READERS[form](content) == NET
    assert READERS[form](content.replace(b"0.82", b"0.83")) != NET
    assert READERS[form](content.replace(b"4.16", b"4.17")) != NET
    assert READERS[form](content.replace(b"24.98", b"24.99")) != NET


@pytest.mark.parametrize("form", READERS)
def test_totals_of_prices_with_tax(form):
    """12.00 with 20 % are 10.00 and 2.00."""
    total = invoice(net_amount="10", tax_amount="2", gross_amount="12")
    included = line(tax_included=True, price_amount="12", net_amount="10")
    content = FORMS[form][1](document(invoice=total, lines=[included], taxes=[tax(base_amount="10", amount="2")]))
    assert READERS[form](content) == {"net_amount": 10, "tax_amount": 2, "gross_amount": 12}


@pytest.mark.parametrize("form", READERS)
def test_totals_of_a_credit_note_are_negative(form):
    total = {"document_type": "credit_note", "net_amount": "-20", "tax_amount": "-4", "gross_amount": "-24"}
    lines = [line(price_amount="-20", net_amount="-20")]
    content = FORMS[form][1](
        document(invoice=invoice(**total), lines=lines, taxes=[tax(base_amount="-20", amount="-4")])
    )
    assert READERS[form](content) == {"net_amount": -20, "tax_amount": -4, "gross_amount": -24}


def test_a_pdf_says_what_the_html_says():
    words = PdfReader(BytesIO(as_pdf(document()))).pages[0].extract_text()
    for said in ("Télécom Fictive SA", "FR40303265045", "MwSt. 20", "20,82", "4,16", "24,98", "0,05", "France", "Gold"):
        assert said in words, said

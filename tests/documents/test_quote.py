"""A quote as HTML and PDF: what it says, in the form of the account's country, in the same bytes each time."""

from datetime import date
from decimal import Decimal

import pytest
from sample_rows import account, currency, product, sample, udr_type, vendor

from billing_assets.documents.form import Form
from billing_assets.quotes.tables import QUOTE_PRICES, QUOTE_TOTALS, QUOTE_USAGE_PRICES, QUOTES
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, PRODUCTS, UDR_TYPES, USERS
from jobs import cli
from jobs.documents.printed import as_html, as_pdf
from jobs.documents.quote import QuoteDocument, quote_document
from jobs.explain import Unknown

VERSION = {"quote_id": "Q1", "version": 1}
quote = sample(
    QUOTES, **VERSION, kind="business", account_id="ANNA", requester_id="sam", created_on="2026-01-05",
    valid_to="2026-02-01", currency="EUR", start_date="2026-03-01", term_months=12, term_end="2027-03-01",
    state="pending", needs_approval=True,
)  # fmt: skip
price = sample(
    QUOTE_PRICES, **VERSION, line_id="1", product_id="MOBILE", tax_code="STANDARD", price_type="recurring",
    quantity="1500", currency="EUR", tax_included=False, start_date="2026-03-01", end_date="2027-03-01",
    list_price="0.125", unit_price="0.1", discount_percent="20", maximum_discount="10", above_limit=True,
    below_floor=False, net_price="150", periods=12, one_time_amount="0", recurring_amount="1800", usage_amount="0",
    total_amount="1800",
)  # fmt: skip
USED = {
    "line_id": "2", "product_id": "CALLS", "price_type": "usage", "list_price": None, "unit_price": None,
    "discount_percent": None, "recurring_amount": "0", "usage_amount": "12.006", "total_amount": "12.006",
}  # fmt: skip
usage = sample(
    QUOTE_USAGE_PRICES, **VERSION, line_id="2", rate_id="RATE", events=4, quantity="360", month_amount="1.0005",
    months=12, amount="12.006", currency="EUR",
)  # fmt: skip
totals = sample(
    QUOTE_TOTALS, **VERSION, currency="EUR", tax_included=False, lines=2, one_time_amount="0",
    recurring_amount="1800", usage_amount="12.006", total_amount="1812.006",
)  # fmt: skip
NAME = "Łódź <Žižkov> & Ñandú ΑΒΓ Київ"


@pytest.fixture
def document(lake, table) -> QuoteDocument:
    for contract, rows in (
        (ACCOUNTS, [account(name=NAME), vendor()]),
        (CURRENCIES, [currency()]),
        (PRODUCTS, [product(), product(product_id="MOBILE", name="Mobile line")]),
        (UDR_TYPES, [udr_type()]),
        (USERS, [sample(USERS, user_id="sam", name="Sam", role="seller")()]),
        (QUOTES, [quote(), quote(version=2, state="in_progress", requester_id=None, valid_to=None)]),
        (QUOTE_PRICES, [price(), price(**USED)]),
        (QUOTE_USAGE_PRICES, [usage()]),
        (QUOTE_TOTALS, [totals()]),
    ):
        lake.write(contract, table(contract, *rows))
    return quote_document(lake, "Q1", 1)


def test_what_a_quote_says(document):
    """0.10 a piece for 1500 and 12 months are 1800; 12.006 is printed as 12,01."""
    assert document.lines == [
        ("Mobile line", "1\u202f500", "0,125\xa0€", "20\xa0%", "0,10\xa0€ each a month", "1\u202f800,00\xa0€"),
        ("Calls (estimate: 360 s a month in 4 events)", "", "", "", "1,00\xa0€ a month", "12,01\xa0€"),
    ]
    assert document.totals == [
        ("Recurring charges", "1\u202f800,00\xa0€"), ("Usage, estimated", "12,01\xa0€"),
        ("Total", "1\u202f812,01\xa0€"),
    ]  # fmt: skip
    assert dict(document.facts) == {
        "Date": "05/01/2026", "Valid until": "31/01/2026", "Term": "12 months from 01/03/2026",
        "After the term": "goes on until it is ended", "Contact": "Sam",
    }  # fmt: skip
    assert document.draft == "pending"


def test_a_document_has_the_same_bytes_each_time(document):
    assert as_html(document) == as_html(document)
    printed = as_pdf(document)
    assert printed.startswith(b"%PDF-") and printed == as_pdf(document)


def test_html_is_escaped(document):
    assert b"&lt;\xc5\xbdi\xc5\xbekov&gt; &amp;" in as_html(document)


def test_the_last_version_is_printed_and_an_unknown_one_is_not(document, lake):
    assert quote_document(lake, "Q1").number == "Q1, version 2"
    for name, version in (("Q2", None), ("Q1", 3)):
        with pytest.raises(Unknown):
            quote_document(lake, name, version)


def test_the_command_writes_what_the_file_is_named_after(document, lake, tmp_path, capsys):
    files = [tmp_path / "q.pdf", tmp_path / "q.html"]
    assert cli.main(["quote", "Q1", *map(str, files), "--version", "1", "--lake", str(lake.root)]) == 0
    assert [path.read_bytes() for path in files] == [as_pdf(document), as_html(document)]
    with pytest.raises(SystemExit):
        cli.main(["quote", "Q1", str(tmp_path / "q.doc"), "--lake", str(lake.root)])
    assert "ends with none of .html, .pdf" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("country", "currency", "money", "day"),
    [
        ("FR", "EUR", "1\u202f234,57\xa0€", "05/01/2026"),
        ("DE", "EUR", "1.234,57\xa0€", "05.01.2026"),
        ("US", "USD", "$1,234.57", "1/5/2026"),
        ("CH", "CHF", "CHF\xa01\u2019234.57", "05.01.2026"),
        ("JP", "JPY", "￥1,235", "2026/1/5"),
        ("AQ", "USD", "$1,234.57", "1/5/2026"),
    ],
)
def test_the_form_is_that_of_the_country(country, currency, money, day):
    """Half a coin is rounded away from zero."""
    form = Form.of_country(country)
    assert (form.money(Decimal("1234.565"), currency), form.day(date(2026, 1, 5))) == (money, day)

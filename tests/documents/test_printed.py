"""Invoices as they are read: in the customer's language and form, whole, and in the same bytes each time."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from invoiced import BUYER, SELLER, USED, document, invoice, line, tax, untaxed

from billing_assets.documents import words
from billing_assets.documents.document import TYPES
from billing_assets.documents.form import Form
from billing_assets.documents.html import as_html
from billing_assets.documents.page import Page
from billing_assets.documents.pdf import as_pdf
from billing_assets.documents.printed import Pair, Printed
from billing_assets.documents.units import Units
from billing_assets.item import CHARGE_TYPES, NAMED_PARTS
from billing_assets.taxation.categories import CATEGORIES, STANDARD, ZERO

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
    assert (printed.title, *_told([printed.amount_due])) == (title, due)
    assert printed.details.groups[0].lines[0].cells[0].endswith(f" \u2013 {last_day}")


def test_what_an_invoice_is_for_stands_at_its_head():
    printed = Printed(document(about={"customer_reference": "PO-1", "division": "North"}, buyer=_in("de", "DE")))
    assert printed.facts[-2:] == [("Geschäftsbereich", "North"), ("Ihre Bestellung", "PO-1")]


def test_what_credits_pay_is_not_asked_for():
    """20.00 of 24.98, then all of it."""
    prepaid = [{"credit_id": "WELCOME", "paid_amount": Decimal("20")}]
    buyer = _in("en", "GB")
    printed = Printed(document(prepaid=prepaid, buyer=buyer))
    assert _told(printed.paid) == [("Prepaid credit", "-€20.00"), ("Left to pay", "€4.98")]
    assert printed.amount_due.amount == "€4.98" and printed.payment
    rest = {"credit_id": "MORE", "paid_amount": Decimal("4.98")}
    whole = Printed(document(prepaid=[*prepaid, rest], buyer=buyer))
    assert whole.amount_due.amount == "€0.00" and not whole.payment
    assert not Printed(document()).paid


def _told(pairs: list[Pair]) -> list[tuple[str, str]]:
    return [(pair.label, pair.amount) for pair in pairs]


def test_what_an_invoice_says():
    printed = Printed(document(buyer=_in("en", "GB")))
    assert _told(printed.by_type) == [("Subscriptions and fees", "€20.00"), ("Usage", "€0.82")]
    assert _told(printed.totals) == [("Net", "€20.82"), ("VAT 20% on €20.82", "€4.16")]
    assert _told([printed.total]) == [("Total", "€24.98")]
    (group,) = printed.details.groups
    assert group.heading == "Subscription SUB · Gold"
    assert printed.details.columns == ("Description", "Period", "Quantity", "Unit price", "VAT", "Amount")
    assert [(row.label, row.remark, row.cells[1:]) for row in group.lines] == [
        ("Mobile plan", "", ("1", "€20.00", "20%", "€20.00")),
        ("Calls", "France", ("0:16:20", "€0.05 / min", "20%", "€0.82")),
    ]  # fmt: skip
    assert "FR76 3000 6000 0112 3456 7890 189" in printed.payment


def test_a_credit_note_is_not_to_be_paid():
    total = {"document_type": "credit_note", "net_amount": "-20.82", "tax_amount": "-4.16", "gross_amount": "-24.98"}
    printed = Printed(document(invoice=invoice(**total), buyer=_in("en", "GB")))
    assert printed.title == "Credit note"
    assert _told([printed.amount_due]) == [("Credit to your account", "€24.98")]
    assert printed.payment == "" and "Due date" not in dict(printed.facts)


def test_prices_with_tax_are_told_beside_net_lines():
    """12.00 with 20 % beside 0.82 before tax: 10.00 and 0.82."""
    lines = [line(tax_included=True, price_amount="12", net_amount="10"), line(**USED)]
    printed = Printed(document(lines=lines, buyer=_in("en", "GB")))
    assert [row.remark for row in printed.details.groups[0].lines] == ["€12.00 with tax", "France"]
    assert printed.details.basis == "Amounts are before tax."


def test_the_reason_for_no_tax_is_told():
    taxes = [untaxed("AE")]
    printed = Printed(document(taxes=taxes, buyer=_in("en", "GB")))
    assert _told(printed.totals)[-1] == ("VAT 0% on €20.82, Reverse charge", "€0.00")
    german = Printed(document(taxes=taxes, buyer=_in("de", "DE")))
    assert german.totals[-1][0] == "MwSt. 0\xa0% auf 20,82\xa0€, Steuerschuldnerschaft des Leistungsempfängers"


def test_vat_is_called_vat_and_other_taxes_as_they_are():
    """Two codes of one rate are one VAT: 10.41 and 10.41, 2.08 and 2.08."""
    halves = [tax(item_id=code, label=code, base_amount="10.41", amount="2.08") for code in ("Goods", "Services")]
    printed = Printed(document(taxes=halves, buyer=_in("en", "GB")))
    assert _told(printed.totals[1:]) == [("VAT 20% on €20.82", "€4.16")]
    levied = Printed(document(taxes=[tax(label="City tax", tax_category=None)], buyer=_in("en", "GB")))
    assert _told(levied.totals[1:]) == [("City tax 20% on €20.82", "€4.16")]
    assert "Tax" in levied.details.columns


def test_the_part_of_a_charge_is_in_the_language_of_the_reader():
    lines = [line(label="Vertrag", component="overage"), line(**USED, component="reduction")]
    found = [row.label for row in Printed(document(lines=lines)).details.groups[0].lines]
    assert found == ["Vertrag, über dem Inklusivvolumen", "Calls, Nachlass für Vorauskauf"]


@pytest.mark.parametrize(
    ("discount", "said"),
    [
        ({"discount_type": "percentage", "value": "50", "base_amount": "100"}, "50% of €100.00 · on Mobile line"),
        ({"discount_type": "free_usage", "value": "100", "used_quantity": "250", "unit": "call"},
         "100 calls of 250 calls free · on Mobile line"),
        ({"discount_type": "free_period", "value": "2"}, "2 mths free · on Mobile line"),
        ({"discount_type": "amount", "value": "10"}, "on Mobile line"),
    ],
)  # fmt: skip
def test_what_a_discount_gives_is_told(discount, said):
    granted = {"L1": dict.fromkeys(("unit", "used_quantity")) | {"base_amount": "20"} | discount}
    numbers = ("value", "base_amount", "used_quantity")
    granted["L1"] |= {name: Decimal(granted["L1"][name]) for name in numbers if granted["L1"][name]}
    given = line(item_type="discount", label="Late installation", billed_quantity=None, net_amount="-50")
    printed = Printed(document(lines=[given], discounts=granted, buyer=_in("en", "GB")))
    (row,) = printed.details.groups[0].lines
    assert (row.label, row.remark) == ("Late installation", said)


def test_the_head_says_who_sells():
    printed = Printed(document(buyer=_in("en", "GB")))
    assert printed.sender == "12 rue des Lilas · 75002 Paris · France · VAT ID FR40303265045"


def test_a_tax_without_a_rate_is_an_amount():
    of_engine = {"tax_category": None, "tax_regime": "engine"}
    taxes = [
        tax(item_id="T1", label="City fee", rate=None, amount="3", **of_engine),
        tax(item_id="T2", label="Alarm fee", rate=None, amount="1", **of_engine),
        tax(item_id="T3", label="State tax", rate="0.5", amount="0.1", **of_engine),
        tax(item_id="T4", label="Free tax", rate="0", amount="0", **of_engine),
    ]
    printed = Printed(document(taxes=taxes, buyer=_in("en", "GB")))
    assert _told(printed.totals[1:]) == [
        ("State tax 0.5% on €20.82", "€0.10"), ("Free tax 0% on €20.82", "€0.00"),
        ("Alarm fee", "€1.00"), ("City fee", "€3.00"),
    ]  # fmt: skip


def test_every_catalogue_has_the_same_words_and_blanks():
    catalogues = {name: tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8")) for name in words.LANGUAGES}
    blanks = {
        name: {key: _blanks(text) if isinstance(text, str) else set(text) for key, text in found.items()}
        for name, found in catalogues.items()
    }
    assert set(words.LANGUAGES) >= {"de", "en", "es", "fr"}
    assert all(found == blanks["en"] for found in blanks.values())


def _blanks(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_every_word_is_used():
    code = "".join(
        path.read_text(encoding="utf-8") for path in WORDS.parent.rglob("*") if path.suffix in (".py", ".html")
    )
    assert {key for key in words.words_of("en") if f'"{key}"' not in code and f".{key}" not in code} == set()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_whatever_is_charged_has_words(language):
    """No kind of line, part of a charge, or reason for no tax is told in another language."""
    said = words.words_of(language)
    assert sorted(TYPES) == sorted(CHARGE_TYPES) and all(said[item_type] for item_type in CHARGE_TYPES)
    assert set(said["components"]) == set(NAMED_PARTS)
    assert set(said["reasons"]) == set(CATEGORIES) - {STANDARD, ZERO}
    assert {tuple(forms) for forms in said["units"].values()} == {("one", "other")}


CORRECTED = {"corrects_month": "2025-12", "service_start": "2025-12-01", "service_end": "2026-01-01"}


@pytest.mark.parametrize(
    ("language", "country", "said"),
    [
        ("de", "DE", "Korrektur für Dezember 2025"),
        ("en", "GB", "Correction for December 2025"),
        ("es", "ES", "Corrección de diciembre de 2025"),
        ("fr", "FR", "Correction pour décembre 2025"),
    ],
)
def test_a_correction_says_of_which_month(language, country, said):
    printed = Printed(document(lines=[line(**CORRECTED)], buyer=_in(language, country)))
    ((told,),) = [group.lines for group in printed.details.groups]
    assert told.remark == said


def test_a_document_that_was_posted_before_lines_said_it_is_printed():
    posted = document()
    for group in posted["details"]["groups"]:
        for row in group["lines"]:
            del row["corrects_month"]
    assert [row.remark for group in Printed(posted).details.groups for row in group.lines] == ["", "France"]


def test_a_correction_of_as_many_units_as_were_billed_has_no_quantity():
    """-100.00 for one, and 80.00 for one."""
    lines = [line(**CORRECTED, quantity="0", billed_quantity="0", unit_price="100", net_amount="-20")]
    (group,) = document(lines=lines)["details"]["groups"]
    said = ("corrects_month", "quantity", "unit_price", "price_per", "net_amount")
    assert [group["lines"][0][name] for name in said] == ["2025-12", None, None, None, "-20.00"]


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
    ("language", "value", "unit", "text"),
    [("en", "980", "s", "0:16:20"), ("en", "90000", "s", "25:00:00"), ("en", "-61", "s", "-0:01:01"),
     ("en", "0.5", "s", "0.5 secs"), ("en", "1300.000000001", "MB", "1,300.000000001 MB"), ("en", "2", "piece", "2"),
     ("en", "2", None, "2"), ("en", "10", "message", "10 messages"), ("en", "1", "message", "1 message"),
     ("en", "2", "view", "2 view"), ("en", "30", "EUR", "€30.00"), ("de", "10", "message", "10 Nachrichten"),
     ("de", "1.5", "h", "1,5 Std."), ("fr", "1300.5", "MB", "1\u202f300,5\u202fMo"), ("fr", "0", "call", "0 appel"),
     ("es", "170100", "call", "170.100 llamadas"), ("es", "2", "MWh", "2 MWh")],
)  # fmt: skip
def test_quantities(language, value, unit, text):
    country = "GB" if language == "en" else language.upper()
    form = Form.in_language(language, country)
    assert Units(form, words.words_of(language)["units"], "EUR").quantity(Decimal(value), unit) == text


@pytest.mark.parametrize(
    ("value", "per", "unit", "text"),
    [("0.05", "60", "s", "€0.05 / min"), ("3", "3600", "s", "€3.00 / hr"), ("0.01", "1", "s", "€0.01 / sec"),
     ("0.1", "30", "s", "€0.10 / 0:00:30"), ("0.35", "1", "kWh", "€0.35 / kWh"), ("20", "1", "piece", "€20.00"),
     ("1.5", "1000", "call", "€1.50 / 1,000 calls"), ("0.002", "1", "call", "€0.002 / call"),
     ("4", "1", "view", "€4.00 / view"), ("4", "12", "piece", "€4.00 / 12"), ("4", "1", None, "€4.00")],
)  # fmt: skip
def test_prices_of_units(value, per, unit, text):
    units = Units(Form.in_language("en", "GB"), words.words_of("en")["units"], "EUR")
    assert units.price(Decimal(value), Decimal(per), unit) == text


def test_units_of_prices_without_a_form_for_one():
    for country, unit, text in (
        ("DE", "MB", "2,00\xa0€ / MB"),
        ("ES", "h", "2,00\xa0€ / h"),
        ("DE", "h", "2,00\xa0€ / Std."),
    ):
        units = Units(Form.in_language(country.lower(), country), {}, "EUR")
        assert units.price(Decimal(2), Decimal(1), unit) == text

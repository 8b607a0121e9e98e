"""E-invoices: the rules of EN 16931 and Peppol BIS 3 find nothing wrong, and what they would is said before."""

from decimal import Decimal
from xml.etree import ElementTree

import pytest
from en16931 import problems
from invoiced import BUYER, SELLER, USED, document, invoice, line, tax, untaxed

from billing_assets.documents.failure import CannotBeMade
from billing_assets.documents.ubl import as_ubl

_NS = {
    kind: f"urn:oasis:names:specification:ubl:schema:xsd:Common{name}Components-2"
    for kind, name in (("cac", "Aggregate"), ("cbc", "Basic"))
}


def _text(xml: bytes, path: str) -> list[str]:
    return [element.text for element in ElementTree.fromstring(xml).findall(path, _NS)]


def test_an_invoice_keeps_the_rules():
    xml = as_ubl(document())
    assert problems(xml) == []
    assert _text(xml, "cbc:InvoiceTypeCode") == ["380"]
    assert _text(xml, "cac:LegalMonetaryTotal/*") == ["20.82", "20.82", "24.98", "24.98"]
    assert _text(xml, "cac:InvoiceLine/cbc:InvoicedQuantity") == ["1", "980"]
    # 980 / 60 * 0.05 is 0.8167
    assert _text(xml, "cac:InvoiceLine/cac:Price/cbc:PriceAmount") == ["20", "0.05"]
    assert _text(xml, "cac:InvoiceLine/cac:Price/cbc:BaseQuantity") == ["60"]


def test_a_line_without_unit_price_has_that_of_its_whole_quantity():
    """0.82 / 980 has no end, and 20.00 / 4 is 5.00."""
    none = {"unit_price": None, "price_per": None}
    lines = [line(**none, billed_quantity="4"), line(**(USED | none))]
    xml = as_ubl(document(lines=lines))
    assert problems(xml) == []
    assert _text(xml, "cac:InvoiceLine/cac:Price/cbc:PriceAmount") == ["5", "0.82"]
    assert _text(xml, "cac:InvoiceLine/cac:Price/cbc:BaseQuantity") == ["980"]


def test_what_an_invoice_is_for_and_what_is_paid_of_it():
    """BT-12, BT-13 and BT-14; 20.00 of 24.98 are prepaid."""
    about = {"order_id": "erp:CITY-1", "contract_id": "C-7", "customer_reference": "PO-1", "location": "75001"}
    prepaid = [{"credit_id": "WELCOME", "paid_amount": Decimal("20")}]
    xml = as_ubl(document(about=about, prepaid=prepaid))
    assert problems(xml) == []
    assert _text(xml, "cac:OrderReference/*") == ["PO-1", "erp:CITY-1"]
    assert _text(xml, "cac:ContractDocumentReference/cbc:ID") == ["C-7"]
    assert _text(xml, "cac:LegalMonetaryTotal/*") == ["20.82", "20.82", "24.98", "20.00", "4.98"]
    only_order = as_ubl(document(about={"order_id": "erp:CITY-1"}))
    assert problems(only_order) == []
    assert _text(only_order, "cac:OrderReference/*") == ["NA", "erp:CITY-1"]


def test_a_correction_is_noted():
    """100.00 taken back and 80.00 billed, of one unit each; 180 s at 0.05 a minute taken back: 0.15."""
    corrected = {"corrects_month": "2025-12", "service_start": "2025-12-01", "service_end": "2026-01-01"}
    fee = {"billed_quantity": "0", "exact_amount": "-20", "price_amount": "-20", "net_amount": "-20"}
    calls = {"billed_quantity": "-180", "exact_amount": "-0.15", "price_amount": "-0.15", "net_amount": "-0.15"}
    lines = [line(), line(**corrected, **fee, line_number=2), line(**(USED | corrected | calls | {"line_number": 3}))]
    amounts = {"base_amount": "-0.15", "price_amount": "-0.15", "exact_amount": "-0.15", "amount": "-0.03"}
    totals = {"net_amount": "-0.15", "tax_amount": "-0.03", "gross_amount": "-0.18"}
    credit = invoice(**totals, document_type="credit_note")
    xml = as_ubl(document(lines=lines, taxes=[tax(**amounts)], invoice=credit))
    assert problems(xml) == []
    assert _text(xml, "cac:CreditNoteLine/cbc:Note") == ["Korrektur für Dezember 2025"] * 2
    assert _text(xml, "cac:CreditNoteLine/cbc:CreditedQuantity") == ["-1", "1", "180"]
    assert _text(xml, "cac:CreditNoteLine/cac:Price/cbc:PriceAmount") == ["20", "20", "0.05"]


def test_it_is_in_the_language_of_the_customer():
    free = {"tax_category": "AE", "tax_rate": "0"}
    lines = [line(**free, component="overage"), line(**USED, **free)]
    buyer = BUYER | {"vat_id": "DE136695976", "vat_id_well_formed": True}
    total = invoice(tax_amount="0", gross_amount="20.82")
    xml = as_ubl(document(invoice=total, lines=lines, taxes=[untaxed("AE")], buyer=buyer))
    assert problems(xml) == []
    assert _text(xml, "cac:InvoiceLine/cac:Item/cbc:Name") == ["Mobile plan, über dem Inklusivvolumen", "Calls"]
    reason = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReason"
    assert _text(xml, reason) == ["Steuerschuldnerschaft des Leistungsempfängers"]


def test_the_rules_find_what_is_wrong():
    xml = as_ubl(document())
    for right, wrong, rule in (
        (b">24.98<", b">24.97<", "BR-CO-1"),
        (b"poacc:billing:3.0", b"poacc:billing:2.0", "PEPPOL-EN16931-R004"),
        (b"EndpointID", b"Endpoint", "EndpointID"),
    ):
        assert any(rule in problem for problem in problems(xml.replace(right, wrong))), rule
    stranger = xml.replace(b"urn:oasis:names", b"urn:other:names")
    assert "no rule was fired" in problems(stranger)


def test_a_credit_note_is_turned_round():
    total = {"document_type": "credit_note", "net_amount": "-20", "tax_amount": "-4", "gross_amount": "-24"}
    lines = [
        line(price_amount="-30", net_amount="-30", item_type="discount", billed_quantity=None),
        line(line_number=2, price_amount="10", net_amount="10", billed_quantity="3"),
    ]
    xml = as_ubl(document(invoice=invoice(**total), lines=lines, taxes=[tax(base_amount="-20", amount="-4")]))
    assert problems(xml) == []
    assert _text(xml, "cbc:CreditNoteTypeCode") == ["381"]
    assert _text(xml, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["24.00"]
    assert _text(xml, "cac:CreditNoteLine/cbc:LineExtensionAmount") == ["30.00", "-10.00"]
    assert _text(xml, "cac:CreditNoteLine/cbc:CreditedQuantity") == ["1", "-3"]


@pytest.mark.parametrize("category", ["Z", "E", "AE", "K", "G", "O"])
def test_categories_without_tax(category):
    free = {"tax_category": category, "tax_rate": "0"}
    xml = as_ubl(
        document(
            invoice=invoice(net_amount="20", tax_amount="0", gross_amount="20"),
            lines=[line(**free)],
            taxes=[untaxed(category, base_amount="20")],
            seller=SELLER | {"registration_number": "552 100 554"},
            buyer=BUYER | {"vat_id": "DE136695976", "vat_id_well_formed": True},
        )
    )
    assert problems(xml) == []


def test_several_rates_and_prices_with_tax():
    """12.00 with 20 % included and 10.55 with 5.5 %: the nets are 10.00 and 10.00, the taxes 2.00 and 0.55."""
    low = {"tax_rate": "5.5", "tax_code": "REDUCED"}
    xml = as_ubl(
        document(
            invoice=invoice(net_amount="20", tax_amount="2.55", gross_amount="22.55"),
            lines=[
                line(tax_included=True, price_amount="12", net_amount="10"),
                line(line_number=2, tax_included=True, price_amount="10.55", net_amount="10", **low),
            ],
            taxes=[
                tax(base_amount="10", amount="2"),
                tax(item_id="T2", tax_code="REDUCED", rate="5.5", base_amount="10", amount="0.55"),
            ],
        )
    )
    assert problems(xml) == []


@pytest.mark.parametrize(
    ("seller", "buyer", "code", "sentence"),
    [
        ({"street": None, "endpoint_id": None}, {}, "MISSING_SELLER_DATA", "account VENDOR lacks street, endpoint_id"),
        ({"vat_id_well_formed": False}, {}, "MISSING_SELLER_DATA",
         "account VENDOR lacks vat_id or tax_number, vat_id or registration_number"),
        ({}, {"endpoint_scheme": None}, "MISSING_BUYER_DATA", "account ANNA lacks endpoint_scheme"),
    ],
)  # fmt: skip
def test_what_lacks_is_said(seller, buyer, code, sentence):
    with pytest.raises(CannotBeMade, match=sentence) as failure:
        as_ubl(document(seller=SELLER | seller, buyer=BUYER | buyer))
    assert failure.value.code == code


def test_a_seller_without_a_vat_id_has_a_tax_number():
    seller = SELLER | {"vat_id": None, "tax_number": "12/345/67890", "registration_number": "HRB 12345"}
    assert problems(as_ubl(document(seller=seller))) == []


def test_what_en_16931_cannot_say():
    thousandths = document(invoice=invoice(currency="KWD"), digits=3, lines=[line(net_amount="3.226")])
    agency = document(lines=[line(tax_category=None)], taxes=[tax(tax_category=None, rate=None)])
    exempt = document(lines=[line(tax_category=None)], taxes=[], buyer=BUYER | {"endpoint_id": None})
    mixed = document(taxes=[tax(), tax(item_id="T2", tax_category="O", rate="0")])
    for impossible, words in (
        (thousandths, "decimals"), (agency, "VAT alone"), (exempt, "VAT alone"), (mixed, "category O"),
    ):  # fmt: skip
        with pytest.raises(CannotBeMade, match=words) as failure:
            as_ubl(impossible)
        assert failure.value.code == "NOT_EXPRESSIBLE"

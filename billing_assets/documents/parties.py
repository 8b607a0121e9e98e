"""Who sells and who buys, in UBL."""

from xml.etree.ElementTree import Element

from billing_assets.documents.elements import group, text

VAT, OTHER_TAX = "VAT", "TAX"


def seller(party: Element, account: dict, with_vat: bool) -> None:
    _address(party, account)
    _taxed(party, account["vat_id"] if with_vat else None, VAT)
    _taxed(party, account["tax_number"], OTHER_TAX)
    _entity(party, account)
    contact = account["contact"]
    if contact:
        person = group(party, "Contact")
        text(person, "Name", contact["name"])
        text(person, "Telephone", contact["phone"])
        text(person, "ElectronicMail", contact["email"])


def buyer(party: Element, account: dict, with_vat: bool) -> None:
    _address(party, account)
    _taxed(party, account["vat_id"] if with_vat else None, VAT)
    _entity(party, account)


def _address(party: Element, account: dict) -> None:
    text(party, "EndpointID", account["endpoint_id"], schemeID=account["endpoint_scheme"])
    address = group(party, "PostalAddress")
    text(address, "StreetName", account["street"])
    text(address, "CityName", account["city"])
    text(address, "PostalZone", account["postal_code"])
    text(group(address, "Country"), "IdentificationCode", account["country"])


def _taxed(party: Element, number: str | None, scheme: str) -> None:
    if number:
        tax = group(party, "PartyTaxScheme")
        text(tax, "CompanyID", number)
        text(group(tax, "TaxScheme"), "ID", scheme)


def _entity(party: Element, account: dict) -> None:
    entity = group(party, "PartyLegalEntity")
    text(entity, "RegistrationName", account["name"])
    text(entity, "CompanyID", account["registration_number"])

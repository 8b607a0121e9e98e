"""The e-invoices of a whole lake and what is wrong with them, for scenarios whose accounts have no addresses."""

from en16931 import problems

from billing_assets.documents.contents import Contents
from billing_assets.documents.failure import CannotBeMade
from billing_assets.documents.ubl import as_ubl
from billing_assets.invoices.tables import INVOICES
from resources.lake import Lake

_ADDRESS = {"street": "Main street 1", "city": "Town", "endpoint_scheme": "0060", "endpoint_id": "123456789"}
_SELLER = {"registration_number": "HRB 12345", "tax_number": "12/345/67890"}


def wrong_e_invoices(lake: Lake) -> dict[str, list[str]]:
    """What is wrong with the e-invoice of each invoice, of all months; what its accounts lack is made up."""
    found: dict[str, list[str]] = {}
    for month in lake.keys(INVOICES):
        with Contents(lake, month) as contents:
            for document in contents.documents(contents.invoice_ids):
                document["seller"] = _filled(document["seller"], _ADDRESS | _SELLER)
                document["buyer"] = _filled(document["buyer"], _ADDRESS)
                found[document["document"]["number"]] = _wrong(document)
    assert found
    return {number: wrong for number, wrong in found.items() if wrong}


def _filled(party: dict, made_up: dict) -> dict:
    return party | {name: party[name] or value for name, value in made_up.items()}


def _wrong(document: dict) -> list[str]:
    try:
        return problems(as_ubl(document))
    except CannotBeMade as failure:
        return [] if _is_impossible(document) else [str(failure)]


def _is_impossible(document: dict) -> bool:
    """EN 16931 has two decimals and the categories of VAT: thousandths, and other taxes, it cannot say."""
    taxes = document["summary"]["taxes"]
    return document["document"]["digits"] > 2 or any(tax["category"] is None for tax in taxes)

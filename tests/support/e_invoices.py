"""The e-invoices of a whole lake and what is wrong with them, for scenarios whose accounts have no addresses."""

from dataclasses import dataclass, field

from en16931 import problems

from billing_assets.documents.failure import CannotBeMade
from billing_assets.documents.posted import month_contents
from billing_assets.documents.ubl import as_ubl
from billing_assets.invoices.tables import INVOICES
from resources.lake import Lake

_ADDRESS = {"street": "Main street 1", "city": "Town", "endpoint_scheme": "0060", "endpoint_id": "123456789"}
_SELLER = {"registration_number": "HRB 12345", "tax_number": "12/345/67890"}


@dataclass
class EInvoices:
    """How many keep the rules, what is wrong with others, and of which invoices there is none, with the reason."""

    kept: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def e_invoices(lake: Lake) -> EInvoices:
    """The e-invoices of all months; what their accounts lack is made up."""
    found = EInvoices()
    for month in lake.keys(INVOICES):
        for several in month_contents(lake, month):
            with several as contents:
                for document in contents.documents(contents.invoice_ids):
                    document["seller"] = _filled(document["seller"], _ADDRESS | _SELLER)
                    document["buyer"] = _filled(document["buyer"], _ADDRESS)
                    _add(found, document)
    return found


def _filled(party: dict, made_up: dict) -> dict:
    return party | {name: party[name] or value for name, value in made_up.items()}


def _add(found: EInvoices, document: dict) -> None:
    number = document["document"]["invoice_id"]
    try:
        wrong = problems(as_ubl(document))
    except CannotBeMade as failure:
        found.skipped[number] = str(failure)
        return
    if wrong:
        found.wrong[number] = wrong
    else:
        found.kept += 1

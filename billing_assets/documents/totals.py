"""What a written document adds up to, read back from its bytes: that of its lines, of its taxes, and the total.

Not of a PDF, whose text no program reads back with certainty.
"""

import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from xml.etree.ElementTree import Element, fromstring

_AGGREGATE, _BASIC = (
    f"{{urn:oasis:names:specification:ubl:schema:xsd:Common{kind}Components-2}}" for kind in ("Aggregate", "Basic")
)
_DATA = re.compile(rb'<data class="(line|net|tax|total)" value="([^"]*)">')

Totals = dict[str, Decimal]


def of_json(content: bytes) -> Totals:
    document = json.loads(content)
    summary = document["summary"]
    return _totals(
        (line["net_amount"] for group in document["details"]["groups"] for line in group["lines"]),
        (tax["tax_amount"] for tax in summary["taxes"]),
        summary["gross_amount"],
    )


def of_html(content: bytes) -> Totals:
    """From its elements `data`; lines without a net below them have their tax in them."""
    found: dict[bytes, list[str]] = {b"line": [], b"net": [], b"tax": [], b"total": []}
    for name, value in _DATA.findall(content):
        found[name].append(value.decode())
    (total,) = found[b"total"]
    totals = _totals(found[b"line"], found[b"tax"], total)
    if not found[b"net"]:
        totals["net_amount"] -= totals["tax_amount"]
    return totals


def of_ubl(content: bytes) -> Totals:
    root = fromstring(content)
    is_credit = root.tag.endswith("CreditNote")
    lines = root.findall(f"{_AGGREGATE}{'CreditNoteLine' if is_credit else 'InvoiceLine'}")
    totals = _totals(
        (_text(line, f"{_BASIC}LineExtensionAmount") for line in lines),
        [_text(root, f"{_AGGREGATE}TaxTotal/{_BASIC}TaxAmount")],
        _text(root, f"{_AGGREGATE}LegalMonetaryTotal/{_BASIC}TaxInclusiveAmount"),
    )
    return {name: -value for name, value in totals.items()} if is_credit else totals


def _text(element: Element, path: str) -> str:
    return element.findtext(path) or ""


def _totals(lines: Iterable[str], taxes: Iterable[str], total: str) -> Totals:
    return {
        "net_amount": sum(map(Decimal, lines), Decimal(0)),
        "tax_amount": sum(map(Decimal, taxes), Decimal(0)),
        "gross_amount": Decimal(total),
    }


READERS: dict[str, Callable[[bytes], Totals]] = {"json": of_json, "html": of_html, "ubl": of_ubl}

"""Elements of UBL 2.1: groups, and texts within them."""

from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_AGGREGATE, _BASIC = (f"{_UBL}Common{kind}Components-2" for kind in ("Aggregate", "Basic"))

register_namespace("cac", _AGGREGATE)
register_namespace("cbc", _BASIC)


def root(kind: str) -> Element:
    """The element of a whole document: Invoice or CreditNote."""
    return Element(kind, xmlns=f"{_UBL}{kind}-2")


def group(parent: Element, *names: str) -> Element:
    """An element of elements, or one within the other."""
    for name in names:
        parent = SubElement(parent, f"{{{_AGGREGATE}}}{name}")
    return parent


def text(parent: Element, name: str, value: str | None, **attributes: str) -> None:
    """An element with a text; none where there is nothing to say, because empty ones are forbidden."""
    if value:
        SubElement(parent, f"{{{_BASIC}}}{name}", attributes).text = value


def as_bytes(document: Element) -> bytes:
    indent(document, " ")
    return tostring(document, encoding="utf-8", xml_declaration=True)

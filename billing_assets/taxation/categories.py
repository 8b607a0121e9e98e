"""Categories of EN 16931 and the reasons why no tax is due, in the words of the VATEX code list.

A category belongs to a reason code, so that whoever names the code has named the category.
"""

import ibis
import ibis.expr.types as ir

STANDARD, ZERO, EXEMPT, REVERSE_CHARGE, INTRA_COMMUNITY, EXPORT, OUTSIDE_SCOPE = "S", "Z", "E", "AE", "K", "G", "O"
CATEGORIES = (STANDARD, ZERO, EXEMPT, REVERSE_CHARGE, INTRA_COMMUNITY, EXPORT, OUTSIDE_SCOPE)

# Of the categories that have one reason only: its code and its words.
REASONS = {
    REVERSE_CHARGE: ("VATEX-EU-AE", "Reverse charge"),
    INTRA_COMMUNITY: ("VATEX-EU-IC", "Intra-Community supply"),
    EXPORT: ("VATEX-EU-G", "Export outside the EU"),
    OUTSIDE_SCOPE: ("VATEX-EU-O", "Not subject to VAT"),
}
_EXEMPT_WORDS = "Exempt from tax"


def category_of(reason_code: ir.StringValue) -> ir.StringValue:
    """The category that a reason code belongs to; without a code it is exempt."""
    return ibis.cases(*((reason_code == code, name) for name, (code, _) in REASONS.items()), else_=EXEMPT)


def reason_code_of(category: ir.StringValue) -> ir.StringValue:
    """The reason code of a category that has one reason only."""
    return ibis.cases(*((category == name, code) for name, (code, _) in REASONS.items()), else_=ibis.null("string"))


def words_of(category: ir.StringValue) -> ir.StringValue:
    """Why no tax is due, in words; NULL where it is."""
    own = [(category == name, words) for name, (_, words) in REASONS.items()]
    return ibis.cases(*own, (category == EXEMPT, _EXEMPT_WORDS), else_=ibis.null("string"))

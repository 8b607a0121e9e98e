"""The document of an invoice as JSON: all that any form of it says, and nothing that the tables do not.

Four parts: who bills, who pays, the summary, the details. Amounts are text with the digits of the currency, days are
ISO dates. docs/documents.md describes every field.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from billing_assets.documents.lines import line_of
from billing_assets.documents.parts import GROSS, NET, Parts, money, period, plain
from billing_assets.documents.taxes import place, summed
from billing_assets.items.tables import PART_COLUMNS

FORMAT = "invoice/1"
HISTORY_MONTHS = 6

_PARTY = (
    "account_id", "name", "street", "postal_code", "city", "country", "registration_number", "tax_number",
    "endpoint_scheme", "endpoint_id", "iban", "bic",
)  # fmt: skip
# In the order in which a reader looks for them.
TYPES = ("fee", "usage", "bundle", "commitment", "discount")
_CONTACT = ("name", "email", "phone")


def invoice_document(parts: Parts) -> dict:
    """The document of one invoice, ready to be written as JSON."""
    invoice, digits = parts.invoice, parts.digits
    basis = _basis(parts)
    lines = [line_of(parts, row, basis) for row in sorted(parts.lines, key=lambda row: row["line_number"])]
    return {
        "format": FORMAT,
        "document": {
            "number": invoice["invoice_id"],
            "invoice_id": invoice["invoice_id"],
            "type": invoice["document_type"],
            "draft": True,
            "month": invoice["month"],
            "billing_cycle": invoice["billing_cycle"],
            "for": {column: parts.about.get(column) for column in PART_COLUMNS},
            "period": period(invoice["period_start"], invoice["period_end"]),
            "issue_date": invoice["issue_date"].isoformat(),
            "due_date": invoice["due_date"].isoformat(),
            "currency": invoice["currency"],
            "digits": digits,
            "language": parts.buyer["language"],
            "amounts": basis,
        },
        "seller": _party(parts.seller) | {"contact": _contact(parts.seller_contact)},
        "buyer": _party(parts.buyer) | {"reference": parts.buyer["buyer_reference"] or parts.buyer["account_id"]},
        "summary": {
            **{name: money(invoice[name], digits) for name in ("net_amount", "tax_amount", "gross_amount")},
            "by_type": _by_type(lines, digits),
            "taxes": _taxes(parts),
            "prepaid": [
                {"credit_id": row["credit_id"], "paid_amount": money(row["paid_amount"], digits)}
                for row in sorted(parts.prepaid, key=lambda row: row["credit_id"])
            ],
            "payable_amount": money(_payable(parts), digits),
            "history": [
                {"month": row["month"], "gross_amount": money(row["gross_amount"], digits)} for row in parts.history
            ],
        },
        "details": {"groups": _groups(parts, lines), "usage": _usage(parts)},
    }


def final(document: dict, number: str) -> dict:
    """The document of a draft as that of the posted invoice, with its number."""
    return document | {"document": document["document"] | {"number": number, "draft": False}}


def _basis(parts: Parts) -> str:
    """Whether its lines can be read with tax: if all prices include it, and come to what has to be paid."""
    prices = sum((row["price_amount"] for row in parts.lines), Decimal(0))
    all_included = all(row["tax_included"] for row in parts.lines)
    return GROSS if all_included and prices == parts.invoice["gross_amount"] else NET


def _payable(parts: Parts) -> Decimal:
    """What prepaid credits leave to pay."""
    return parts.invoice["gross_amount"] - sum((row["paid_amount"] for row in parts.prepaid), Decimal(0))


def _party(account: dict) -> dict:
    # one of the wrong form is billed as none
    return {name: account[name] for name in _PARTY} | {
        "vat_id": account["vat_id"] if account["vat_id_well_formed"] else None
    }


def _contact(contact: dict | None) -> dict | None:
    return contact and {name: contact[name] for name in _CONTACT}


def _by_type(lines: Sequence[dict], digits: int) -> list[dict]:
    found = {line["item_type"] for line in lines}
    types = [t for t in TYPES if t in found]
    return [{"item_type": t, "amount": _sum((line for line in lines if line["item_type"] == t), digits)} for t in types]


def _sum(lines: Iterable[dict], digits: int) -> str:
    return money(sum((Decimal(line["amount"]) for line in lines), Decimal(0)), digits)


def _taxes(parts: Parts) -> list[dict]:
    """The taxes that differ for a reader: a rate may have several tax codes, and prices with tax and before it."""
    taxes = [_tax(row, parts.digits) for row in sorted(parts.taxes, key=lambda row: row["item_id"])]
    alike = summed(taxes, "category", "rate", "label", "country")
    return sorted(alike, key=place)


def _tax(row: dict, digits: int) -> dict:
    return {
        "label": row["label"],
        "category": row["tax_category"],
        "country": row["country"],
        "rate": plain(row["rate"]),
        "net_amount": money(row["base_amount"], digits),
        "tax_amount": money(row["amount"], digits),
        "reason_code": row["exemption_reason_code"],
        "reason": row["exemption_reason"],
    }


def _groups(parts: Parts, lines: Sequence[dict]) -> list[dict]:
    """The lines by subscription, in their order; what is of the account alone has a group without one."""
    found: dict[str | None, list[dict]] = {}
    for line in lines:
        found.setdefault(line["subscription_id"], []).append(line)
    return [
        {
            "subscription_id": subscription,
            "account_id": (account := parts.subscriptions.get(subscription, {}).get("account_id")),
            "account_name": parts.account_names.get(account),
            "ordered": parts.ordered.get(subscription),
            "identifiers": parts.identifiers.get(subscription, []),
            "amount": _sum(own, parts.digits),
            "lines": own,
        }
        for subscription, own in found.items()
    ]


def _usage(parts: Parts) -> dict:
    numbers = {row["invoice_line_id"]: row for row in parts.lines}
    return {
        "events": parts.usage[0]["events_in_all"] if parts.usage else 0,
        "records": [
            {
                "line": numbers[row["invoice_line_id"]]["line_number"],
                "label": numbers[row["invoice_line_id"]]["label"],
                "subscription_id": numbers[row["invoice_line_id"]]["subscription_id"],
                "local_at": row["local_at"].isoformat(),
                "destination": row["destination"],
                "zone_id": row["zone_id"],
                "quantity": plain(row["billed_quantity"]),
                "unit": row["unit"],
                "amount": plain(row["amount"]),
            }
            for row in sorted(parts.usage, key=lambda row: row["place"])
        ],
    }

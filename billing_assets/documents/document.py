"""The document of an invoice as JSON: all that any form of it says, and nothing that the tables do not.

Four parts: who bills, who pays, the summary, the details. Amounts are text with the digits of the currency, days are
ISO dates. docs/documents.md describes every field.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from billing_assets.documents.taxes import place, summed

FORMAT = "invoice/1"
HISTORY_MONTHS = 6
NET, GROSS = "net", "gross"

_PARTY = (
    "account_id", "name", "street", "postal_code", "city", "country", "registration_number", "tax_number",
    "endpoint_scheme", "endpoint_id", "iban", "bic",
)  # fmt: skip
# In the order in which a reader looks for them; kinds that are not named here come after.
_TYPES = ("fee", "usage", "bundle", "discount")
_CONTACT = ("name", "email", "phone")
_LINE = ("item_type", "label", "product_id", "zone_id", "events", "unit", "tax_code", "tax_category", "tax_included")


@dataclass(frozen=True)
class Parts:
    """The rows of one invoice."""

    invoice: dict
    digits: int
    seller: dict
    buyer: dict
    seller_contact: dict | None
    lines: Sequence[dict]
    taxes: Sequence[dict]
    subscriptions: Mapping[str, dict] = field(default_factory=dict)
    identifiers: Mapping[str, list[str]] = field(default_factory=dict)
    account_names: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    usage: Sequence[dict] = ()
    history: Sequence[dict] = ()


def invoice_document(parts: Parts) -> dict:
    """The document of one invoice, ready to be written as JSON."""
    invoice, digits = parts.invoice, parts.digits
    basis = _basis(parts)
    lines = [_line(parts, row, basis) for row in sorted(parts.lines, key=lambda row: row["line_number"])]
    return {
        "format": FORMAT,
        "document": {
            "number": invoice["invoice_id"],
            "type": invoice["document_type"],
            "draft": True,
            "month": invoice["month"],
            "billing_cycle": invoice["billing_cycle"],
            "period": _period(invoice["period_start"], invoice["period_end"]),
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
            "history": [
                {"month": row["month"], "gross_amount": money(row["gross_amount"], digits)} for row in parts.history
            ],
        },
        "details": {"groups": _groups(parts, lines), "usage": _usage(parts)},
    }


def money(value: Decimal, digits: int) -> str:
    """An amount of the tables, which is in whole coins, with the digits of its currency."""
    return f"{value:.{digits}f}"


def plain(value: Decimal | None) -> str | None:
    """A number without zeros at its end, and without an exponent."""
    return None if value is None else f"{value.normalize():f}"


def _basis(parts: Parts) -> str:
    """Whether its lines can be read with tax: if all prices include it, and come to what has to be paid."""
    prices = sum((row["price_amount"] for row in parts.lines), Decimal(0))
    all_included = all(row["tax_included"] for row in parts.lines)
    return GROSS if all_included and prices == parts.invoice["gross_amount"] else NET


def _period(start: date, end: date) -> dict:
    return {"first_day": start.isoformat(), "last_day": (end - timedelta(days=1)).isoformat()}


def _party(account: dict) -> dict:
    # one of the wrong form is billed as none
    return {name: account[name] for name in _PARTY} | {
        "vat_id": account["vat_id"] if account["vat_id_well_formed"] else None
    }


def _contact(contact: dict | None) -> dict | None:
    return contact and {name: contact[name] for name in _CONTACT}


def _line(parts: Parts, row: dict, basis: str) -> dict:
    digits = parts.digits
    return {
        "number": row["line_number"],
        "id": row["invoice_line_id"],
        "subscription_id": row["subscription_id"],
        **{name: row[name] for name in _LINE},
        "product": parts.products.get(row["product_id"]),
        "period": _period(row["service_start"], row["service_end"]),
        "quantity": plain(row["billed_quantity"]),
        "tax_rate": plain(row["tax_rate"]),
        "net_amount": money(row["net_amount"], digits),
        "price_amount": money(row["price_amount"], digits),
        "amount": money(row["price_amount"] if basis == GROSS else row["net_amount"], digits),
    }


def _by_type(lines: Sequence[dict], digits: int) -> list[dict]:
    found = {line["item_type"] for line in lines}
    types = [t for t in _TYPES if t in found] + sorted(found.difference(_TYPES))
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

"""Tax of a document, added up for a reader or as EN 16931 wants it."""

from collections.abc import Iterable
from decimal import Decimal

_AMOUNTS = ("net_amount", "tax_amount")


def summed(taxes: Iterable[dict], *by: str) -> list[dict]:
    """Taxes that are alike in some fields as one: amounts added up, all else that of the first."""
    found: dict[tuple, dict] = {}
    for tax in taxes:
        key = tuple(tax[name] for name in by)
        if key in found:
            before = found[key]
            tax = before | {name: f"{Decimal(before[name]) + Decimal(tax[name]):f}" for name in _AMOUNTS}
        found[key] = tax
    return list(found.values())

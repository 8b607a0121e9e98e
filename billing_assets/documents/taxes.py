"""Tax of a document, added up and put in order for a reader or as EN 16931 wants it."""

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


def place(tax: dict) -> tuple:
    """Where a reader finds it: the highest rate first, what is an amount of its own last."""
    rate = tax["rate"]
    return rate is None, -Decimal(rate or 0), tax["category"] or "", tax["label"], tax["country"]

"""The rows that the document of an invoice is made of, and how their numbers and days are written in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

# What amounts of lines are: before tax, or with it.
NET, GROSS = "net", "gross"


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
    zones: Mapping[str, str] = field(default_factory=dict)
    ordered: Mapping[str, str] = field(default_factory=dict)
    discounts: Mapping[str, dict] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    prepaid: Sequence[dict] = ()
    usage: Sequence[dict] = ()
    history: Sequence[dict] = ()


def money(value: Decimal, digits: int) -> str:
    """An amount of the tables, which is in whole coins, with the digits of its currency."""
    return f"{value:.{digits}f}"


def plain(value: Decimal | None) -> str | None:
    """A number without zeros at its end, and without an exponent."""
    return None if value is None else f"{value.normalize():f}"


def period(start: date, end: date) -> dict:
    return {"first_day": start.isoformat(), "last_day": (end - timedelta(days=1)).isoformat()}

"""The lines of a document: what was charged, at which price, and what a discount was worked out from."""

from decimal import Decimal

from billing_assets.documents.parts import GROSS, Parts, money, period, plain

_LINE = (
    "item_type", "label", "component", "product_id", "zone_id", "events", "unit", "tax_code", "tax_category",
    "tax_included", "corrects_month",
)  # fmt: skip


def line_of(parts: Parts, row: dict, basis: str) -> dict:
    digits = parts.digits
    amount = row["price_amount"] if basis == GROSS else row["net_amount"]
    return {
        "number": row["line_number"],
        "id": row["invoice_line_id"],
        "subscription_id": row["subscription_id"],
        **{name: row[name] for name in _LINE},
        "product": parts.products.get(row["product_id"]),
        "zone": parts.zones.get(row["zone_id"]),
        "period": period(row["service_start"], row["service_end"]),
        "quantity": plain(_quantity(row)),
        **_unit_price(row, amount, basis),
        "tax_rate": plain(row["tax_rate"]),
        "net_amount": money(row["net_amount"], digits),
        "price_amount": money(row["price_amount"], digits),
        "amount": money(amount, digits),
        "discount": _discount(parts, row, basis),
    }


def _quantity(row: dict) -> Decimal | None:
    """What is charged; None where a correction takes back as many units as it bills."""
    return row["billed_quantity"] or None if row["corrects_month"] else row["billed_quantity"]


def _unit_price(row: dict, amount: Decimal, basis: str) -> dict:
    """The price in the basis of the document; of a single unit it is the amount."""
    if row["billed_quantity"] == 1 and amount >= 0:
        return {"unit_price": plain(amount), "price_per": "1"}
    has_price = row["tax_included"] == (basis == GROSS) and _quantity(row) is not None
    return {name: plain(row[name]) if has_price else None for name in ("unit_price", "price_per")}


def _discount(parts: Parts, row: dict, basis: str) -> dict | None:
    """What was granted, in the basis of the document."""
    granted = parts.discounts.get(row["invoice_line_id"])
    if granted is None or row["tax_included"] != (basis == GROSS):
        return None
    texts = {name: granted[name] for name in ("discount_type", "unit")}
    return texts | {name: plain(granted[name]) for name in ("value", "base_amount", "used_quantity")}

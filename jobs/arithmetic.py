"""The arithmetic of a priced row, line by line: what each step adds, so that the steps add up to the amount.

It is told from the columns that pricing stored (rated_items, usage_charges), whatever has become of the rate since.
Each step is worked out anew of the numbers that it names, so that steps that add up prove the amount.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext

from billing_assets.pricing.models import BUILT_IN, PERCENTAGES
from billing_assets.pricing.tiers import full_tiers

Step = tuple[Decimal, str]
_AMOUNT = Decimal("1e-10")


def steps(row: dict) -> Iterator[Step]:
    """What each step of a rated item or usage charge adds to its amount, and why."""
    if row.get("price_limit") is not None:
        yield row["amount"], f"to the {row['limit_applied']} of {plain(abs(row['price_limit']))} of a session"
        return
    of_tiers = row.get("covered_in_tiers") or 0
    whole = row
    if of_tiers:
        whole = row | {
            "unit_amount": row["unit_amount"] + row["covered_amount"],
            "billed_quantity": row["billed_quantity"] + of_tiers,
        }
    yield from [(whole["unit_amount"], by_own_model(whole))] if has_own_model(row) else _of_units(whole)
    if of_tiers:
        yield -row["covered_amount"], f"for the first {plain(of_tiers)} {row['unit']}, which are included"
    if row["setup_fee"]:
        yield row["setup_fee"], "setup"
    if row["limit_applied"]:
        together = row["unit_amount"] + row["setup_fee"]
        yield row["amount"] - together, f"to the {row['limit_applied']} of {plain(abs(row['amount']))}"


def has_own_model(row: dict) -> bool:
    """Whether a rate model of the company made the amount: only that knows how."""
    return row["rate_model"] is not None and row["rate_model"] not in BUILT_IN


def by_own_model(row: dict) -> str:
    """What a rate model of the company made an amount of."""
    units = f"{plain(abs(row['billed_quantity']))} {row['unit'] or ''}".rstrip()
    return f"by the rate model {row['rate_model']} for {units}"


def _of_units(row: dict) -> Iterator[Step]:
    units = _sign(row["billed_quantity"]) * row["billed_quantity"]
    direction = _sign(row["billed_quantity"]) or int(bool(row["unit_amount"]))
    if row["amount_below"] is not None:
        for tier in full_tiers(row["tiers_below"]):
            yield from _tier(row, tier, direction)
        units -= row["tier_above"]
    own = _times(_sold(units, row), row) * direction
    place = "" if row["tier_above"] is None else f", tier {_limits(row['tier_above'], row['tier_up_to'])}"
    yield own, f"{_price(units, row)}{place}"
    if row["flat_amount"]:
        yield row["flat_amount"] * direction, "for reaching the tier"
    if (row.get("aggregation") or "").startswith("weighted"):
        told = own + ((row["amount_below"] or 0) + (row["flat_amount"] or 0)) * direction
        if row["unit_amount"] != told:
            yield row["unit_amount"] - told, "for what its decimals leave of the quantity"


def _tier(row: dict, tier: dict, direction: int) -> Iterator[Step]:
    units = tier["up_to"] - tier["above"]
    priced = row | {"unit_price": tier["unit_price"], "price_per": tier["price_per"]}
    limits = _limits(tier["above"], tier["up_to"])
    yield _times(_sold(units, priced), priced) * direction, f"{_price(units, priced)}, tier {limits}"
    if tier["flat_amount"]:
        yield tier["flat_amount"] * direction, f"for reaching the tier {limits}"


def _sold(units: Decimal, row: dict) -> Decimal:
    rest = units % row["price_per"]
    if row["packages"] == "up" and rest:
        return units - rest + row["price_per"]
    return units - rest if row["packages"] == "down" else units


def _times(units: Decimal, row: dict) -> Decimal:
    with localcontext(prec=60):
        return (units * row["unit_price"] / row["price_per"]).quantize(_AMOUNT, ROUND_HALF_UP)


def _price(units: Decimal, row: dict) -> str:
    if row["rate_model"] in PERCENTAGES:
        return f"{plain(row['unit_price'])} % of {plain(units)} {row['unit'] or ''}".rstrip()
    sold = _sold(units, row)
    words = f"{plain(units)} {row['unit'] or ''}".rstrip()
    if row["packages"] in ("up", "down"):
        whole = sold / row["price_per"]
        return f"{words} in {plain(whole)} packages of {plain(row['price_per'])} * {plain(row['unit_price'])}"
    per = "" if row["price_per"] == 1 else f" / {plain(row['price_per'])}"
    return f"{words} * {plain(row['unit_price'])}{per}"


def _limits(above: Decimal, up_to: Decimal | None) -> str:
    return f"above {plain(above)}" + ("" if up_to is None else f" up to {plain(up_to)}")


def _sign(value: Decimal) -> int:
    return (value > 0) - (value < 0)


def plain(value: Decimal | None, at_least: int = 0) -> str:
    """A number without trailing zeros, with at least some decimals; a dash for none."""
    if value is None:
        return "-"
    whole, _, decimals = f"{value:f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole + ("." + decimals.ljust(at_least, "0") if decimals or at_least else "")


def money(value: Decimal, currency: str) -> str:
    """An amount with its currency."""
    return f"{plain(value, at_least=2)} {currency}"

"""Charge items: usage, bundles and charges of the month summed up, and everything else before tax.

Events with the same charge_key have every column in common that prices, taxes or prints them.
"""

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.exact import (
    AMOUNT,
    ITEM_PRICE,
    QUANTITY,
    amount,
    exact_price,
    quantity,
    total,
    total_count,
    total_quantity,
)
from billing_assets.item import NAMED_PARTS, as_items
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.tables import LOCATIONS, RATED_ITEMS

_OF_THE_CHARGE = (
    "month", "billing_cycle", "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id",
    "zone_id", "unit", "tax_included", "currency", "service_start", "service_end",
)  # fmt: skip
_OF_THE_RATE = ("price_plan_id", "rate_id", "time_band_id", "component")
_PLACES = tuple(column.name for column in LOCATIONS)
# What rounding may have taken from the amount of an event.
_TRACE = ibis.literal(Decimal("0.0000000001"), AMOUNT)


def without_place(items: ir.Table) -> ir.Table:
    """Items of no event as charge items."""
    absent = [c.name for c in CHARGE_ITEMS.columns if c.name not in items.columns]
    return CHARGE_ITEMS.shape(items.mutate(**{name: ibis.null("string") for name in absent}))


def usage_items(rated: ir.Table, products: ir.Table) -> ir.Table:
    """The month's rated events (rating/month.py) summed up by charge."""
    summed = rated.group_by("charge_key").aggregate(
        **{c: rated[c].arbitrary() for c in (*_OF_THE_CHARGE, *_OF_THE_RATE, *_PLACES)},
        own_tax_code=rated.tax_code.arbitrary(),
        **_prices(rated),
        events=rated.count(),
        quantity=total_quantity(rated.quantity),
        billed_quantity=total_quantity(rated.billed_quantity),
        amount=total(rated.amount),
    )
    named = summed.join(products.select("product_id", "tax_code", "name"), "product_id")
    return as_items(
        _with_one_price(named),
        CHARGE_ITEMS,
        item_type="usage",
        label=named.name,
        component=_part(named.component),
        source_table=RATED_ITEMS.name,
        source_id=named.charge_key,
        tax_code=ibis.coalesce(named.own_tax_code, named.tax_code),
    )


def bundle_items(covered: ir.Table, bundles: ir.Table, products: ir.Table) -> ir.Table:
    """The month's covered, repriced or reduced events summed up by bundle and charge."""
    summed = covered.group_by("charge_key", "bundle_id", "part").aggregate(
        **{c: covered[c].arbitrary() for c in _OF_THE_CHARGE},
        events=covered.count(),
        billed_quantity=total_quantity(covered.covered_quantity),
        amount=total(covered.amount),
    )
    named = summed.join(products.select("product_id", "tax_code"), "product_id").join(
        bundles.select("bundle_id", "price_plan_id", bundle_name="name"), "bundle_id"
    )
    return as_items(
        named,
        CHARGE_ITEMS,
        item_type="bundle",
        label=named.bundle_name,
        component=_part(named["part"]),
        source_table=BUNDLE_ITEMS.name,
        source_id=bundle_source(named),
        quantity=named.billed_quantity,
    )


def bundle_source(covered: ir.Table) -> ir.StringValue:
    """What the item of covered events refers to."""
    return ibis.literal(":").join([covered.bundle_id, covered.charge_key, covered["part"]])


def charge_items(charges: ir.Table, products: ir.Table) -> ir.Table:
    """The month's usage charges summed up over their windows."""
    summed = charges.group_by("charge_key").aggregate(
        **{c: charges[c].arbitrary() for c in (*_OF_THE_CHARGE, *_OF_THE_RATE, "group_value", "limit_applied")},
        **_prices(charges),
        events=total_count(charges.events),
        quantity=quantity(charges.quantity.sum()),
        billed_quantity=quantity(charges.billed_quantity.sum()),
        amount=total(charges.amount),
    )
    named = summed.join(products.select("product_id", "tax_code", "name"), "product_id")
    group = ibis.coalesce(ibis.literal(" (") + named.group_value + ibis.literal(")"), ibis.literal(""))
    of_limit = named.component == "limit"
    return as_items(
        _with_one_price(named),
        CHARGE_ITEMS,
        item_type="usage",
        label=named.name + ibis.ifelse(of_limit, ibis.literal(""), group),
        component=ibis.ifelse(of_limit, named.limit_applied, ibis.null("string")),
        source_table=USAGE_CHARGES.name,
        source_id=named.charge_key,
    )


def _part(component: ir.StringValue) -> ir.StringValue:
    """The component where it is a part that an invoice names."""
    return ibis.ifelse(component.isin(NAMED_PARTS), component, ibis.null("string"))


def _prices(rows: ir.Table) -> dict[str, ir.Scalar]:
    """A price of rows that may have several: whether it is that of all is seen from what they come to."""
    return {name: rows[name].max() for name in ("unit_price", "price_per")}


def _with_one_price(summed: ir.Table) -> ir.Table:
    """Sums with their unit price where units times price are the amount: no fee, limit, package or tier beside it."""
    made = exact_price(summed.billed_quantity, summed.unit_price, summed.price_per)
    off = amount(summed.amount - made).abs()
    is_price = (off <= amount(_TRACE * ibis.greatest(summed.events, 1))).fill_null(False)
    kept = {
        name: ibis.ifelse(is_price, summed[name].cast(dtype), ibis.null(dtype))
        for name, dtype in (("unit_price", ITEM_PRICE), ("price_per", QUANTITY))
    }
    return summed.mutate(**kept)

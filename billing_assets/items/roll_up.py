"""Charge items: usage, bundles and charges of the month summed up, and everything else before tax.

Events with the same charge_key have every column in common that prices, taxes or prints them.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.exact import quantity, total, total_count, total_quantity
from billing_assets.item import as_items
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.tables import LOCATIONS, RATED_ITEMS

_OF_THE_CHARGE = (
    "month", "billing_cycle", "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id",
    "zone_id", "unit", "tax_included", "currency", "service_start", "service_end",
)  # fmt: skip
_OF_THE_RATE = ("price_plan_id", "rate_id", "time_band_id", "component")
_PLACES = tuple(column.name for column in LOCATIONS)
# What the invoice adds to the name of the product for the parts of a charging session.
_WORDS = {
    "energy": "energy", "time": "charging time", "parking": "parking time", "flat": "flat fee",
    "reservation": "reservation", "price_limit": "price limit",
}  # fmt: skip


def without_place(items: ir.Table) -> ir.Table:
    """Items of no event as charge items."""
    absent = [c.name for c in CHARGE_ITEMS.columns if c.name not in items.columns]
    return CHARGE_ITEMS.shape(items.mutate(**{name: ibis.null("string") for name in absent}))


def usage_items(rated: ir.Table, products: ir.Table) -> ir.Table:
    """The month's rated events (rating/month.py) summed up by charge."""
    summed = rated.group_by("charge_key").aggregate(
        **{c: rated[c].arbitrary() for c in (*_OF_THE_CHARGE, *_OF_THE_RATE, *_PLACES)},
        own_tax_code=rated.tax_code.arbitrary(),
        events=rated.count(),
        quantity=total_quantity(rated.quantity),
        billed_quantity=total_quantity(rated.billed_quantity),
        amount=total(rated.amount),
    )
    named = summed.join(products.select("product_id", "tax_code", "name"), "product_id")
    words = [(named.component == c, named.name + ibis.literal(f", {word}")) for c, word in _WORDS.items()]
    return as_items(
        named,
        CHARGE_ITEMS,
        item_type="usage",
        label=ibis.cases(*words, else_=named.name),
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
    overage = named.bundle_name + ibis.literal(", overage")
    return as_items(
        named,
        CHARGE_ITEMS,
        item_type="bundle",
        label=ibis.ifelse(named["part"] == "overage", overage, named.bundle_name),
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
        events=total_count(charges.events),
        quantity=quantity(charges.quantity.sum()),
        billed_quantity=quantity(charges.billed_quantity.sum()),
        amount=total(charges.amount),
    )
    named = summed.join(products.select("product_id", "tax_code", "name"), "product_id")
    group = ibis.coalesce(ibis.literal(" (") + named.group_value + ibis.literal(")"), ibis.literal(""))
    limit = ibis.literal(", ") + named.limit_applied
    label = named.name + ibis.ifelse(named.component == "limit", limit, group)
    return as_items(
        named,
        CHARGE_ITEMS,
        item_type="usage",
        label=label,
        source_table=USAGE_CHARGES.name,
        source_id=named.charge_key,
    )

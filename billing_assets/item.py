"""The one shape of everything that makes up an invoice, and the ids that tell items apart.

Usage, bundles, fees, discounts, tax and rounding are all items of this shape, so that an invoice is
a sum. An amount is in the basis of its price: with tax, or before it (`tax_included`). `item_key` names
what is charged; `item_id` also says what it came to: an equal item_id means that nothing changed, an equal
item_key with another item_id that the amount is a new one.
"""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from billing_assets.contract import CYCLE, MONTH, Column, Partition, Table, day, flag, integer, number, text
from billing_assets.exact import AMOUNT, ITEM_PRICE, QUANTITY

VENDOR_TO_CUSTOMER = "vendor_to_customer"
LEGS = (VENDOR_TO_CUSTOMER, "vendor_to_reseller", "reseller_to_reseller", "reseller_to_customer")
# The kinds that are made of events.
EVENT_TYPES = ("usage", "bundle")
# What is charged, and so has lines, and what invoices add to it.
CHARGE_TYPES = ("usage", "bundle", "fee", "commitment", "discount")
ITEM_TYPES = (*CHARGE_TYPES, "included_tax", "tax", "rounding")
# Parts of what a label names.
OVERAGE, USED, REDUCTION, ADJUSTMENT = "overage", "used", "reduction", "adjustment"
NAMED_PARTS = (
    "energy", "time", "parking", "flat", "reservation", "price_limit", "minimum", "maximum", OVERAGE, USED, REDUCTION,
    ADJUSTMENT,
)  # fmt: skip

ITEM_COLUMNS: tuple[Column, ...] = (
    MONTH,
    CYCLE,
    text("item_id", "Hash of item_key and of what it came to", key=True),
    text("item_key", "Hash of what is charged: source, period, leg"),
    text("item_type", "What kind of item it is", allowed=ITEM_TYPES),
    text("leg", "Who bills whom", allowed=LEGS),
    text("payer_account_id", "Account that pays"),
    text("service_account_id", "Account that used it; empty for rounding and tax", nullable=True),
    text("subscription_id", "Subscription", nullable=True),
    text("product_id", "Product", nullable=True),
    text("label", "Name of what is charged"),
    text("component", "Part of that which is charged; empty for all of it", nullable=True, allowed=NAMED_PARTS),
    text("source_table", "Table that it was made from"),
    text("source_id", "Its row there (usage: the charge_key that its events share)"),
    text("price_plan_id", "Price plan", nullable=True),
    text("rate_id", "Rate; empty for pre-rated usage", nullable=True),
    text("zone_id", "Zone of the destination", nullable=True),
    text("time_band_id", "Time band", nullable=True),
    text("unit", "Unit of the quantities", nullable=True),
    text("tax_code", "Tax code"),
    day("service_start", "First day of the service period"),
    day("service_end", "First day after the service period"),
    integer("events", "Events that it sums up"),
    number("quantity", QUANTITY, "Units used or ordered", nullable=True),
    number("billed_quantity", QUANTITY, "Units charged", nullable=True),
    number("unit_price", ITEM_PRICE, "Price of `price_per` units, where it is that of all units and makes the amount",
           unit="currency", nullable=True),
    number("price_per", QUANTITY, "Units that the price is for", nullable=True),
    flag("tax_included", "Whether the price that it comes from includes tax"),
    number("amount", AMOUNT, "Amount, with tax where its price includes it; of a tax item the tax", unit="currency"),
    text("currency", "ISO 4217 currency"),
)  # fmt: skip

KEY_COLUMNS = (
    "month", "item_type", "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id",
    "source_table", "source_id", "tax_code", "tax_included", "service_start", "service_end", "currency",
)  # fmt: skip
CONTENT_COLUMNS = ("quantity", "billed_quantity", "amount")

_SEPARATOR = "\x1f"
_MISSING = "\x1e"


def item_table(name: str, group: str, grain: str, description: str, *extra: Column) -> Table:
    """The contract of a table of items; `extra` columns come after the shared ones."""
    return Table(name, group, grain, description, (*ITEM_COLUMNS, *extra), Partition.MONTH)


def digest(*values: ir.Value) -> ir.StringValue:
    """A 128-bit hash of the values, in hexadecimal; an empty value differs from a missing one."""
    parts = [ibis.coalesce(_as_text(v), ibis.literal(_MISSING)) for v in values]
    return ibis.literal(_SEPARATOR).join(parts).hexdigest("md5")


def _as_text(value: ir.Value) -> ir.StringValue:
    return map_text(value) if value.type().is_map() else value.cast("string")


@ibis.udf.scalar.builtin(signature=((dt.Map(dt.string, dt.string),), dt.string))
def map_text(entries):
    """The keys and values of a map in their order, as text. No engine's own text is like another's."""


@ibis.udf.scalar.builtin(signature=((dt.string,), dt.Decimal(38, 0)))
def digest_number(digest):
    """A digest as a number: 60 bits of it, so that many may be added up. No engine's own hash is like another's."""


def as_items(rows: ir.Table, table: Table, **columns: ir.Value | str | None) -> ir.Table:
    """Rows in the shape of an item table: the given columns, NULL for absent ones, and the ids."""
    types = dict(table.schema.items())
    given = {name: value if isinstance(value, ir.Value) else ibis.literal(value) for name, value in columns.items()}
    values = {
        name: (given[name] if name in given else rows[name] if name in rows.columns else ibis.null()).cast(dtype)
        for name, dtype in types.items()
        if name not in ("item_id", "item_key")
    }
    shaped = rows.select(**values)
    keyed = shaped.mutate(item_key=digest(*(shaped[c] for c in KEY_COLUMNS)))
    named = keyed.mutate(item_id=digest(keyed.item_key, *(keyed[c] for c in CONTENT_COLUMNS)))
    return named.select(*types)

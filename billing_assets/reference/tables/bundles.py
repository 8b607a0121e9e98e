"""Usage that a plan includes."""

from billing_assets.contract import VALIDITY, number, text
from billing_assets.exact import QUANTITY
from billing_assets.reference.tables.form import reference

BUNDLES = reference(
    "bundles",
    "one row per bundle",
    "Units of a usage product that a price plan includes per subscription and month.",
    text("bundle_id", "Bundle", key=True),
    text("name", "Name as printed on the invoice"),
    text("price_plan_id", "Price plan"),
    text("product_id", "Usage product"),
    text("zone_id", "Zone that it is limited to; any when empty", nullable=True),
    number("included_quantity", QUANTITY, "Free units per month", unit="unit of the UDR type"),
    *VALIDITY,
    required=False,
)

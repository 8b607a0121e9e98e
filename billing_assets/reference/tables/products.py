"""What is sold."""

from billing_assets.contract import text
from billing_assets.reference.tables.form import reference

CATALOGUES = reference(
    "catalogues",
    "one row per catalogue",
    "A vendor's catalogue: the set that its products, offers and price plans belong to.",
    text("catalogue_id", "Catalogue", key=True),
    text("name", "Name"),
    text("vendor_account_id", "The vendor whose catalogue it is"),
)

PRODUCTS = reference(
    "products",
    "one row per product",
    "Elementary things that are sold: recurring and one-time services, usage services, goods, expenses.",
    text("product_id", "Product", key=True),
    text("catalogue_id", "Catalogue"),
    text("name", "Name as printed on the invoice"),
    text(
        "product_type",
        "How it is sold",
        allowed=("termed_service", "usage_service", "one_time_service", "expense", "physical_good"),
    ),
    text("product_family", "Family that it belongs to, where products are grouped", nullable=True),
    text("udr_type", "UDR type of a usage service", nullable=True),
    text("zone_set", "Set of prefixes that gives the zone of its destination", nullable=True),
    text("time_band_set", "Set of time bands that its usage falls in", nullable=True),
    text("tax_code", "Tax code"),
    text("accounting_code", "Account of the ledger that its revenue is posted to", nullable=True),
)

PRODUCT_ATTRIBUTES = reference(
    "product_attributes",
    "one row per product and attribute",
    "Further attributes of products, which conditions of price plans look at.",
    text("product_id", "Product", key=True),
    text("attribute", "Attribute", key=True),
    text("value", "Its value"),
    required=False,
)

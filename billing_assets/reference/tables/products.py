"""What is sold, and how it is taxed."""

from billing_assets.contract import VALIDITY, Column, number, text
from billing_assets.exact import PERCENT
from billing_assets.reference.tables.form import reference

CATALOGUES = reference(
    "catalogues",
    "one row per catalogue",
    "A vendor's catalogue: the set that its products, offers and price plans belong to.",
    text("catalogue_id", "Catalogue", key=True),
    text("name", "Name"),
    text("vendor_account_id", "The vendor whose catalogue it is"),
)

TAX_CODES = reference(
    "tax_codes",
    "one row per tax code",
    "What kind of supply a product is for tax.",
    text("tax_code", "Tax code", key=True),
    text("name", "Name"),
)

TAX_RATES = reference(
    "tax_rates",
    "one row per tax code, country and first day of validity",
    "Tax rate by code, country of the payer and date of supply.",
    text("tax_code", "Tax code", key=True),
    text("country", "ISO 3166-1 alpha-2 country", key=True),
    number("rate", PERCENT, "Tax rate", unit="percent"),
    Column("valid_from", VALIDITY[0].dtype, VALIDITY[0].description, key=True, default="1900-01-01"),
    VALIDITY[1],
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

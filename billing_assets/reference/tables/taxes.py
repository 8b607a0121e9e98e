"""How supplies are taxed: codes, rates, and which regime applies where."""

from billing_assets.contract import VALIDITY, Column, number, text
from billing_assets.exact import PERCENT
from billing_assets.reference.tables.form import reference
from billing_assets.reference.tables.vocabulary import ANY
from billing_assets.taxation.eu import DEFAULT_RATES
from billing_assets.taxation.regimes import BY_LINE, BY_TAX_GROUP, GOODS

TAX_CODES = reference(
    "tax_codes",
    "one row per tax code",
    "What kind of supply a product is for tax.",
    text("tax_code", "Tax code", key=True),
    text("name", "Name"),
    text("supply", "What is supplied", allowed=("services", GOODS), default="services"),
    text("default_rate", "Rate that a country of the EU has where tax_rates has none of the code for it",
         allowed=DEFAULT_RATES, nullable=True),
)  # fmt: skip

TAX_RATES = reference(
    "tax_rates",
    "one row per tax code, country and first day of validity",
    "Tax rate by code, country of the payer and date of supply: the company's own, and defaults with their package "
    "as source.",
    text("tax_code", "Tax code", key=True),
    text("country", "ISO 3166-1 alpha-2 country", key=True),
    number("rate", PERCENT, "Tax rate", unit="percent"),
    Column("valid_from", VALIDITY[0].dtype, VALIDITY[0].description, key=True, default="1900-01-01"),
    VALIDITY[1],
    required=False,
)

TAX_REGIMES = reference(
    "tax_regimes",
    "one row per vendor and country of the payer",
    "How what a vendor bills is taxed, where it is not by VAT.",
    text("vendor_account_id", f"Vendor or reseller that bills; `{ANY}` is any", key=True, default=ANY),
    text("country", f"Country of the payer; `{ANY}` is any", key=True, default=ANY),
    text("regime", "Regime: `vat`, `export`, `none`, `engine`, or one of the company's own"),
    text("rounding", "What is rounded, and taxed by itself", allowed=(BY_TAX_GROUP, BY_LINE), default=BY_TAX_GROUP),
    required=False,
)

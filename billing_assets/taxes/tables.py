"""Contracts of the taxes stage."""

from billing_assets.contract import number, text
from billing_assets.exact import AMOUNT, PERCENT
from billing_assets.item import item_table
from billing_assets.taxes.categories import CATEGORIES

GROUP = "taxes"

TAX_ITEMS = item_table(
    "tax_items",
    GROUP,
    "one row per invoice and tax group: tax code, rate at the date of supply, and whether prices include it",
    "Tax on the rounded net of each tax group, or what its prices include; exempt accounts have groups at rate 0.",
    text("invoice_id", "Draft invoice"),
    text("tax_category",
         "EN 16931 category: S standard rated, Z zero rated, E exempt, AE reverse charge, K intra-Community supply of "
         "goods, G export of goods, O outside the scope of VAT; empty where the tax is none of EN 16931",
         allowed=CATEGORIES, nullable=True),
    text("exemption_reason_code", "Why no tax is due: VATEX code", nullable=True),
    text("exemption_reason", "Why no tax is due, in words", nullable=True),
    text("country", "Country whose rate applies"),
    number("rate", PERCENT, "Tax rate", unit="percent", nullable=True),
    number("included_rate", PERCENT, "Tax rate that its prices include; 0 for prices before tax", unit="percent",
           nullable=True),
    number("base_amount", AMOUNT, "Net of the group, in whole coins of the currency", unit="currency"),
    number("price_amount", AMOUNT, "Sum of the group's items in whole coins: with tax where prices include it",
           unit="currency"),
    number("exact_amount", AMOUNT, "Sum of the group's items before rounding", unit="currency"),
)  # fmt: skip

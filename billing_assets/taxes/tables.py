"""Contracts of the taxes stage: certificates, what a tax engine is asked and says, and the tax of invoices."""

from billing_assets.contract import LINEAGE, REJECTION, VALIDITY, InputTable, Table, number, text
from billing_assets.exact import AMOUNT, PERCENT
from billing_assets.item import item_table
from billing_assets.reference.tables import ANY
from billing_assets.taxation.categories import CATEGORIES
from billing_assets.taxation.regimes import BY_LINE, BY_TAX_GROUP

GROUP = "taxes"

TAX_EXEMPTIONS = InputTable(
    "tax_exemptions",
    GROUP,
    "one row per exemption certificate",
    "Certificates by which a paying account owes no tax for a time.",
    (
        text("certificate_id", "Certificate", key=True),
        text("account_id", "Paying account that holds it"),
        text("tax_code", f"Tax code that it is for; `{ANY}` is any", default=ANY),
        text("reason_code", "Why no tax is due: VATEX code, which gives the category", nullable=True),
        *VALIDITY,
        *LINEAGE,
    ),
    required=False,
)

REJECTED_TAX_EXEMPTIONS = Table(
    "rejected_tax_exemptions",
    GROUP,
    "one row per certificate that exempts nobody",
    "Certificates that were refused, each with its reason; their accounts are taxed.",
    (text("certificate_id", "Certificate", nullable=True), *REJECTION),
)

TAX_ITEMS = item_table(
    "tax_items",
    GROUP,
    "one row per invoice and tax group: tax code, rate at the date of supply, and whether prices include it",
    "Tax on the rounded net of each tax group, or what its prices include; exempt accounts have groups at rate 0.",
    text("invoice_id", "Draft invoice"),
    text("tax_regime", "Regime that says so (taxation/regimes.py)"),
    text("tax_rounding", "What is rounded and taxed by itself", allowed=(BY_TAX_GROUP, BY_LINE)),
    text("tax_category",
         "EN 16931 category: S standard rated, Z zero rated, E exempt, AE reverse charge, K intra-Community supply of "
         "goods, G export of goods, O outside the scope of VAT; empty where the tax is none of EN 16931",
         allowed=CATEGORIES, nullable=True),
    text("exemption_reason_code", "Why no tax is due: VATEX code", nullable=True),
    text("exemption_reason", "Why no tax is due, in words", nullable=True),
    text("certificate_id", "Certificate that exempts the payer", nullable=True),
    text("country", "Country whose rate applies"),
    number("rate", PERCENT, "Tax rate", unit="percent", nullable=True),
    number("included_rate", PERCENT, "Tax rate that its prices include; 0 for prices before tax", unit="percent",
           nullable=True),
    number("base_amount", AMOUNT, "Net of the group, in whole coins of the currency", unit="currency"),
    number("price_amount", AMOUNT, "Sum of the group's items in whole coins: with tax where prices include it",
           unit="currency"),
    number("exact_amount", AMOUNT, "Sum of the group's items before rounding", unit="currency"),
)  # fmt: skip

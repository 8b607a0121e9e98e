"""Contracts of the taxes stage: certificates, what a tax engine is asked and says, and the tax of invoices."""

from billing_assets.contract import (
    CYCLE,
    LINEAGE,
    MONTH,
    REJECTION,
    VALIDITY,
    InputTable,
    Partition,
    Table,
    day,
    flag,
    integer,
    number,
    text,
)
from billing_assets.exact import AMOUNT, PERCENT, QUANTITY
from billing_assets.item import LEGS, item_table
from billing_assets.reference.tables import ANY
from billing_assets.taxation.categories import CATEGORIES
from billing_assets.taxation.regimes import BY_LINE, BY_TAX_GROUP

GROUP = "taxes"
LEVELS = ("federal", "state", "county", "city", "district", "other")

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

TAX_REQUESTS = Table(
    "tax_requests",
    GROUP,
    "one row per charge item that the tax engine taxes",
    "What the tax engine is asked of each item: who, what, when, where, and for how much.",
    (
        MONTH,
        CYCLE,
        text("item_id", "Charge item", key=True),
        text("request_id", "Hash of what is asked: its answer in tax_answers"),
        text("invoice_id", "Draft invoice that it is on"),
        text("leg", "Who bills whom", allowed=LEGS),
        text("invoice_part", "Which of its payer's invoices that is, where there are several", nullable=True),
        text("label", "What the invoice calls it"),
        text("country", "Country of the payer"),
        text("tax_rounding", "What is rounded by itself", allowed=(BY_TAX_GROUP, BY_LINE)),
        flag("tax_included", "Whether its price includes tax; none may"),
        text("vendor_account_id", "Account that bills"),
        text("payer_account_id", "Account that pays"),
        text("transaction_type", "Usage, or anything else", allowed=("event", "subscription")),
        text("tax_code", "Tax code"),
        text("product_id", "Product", nullable=True),
        day("supply_date", "Date of supply"),
        number("quantity", QUANTITY, "Units used or ordered", nullable=True),
        text("unit", "Unit of the quantity", nullable=True),
        number("amount", AMOUNT, "Amount before tax", unit="currency"),
        text("currency", "ISO 4217 currency"),
        text("caller_location", "Where the caller was", nullable=True, personal=True),
        text("called_location", "Where the called party was", nullable=True, personal=True),
        text(
            "service_location",
            "Where the account that used it has the service; else as billing_location",
            personal=True,
        ),
        text("billing_location", "Where the payer has its bills sent; else its country", personal=True),
        flag("exempt", "Whether the payer is exempt from tax"),
        text("certificate_id", "Certificate that exempts it", nullable=True),
    ),
    Partition.MONTH,
)

TAX_ANSWERS = Table(
    "tax_answers",
    GROUP,
    "one row per request and tax that the engine named; line 0 where there is none",
    "What the tax engine answered, by request: what was answered once is not asked again.",
    (
        MONTH,
        CYCLE,
        text("request_id", "Request", key=True),
        integer("line_number", "Number of the tax in its answer, from 1; 0 for no tax", key=True),
        text("tax_level", "Who levies it", nullable=True, allowed=LEVELS),
        text("jurisdiction", "Name of that place", nullable=True),
        text("tax_name", "Name of the tax", nullable=True),
        number("rate", PERCENT, "Tax rate; empty for a tax that is an amount of its own", unit="percent",
               nullable=True),
        number("taxable_amount", AMOUNT, "What of the amount is taxed", unit="currency"),
        number("amount", AMOUNT, "Tax", unit="currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

TAX_ITEMS = item_table(
    "tax_items",
    GROUP,
    "one row per invoice and tax group: tax code, rate at the date of supply, and whether prices include it; of a tax "
    "engine, one per invoice, tax code and tax",
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
    text("tax_level", "Who levies it, as the tax engine says", nullable=True, allowed=LEVELS),
    text("jurisdiction", "Name of that place", nullable=True),
    number("rate", PERCENT, "Tax rate", unit="percent", nullable=True),
    number("included_rate", PERCENT, "Tax rate that its prices include; 0 for prices before tax", unit="percent",
           nullable=True),
    number("base_amount", AMOUNT, "Net of the group, in whole coins of the currency", unit="currency"),
    number("price_amount", AMOUNT, "Sum of the group's items in whole coins: with tax where prices include it",
           unit="currency"),
    number("exact_amount", AMOUNT, "Sum of the group's items before rounding", unit="currency"),
)  # fmt: skip

"""Contracts of the invoices stage: items, lines and invoices, which add up to the same net."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, day, flag, instant, integer, number, text
from billing_assets.exact import AMOUNT, ITEM_PRICE, PERCENT, QUANTITY
from billing_assets.item import CHARGE_TYPES, NAMED_PARTS, item_table
from billing_assets.taxation.categories import CATEGORIES
from billing_assets.taxation.regimes import BY_LINE, BY_TAX_GROUP

GROUP = "invoices"

BILLED_ITEMS = item_table(
    "billed_items",
    GROUP,
    "one row per item of an invoice: charges, rounding, tax that prices include, tax",
    "Everything that an invoice is the sum of.",
    text("invoice_id", "Draft invoice"),
    text("invoice_line_id", "Line that it is part of; empty for tax", nullable=True),
    text("carried_from", "Month that charged it, where its invoice was below its minimum then", nullable=True),
    text("corrects_month", "Posted month that it corrects", nullable=True),
)

INVOICE_LINES = Table(
    "invoice_lines",
    GROUP,
    "one row per line of an invoice",
    "What the customer reads: items of one subscription, product, kind and period in one rounded amount.",
    (
        MONTH,
        CYCLE,
        text("invoice_line_id", "Line: hash of what it sums up", key=True),
        text("invoice_id", "Draft invoice"),
        integer("line_number", "Number on the invoice, from 1"),
        text("item_type", "Kind of its items", allowed=CHARGE_TYPES),
        text("label", "Name of what is charged"),
        text("component", "Part of that which is charged; empty for all of it", nullable=True, allowed=NAMED_PARTS),
        text("subscription_id", "Subscription; empty for fees of the account", nullable=True),
        text("product_id", "Product"),
        text("zone_id", "Zone of the destination", nullable=True),
        day("service_start", "First day of the service period"),
        day("service_end", "First day after the service period"),
        text("corrects_month", "Posted month that it corrects", nullable=True),
        integer("events", "Events in it"),
        number("quantity", QUANTITY, "Units used or ordered", nullable=True),
        number("billed_quantity", QUANTITY, "Units charged", nullable=True),
        text("unit", "Unit of the quantities", nullable=True),
        number("unit_price", ITEM_PRICE, "Price of `price_per` units, in its own basis, where all units have it",
               unit="currency", nullable=True),
        number("price_per", QUANTITY, "Units that the price is for", nullable=True),
        text("tax_code", "Tax code"),
        text("tax_category", "EN 16931 category, as that of its tax group in tax_items", allowed=CATEGORIES,
             nullable=True),
        text("exemption_reason_code", "Why no tax is due: VATEX code", nullable=True),
        text("certificate_id", "Certificate that exempts the payer", nullable=True),
        text("country", "Country whose rate applies"),
        text("tax_group", "Tax group that it is part of: source_id in tax_items"),
        text("tax_regime", "Regime of its tax"),
        text("tax_rounding", "What is rounded and taxed by itself", allowed=(BY_TAX_GROUP, BY_LINE)),
        number("tax_rate", PERCENT, "Tax rate", unit="percent", nullable=True),
        flag("tax_included", "Whether its prices include tax"),
        number("included_rate", PERCENT, "Tax rate that its prices include; 0 for prices before tax", unit="percent",
               nullable=True),
        number("exact_amount", AMOUNT, "Sum of the charges, in the basis of their price, before rounding",
               unit="currency"),
        number("price_amount", AMOUNT, "The same in whole coins, as printed: with tax where prices include it",
               unit="currency"),
        number("net_amount", AMOUNT, "Amount of the line before tax, in whole coins", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)  # fmt: skip

INVOICES = Table(
    "invoices",
    GROUP,
    "one row per paying account, currency and month; where it has them split, per account, order… that it pays for",
    "Draft invoices, and credit notes where the total is negative.",
    (
        MONTH,
        CYCLE,
        text(
            "invoice_id",
            "Draft number: month-account-currency; of split ones month-account+part-currency",
            key=True,
        ),
        text("document_type", "Invoice or credit note", allowed=("invoice", "credit_note")),
        text("payer_account_id", "Account that pays"),
        text("invoice_part", "What it is for, where the account has several: see invoice_parts", nullable=True),
        text("vendor_account_id", "Account that bills"),
        day("period_start", "First day of the billing month"),
        day("period_end", "First day after the billing month"),
        day("issue_date", "Date of the invoice: the first day after the billing month"),
        day("due_date", "Last day to pay, by the payment terms of the payer"),
        instant("usage_from", "Usage from this moment on is in it, UTC"),
        instant("usage_to", "Usage before this moment is in it, UTC"),
        integer("lines", "Lines of the invoice"),
        number("net_amount", AMOUNT, "Total before tax", unit="currency"),
        number("tax_amount", AMOUNT, "Total tax", unit="currency"),
        number("gross_amount", AMOUNT, "Total to pay", unit="currency"),
        text("currency", "ISO 4217 currency"),
    ),
    Partition.MONTH,
)

"""A small invoice, as rows and as document: a fee of 20.00 and 980 s of calls for 0.82, at 20 % tax 24.98."""

from collections.abc import Callable
from dataclasses import replace

import ibis.expr.types as ir
from sample_rows import (
    Row,
    account,
    contact,
    currency,
    item,
    price_plan,
    product,
    rated_item,
    sample,
    subscription,
    udr,
    vendor,
    zone,
)

from billing_assets.contract import Partition, Table
from billing_assets.documents.document import invoice_document
from billing_assets.documents.parts import Parts
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, CONTACTS, CURRENCIES, PRICE_PLANS, PRODUCTS, ZONES
from billing_assets.taxation.categories import EXEMPT, REASONS
from billing_assets.taxes.tables import TAX_ITEMS
from billing_assets.usage.tables import UDRS
from resources.lake import Lake

SELLER = vendor(
    name="Télécom Fictive SA", vat_id="FR40303265045", vat_id_well_formed=True, street="12 rue des Lilas",
    postal_code="75002", city="Paris", endpoint_scheme="9957", endpoint_id="FR40303265045",
    iban="FR7630006000011234567890189", bic="AGRIFRPP",
)  # fmt: skip
BUYER = account(
    name="Anna & Söhne", street="Lange Straße 3", postal_code="10115", city="Berlin", country="DE",
    endpoint_scheme="0060", endpoint_id="123456789", language="de",
)  # fmt: skip
CONTACT = {"name": "Billing", "email": "billing@fictive.example", "phone": None}
_MONTH = {"month": "2026-01", "billing_cycle": "first", "invoice_id": "2026-01-ANNA-EUR", "currency": "EUR"}
_TAXED = {"tax_code": "STANDARD", "tax_category": "S", "tax_included": False, "included_rate": "0"}
invoice = sample(
    INVOICES, **_MONTH, document_type="invoice", payer_account_id="ANNA", vendor_account_id="VENDOR",
    period_start="2026-01-01", period_end="2026-02-01", issue_date="2026-02-01", due_date="2026-03-03",
    usage_from="2025-12-31T23:00", usage_to="2026-01-31T23:00", lines=2, net_amount="20.82", tax_amount="4.16",
    gross_amount="24.98",
)  # fmt: skip
line = sample(
    INVOICE_LINES, **_MONTH, **_TAXED, invoice_line_id="L1", line_number=1, item_type="fee", label="Mobile plan",
    subscription_id="SUB", product_id="MOBILE", service_start="2026-02-01", service_end="2026-03-01", events=1,
    quantity="1", billed_quantity="1", unit="piece", tax_rate="20", exact_amount="20", price_amount="20",
    net_amount="20",
)  # fmt: skip
USED = {
    "invoice_line_id": "L2", "line_number": 2, "item_type": "usage", "label": "Calls", "product_id": "CALLS",
    "zone_id": "FR", "service_start": "2026-01-01", "service_end": "2026-02-01", "events": 7, "billed_quantity": "980",
    "unit": "s", "unit_price": "0.05", "price_per": "60", "exact_amount": "0.8166666667", "price_amount": "0.82",
    "net_amount": "0.82",
}  # fmt: skip
tax = sample(
    TAX_ITEMS, **_MONTH, **_TAXED, item_id="T1", item_key="T", item_type="tax", leg="vendor_to_customer",
    payer_account_id="ANNA", label="VAT", source_table="tax_rates", source_id="S", service_start="2026-01-01",
    service_end="2026-02-01", events=2, country="FR", rate="20", base_amount="20.82", price_amount="20.82",
    exact_amount="20.82", amount="4.16",
)  # fmt: skip


def untaxed(category: str, **values: object) -> Row:
    """The tax of a category without any, and why none is due."""
    code, words = REASONS.get(category, (None, "Exempt from tax" if category == EXEMPT else None))
    reasons = {"exemption_reason_code": code, "exemption_reason": words}
    return tax(tax_category=category, rate="0", amount="0", **reasons, **values)


_PARTS = Parts(
    invoice=invoice(), digits=2, seller=SELLER, buyer=BUYER, seller_contact=CONTACT, lines=[line(), line(**USED)],
    taxes=[tax()], subscriptions={"SUB": subscription()}, account_names={"ANNA": BUYER["name"]},
    products={"MOBILE": "Mobile line", "CALLS": "Calls"}, zones={"FR": "France"}, ordered={"SUB": "Gold"},
    history=[invoice()],
)  # fmt: skip


def document(**changes: object) -> dict:
    """The document of the invoice, some of its parts changed."""
    parts = replace(_PARTS, **changes)
    whole = replace(
        parts,
        invoice=_whole(INVOICES, parts.invoice),
        seller=_whole(ACCOUNTS, parts.seller),
        buyer=_whole(ACCOUNTS, parts.buyer),
        lines=[_whole(INVOICE_LINES, row) for row in parts.lines],
        taxes=[_whole(TAX_ITEMS, row) for row in parts.taxes],
    )
    return invoice_document(whole)


def _whole(contract: Table, row: Row) -> Row:
    return {name: row.get(name) for name in contract.schema.names}


def write_invoices(lake: Lake, table: Callable[..., ir.Table], *payers: str, **of_buyer: object) -> None:
    """Fill a lake with that invoice for each of some accounts; seven calls of 140 s are behind its usage."""
    rows: dict[Table, list[Row]] = {
        ACCOUNTS: [SELLER],
        CONTACTS: [contact(account_id="VENDOR", **CONTACT)],
        CURRENCIES: [currency()],
        PRODUCTS: [product(), product(product_id="MOBILE", name="Mobile line")],
        ZONES: [zone()],
        PRICE_PLANS: [price_plan(name="Gold")],
        SUBSCRIPTIONS: [subscription()],
    }

    def add(contract: Table, *given: Row) -> None:
        rows.setdefault(contract, []).extend(given)

    for payer in payers:
        number, usage, key = {"invoice_id": f"2026-01-{payer}-EUR"}, {"invoice_line_id": f"L2-{payer}"}, f"KEY-{payer}"
        add(ACCOUNTS, BUYER | {"account_id": payer} | of_buyer)
        add(INVOICES, invoice(**number, payer_account_id=payer))
        add(INVOICE_LINES, line(**number, invoice_line_id=f"L1-{payer}"), line(**(USED | number | usage)))
        add(TAX_ITEMS, tax(**number, item_id=f"T-{payer}"))
        add(BILLED_ITEMS, item(**number, **usage, item_id=payer, source_table="rated_items", source_id=key))
        for second in range(7):
            call = {"udr_id": f"{payer}-{second}", "local_at": f"2026-01-15T13:00:0{6 - second}"}
            add(
                RATED_ITEMS,
                rated_item(**call, charge_key=key, billed_quantity="140", zone_id="FR", amount="0.1171428571"),
            )
            add(UDRS, udr(udr_id=call["udr_id"]))
    for contract, given in rows.items():
        made = table(contract, *given)
        if contract.partition is Partition.MONTH:
            lake.write_month(contract, made, "2026-01", ["first"], True)
        elif contract.partition is Partition.EVENT_DAY:
            lake.write_days(contract, made, ["2026-01-15"])
        else:
            lake.write(contract, made)

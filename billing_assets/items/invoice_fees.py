"""Fees that an account owes for each of its invoices."""

import ibis
import ibis.expr.types as ir

from billing_assets.fees.account_fees import as_fees, owed_fees
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES

_INVOICE = ("month", "billing_cycle", "leg", "payer_account_id", "currency", "invoice_part")


def invoice_fees(items: ir.Table, account_fees: ir.Table, products: ir.Table, windows: ir.Table) -> ir.Table:
    """A fee for each invoice that the month's items will be on; source_id is its product, and the invoice's part."""
    dated = windows.select("month", "billing_cycle", service_start="start_date", service_end="end_date").distinct()
    rows = items.select(_INVOICE).distinct().join(dated, ["month", "billing_cycle"])
    rows = rows.mutate(service_account_id=rows.payer_account_id)
    owed = owed_fees(rows, account_fees.filter(account_fees.kind == "invoice"))
    of_part = ibis.coalesce(ibis.literal(":") + owed.invoice_part, ibis.literal(""))
    charged = owed.mutate(amount=owed.fee_amount, source_id=owed.product_id + of_part)
    return as_fees(charged, products, CHARGE_ITEMS, ACCOUNT_FEES.name)

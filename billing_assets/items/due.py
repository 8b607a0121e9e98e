"""What the invoices of a run's month bill: the charge items of the month, and what waited for it."""

import ibis.expr.types as ir

from billing_assets.items.carried import charged_now, due_of
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, CHARGE_ITEMS
from billing_assets.run import Run

READS = (CHARGE_ITEMS, CARRIED_ITEMS, CARRIED_AMOUNTS)


def due_items(run: Run) -> ir.Table:
    """Charge items that are billed in the month, with carried_from."""
    if run.is_empty(CARRIED_AMOUNTS):
        return charged_now(run(CHARGE_ITEMS))
    return due_of(*(run(table) for table in READS))

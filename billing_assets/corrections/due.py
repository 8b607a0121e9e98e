"""What the invoices of a run's month bill: what the month charges, what waited for it, and corrections.

The corrections of an invoice that waits, because it is below its minimum, wait with it: the next month finds them
again. Those of a month that the next one does not correct any more are billed.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.corrections.earlier import first_corrected
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.items import due as items
from billing_assets.items.invoice_parts import invoice_id
from billing_assets.items.tables import CARRIED_AMOUNTS
from billing_assets.run import Run
from billing_assets.taxation.regimes import ENGINE

READS = (*items.READS, CORRECTION_ITEMS)


def due_items(run: Run) -> ir.Table:
    """Items that are billed in the month and taxed as the tax book says, with carried_from and corrects_month."""
    due = items.due_items(run)
    if run.is_empty(CORRECTION_ITEMS):
        return due
    corrections = billed_corrections(run)
    return due.union(corrections.filter(~_has_group(corrections)).select(due.columns))


def taken_back(run: Run) -> ir.Table | None:
    """Corrections that are billed in the tax group that they were posted in; None where there are none."""
    if run.is_empty(CORRECTION_ITEMS):
        return None
    corrections = billed_corrections(run)
    return corrections.filter(_has_group(corrections))


def billed_corrections(run: Run) -> ir.Table:
    """The corrections that are billed in the month, with carried_from."""
    return without_waiting(run(CORRECTION_ITEMS), run(CARRIED_AMOUNTS), first_corrected(run))


def without_waiting(corrections: ir.Table, amounts: ir.Table, last_call: str) -> ir.Table:
    """Corrections, with carried_from, without those that wait; those of the month `last_call` do not."""
    waiting = amounts.filter(amounts.waits)
    later = corrections.filter(corrections.corrects_month != last_call)
    later = later.anti_join(waiting, invoice_id(later) == waiting.invoice_id)
    now = corrections.filter(corrections.corrects_month == last_call).union(later)
    return now.mutate(carried_from=ibis.null("string"))


def _has_group(corrections: ir.Table) -> ir.BooleanValue:
    """Whether it says at which rate it is taxed: what a tax engine taxed is asked of it again."""
    return corrections.tax_regime.notnull() & (corrections.tax_regime != ENGINE)

"""Corrections as an asset: earlier months as they are today, against the ledger.

The ledger is read through the run and is no asset. Posted months are made again by a job of their own (recompute),
before the month that corrects them is billed.
"""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.corrections.earlier import DRAFTS, owed_corrections
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(
    CORRECTION_ITEMS,
    reads=(ACCOUNTS, BILLING_CYCLES),
    earlier_months=DRAFTS,
)
def corrections(run: Run) -> Iterator[ir.Table]:
    """What posted months should have billed by now, minus what was posted of them."""
    yield owed_corrections(run)

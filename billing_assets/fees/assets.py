"""Fees as an asset."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_DETAILS
from billing_assets.fees import fees
from billing_assets.fees.tables import FEE_ITEMS
from billing_assets.reference.tables import PRODUCTS
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(FEE_ITEMS, reads=(BILLING_SCHEDULE_DETAILS, BILLING_HEADERS, PRODUCTS))
def fee_items(run: Run) -> Iterator[ir.Table]:
    """One-time and recurring fees that are due in the month."""
    yield fees.fee_items(run(BILLING_SCHEDULE_DETAILS), run(BILLING_HEADERS), run(PRODUCTS))

"""Fees as assets: what is paid late, and the fees of the month."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_DETAILS
from billing_assets.fees import account_fees, fees
from billing_assets.fees.tables import FEE_ITEMS, OVERDUE_AMOUNTS, REJECTED_OVERDUE_AMOUNTS
from billing_assets.orders.tables import ORDER_LINES, SERVICE_JOBS
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import ACCOUNT_FEES, ACCOUNTS, CURRENCIES, PRODUCTS
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(OVERDUE_AMOUNTS, REJECTED_OVERDUE_AMOUNTS, reads=(ACCOUNTS, CURRENCIES))
def overdue_amounts(run: Run) -> Iterator[ir.Table]:
    """What accounts pay late, and the rows that no fee can be charged for."""
    rows, unreadable = typed(run, OVERDUE_AMOUNTS)
    known, refused = account_fees.judge_overdue(rows, run(ACCOUNTS), run.currencies)
    yield known
    yield REJECTED_OVERDUE_AMOUNTS.shape(unreadable).union(refused)


@stage(
    FEE_ITEMS,
    reads=(
        BILLING_SCHEDULE_DETAILS, BILLING_HEADERS, ORDER_LINES, SERVICE_JOBS, PRODUCTS, ACCOUNTS, ACCOUNT_FEES,
        OVERDUE_AMOUNTS,
    ),
)  # fmt: skip
def fee_items(run: Run) -> Iterator[ir.Table]:
    """One-time and recurring fees that are due in the month, and late fees."""
    units = None if run.is_empty(SERVICE_JOBS) else fees.hours(run(ORDER_LINES), run(SERVICE_JOBS))
    due = fees.fee_items(run(BILLING_SCHEDULE_DETAILS), run(BILLING_HEADERS), run(PRODUCTS), units)
    if run.is_empty(ACCOUNT_FEES) or run.is_empty(OVERDUE_AMOUNTS):
        yield due
    else:
        joined = (OVERDUE_AMOUNTS, ACCOUNTS, ACCOUNT_FEES, PRODUCTS)
        yield due.union(account_fees.late_fees(*(run(table) for table in joined), run.windows))

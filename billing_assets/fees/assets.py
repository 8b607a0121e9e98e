"""Fees as assets: what is paid late, the fees of the month, and commitments."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_DETAILS
from billing_assets.bundles.owners import entitled
from billing_assets.bundles.tables import BUNDLE_COUNTERS
from billing_assets.fees import account_fees, commitments, fees
from billing_assets.fees.tables import (
    COMMITMENT_COUNTERS,
    COMMITMENT_ITEMS,
    FEE_ITEMS,
    OVERDUE_AMOUNTS,
    REJECTED_OVERDUE_AMOUNTS,
)
from billing_assets.orders.subscriptions import usage_lines
from billing_assets.orders.tables import ORDER_LINES, SERVICE_JOBS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.assets import typed
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import (
    ACCOUNT_FEES,
    ACCOUNTS,
    BILLING_CYCLES,
    BUNDLES,
    COMMITMENTS,
    CURRENCIES,
    PRICE_PLANS,
    PRODUCTS,
)
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
    legs = payer_legs(run(ACCOUNTS), run.rows)
    due = fees.fee_items(run(BILLING_SCHEDULE_DETAILS), run(BILLING_HEADERS), run(PRODUCTS), units, legs)
    if run.is_empty(ACCOUNT_FEES) or run.is_empty(OVERDUE_AMOUNTS):
        yield due
    else:
        joined = (OVERDUE_AMOUNTS, ACCOUNTS, ACCOUNT_FEES, PRODUCTS)
        yield due.union(account_fees.late_fees(*(run(table) for table in joined), run.windows, legs))


@stage(
    COMMITMENT_ITEMS, COMMITMENT_COUNTERS,
    reads=(BUNDLE_COUNTERS, FEE_ITEMS, ORDER_LINES, BUNDLES, COMMITMENTS, PRICE_PLANS, PRODUCTS, ACCOUNTS,
           BILLING_CYCLES),
    previous_month=(COMMITMENT_COUNTERS,),
)  # fmt: skip
def commitment_items(run: Run) -> Iterator[ir.Table]:
    """What commitments come to: charged in advance, missing, taken back, or above."""
    if run.is_empty(COMMITMENTS):
        yield COMMITMENT_ITEMS.no_rows()
        yield COMMITMENT_COUNTERS.no_rows()
        return
    bundles = [row for row in run.rows(run(BUNDLES)) if row["effect"] == "commit"]
    windows = payer_windows(run(ACCOUNTS), run.windows)
    owners = run.cache(entitled(usage_lines(run(ORDER_LINES), run(ACCOUNTS)), windows, bundles, None))
    said = commitments.terms(run(BUNDLES), run(COMMITMENTS), run(PRICE_PLANS))
    owed, coming = (commitments.periods(owners, said, of_next) for of_next in (False, True))
    fees = run.lake.read(FEE_ITEMS, [*run.last_month, run.month], run.cycles)
    counted = commitments.counted(run(BUNDLE_COUNTERS), fees, owed)
    before = run.lake.read(COMMITMENT_COUNTERS, run.last_month, run.cycles)
    counters = run.cache(commitments.counters(owed, coming, counted, before, not run.last_month))
    yield commitments.commitment_items(counters, run(PRODUCTS), payer_legs(run(ACCOUNTS), run.rows))
    yield COMMITMENT_COUNTERS.shape(counters)

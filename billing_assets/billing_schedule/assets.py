"""The billing schedule as assets: headers, and the month's records and details."""

from collections.abc import Iterator
from datetime import date

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.billing_schedule import schedule
from billing_assets.billing_schedule.tables import (
    BILLING_HEADER_AMOUNTS,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
)
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(BILLING_HEADERS, reads=(ORDER_LINES, ACCOUNTS, BILLING_CYCLES))
def billing_headers(run: Run) -> Iterator[ir.Table]:
    """One header per order line that has fees."""
    headers = schedule.billing_headers(run(ORDER_LINES), run(ACCOUNTS), run(BILLING_CYCLES))
    yield BILLING_HEADERS.shape(headers)


@stage(
    BILLING_SCHEDULE_DETAILS, BILLING_SCHEDULE_RECORDS, BILLING_HEADER_AMOUNTS,
    reads=(BILLING_HEADERS, ACCOUNTS, BILLING_CYCLES),
)  # fmt: skip
def billing_schedule(run: Run) -> Iterator[ir.Table]:
    """What becomes due in the month: details, rolled up to records and headers."""
    headers = run(BILLING_HEADERS)
    periods = ibis.memtable(calendar.billing_periods(_earliest_period(run, headers), _last_day(run)))
    due = run.cache(schedule.due_periods(headers, periods, run.windows))
    details = run.cache(schedule.schedule_details(due))
    yield BILLING_SCHEDULE_DETAILS.shape(details)
    records = run.cache(schedule.schedule_records(details, due))
    yield BILLING_SCHEDULE_RECORDS.shape(records)
    yield BILLING_HEADER_AMOUNTS.shape(schedule.header_amounts(records))


def _earliest_period(run: Run, headers: ir.Table) -> date:
    """A period that is due in the month began at most two months before; the first month takes all."""
    if run.month != run.first_month:
        return calendar.first_day(calendar.months_later(run.month, -2))
    starts = run.rows(headers.aggregate(first=headers.start_date.min()))
    first = starts[0]["first"] or calendar.first_day(run.month)
    return calendar.first_day(calendar.months_later(calendar.month_of(first), -1))


def _last_day(run: Run) -> date:
    return calendar.first_day(calendar.months_later(run.month, 1)).replace(day=28)

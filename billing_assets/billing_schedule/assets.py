"""The billing schedule as assets: headers, and the month's records and details."""

from collections.abc import Iterator
from datetime import date

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.billing_schedule import headers as terms
from billing_assets.billing_schedule import maturity, schedule
from billing_assets.billing_schedule.amounts import schedule_details
from billing_assets.billing_schedule.periods import full_periods
from billing_assets.billing_schedule.tables import (
    BILLING_HEADER_AMOUNTS,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
)
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.reference.tables import (
    ACCOUNTS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEMES,
    CURRENCIES,
    RATE_TIERS,
    RATES,
)
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(BILLING_HEADERS, reads=(ORDER_LINES, ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES))
def billing_headers(run: Run) -> Iterator[ir.Table]:
    """One header per order line that has fees."""
    joined = (ORDER_LINES, ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES)
    yield BILLING_HEADERS.shape(terms.billing_headers(*(run(table) for table in joined)))


@stage(
    BILLING_SCHEDULE_DETAILS, BILLING_SCHEDULE_RECORDS, BILLING_HEADER_AMOUNTS,
    reads=(BILLING_HEADERS, ACCOUNTS, BILLING_CYCLES, CURRENCIES, RATES, RATE_TIERS),
)  # fmt: skip
def billing_schedule(run: Run) -> Iterator[ir.Table]:
    """What becomes due in the month: details, rolled up to records and headers."""
    headers = run(BILLING_HEADERS)
    due, details = scheduled(run, headers, run.windows, _ends_after(run, headers), _last_day(run))
    yield BILLING_SCHEDULE_DETAILS.shape(details)
    records = run.cache(schedule.schedule_records(details, due))
    yield BILLING_SCHEDULE_RECORDS.shape(records)
    yield BILLING_HEADER_AMOUNTS.shape(schedule.header_amounts(records))


def scheduled(run: Run, headers: ir.Table, windows: ir.Table, after: date, up_to: date) -> tuple[ir.Table, ir.Table]:
    """The periods of headers that become due within windows, and their fees; none ends earlier, or begins later."""
    periods = ibis.memtable(full_periods(_lengths(run, headers, "period_length"), after, up_to))
    due = run.cache(schedule.due_periods(headers, periods, windows))
    return due, run.cache(schedule_details(_priced(run, due), run.currencies))


def _priced(run: Run, due: ir.Table) -> ir.Table:
    rates = run(RATES).filter(ibis._.tier_by == "maturity").semi_join(due, "rate_id")
    models = run.column(rates, "rate_model")
    if not models:
        return maturity.with_net_price(due)
    aged = due.semi_join(rates, "rate_id")
    (span,) = run.rows(aged.aggregate(first=aged.period_start.min(), last=aged.period_end.max()))
    lengths = _lengths(run, aged.mutate(part_length=maturity.part_length(aged)), "part_length")
    periods = ibis.memtable(full_periods(lengths, span["first"], span["last"]))
    return maturity.with_price_by_maturity(due, periods, rates, run(RATE_TIERS), models)


def _lengths(run: Run, rows: ir.Table, length: str) -> list[tuple[str, int]]:
    """The unit and length of the periods that some headers have."""
    found = rows.filter(rows.period_unit.notnull()).select("period_unit", length).distinct()
    return [(row["period_unit"], row[length]) for row in run.rows(found)]


def _ends_after(run: Run, headers: ir.Table) -> date:
    """No period that ended earlier is due: but in the first month, or once a line may be billed at all."""
    month = calendar.first_day(run.month)
    held = headers.filter(headers.billing_rule == "on_ready_date", headers.ready_date >= month)
    late = headers if run.month == run.first_month else held
    (row,) = run.rows(late.aggregate(first=late.start_date.min()))
    return min(row["first"] or month, month)


def _last_day(run: Run) -> date:
    return calendar.first_day(calendar.months_later(run.month, 1)).replace(day=28)

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
from billing_assets.billing_schedule.phases import in_phases, price_phases
from billing_assets.billing_schedule.price_steps import index_steps, new_rates
from billing_assets.billing_schedule.tables import (
    BILLING_HEADER_AMOUNTS,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
    PRICE_PHASES,
)
from billing_assets.billing_schedule.termination import termination_headers
from billing_assets.billing_schedule.trials import trials
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.pricing import price_book as prices
from billing_assets.reference.tables import (
    ACCOUNTS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEMES,
    CURRENCIES,
    OFFER_TERMS,
    PRICE_INDEXES,
    PRODUCTS,
    RATE_TIERS,
    RATES,
)
from billing_assets.run import Run
from billing_assets.stage import stage

_JOINED = (ORDER_LINES, ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES)


@stage(
    BILLING_HEADERS, PRICE_PHASES,
    reads=tuple(dict.fromkeys((*_JOINED, OFFER_TERMS, PRICE_INDEXES, *prices.READS))),
)  # fmt: skip
def billing_headers(run: Run) -> Iterator[ir.Table]:
    """One header per order line that has fees, the phases of their prices, and the fees for leaving early."""
    headers = BILLING_HEADERS.shape(terms.billing_headers(*(run(table) for table in _JOINED)))
    steps = list(_price_steps(run, headers))
    if not steps and run.is_empty(OFFER_TERMS):
        yield headers
        yield PRICE_PHASES.no_rows()
        return
    headers = run.cache(headers)
    ended = trials(headers, run(ORDER_LINES), run(OFFER_TERMS))
    phases = run.cache(PRICE_PHASES.shape(price_phases(headers, ended, steps)))
    joined = (ORDER_LINES, OFFER_TERMS, PRODUCTS)
    yield headers.union(termination_headers(headers, *(run(table) for table in joined), phases))
    yield phases


def _price_steps(run: Run, headers: ir.Table) -> Iterator[ir.Table]:
    schemes = run(BILLING_TERM_SCHEMES)
    if "follows" in run.column(schemes, "plan_prices"):
        yield new_rates(headers, run(ORDER_LINES), schemes, prices.price_book(run, run.rows, run.cache))
    if not run.is_empty(PRICE_INDEXES):
        rates = run(RATES)
        yield index_steps(headers, schemes, run(PRICE_INDEXES), rates.filter(rates.tier_by == "maturity"))


@stage(
    BILLING_SCHEDULE_DETAILS, BILLING_SCHEDULE_RECORDS, BILLING_HEADER_AMOUNTS,
    reads=(BILLING_HEADERS, PRICE_PHASES, ACCOUNTS, BILLING_CYCLES, CURRENCIES, RATES, RATE_TIERS),
)  # fmt: skip
def billing_schedule(run: Run) -> Iterator[ir.Table]:
    """What becomes due in the month: details, rolled up to records and headers."""
    headers = run(BILLING_HEADERS)
    phases = None if run.is_empty(PRICE_PHASES) else run(PRICE_PHASES)
    due, details = scheduled(run, headers, run.windows, _ends_after(run, headers), _last_day(run), phases)
    yield BILLING_SCHEDULE_DETAILS.shape(details)
    records = run.cache(schedule.schedule_records(details, due))
    yield BILLING_SCHEDULE_RECORDS.shape(records)
    yield BILLING_HEADER_AMOUNTS.shape(schedule.header_amounts(records))


def scheduled(
    run: Run, headers: ir.Table, windows: ir.Table, after: date, up_to: date, phases: ir.Table | None = None
) -> tuple[ir.Table, ir.Table]:
    """The periods of headers that become due within windows, and their fees; none ends earlier, or begins later.

    `phases` are the price phases of headers whose price changes; none without.
    """
    periods = ibis.memtable(full_periods(_lengths(run, headers, "period_length"), after, up_to))
    due = run.cache(schedule.due_periods(headers, periods, windows))
    phased = due if phases is None else run.cache(in_phases(due, phases))
    return due, run.cache(schedule_details(_priced(run, phased), run.currencies))


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

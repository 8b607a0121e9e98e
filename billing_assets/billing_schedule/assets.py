"""The billing schedule as assets: headers, and the month's records and details."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.billing_schedule import advance_purchases as purchases
from billing_assets.billing_schedule import headers as terms_of_periods
from billing_assets.billing_schedule import schedule
from billing_assets.billing_schedule.adjustments import adjusted_lines, judge_adjustments
from billing_assets.billing_schedule.agreed_terms import agreed_terms
from billing_assets.billing_schedule.phases import price_phases
from billing_assets.billing_schedule.price_steps import index_steps, new_rates
from billing_assets.billing_schedule.scheduled import (
    FEES_READ,
    READS,
    Changes,
    aging_of,
    always,
    changes_of,
    ends_after,
    fees_of,
    last_day,
    periods_of,
    scheduled,
)
from billing_assets.billing_schedule.splits import split_headers, split_phases
from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADER_AMOUNTS,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
    PRICE_PHASES,
    REJECTED_SCHEDULE_ADJUSTMENTS,
    SCHEDULE_ADJUSTMENTS,
    UNBILLED_AMOUNTS,
)
from billing_assets.billing_schedule.termination import termination_headers
from billing_assets.billing_schedule.trials import trials
from billing_assets.contract import ALWAYS, FOREVER
from billing_assets.orders.availability import ended_by_seller
from billing_assets.orders.tables import BILLING_SPLITS, BUY_IN_ADVANCE_REQUESTS, ORDER_LINES, ORDER_TERMS
from billing_assets.pricing import price_book as prices
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import (
    ACCOUNTS,
    AVAILABILITY_WINDOWS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEMES,
    OFFER_TERMS,
    OFFERS,
    PRICE_INDEXES,
    PRODUCTS,
    RATES,
    ROLES,
    SCHEME_TERMS,
    USERS,
)
from billing_assets.run import Run
from billing_assets.stage import stage

_ORDERED = (ORDER_LINES, ORDER_TERMS, BILLING_SPLITS, BUY_IN_ADVANCE_REQUESTS)
_JOINED = (ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES)
LIFE_OF = tuple(dict.fromkeys((*_JOINED, OFFER_TERMS, SCHEME_TERMS, PRICE_INDEXES, *prices.READS)))
_WINDOWS = (AVAILABILITY_WINDOWS, PRODUCTS, OFFERS)
# A line that ends later counts as one without an end.
_KNOWN_MONTHS = 120
# No period is looked for before or after.
_EVER = date.fromisoformat(ALWAYS), date(2200, 1, 1)


class Life(NamedTuple):
    """Headers of order lines, what was agreed on for their lives, and the phases of their prices; None without any."""

    headers: ir.Table
    terms: ir.Table | None
    phases: ir.Table | None


@stage(
    BILLING_HEADERS, PRICE_PHASES, ADVANCE_PURCHASES,
    reads=tuple(dict.fromkeys((*_ORDERED, *_WINDOWS, *LIFE_OF))),
)  # fmt: skip
def billing_headers(run: Run) -> Iterator[ir.Table]:
    """One header per order line that has fees, the phases of their prices, and the fees for leaving early.

    Each part of a split line has a header of its own, and what is bought in advance.
    """
    own_terms = None if run.is_empty(ORDER_TERMS) else run(ORDER_TERMS)
    headers, terms, phases = life_of(run, run(ORDER_LINES), own_terms)
    phases = PRICE_PHASES.no_rows() if phases is None else phases
    leaving = BILLING_HEADERS.no_rows() if terms is None else _fees_for_leaving(run, headers, terms, phases)
    if not run.is_empty(BILLING_SPLITS):
        joined = (BILLING_SPLITS, ACCOUNTS, BILLING_CYCLES)
        headers = run.cache(split_headers(run.cache(headers), *(run(table) for table in joined)))
        phases = split_phases(phases, headers)
    headers = headers.union(leaving)
    if run.is_empty(BUY_IN_ADVANCE_REQUESTS):
        yield headers
        yield phases
        yield ADVANCE_PURCHASES.no_rows()
        return
    headers = run.cache(headers)
    bought = run.cache(purchases.advance_purchases(headers, run(ORDER_LINES), run(BUY_IN_ADVANCE_REQUESTS)))
    parts = run.cache(purchases.cut_headers(headers, bought))
    yield BILLING_HEADERS.shape(parts)
    yield purchases.phases_of_parts(phases, parts)
    yield ADVANCE_PURCHASES.shape(bought)


def _fees_for_leaving(run: Run, headers: ir.Table, terms: ir.Table, phases: ir.Table) -> ir.Table:
    """Of those who leave by themselves: not where the seller ends what they have."""
    fees = termination_headers(headers, terms, run(PRODUCTS), phases, aging_of(run))
    if run.is_empty(AVAILABILITY_WINDOWS):
        return fees
    ended = ended_by_seller(run(ORDER_LINES), *(run(table) for table in _WINDOWS))
    return fees.anti_join(ended, "order_line_id")


def life_of(run: Run, order_lines: ir.Table, own_terms: ir.Table | None = None) -> Life:
    """What the order lines cost over their lives, by the tables of LIFE_OF; `own_terms` as of order_terms."""
    headers = BILLING_HEADERS.shape(terms_of_periods.billing_headers(order_lines, *(run(table) for table in _JOINED)))
    steps = list(_price_steps(run, headers, order_lines))
    if not steps and own_terms is None and all(run.is_empty(table) for table in (OFFER_TERMS, SCHEME_TERMS)):
        return Life(headers, None, None)
    headers = run.cache(headers)
    own = ORDER_TERMS.no_rows() if own_terms is None else own_terms
    terms = run.cache(agreed_terms(order_lines, own, run(OFFER_TERMS), run(SCHEME_TERMS)))
    return Life(headers, terms, run.cache(PRICE_PHASES.shape(price_phases(headers, trials(headers, terms), steps))))


def _price_steps(run: Run, headers: ir.Table, order_lines: ir.Table) -> Iterator[ir.Table]:
    schemes = run(BILLING_TERM_SCHEMES)
    if "follows" in run.column(schemes, "plan_prices"):
        yield new_rates(headers, order_lines, schemes, prices.price_book(run, run.rows, run.cache))
    if not run.is_empty(PRICE_INDEXES):
        rates = run(RATES)
        yield index_steps(headers, schemes, run(PRICE_INDEXES), rates.filter(rates.tier_by == "maturity"))


@stage(
    SCHEDULE_ADJUSTMENTS, REJECTED_SCHEDULE_ADJUSTMENTS, reads=(BILLING_HEADERS, *FEES_READ, USERS, ROLES),
)  # fmt: skip
def schedule_adjustments(run: Run) -> Iterator[ir.Table]:
    """Approved adjustments of fees, each with the record that it is of, and those that change nothing."""
    given, unreadable = typed(run, SCHEDULE_ADJUSTMENTS)
    refused = REJECTED_SCHEDULE_ADJUSTMENTS.no_rows()
    if run.rows(given.limit(1)):
        given = run.cache(adjusted_lines(given))
        headers = run.cache(run(BILLING_HEADERS).semi_join(given, "ordered_line_id"))
        (days,) = run.rows(given.aggregate(first=given.adjusted_on.min(), last=given.adjusted_on.max()))
        span = max(days["first"], _EVER[0]), min(days["last"], _EVER[1])
        due, details = scheduled(run, headers, always(run(ACCOUNTS)), *span, fees_of(run))
        given, refused = judge_adjustments(given, headers, due, details, run(USERS), run(ROLES))
    yield given
    yield REJECTED_SCHEDULE_ADJUSTMENTS.shape(unreadable).union(refused)


@stage(
    BILLING_SCHEDULE_DETAILS, BILLING_SCHEDULE_RECORDS, BILLING_HEADER_AMOUNTS, UNBILLED_AMOUNTS,
    reads=(BILLING_HEADERS, *READS),
)  # fmt: skip
def billing_schedule(run: Run) -> Iterator[ir.Table]:
    """What becomes due in the month: details, rolled up to records and headers; and what is left to be billed."""
    headers = run(BILLING_HEADERS)
    changes = changes_of(run)
    span = ends_after(run, headers), last_day(run)
    due, details = scheduled(run, headers, run.windows, *span, changes)
    yield BILLING_SCHEDULE_DETAILS.shape(details)
    records = run.cache(schedule.schedule_records(details, due))
    replaced = headers.filter(headers.replaced_as.notnull())
    if run.rows(replaced.limit(1)):
        gone = schedule.replaced_periods(replaced, periods_of(run, replaced, *span), run.windows)
        yield BILLING_SCHEDULE_RECORDS.shape(records).union(BILLING_SCHEDULE_RECORDS.shape(gone))
    else:
        yield BILLING_SCHEDULE_RECORDS.shape(records)
    yield BILLING_HEADER_AMOUNTS.shape(schedule.header_amounts(records))
    yield _unbilled(run, headers, span[0], changes)


def _unbilled(run: Run, headers: ir.Table, after: date, changes: Changes) -> ir.Table:
    """What is ready after the month, of the headers whose end is known."""
    horizon = calendar.first_day(calendar.months_later(run.month, _KNOWN_MONTHS))
    left = headers.filter(schedule.is_left(headers, calendar.first_day(run.month), horizon))
    (row,) = run.rows(left.aggregate(headers=left.count(), last=left.end_date.max()))
    if not row["headers"]:
        return UNBILLED_AMOUNTS.no_rows()
    later = run.windows.mutate(ready_after=ibis._.end_date, end_date=ibis.date(FOREVER))
    due, details = scheduled(run, left, later, after, row["last"] or after, changes)
    return UNBILLED_AMOUNTS.shape(schedule.unbilled_amounts(details, due))

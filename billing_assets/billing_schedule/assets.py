"""The billing schedule as assets: headers, and the month's records and details."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.billing_schedule import advance_purchases as purchases
from billing_assets.billing_schedule import headers as terms_of_periods
from billing_assets.billing_schedule import maturity, schedule
from billing_assets.billing_schedule.agreed_terms import agreed_terms
from billing_assets.billing_schedule.amounts import schedule_details
from billing_assets.billing_schedule.periods import full_periods
from billing_assets.billing_schedule.phases import in_phases, price_phases
from billing_assets.billing_schedule.price_steps import index_steps, new_rates
from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADER_AMOUNTS,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
    PRICE_PHASES,
)
from billing_assets.billing_schedule.termination import termination_headers
from billing_assets.billing_schedule.trials import trials
from billing_assets.orders.availability import ended_by_seller
from billing_assets.orders.tables import BUY_IN_ADVANCE_REQUESTS, ORDER_LINES, ORDER_TERMS
from billing_assets.pricing import price_book as prices
from billing_assets.reference.tables import (
    ACCOUNTS,
    AVAILABILITY_WINDOWS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEMES,
    CURRENCIES,
    OFFER_TERMS,
    OFFERS,
    PRICE_INDEXES,
    PRODUCTS,
    RATE_TIERS,
    RATES,
    SCHEME_TERMS,
)
from billing_assets.run import Run
from billing_assets.stage import stage

_JOINED = (ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES)
LIFE_OF = tuple(dict.fromkeys((*_JOINED, OFFER_TERMS, SCHEME_TERMS, PRICE_INDEXES, *prices.READS)))
_WINDOWS = (AVAILABILITY_WINDOWS, PRODUCTS, OFFERS)


class Life(NamedTuple):
    """Headers of order lines, what was agreed on for their lives, and the phases of their prices; None without any."""

    headers: ir.Table
    terms: ir.Table | None
    phases: ir.Table | None


@stage(
    BILLING_HEADERS, PRICE_PHASES, ADVANCE_PURCHASES,
    reads=tuple(dict.fromkeys((ORDER_LINES, ORDER_TERMS, BUY_IN_ADVANCE_REQUESTS, *_WINDOWS, *LIFE_OF))),
)  # fmt: skip
def billing_headers(run: Run) -> Iterator[ir.Table]:
    """One header per order line that has fees, the phases of their prices, and the fees for leaving early.

    What is bought in advance has headers of its own.
    """
    own_terms = None if run.is_empty(ORDER_TERMS) else run(ORDER_TERMS)
    headers, terms, phases = life_of(run, run(ORDER_LINES), own_terms)
    phases = PRICE_PHASES.no_rows() if phases is None else phases
    if terms is not None:
        headers = headers.union(_fees_for_leaving(run, headers, terms, phases))
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
    fees = termination_headers(headers, terms, run(PRODUCTS), phases)
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
    BILLING_SCHEDULE_DETAILS, BILLING_SCHEDULE_RECORDS, BILLING_HEADER_AMOUNTS,
    reads=(BILLING_HEADERS, PRICE_PHASES, ADVANCE_PURCHASES, ACCOUNTS, BILLING_CYCLES, CURRENCIES, RATES, RATE_TIERS),
)  # fmt: skip
def billing_schedule(run: Run) -> Iterator[ir.Table]:
    """What becomes due in the month: details, rolled up to records and headers."""
    headers = run(BILLING_HEADERS)
    phases = None if run.is_empty(PRICE_PHASES) else run(PRICE_PHASES)
    due, details = scheduled(run, headers, run.windows, _ends_after(run, headers), _last_day(run), phases)
    if not run.is_empty(ADVANCE_PURCHASES):
        details = run.cache(details.union(purchases.reductions(details, run(ADVANCE_PURCHASES))))
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

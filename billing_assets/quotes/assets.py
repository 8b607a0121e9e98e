"""Quotes as assets: their versions with state, lines with prices and control, totals, and what was accepted."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.billing_schedule.assets import LIFE_OF, life_of
from billing_assets.billing_schedule.scheduled import Changes, always, scheduled
from billing_assets.orders.assets import JUDGED_BY, judged
from billing_assets.orders.versions import as_ordered
from billing_assets.pricing.price_book import price_book
from billing_assets.quotes import amounts, control, lines, states
from billing_assets.quotes.tables import (
    ACCEPTED_QUOTES,
    APPROVALS,
    QUOTE_EVENTS,
    QUOTE_FEES,
    QUOTE_LINES,
    QUOTE_PRICES,
    QUOTE_TOTALS,
    QUOTE_USAGE,
    QUOTE_USAGE_PRICES,
    QUOTES,
    REJECTED_QUOTES,
)
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import (
    ACCOUNTS,
    CURRENCIES,
    FLOOR_PRICES,
    RATES,
    ROLES,
    USERS,
)
from billing_assets.run import Run
from billing_assets.stage import stage

_INPUTS = (QUOTES, QUOTE_LINES, QUOTE_USAGE, QUOTE_EVENTS, APPROVALS)
_MADE = (QUOTE_PRICES, QUOTE_FEES, QUOTE_USAGE_PRICES, QUOTE_TOTALS, ACCEPTED_QUOTES)


@stage(
    *_INPUTS, *_MADE, REJECTED_QUOTES,
    reads=tuple(dict.fromkeys((*JUDGED_BY, *LIFE_OF, USERS, ROLES, FLOOR_PRICES))),
)  # fmt: skip
def quotes(run: Run) -> Iterator[ir.Table]:
    """Quotes: what was offered at which price, whether it may be accepted, and what was."""
    records = {table: typed(run, table) for table in _INPUTS}
    decided, unreadable = records[APPROVALS]
    other_approvals = decided.filter(decided.object_type != "quote")
    records[APPROVALS] = decided.filter(decided.object_type == "quote"), unreadable
    if not any(run.rows(part.limit(1)) for parts in records.values() for part in parts):
        empty = {table: table.no_rows() for table in (*_INPUTS, *_MADE, REJECTED_QUOTES)}
        yield from (empty | {APPROVALS: other_approvals}).values()
        return
    given = {table: rows for table, (rows, _) in records.items()}
    users, roles = run(USERS), run(ROLES)
    versions = run.cache(lines.judged_quotes(given[QUOTES], run(ACCOUNTS), users, run(CURRENCIES)))
    known = run.cache(_with_term(run, versions.filter(versions.reason.isnull())))
    told = run.cache(lines.judged_lines(given[QUOTE_LINES], known))
    book = price_book(run, run.rows, run.cache)
    made, unpriced = lines.priced_lines(
        told.filter(told.reason.isnull()), lambda rows: judged(run, as_ordered(rows), book)
    )
    limited = run.cache(control.with_limits(made, users, roles, run(FLOOR_PRICES)))
    unpriced = run.cache(unpriced)
    estimates = run.cache(amounts.judged_estimates(given[QUOTE_USAGE], limited, book.card))
    usage = run.cache(_priced_usage(run, limited, given[QUOTE_USAGE], estimates, book))
    fees = run.cache(_fees(run, limited))
    prices = run.cache(QUOTE_PRICES.shape(amounts.quote_prices(limited, fees, usage)))
    needed = run.cache(control.needs(prices))
    approvals = run.cache(control.judged_approvals(given[APPROVALS], known, needed, users, roles))
    decisions = approvals.filter(approvals.reason.isnull())
    refused_lines = [_refused(QUOTE_LINES, rows) for rows in (records[QUOTE_LINES][1], told, unpriced)]
    asked = run.cache(_with_need(known, needed))
    incomplete = _incomplete(asked, needed, ibis.union(*refused_lines))
    events = run.cache(states.judged_events(given[QUOTE_EVENTS], asked, decisions, incomplete))
    yield QUOTES.shape(states.with_state(asked, events, decisions))
    yield QUOTE_LINES.shape(given[QUOTE_LINES].semi_join(prices, lines.LINE))
    yield QUOTE_USAGE.shape(estimates.filter(estimates.reason.isnull()))
    yield QUOTE_EVENTS.shape(events.filter(events.reason.isnull()))
    yield APPROVALS.shape(decisions).union(other_approvals)
    yield prices
    yield QUOTE_FEES.shape(fees)
    yield QUOTE_USAGE_PRICES.shape(usage)
    yield QUOTE_TOTALS.shape(amounts.quote_totals(prices))
    yield ACCEPTED_QUOTES.shape(states.accepted(asked, events, prices))
    of_approvals = approvals.mutate(quote_id=approvals.object_id, version=approvals.object_version)
    yield ibis.union(
        *refused_lines,
        *(_refused(t, records[t][1]) for t in (QUOTES, QUOTE_USAGE, QUOTE_EVENTS)),
        *(_refused(t, r) for t, r in ((QUOTES, versions), (QUOTE_USAGE, estimates), (QUOTE_EVENTS, events))),
        _refused(APPROVALS, of_approvals),
        _refused(APPROVALS, records[APPROVALS][1].rename(quote_id="object_id", version="object_version")),
    )


def _with_term(run: Run, quotes: ir.Table) -> ir.Table:
    pairs = run.rows(quotes.select("start_date", "term_months").distinct())
    ends = calendar.terms((row["start_date"], row["term_months"]) for row in pairs)
    return quotes.drop("term_end").join(ibis.memtable(ends), ("start_date", "term_months"))


def _with_need(quotes: ir.Table, needed: ir.Table) -> ir.Table:
    of = needed.select(*lines.VERSION, needs="needs_approval")
    found = quotes.drop("needs_approval", "state", "decided_by").left_join(of, lines.VERSION)
    return found.drop("quote_id_right", "version_right").mutate(needs_approval=found.needs.fill_null(False))


def _incomplete(quotes: ir.Table, priced: ir.Table, refused: ir.Table) -> ir.Table:
    """The versions without lines, or with lines that were refused."""
    broken = refused.select("quote_id", version=refused.version.try_cast("int64"))
    empty = quotes.anti_join(priced, lines.VERSION).select(*lines.VERSION)
    return ibis.union(broken, empty, distinct=True)


def _fees(run: Run, priced: ir.Table) -> ir.Table:
    """The fees of the lines over their life, by the billing schedule."""
    (limits,) = run.rows(priced.aggregate(first=priced.start_date.min(), last=priced.end_date.max()))
    begin = calendar.first_day(run.first_month)
    life = life_of(run, priced)
    within = (always(run(ACCOUNTS)), limits["first"] or begin, limits["last"] or begin)
    _, details = scheduled(run, run.cache(life.headers), *within, Changes(life.phases))
    return amounts.term_fees(details, priced, life.phases)


def _priced_usage(run: Run, priced: ir.Table, given: ir.Table, estimates: ir.Table, book) -> ir.Table:
    days = priced.select("start_date", "end_date").distinct()
    counts = calendar.months_begun((row["start_date"], row["end_date"]) for row in run.rows(days))
    months = priced.join(ibis.memtable(counts), ("start_date", "end_date")).select(*lines.LINE, "months")
    nothing = amounts.judged_estimates(amounts.without_usage(priced, given), priced, book.card)
    both = estimates.union(nothing.select(estimates.columns))
    return amounts.priced_usage(both.filter(both.reason.isnull()), run(RATES), book, months)


def _refused(table, rows: ir.Table) -> ir.Table:
    wrong = rows.filter(rows.reason.notnull())
    return REJECTED_QUOTES.shape(wrong.mutate(record=ibis.literal(table.name), version=wrong.version.cast("string")))

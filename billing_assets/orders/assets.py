"""Orders as assets: imported lines, order lines, subscriptions and their usage services."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.orders import catalogues, floors, service_jobs, versions
from billing_assets.orders import plans as price_plans
from billing_assets.orders import subscriptions as rules
from billing_assets.orders.actions import judge_actions
from billing_assets.orders.availability import available
from billing_assets.orders.buy_in_advance import judge_requests
from billing_assets.orders.lines import judge_order_lines
from billing_assets.orders.lives import line_versions
from billing_assets.orders.schemes import Schemes
from billing_assets.orders.splits import judge_splits
from billing_assets.orders.tables import (
    BILLING_SPLITS,
    BUY_IN_ADVANCE_REQUESTS,
    IMPORTED_ORDERS,
    ORDER_ACTIONS,
    ORDER_LINE_VERSIONS,
    ORDER_LINES,
    ORDER_TERMS,
    REJECTED_BUY_IN_ADVANCE_REQUESTS,
    REJECTED_ORDERS,
    SERVICE_JOBS,
    SUBSCRIPTION_CATALOGUES,
    SUBSCRIPTION_SERVICES,
    SUBSCRIPTIONS,
)
from billing_assets.orders.terms import judge_terms
from billing_assets.pricing import price_book as prices
from billing_assets.quotes.orders import ORDER_KEY, accepted_orders, imported_again
from billing_assets.quotes.tables import ACCEPTED_QUOTES, APPROVALS, QUOTE_LINES, QUOTE_PRICES, QUOTES
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import (
    ACCOUNTS,
    AVAILABILITY_WINDOWS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEME_PLANS,
    BILLING_TERM_SCHEMES,
    BUY_IN_ADVANCE_DEFINITIONS,
    BUY_IN_ADVANCE_DURATIONS,
    CURRENCIES,
    FLOOR_PRICES,
    OFFER_PRODUCTS,
    OFFERS,
    PRODUCTS,
    RATES,
    ROLES,
    SEGMENTS,
    USAGE_CATALOGUE_CONDITIONS,
    USERS,
    VENDOR_CURRENCIES,
)
from billing_assets.run import Run
from billing_assets.stage import stage

_JOINED = (ACCOUNTS, PRODUCTS, OFFERS, OFFER_PRODUCTS, CURRENCIES, VENDOR_CURRENCIES)
_SCHEMES = (BILLING_TERM_SCHEMES, BILLING_TERM_SCHEME_PLANS)
_QUOTED = (ACCEPTED_QUOTES, QUOTES, QUOTE_LINES, QUOTE_PRICES)
_FLOORS = (APPROVALS, FLOOR_PRICES, USERS, ROLES)
_WINDOWS = (AVAILABILITY_WINDOWS, PRODUCTS, OFFERS, ACCOUNTS, SEGMENTS)
JUDGED_BY = tuple(dict.fromkeys((*_JOINED, *_SCHEMES, *_WINDOWS, *price_plans.READS, *prices.READS)))


@stage(
    IMPORTED_ORDERS, SERVICE_JOBS, ORDER_ACTIONS, ORDER_TERMS, ORDER_LINES, ORDER_LINE_VERSIONS, BILLING_SPLITS,
    REJECTED_ORDERS,
    reads=tuple(dict.fromkeys((*JUDGED_BY, *_QUOTED, *_FLOORS, BILLING_CYCLES))),
)  # fmt: skip
def orders(run: Run) -> Iterator[ir.Table]:
    """Order lines of every source in one shape, in all their versions, priced, and those that cannot be billed."""
    jobs, unreadable_jobs = typed(run, SERVICE_JOBS)
    of_jobs = service_jobs.as_orders(jobs) if run.rows(jobs.limit(1)) else None
    imported, rejected = _of_all_sources(run, of_jobs)
    yield imported
    yield jobs
    actions, unreadable_actions = typed(run, ORDER_ACTIONS)
    yield actions
    as_ordered = versions.as_ordered(imported)
    own_terms, not_terms = _own_terms(run, as_ordered)
    yield own_terms
    ordered, history, not_done = _with_actions(run, as_ordered, actions)
    ordered, not_approved = _with_floors(run, ordered)
    facts = None if of_jobs is None else service_jobs.job_facts(jobs)
    lines, refused = judged(run, ordered, _fee_prices(run), history, facts)
    yield lines
    yield ORDER_LINE_VERSIONS.no_rows() if history is None else line_versions(ordered, history, lines, refused)
    splits, not_split = _splits(run, lines)
    yield splits
    unreadable = (unreadable_actions, service_jobs.under_order_keys(unreadable_jobs))
    yield ibis.union(
        rejected, *(REJECTED_ORDERS.shape(rows) for rows in unreadable), not_terms, refused, not_done, not_split,
        not_approved,
    )  # fmt: skip


def _of_all_sources(run: Run, of_jobs: ir.Table | None) -> tuple[ir.Table, ir.Table]:
    """Imported lines, those of accepted quotes and of service jobs; and the imported ones that cannot be used."""
    imported, unreadable = typed(run, IMPORTED_ORDERS)
    rejected = [unreadable]
    if not run.is_empty(ACCEPTED_QUOTES):
        of_quotes = run.cache(accepted_orders(*(run(table) for table in _QUOTED)))
        rejected.append(imported_again(imported, of_quotes))
        imported = run.cache(imported.anti_join(of_quotes, ORDER_KEY).union(of_quotes))
    if of_jobs is not None:
        rejected.append(service_jobs.imported_again(imported, of_jobs))
        imported = run.cache(imported.anti_join(of_jobs, versions.LINE_KEY).union(of_jobs))
    return imported, ibis.union(*(REJECTED_ORDERS.shape(rows) for rows in rejected))


def _own_terms(run: Run, ordered: ir.Table) -> tuple[ir.Table, ir.Table]:
    """The terms that order lines have of their own, and those that cannot be."""
    terms, unreadable = typed(run, ORDER_TERMS)
    rejected = REJECTED_ORDERS.shape(unreadable)
    if not run.rows(terms.limit(1)):
        return terms, rejected
    known, refused = (run.cache(rows) for rows in judge_terms(terms, ordered, run(PRODUCTS)))
    return known, rejected.union(refused)


def judged(
    run: Run, ordered: ir.Table, book: prices.PriceBook | None, history: ir.Table | None = None,
    job_facts: ir.Table | None = None,
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    """Split what was ordered into order lines and what cannot be billed, by the tables of JUDGED_BY."""
    unavailable = REJECTED_ORDERS.no_rows()
    if not run.is_empty(AVAILABILITY_WINDOWS):
        ordered, unavailable = (run.cache(t) for t in available(ordered, *(run(table) for table in _WINDOWS)))
    plans = price_plans.Plans(*(run(table) for table in price_plans.READS), job_facts)
    schemes = None if run.is_empty(BILLING_TERM_SCHEMES) else Schemes(*(run(table) for table in _SCHEMES))
    joined = (run(table) for table in _JOINED)
    lines, refused = judge_order_lines(ordered, *joined, plans, book, schemes, history, run.cache, run.rows)
    return lines, refused.union(unavailable)


def _splits(run: Run, lines: ir.Table) -> tuple[ir.Table, ir.Table]:
    """The splits of order lines, and the rows that cannot be carried out."""
    given, unreadable = typed(run, BILLING_SPLITS)
    if not run.rows(given.limit(1)):
        return given, REJECTED_ORDERS.shape(unreadable)
    splits, refused = judge_splits(given, unreadable, lines, run(ACCOUNTS), run(VENDOR_CURRENCIES))
    return splits, REJECTED_ORDERS.shape(unreadable).union(refused)


def _with_actions(run: Run, ordered: ir.Table, actions: ir.Table) -> tuple[ir.Table, ir.Table | None, ir.Table]:
    """The ordered lines in all their versions, the history that made them, and the actions that cannot be done."""
    if not run.rows(actions.limit(1)):
        return ordered, None, REJECTED_ORDERS.no_rows()
    terms = (run(table) for table in (ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES))
    history, not_done = (run.cache(rows) for rows in judge_actions(actions, ordered, *terms, run.cache))
    prices = run.inputs.settings.amended_price
    return run.cache(versions.with_versions(ordered, history, prices)), history, not_done


def _with_floors(run: Run, ordered: ir.Table) -> tuple[ir.Table, ir.Table]:
    """What was ordered, with the prices that are below the floor marked, and the approvals that do not count."""
    approvals = run(APPROVALS).filter(ibis._.object_type == floors.OBJECT_TYPE)
    if run.is_empty(FLOOR_PRICES) and not run.rows(approvals.limit(1)):
        return ordered, REJECTED_ORDERS.no_rows()
    approved, refused = floors.judge_approvals(approvals, ordered, run(USERS), run(ROLES))
    return run.cache(
        floors.with_floors(ordered, run(FLOOR_PRICES), run(ACCOUNTS), run(ACCEPTED_QUOTES), run.cache(approved))
    ), REJECTED_ORDERS.shape(refused)


def _fee_prices(run: Run) -> prices.PriceBook | None:
    others = run(PRODUCTS).filter(ibis._.product_type != "usage_service")
    priced = run(RATES).semi_join(others, "product_id")
    return prices.price_book(run, run.rows, run.cache) if run.rows(priced.limit(1)) else None


@stage(
    SUBSCRIPTIONS, SUBSCRIPTION_SERVICES, SUBSCRIPTION_CATALOGUES,
    reads=(ORDER_LINES, ACCOUNTS, SEGMENTS, USAGE_CATALOGUE_CONDITIONS),
)  # fmt: skip
def subscriptions(run: Run) -> Iterator[ir.Table]:
    """Subscriptions, the services that say which usage belongs to them, and the catalogues they may order from."""
    yield SUBSCRIPTIONS.shape(rules.subscriptions(run(ORDER_LINES)))
    lines = rules.usage_lines(run(ORDER_LINES), run(ACCOUNTS))
    limits = [(row["time_zone"], row["local_day"]) for row in run.rows(rules.life_limits(lines))]
    midnights = ibis.memtable(calendar.local_midnights(limits))
    yield SUBSCRIPTION_SERVICES.shape(rules.subscription_services(lines, midnights))
    if run.is_empty(USAGE_CATALOGUE_CONDITIONS):
        yield SUBSCRIPTION_CATALOGUES.no_rows()
    else:
        joined = (USAGE_CATALOGUE_CONDITIONS, SEGMENTS, SUBSCRIPTIONS, ORDER_LINES, ACCOUNTS)
        yield catalogues.subscription_catalogues(*(run(table) for table in joined))


_ADVANCE = (
    SUBSCRIPTIONS, ORDER_LINES, BILLING_TERM_SCHEMES, BUY_IN_ADVANCE_DEFINITIONS, BUY_IN_ADVANCE_DURATIONS, USERS,
    ROLES,
)  # fmt: skip


@stage(BUY_IN_ADVANCE_REQUESTS, REJECTED_BUY_IN_ADVANCE_REQUESTS, reads=_ADVANCE)
def buy_in_advance(run: Run) -> Iterator[ir.Table]:
    """Approved requests to be billed for a longer period at once, and those that change nothing."""
    requests, unreadable = typed(run, BUY_IN_ADVANCE_REQUESTS)
    refused = REJECTED_BUY_IN_ADVANCE_REQUESTS.no_rows()
    if run.rows(requests.limit(1)):
        requests, refused = judge_requests(requests, *(run(table) for table in _ADVANCE))
    yield requests
    yield REJECTED_BUY_IN_ADVANCE_REQUESTS.shape(unreadable).union(refused)

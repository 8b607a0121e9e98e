"""Orders as assets: imported lines, order lines, subscriptions and their usage services."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.orders import catalogues
from billing_assets.orders import plans as price_plans
from billing_assets.orders import subscriptions as rules
from billing_assets.orders.lines import judge_order_lines
from billing_assets.orders.schemes import Schemes
from billing_assets.orders.tables import (
    IMPORTED_ORDERS,
    ORDER_LINES,
    REJECTED_ORDERS,
    SUBSCRIPTION_CATALOGUES,
    SUBSCRIPTION_SERVICES,
    SUBSCRIPTIONS,
)
from billing_assets.pricing import price_book as prices
from billing_assets.quotes.orders import ORDER_KEY, accepted_orders, imported_again
from billing_assets.quotes.tables import ACCEPTED_QUOTES, QUOTE_LINES, QUOTE_PRICES, QUOTES
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import (
    ACCOUNTS,
    BILLING_TERM_SCHEME_PLANS,
    BILLING_TERM_SCHEMES,
    CURRENCIES,
    OFFER_PRODUCTS,
    OFFERS,
    PRODUCTS,
    RATES,
    SEGMENTS,
    USAGE_CATALOGUE_CONDITIONS,
    VENDOR_CURRENCIES,
)
from billing_assets.run import Run
from billing_assets.stage import stage

_JOINED = (ACCOUNTS, PRODUCTS, OFFERS, OFFER_PRODUCTS, CURRENCIES, VENDOR_CURRENCIES)
_SCHEMES = (BILLING_TERM_SCHEMES, BILLING_TERM_SCHEME_PLANS)
_QUOTED = (ACCEPTED_QUOTES, QUOTES, QUOTE_LINES, QUOTE_PRICES)
JUDGED_BY = tuple(dict.fromkeys((*_JOINED, *_SCHEMES, *price_plans.READS, *prices.READS)))


@stage(IMPORTED_ORDERS, ORDER_LINES, REJECTED_ORDERS, reads=(*JUDGED_BY, *_QUOTED))
def orders(run: Run) -> Iterator[ir.Table]:
    """Order lines of every source in one shape, priced, and those that cannot be billed."""
    imported, unreadable = typed(run, IMPORTED_ORDERS)
    rejected = REJECTED_ORDERS.shape(unreadable)
    if not run.is_empty(ACCEPTED_QUOTES):
        of_quotes = run.cache(accepted_orders(*(run(table) for table in _QUOTED)))
        rejected = rejected.union(REJECTED_ORDERS.shape(imported_again(imported, of_quotes)))
        imported = run.cache(imported.anti_join(of_quotes, ORDER_KEY).union(of_quotes))
    yield imported
    lines, refused = judged(run, imported, _fee_prices(run))
    yield lines
    yield rejected.union(refused)


def judged(run: Run, orders: ir.Table, book: prices.PriceBook | None) -> tuple[ir.Table, ir.Table]:
    """Split orders into order lines and those that cannot be billed, by the tables of JUDGED_BY."""
    plans = price_plans.Plans(*(run(table) for table in price_plans.READS))
    schemes = None if run.is_empty(BILLING_TERM_SCHEMES) else Schemes(*(run(table) for table in _SCHEMES))
    return judge_order_lines(orders, *(run(table) for table in _JOINED), plans, book, schemes, run.cache)


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

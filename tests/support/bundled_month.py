"""Bundles over the events of January, as the stage applies them, for tests of their rules."""

from collections.abc import Callable
from decimal import Decimal

import ibis
from sample_rows import Row, account, product, rated_item

from billing_assets import calendar
from billing_assets.bundles import events, month
from billing_assets.bundles.overage import overage_rates
from billing_assets.bundles.owners import entitled, sharing
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.bundles.totals import chargeable
from billing_assets.contract import Table
from billing_assets.orders.subscriptions import usage_lines
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference import tables as reference
from billing_assets.reference.bundle_reach import reach
from billing_assets.totals.tables import USAGE_TOTALS
from billing_assets.usage.tables import UDRS


def call(name: str, units: str, minute: int = 0, **values: object) -> Row:
    """A rated event of 0.01 per unit without a set-up fee, some minutes after noon of 15 January."""
    price = str(Decimal(units) / 100)
    given = {
        "udr_id": name, "quantity": units, "billed_quantity": units, "unit_amount": price, "amount": price,
        "billing_effective_at": f"2026-01-15T12:{minute:02d}:00",
    }  # fmt: skip
    return rated_item(**(given | values))


def january(first_month: str = "2026-01") -> ibis.Table:
    return ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], first_month))


def bundle_month(
    table: Callable[..., ibis.Table], rows: Callable[[ibis.Table], list[dict]], *rated: Row, bundles: tuple[Row, ...],
    **given: tuple[Row, ...],
) -> tuple[list[dict], list[dict]]:  # fmt: skip
    """Items and counters, as of whole_month."""
    return whole_month(table, rows, *rated, bundles=bundles, **given)[:2]


def whole_month(
    table: Callable[..., ibis.Table], rows: Callable[[ibis.Table], list[dict]], *rated: Row, bundles: tuple[Row, ...],
    **given: tuple[Row, ...],
) -> tuple[list[dict], list[dict], list[dict]]:  # fmt: skip
    """Items, counters and covered totals.

    `given` are rows of other tables by name; of `before` the counters of the month before.
    """

    def read(contract: Table) -> ibis.Table:
        return table(contract, *given.get(contract.name, ()))

    accounts = table(reference.ACCOUNTS, *given.get("accounts", (account(),)))
    windows = payer_windows(accounts, january())
    offered = rows(table(reference.BUNDLES, *bundles))
    conditions = rows(read(reference.BUNDLE_CONDITIONS))
    shared = {row["scope"] for row in offered} & {"hierarchy", "group"}
    owners = sharing(rows(accounts), rows(read(reference.ACCOUNT_GROUPS))) if shared else None
    lines = usage_lines(read(ORDER_LINES), accounts)
    dated = [row for row in offered if month.needs_days(row)]
    above = {row["overage_rate_id"] for row in offered if row["overage_rate_id"]}
    terms = month.Terms(
        offered,
        reach(offered, conditions, list(given.get("products", (product(),)))),
        conditions,
        owners,
        entitled(lines, windows, dated, owners) if dated else None,
        table(BUNDLE_COUNTERS, *given["before"]) if "before" in given else None,
        read(reference.BUNDLE_LEVELS),
        overage_rates(read(reference.RATES), read(reference.RATE_TIERS), above, rows) if above else None,
    )
    left = events.chargeable(rated_in_month(table(RATED_ITEMS, *rated), windows))
    if "udrs" in given:
        left = events.with_attributes(left, read(UDRS))
    totals = chargeable(read(USAGE_TOTALS)) if "usage_totals" in given else None
    made = month.apply(left, totals, terms, "2026-01", lambda expression: expression)
    ordered = zip(made, (BUNDLE_ITEMS, BUNDLE_COUNTERS, COVERED_TOTALS), strict=True)
    return tuple(rows(found.order_by(contract.keys)) for found, contract in ordered)

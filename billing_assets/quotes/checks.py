"""Checks of quotes: totals are the sum of lines, and an accepted quote is ordered once, at what was quoted."""

import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.exact import total
from billing_assets.orders.tables import IMPORTED_ORDERS, ORDER_LINES
from billing_assets.quality import Check, differing, some
from billing_assets.quotes.lines import LINE, SOURCE, VERSION
from billing_assets.quotes.tables import ACCEPTED_QUOTES, QUOTE_PRICES, QUOTE_TOTALS, QUOTE_USAGE_PRICES
from billing_assets.run import Run


def totals_equal_lines(run: Run) -> list[dict]:
    prices, key = run(QUOTE_PRICES), [*VERSION, "currency", "tax_included"]
    by_version = prices.group_by(*key).aggregate(total_amount=total(prices.total_amount))
    return some(run, differing(by_version, run(QUOTE_TOTALS), key, "total_amount"))


def usage_equals_estimates(run: Run) -> list[dict]:
    usage = run(QUOTE_USAGE_PRICES)
    by_line = usage.group_by(*LINE).aggregate(usage_amount=total(usage.amount))
    return some(run, differing(by_line, run(QUOTE_PRICES), LINE, "usage_amount"))


def quotes_ordered_once(run: Run) -> list[dict]:
    orders = _of_quotes(run, IMPORTED_ORDERS)
    ordered = orders.group_by(quote_id="source_order_id").aggregate(lines=orders.count())
    return some(run, differing(ordered, run(ACCEPTED_QUOTES), ["quote_id"], "lines"))


def ordered_as_quoted(run: Run) -> list[dict]:
    orders = _of_quotes(run, ORDER_LINES).select("net_price", quote_id="source_order_id", line_id="source_line_id")
    quoted = run(QUOTE_PRICES).semi_join(run(ACCEPTED_QUOTES), VERSION)
    key = ["quote_id", "line_id"]
    return some(run, differing(orders, quoted.semi_join(orders, key), key, "net_price"))


def _of_quotes(run: Run, table: Table) -> ir.Table:
    """The orders of a table that are accepted quotes."""
    orders, accepted = run(table), run(ACCEPTED_QUOTES)
    return orders.filter(orders.source == SOURCE).semi_join(accepted, orders.source_order_id == accepted.quote_id)


CHECKS = (
    Check(QUOTE_TOTALS, "totals_equal_lines", "The total of a quote is the sum of its lines.", totals_equal_lines),
    Check(QUOTE_PRICES, "usage_equals_estimates", "The usage of a line is the sum of its priced estimates.",
          usage_equals_estimates),
    Check(IMPORTED_ORDERS, "quotes_ordered_once", "Every line of an accepted quote is an order line, once.",
          quotes_ordered_once),
    Check(ORDER_LINES, "ordered_as_quoted", "Order lines of accepted quotes have the net price that was quoted.",
          ordered_as_quoted, blocking=False),
)  # fmt: skip

"""Quotes and their lines: which can be priced, their list prices, and the prices that were negotiated.

A line is priced by the rules of order lines, as the order line that it becomes. What it costs without negotiation
is its list price.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from billing_assets.exact import FEE_PRICE, FEE_QUANTITY, amount, percentage
from billing_assets.orders.tables import IMPORTED_ORDERS
from billing_assets.quotes.tables import VERSION_KEYS
from billing_assets.records import first_reason

VERSION = tuple(c.name for c in VERSION_KEYS)
LINE = (*VERSION, "line_id")
SOURCE = "quote"
_MOST_MONTHS = 120
_YEARS = (1900, 2200)

JudgeOrders = Callable[[ir.Table], tuple[ir.Table, ir.Table]]


def judged_quotes(quotes: ir.Table, accounts: ir.Table, users: ir.Table, currencies: ir.Table) -> ir.Table:
    """Quotes with reason and detail, where they are refused.

    Reasons: UNKNOWN_ACCOUNT, UNKNOWN_USER, UNKNOWN_CURRENCY, INVALID_TERM, INVALID_VALIDITY.
    """
    a = accounts.select(known_account="account_id")
    u = users.select(known_user="user_id")
    c = currencies.select(known_currency="currency")
    found = (
        quotes.left_join(a, quotes.account_id == a.known_account)
        .left_join(u, quotes.requester_id == u.known_user)
        .left_join(c, quotes.currency == c.known_currency)
    )
    asked = (found.kind == "business") | found.requester_id.notnull()
    year = found.start_date.year()
    out_of_range = (found.term_months < 1) | (found.term_months > _MOST_MONTHS)
    return first_reason(
        found,
        (found.known_account.isnull(), "UNKNOWN_ACCOUNT", "account_id", found.account_id),
        (asked & found.known_user.isnull(), "UNKNOWN_USER", "requester_id", found.requester_id),
        (found.known_currency.isnull(), "UNKNOWN_CURRENCY", "currency", found.currency),
        (out_of_range, "INVALID_TERM", "term_months", found.term_months),
        ((year < _YEARS[0]) | (year > _YEARS[1]), "INVALID_TERM", "start_date", found.start_date),
        (found.valid_to <= found.created_on, "INVALID_VALIDITY", "valid_to", found.valid_to),
    )


def judged_lines(lines: ir.Table, quotes: ir.Table) -> ir.Table:
    """Lines with what their quote gives them, and reason and detail, where they are refused.

    Reasons: UNKNOWN_QUOTE, NOT_NEGOTIABLE, TWO_PRICES, INVALID_DISCOUNT.
    """
    of = quotes.select(
        "account_id", "currency", "kind", "created_on", "term_end", "after_term", "requester_id",
        known_quote="quote_id", known_version="version", quote_start="start_date",
    )  # fmt: skip
    found = lines.left_join(of, [lines.quote_id == of.known_quote, lines.version == of.known_version])
    negotiated = found.unit_price.notnull() | found.discount_percent.notnull()
    fixed = (found.kind == "consumer") | (found.price_type == "usage")
    outside = (found.discount_percent < 0) | (found.discount_percent > 100)
    return first_reason(
        found.mutate(start_date=ibis.coalesce(found.start_date, found.quote_start), negotiated=negotiated),
        (found.known_quote.isnull(), "UNKNOWN_QUOTE", "quote_id", found.quote_id),
        (
            negotiated & fixed, "NOT_NEGOTIABLE", "price_type",
            ibis.ifelse(found.price_type == "usage", found.price_type, found.kind),
        ),
        (
            found.unit_price.notnull() & found.discount_percent.notnull(),
            "TWO_PRICES", "discount_percent", found.discount_percent,
        ),
        (outside, "INVALID_DISCOUNT", "discount_percent", found.discount_percent),
    )  # fmt: skip


def as_orders(lines: ir.Table) -> ir.Table:
    """Lines of quotes as order lines that are ordered on the day on which their version was made."""
    of_order = {"source": ibis.literal(SOURCE), "source_order_id": lines.quote_id, "source_line_id": lines.line_id}
    return IMPORTED_ORDERS.shape(
        lines.mutate(**of_order, ordered_on=lines.created_on, fulfilled_quantity=ibis.null(FEE_QUANTITY))
    )


def _for_the_term(lines: ir.Table) -> ir.Table:
    """Lines as order lines for their term, with each version apart from all other orders."""
    within = ibis.least(ibis.coalesce(lines.end_date, lines.term_end), lines.term_end)
    identifier = ibis.coalesce(lines.service_identifier, lines.line_id)
    apart = lines.mutate(
        quote_id=lines.version_id,
        end_date=within,
        subscription_id=ibis.null("string"),
        service_identifier=lines.version_id + ibis.literal("/") + identifier,
    )
    return as_orders(apart)


def priced_lines(lines: ir.Table, judge: JudgeOrders) -> tuple[ir.Table, ir.Table]:
    """Split lines of quotes into order lines for their term and those that cannot be priced.

    `judge` are the rules of orders. The order lines keep the line's key, and have its list_price (NULL for usage and
    where tiers price the quantity), created_on, requester_id, and whether it was negotiated. Reasons: those of orders,
    and NO_UNIT_PRICE.
    """
    keyed = lines.mutate(version_id=lines.quote_id + ibis.literal("/") + lines.version.cast("string"))
    listed, _ = judge(_for_the_term(keyed.mutate(unit_price=ibis.null(FEE_PRICE))))
    prices = listed.filter(listed.price_type != "usage").select(
        version_id="source_order_id", line_id="source_line_id", list_price="unit_price"
    )
    found = keyed.left_join(prices, ["version_id", "line_id"]).drop("version_id_right", "line_id_right")
    reduced = amount(found.list_price - percentage(amount(found.list_price), found.discount_percent))
    asked = found.mutate(unit_price=ibis.coalesce(found.unit_price, reduced.cast(FEE_PRICE)))
    made, refused = judge(_for_the_term(asked))
    of_line = asked.select(
        *LINE, "list_price", "created_on", "requester_id", "negotiated",
        source_order_id="version_id", source_line_id="line_id",
        unpriced=asked.discount_percent.notnull() & asked.list_price.isnull(),
    )  # fmt: skip
    key = ("source_order_id", "source_line_id")
    judged = first_reason(
        made.drop("version").join(of_line, key),
        (ibis._.unpriced, "NO_UNIT_PRICE", "discount_percent", None),
    )
    wrong = ("reason", "detail", "source_file", "source_line")
    return (
        judged.filter(judged.reason.isnull()),
        judged.filter(judged.reason.notnull())
        .select(*VERSION, *wrong)
        .union(refused.join(of_line.select(*key, *VERSION), key).select(*VERSION, *wrong)),
    )

"""Thresholds of unbilled usage: which subscriptions reached a limit of their billing term scheme, and when.

Unbilled is what the month has so far: each month bills all that came before. An event counts once, whatever parts
it has; its amount is what it costs by itself, without what bundles took back. What is priced by the total of the
month has no amount before the month is over.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, amount, total, zero

EVENTS = "max_unbilled_events"
AMOUNTS = "max_unbilled_amount"
_NO_CURRENCY = "-"
_EVENT = (
    "month", "billing_cycle", "payer_account_id", "subscription_id", "billing_effective_at", "udr_id", "currency",
)  # fmt: skip


def reached(
    rated: ir.Table, measured: ir.Table, covered: ir.Table, subscriptions: ir.Table, schemes: ir.Table
) -> ir.Table:
    """One row per subscription and limit that the month's usage reached, with the first event at which it did.

    `rated`, `measured` and `covered` are the month's rated items, measured usage and bundle items, `schemes` the
    billing term schemes with a limit.
    """
    watched = subscriptions.join(schemes.select("billing_term_scheme_id", EVENTS, AMOUNTS), "billing_term_scheme_id")
    watched = watched.select("subscription_id", "billing_term_scheme_id", EVENTS, AMOUNTS)
    used = ibis.union(
        rated.semi_join(watched, "subscription_id").select(*_EVENT, "amount"),
        covered.semi_join(watched, "subscription_id").select(*_EVENT, "amount"),
        measured.semi_join(watched, "subscription_id").mutate(amount=zero()).select(*_EVENT, "amount"),
    )
    each = used.group_by(*_EVENT).aggregate(value=total(used.amount))
    counted = each.drop("currency", "value").distinct()
    one = counted.mutate(currency=ibis.literal(_NO_CURRENCY), value=ibis.literal(1).cast(AMOUNT))
    return _first(one, watched, EVENTS).union(_first(each, watched, AMOUNTS))


def _first(events: ir.Table, watched: ir.Table, threshold: str) -> ir.Table:
    limits = watched.filter(watched[threshold].notnull())
    limits = limits.select("subscription_id", "billing_term_scheme_id", limit_value=limits[threshold].cast(AMOUNT))
    found = events.join(limits, "subscription_id")
    key = [found.month, found.subscription_id, found.currency]
    order = [found.billing_effective_at, found.udr_id]
    so_far = ibis.window(group_by=key, order_by=order, preceding=None, following=0)
    summed = found.mutate(value=amount(found.value.sum().over(so_far)), threshold=ibis.literal(threshold))
    over = summed.filter(summed.value >= summed.limit_value)
    key = [over.month, over.subscription_id, over.currency]
    placed = over.mutate(
        place=ibis.row_number().over(ibis.window(group_by=key, order_by=[over.billing_effective_at, over.udr_id])),
        reached_at=over.billing_effective_at,
    )
    return placed.filter(placed.place == 0).drop("place", "billing_effective_at")

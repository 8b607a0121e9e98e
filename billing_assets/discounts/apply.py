"""What discounts take off, one after the other: each of what those before it have left."""

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.discounts.charges import OF_ITEM
from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.exact import (
    AMOUNT,
    QUANTITY,
    amount,
    exact_ratio,
    exact_share,
    integer,
    part_of,
    percentage_of,
    quantity,
    total,
    zero,
)
from billing_assets.item import as_items
from billing_assets.months import whole_months
from billing_assets.reference.tables import FREE_PERIOD, FREE_USAGE, OF_MONEY

_OF_DISCOUNT = ("discount_id", "label", "discount_type", "value")


def taken(
    pairs: ir.Table, charges: ir.Table, types: Sequence[str], steps: Sequence[int],
    cache: Callable[[ir.Table], ir.Table],
) -> ir.Table:  # fmt: skip
    """The pairs (order.py) with base, what was left of the charge, and what the discount took off it.

    `types` and `steps` are those that there are; `cache` carries out an expression that is used twice.
    """
    rules = {rule: [t for t in types if _RULES[t] is rule] for rule in dict.fromkeys(_RULES[t] for t in types)}
    left, made = charges.select("charge_id", "base"), []
    for step in steps:
        met = pairs.filter(pairs.step == step).drop("base").join(left, "charge_id")
        made.append(cache(ibis.union(*(rule(met.filter(met.discount_type.isin(of))) for rule, of in rules.items()))))
        less = left.left_join(made[-1].select("charge_id", "taken"), "charge_id")
        left = less.select("charge_id", base=amount(less.base - ibis.coalesce(less.taken, zero())))
    return ibis.union(*made) if len(made) > 1 else made[0]


def _percentage(rows: ir.Table) -> ir.Table:
    return _made(rows, percentage_of(rows.base, rows.value))


def _free_period(rows: ir.Table) -> ir.Table:
    """The part of a fee's period that is free: in months where period and part are whole ones, else in days."""
    begun = ibis.greatest(rows.free_from, rows.service_start)
    ended = ibis.least(rows.free_to, rows.service_end)
    parts = whole_months(begun, ended), whole_months(rows.service_start, rows.service_end)
    in_months = parts[0].notnull() & parts[1].notnull()
    days = ended.delta(begun, unit="day"), rows.service_end.delta(rows.service_start, unit="day")
    free, whole = (ibis.ifelse(in_months, *of) for of in zip(parts, days, strict=True))
    return _made(rows, exact_ratio(rows.base, free, whole))


def _free_usage(rows: ir.Table) -> ir.Table:
    """The same share of all usage of the month that a discount is about: free units over used units."""
    used = rows.mutate(whole_quantity=quantity(rows.billed_quantity.sum().over(_together(rows))))
    free = ibis.least(used.value.cast(QUANTITY), used.whole_quantity)
    some = used.whole_quantity > 0
    share = exact_share(used.base, free, ibis.ifelse(some, used.whole_quantity, ibis.literal(1).cast(QUANTITY)))
    return _made(used, ibis.ifelse(some, share, zero()))


def _amount(rows: ir.Table) -> ir.Table:
    """An amount, but no more than there is, spread over the charges above zero in proportion to them."""
    positive = rows.mutate(base=ibis.greatest(rows.base, zero()))
    in_order = ibis.window(group_by=[positive.discount_id], order_by=positive.charge_id, preceding=None, following=0)
    summed = positive.mutate(
        whole_amount=amount(positive.base.sum().over(_together(positive))),
        after=amount(positive.base.sum().over(in_order)),
    )
    due = ibis.least(summed.value, summed.whole_amount)
    before = amount(summed.after - summed.base)
    parts = [part_of(due, part, summed.whole_amount) for part in (summed.after, before)]
    return _made(summed, ibis.least(amount(parts[0] - parts[1]), summed.base))


def _together(rows: ir.Table):
    return ibis.window(group_by=[rows.discount_id])


def _made(rows: ir.Table, taken: ir.DecimalValue) -> ir.Table:
    absent = {"whole_amount": AMOUNT, "whole_quantity": QUANTITY}
    empty = {name: ibis.null(dtype) for name, dtype in absent.items() if name not in rows.columns}
    return rows.mutate(taken=taken, **empty).select(*OF_ITEM, *_OF_DISCOUNT, "charge_id", "base", "taken", *absent)


_RULES: dict[str, Callable[[ir.Table], ir.Table]] = {
    "percentage": _percentage,
    FREE_PERIOD: _free_period,
    FREE_USAGE: _free_usage,
    **dict.fromkeys(OF_MONEY, _amount),
}


def discount_items(made: ir.Table) -> ir.Table:
    """What was taken (above) as items: one for all charges that a discount's item stands for.

    An item has the tax code, basis and period of what it reduces, so that it is taxed alike.
    """
    summed = made.group_by(*OF_ITEM, *_OF_DISCOUNT).aggregate(
        base_amount=total(made.base),
        taken=total(made.taken),
        whole_amount=made.whole_amount.max(),
        whole_quantity=made.whole_quantity.max(),
    )
    some = summed.filter(summed.taken != 0)
    return as_items(
        some,
        DISCOUNT_ITEMS,
        item_type="discount",
        source_table=DISCOUNTS.name,
        source_id=some.discount_id,
        events=integer(0),
        amount=amount(-some.taken),
    )

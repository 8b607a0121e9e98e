"""Commitments: what owners of bundles owe for a period whatever they use, and what usage above it costs more.

A period is one or more billing months, the first of them that in which its owner had the bundle first. What a month
comes to is added to what the period had come to before, so that a month follows from its own usage and the counters
of the month before. In arrears, what is missing is charged with the last month. In advance, all of it is charged on
the day on which the period begins, and usage up to it is taken back.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.cover import OWNER, up_to
from billing_assets.bundles.events import SCOPES
from billing_assets.bundles.owners import days
from billing_assets.exact import (
    ITEM_PRICE,
    QUANTITY,
    SOURCE_QUANTITY,
    amount,
    exact_conversion,
    exact_price,
    integer,
    percentage,
    quantity,
    total_quantity,
)
from billing_assets.fees.tables import COMMITMENT_COUNTERS, COMMITMENT_ITEMS, FOR_PERIOD, PARTS
from billing_assets.item import OVERAGE, USED, as_items
from billing_assets.months import month_number, months_after
from billing_assets.reference.legs import with_leg

_NOTHING = ibis.literal(0).cast(QUANTITY)
_ONE = ibis.literal(1).cast(QUANTITY)
_COMPONENTS = {"covered": USED, "above": OVERAGE}


def terms(bundles: ir.Table, commitments: ir.Table, price_plans: ir.Table) -> ir.Table:
    """Commitments with what their bundle and its plan say of them."""
    plans = price_plans.select("price_plan_id", "currency", "tax_included")
    said = bundles.select("bundle_id", "scope", "proration", "price_plan_id", label="name").join(plans, "price_plan_id")
    return commitments.drop("source_file", "source_line").join(said, "bundle_id")


def counted(counters: ir.Table, fees: ir.Table, owed: ir.Table) -> ir.Table:
    """What the events of the month came to for each owner (bundle_counters), and the fees that count with them.

    `fees` are the fee items of this month and of the month before, `owed` as of periods. A fee counts in the month that
    bills it, or in the next one where its period begins only then.
    """
    used = counters.filter(counters.effect == "commit").select(*OWNER, "unit", counted=counters.used_quantity)
    owners = owed.filter(owed.counts_fees).select(*OWNER, "month", "scope", "currency", "service_start", "service_end")
    begun = fees.select(
        *SCOPES.values(), "amount", fee_currency="currency", begins_on="service_start", billed_in="month"
    )
    paid = []
    for scope, column in SCOPES.items():
        owing = owners.filter(owners.scope == scope)
        found = owing.join(begun, owing.owner_id == begun[column])
        of_month = (found.billed_in == found.month) | (found.begins_on >= found.service_start)
        found = found.filter(found.fee_currency == found.currency, found.begins_on < found.service_end, of_month)
        paid.append(found.select(*OWNER, unit="currency", counted=quantity(found.amount.cast("decimal(38, 9)"))))
    rows = ibis.union(used, *paid)
    return rows.group_by(*OWNER).aggregate(counted_quantity=total_quantity(rows.counted), unit=rows.unit.max())


def periods(entitled: ir.Table, terms: ir.Table, of_next: bool) -> ir.Table:
    """Owners (bundles/owners.py) with the period that the month is in, or the next month, and what it commits to."""
    begin = entitled.service_end if of_next else entitled.service_start
    end = months_after(begin, integer(1))
    owned = entitled.mutate(month_begin=begin, month_end=end).join(terms, "bundle_id")
    living = owned.filter(owned.first_day < owned.month_end, owned.last_day > owned.month_begin)
    first = month_number(living.first_day) - (living.first_day.day() < living.month_begin.day()).cast("int64")
    place = (month_number(living.month_begin) - first) % living.period_months
    placed = living.mutate(period_from=months_after(living.month_begin, -place))
    placed = placed.mutate(period_to=months_after(placed.period_from, placed.period_months))
    lived = days(placed.first_day, placed.last_day, placed.period_from, placed.period_to)
    part = exact_conversion(
        placed.committed_quantity.cast(SOURCE_QUANTITY), lived, placed.period_to.delta(placed.period_from, unit="day")
    )
    return placed.mutate(
        committed_quantity=ibis.ifelse(placed.proration == "none", placed.committed_quantity, part),
        begins_on=ibis.greatest(placed.period_from, placed.first_day),
        ends_on=ibis.least(placed.period_to, placed.last_day),
    )


def counters(owed: ir.Table, coming: ir.Table, counted: ir.Table, before: ir.Table, is_first_month: bool) -> ir.Table:
    """Each period with what it has come to, and what of it is owed, taken back or above in this month.

    `owed` and `coming` are the periods of this month and the next, `before` the counters of the month before.
    """
    carried = before.select(*OWNER, "period_from", counted_before="carried_quantity")
    found = owed.left_join(counted, OWNER, rname="counted_{name}")
    found = found.left_join(carried, [*OWNER, "period_from"], rname="carried_{name}")
    found = found.mutate(
        counted_before=found.counted_before.fill_null(_NOTHING),
        counted_quantity=found.counted_quantity.fill_null(_NOTHING),
    )
    came_to = quantity(found.counted_before + found.counted_quantity)
    found = found.mutate(came_to=came_to, is_last=found.ends_on <= found.service_end)
    limit, ahead = found.committed_quantity, found.billing_rule == "in_advance"
    below = quantity(up_to(found.came_to, limit) - up_to(found.counted_before, limit))
    above = quantity(_above(found.came_to, limit) - _above(found.counted_before, limit))
    starts = (found.begins_on > found.service_start) | ibis.literal(is_first_month)
    now = found.mutate(
        carried_quantity=ibis.ifelse(found.is_last, _NOTHING, found.came_to),
        advance=ibis.ifelse(ahead & starts, limit, _NOTHING),
        missing=ibis.ifelse(~ahead & found.is_last, _above(limit, found.came_to), _NOTHING),
        covered=ibis.ifelse(ahead, below, _NOTHING),
        above=above,
    )
    zeros = ("counted_before", "counted_quantity", "carried_quantity", "missing", "covered", "above")
    next_month = coming.filter(coming.billing_rule == "in_advance", coming.begins_on == coming.service_end)
    later = next_month.mutate(
        **dict.fromkeys(zeros, _NOTHING), advance=next_month.committed_quantity, unit=ibis.null("string")
    )
    return now.select(later.columns).union(later)


def _above(value: ir.DecimalValue, limit: ir.DecimalValue) -> ir.DecimalValue:
    return quantity(ibis.greatest(value, limit) - limit)


def commitment_items(counters: ir.Table, products: ir.Table, legs: ir.Table | None = None) -> ir.Table:
    """What the counters (of all their columns) come to, as items: one for each part that is not zero.

    `legs` are those of payers (reference/legs.py).
    """
    named = with_leg(counters, legs).join(products.select("product_id", "tax_code"), "product_id")
    return ibis.union(*(_items(named, part) for part in PARTS))


def _items(rows: ir.Table, part: str) -> ir.Table:
    some = rows.filter(rows[part] != 0)
    price = exact_price(some[part], some.unit_price, _ONE)
    value = {"covered": amount(-price), "above": percentage(price, some.overage_percent)}.get(part, price)
    of_period = part in FOR_PERIOD
    alone = {"service_account_id": some.accounts, "subscription_id": some.subscriptions}
    charged = some.mutate(
        amount=value,
        unit_price=some.unit_price if of_period else ibis.null(ITEM_PRICE),
        price_per=_ONE,
        service_start=some.begins_on if of_period else some.service_start,
        service_end=some.ends_on if of_period else some.service_end,
        **{name: ibis.ifelse(number == 1, some[name], ibis.null("string")) for name, number in alone.items()},
    )
    return as_items(
        charged.filter(charged.amount != 0),
        COMMITMENT_ITEMS,
        item_type="commitment",
        component=_COMPONENTS.get(part),
        source_table=COMMITMENT_COUNTERS.name,
        source_id=source_id(charged, ibis.literal(part)),
        events=integer(0),
        quantity=charged[part],
        billed_quantity=charged[part],
    )


def source_id(counters: ir.Table, part: ir.StringValue) -> ir.StringValue:
    """What the item of a part of a counter refers to."""
    begin = counters.period_from.cast("string")
    return ibis.literal(":").join([counters.owner_id, counters.bundle_id, begin, part])

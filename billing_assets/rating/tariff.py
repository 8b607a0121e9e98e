"""The price of a charging session by its tariff, as in OCPI 2.2.1: an item for each price that was due.

For each stretch of a session (sessions.py) and each component, the first element of the tariff whose
restrictions hold gives the price. What a session used of a component is rounded up to the step of the
last price once, and what that adds is charged at that price; of charging and parking time, only the latter
if there is any. A flat fee is due once. A session costs at least the minimum and at most the maximum of its tariff.
A session of negative quantity is the exact opposite of its positive twin.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import (
    AMOUNT,
    QUANTITY,
    UNIT_PRICE,
    amount,
    billed_units,
    exact_price,
    integer,
    quantity,
    total,
    zero,
)
from billing_assets.rating.charge import with_charge_key
from billing_assets.rating.sessions import SESSION
from billing_assets.rating.tables import RATED_ITEMS, TIER_OF_A_PRICE, UNITS_OF_A_PRICE
from billing_assets.reference.tariffs import ENERGY_UNIT, FLAT_UNIT

_PRICE = ("price", "per", "priced_unit", "step", "tax_code")
_OF_OTHER_RATES = ("rate_model", "packages", *(c.name for c in (*UNITS_OF_A_PRICE, *TIER_OF_A_PRICE)))
_PART = (*SESSION, "component", "split")


def parts(stretches: ir.Table, card: ir.Table) -> ir.Table:
    """What each session used, by component and element: event_day, udr_id, component, split, quantity, prices.

    `card` as of reference/tariffs.tariff_card. `until` orders the parts of a component by their last stretch.
    """
    met = stretches.join(card, [stretches.tariff_id == card.card_tariff, stretches.kind == card.card_period])
    fitting = met.filter(_holds(met))
    first = ibis.row_number().over(
        ibis.window(
            group_by=[*(fitting[c] for c in SESSION), fitting.number, fitting.component], order_by=fitting.precedence
        )
    )
    ranked = fitting.mutate(rank=first)
    chosen = ranked.filter(ranked["rank"] == 0)
    one = ibis.literal(1).cast(QUANTITY)
    used = chosen.mutate(
        used_quantity=ibis.cases(
            (chosen.component == "energy", chosen.kwh), (chosen.component == "flat", one), else_=chosen.seconds
        ),
        occurrence=ibis.row_number().over(
            ibis.window(
                group_by=[*(chosen[c] for c in SESSION), chosen.component, chosen.is_reservation],
                order_by=chosen.number,
            )
        ),
    )
    due = used.filter((used.used_quantity > 0) & ((used.component != "flat") | (used.occurrence == 0)))
    return due.group_by(*_PART, *_PRICE, "tariff_id").aggregate(
        quantity=quantity(due.used_quantity.sum()), until=due.number.max()
    )


def _holds(met: ir.Table) -> ir.BooleanValue:
    """Whether all restrictions of a price hold where the stretch begins."""
    by_day = (met.minute >= met.start_minute) & (met.minute < met.end_minute)
    over_night = (met.minute >= met.start_minute) | (met.minute < met.end_minute)
    of_clock = ibis.ifelse(met.start_minute < met.end_minute, by_day, over_night)
    return (
        of_clock
        & met.weekdays.contains(met.weekday.cast("string"))
        & _within(met.day, met.start_date, met.end_date)
        & _within(met.used, met.min_kwh, met.max_kwh)
        & _within(met.power, met.min_power, met.max_power)
        & _within(met.lasted, met.min_duration, met.max_duration)
    )


def _within(value: ir.Value, lowest: ir.Value, above: ir.Value) -> ir.BooleanValue:
    at_least = lowest.isnull() | (value >= lowest)
    below = above.isnull() | (value < above)
    return (at_least & below).fill_null(False)


def stepped(parts: ir.Table) -> ir.Table:
    """The parts with billed_quantity: the last one of each component takes what rounding up to its step adds."""
    session = [parts[c] for c in SESSION]
    component = ibis.window(group_by=[*session, parts.component])
    last = ibis.row_number().over(ibis.window(group_by=[*session, parts.component], order_by=parts.until.desc()))
    known = parts.mutate(
        together=quantity(parts.quantity.sum().over(component)),
        is_last=last == 0,
        is_parked=(parts.component == "parking").any().over(ibis.window(group_by=session)),
    )
    none = ibis.literal(0).cast(QUANTITY)
    is_stepped = known.is_last & ~((known.component == "time") & known.is_parked)
    step = ibis.ifelse(is_stepped, known.step, none)
    rounded = known.mutate(step=step, rounded=billed_units(known.together, none, step))
    return rounded.select(
        *_PART, *_PRICE, "tariff_id", "quantity",
        billed_quantity=quantity(rounded.quantity + rounded.rounded - rounded.together),
    )  # fmt: skip


def rated(sessions: ir.Table, stretches: ir.Table, card: ir.Table, tariffs: ir.Table) -> ir.Table:
    """The rated items of sessions (events with their rate, rate.with_rate): one per component and element.

    A session that the tariff has no price for is one item of its energy, which costs nothing. What brings a
    session to a price limit is an item of its own, by the tax code of the product.
    """
    used = stepped(parts(stretches, card))
    charged = _with_amount(used.union(_free(sessions, used).select(used.columns)))
    items = charged.union(_limits(charged, stretches, tariffs).select(charged.columns))
    items = items.join(tariffs.select("tariff_id", "tax_included"), "tariff_id")
    replaced = [c for c in items.columns if c in sessions.columns and c not in SESSION]
    whole = items.join(sessions.mutate(is_reversed=sessions.quantity < 0).drop(*replaced), SESSION)
    signed = whole.mutate(
        quantity=ibis.ifelse(whole.is_reversed, quantity(-whole.quantity), whole.quantity),
        billed_quantity=ibis.ifelse(whole.is_reversed, quantity(-whole.billed_quantity), whole.billed_quantity),
        amount=ibis.ifelse(whole.is_reversed, amount(-whole.amount), whole.amount),
    )
    named = signed.mutate(
        rating_type=ibis.literal("post_rated"),
        currency=signed.rate_currency,
        measured=signed.quantity,
        **{c: ibis.null(RATED_ITEMS.schema[c]) for c in _OF_OTHER_RATES},
        setup_fee=zero(),
        unit_amount=signed.amount,
    )
    return with_charge_key(named, "split", "tax_code")


def _free(sessions: ir.Table, used: ir.Table) -> ir.Table:
    left = sessions.anti_join(used, SESSION)
    nothing = ibis.literal(0).cast(QUANTITY)
    energy = quantity(left.quantity.abs())
    return left.select(
        *SESSION, "tariff_id",
        component=ibis.literal("energy"), split=integer(0), price=ibis.literal(0).cast(UNIT_PRICE),
        per=ibis.literal(1).cast(QUANTITY), priced_unit=ibis.literal(ENERGY_UNIT), step=nothing,
        tax_code=ibis.null("string"), quantity=energy, billed_quantity=energy,
    )  # fmt: skip


def _with_amount(used: ir.Table) -> ir.Table:
    return used.select(
        *_PART, "tariff_id", "quantity", "billed_quantity", "step", "tax_code",
        unit="priced_unit", unit_price="price", price_per="per", price_limit=ibis.null(AMOUNT),
        limit_applied=ibis.null("string"),
        amount=exact_price(used.billed_quantity, used.price, used.per),
    )  # fmt: skip


def _limits(charged: ir.Table, stretches: ir.Table, tariffs: ir.Table) -> ir.Table:
    """What brings sessions to the minimum or maximum of their tariff; none for those that never took place."""
    limits = tariffs.select("minimum_amount", "maximum_amount", limited="tariff_id")
    sums = charged.semi_join(stretches, SESSION)
    sums = sums.group_by(*SESSION, "tariff_id").aggregate(computed=total(sums.amount))
    known = sums.join(limits, sums.tariff_id == limits.limited)
    off = known.mutate(
        limit_applied=ibis.cases(
            (known.computed < known.minimum_amount, "minimum"),
            (known.computed > known.maximum_amount, "maximum"),
            else_=ibis.null("string"),
        )
    )
    off = off.filter(off.limit_applied.notnull())
    limit = ibis.ifelse(off.limit_applied == "minimum", off.minimum_amount, off.maximum_amount)
    one = ibis.literal(1).cast(QUANTITY)
    return off.select(
        *SESSION, component=ibis.literal("price_limit"), split=integer(0), tariff_id=off.tariff_id, quantity=one,
        billed_quantity=one, step=ibis.null(QUANTITY), tax_code=ibis.null("string"), unit=ibis.literal(FLAT_UNIT),
        unit_price=ibis.null(UNIT_PRICE), price_per=ibis.null(QUANTITY), price_limit=limit,
        limit_applied=off.limit_applied, amount=amount(limit - off.computed),
    )  # fmt: skip

"""The price of an event by itself: setup fee, minimum, increment and price per unit.

amount = setup fee + charged units * unit price / price_per, at least the minimum amount. An event of
quantity 0 (an unanswered call) costs nothing; a negative one is the exact opposite of its positive twin.
A pre-rated event keeps the amount that its source gave it.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import amount, billed_units, exact_price, zero
from billing_assets.item import VENDOR_TO_CUSTOMER, digest
from billing_assets.rating.rate_card import ANY

_CHARGE = (
    "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id", "component", "rating_type",
    "price_plan_id", "rate_id", "zone_id", "time_band_id", "unit", "currency",
)  # fmt: skip


def with_rate(events: ir.Table, card: ir.Table) -> ir.Table:
    """Join each event to its rate of the card (rate_card.py); no rate for pre-rated events."""
    keyed = events.mutate(
        rated_plan=ibis.ifelse(events.prerated_amount.isnull(), events.price_plan_id, ibis.null("string")),
        zone_key=ibis.coalesce(events.zone_id, ibis.literal(ANY)),
        band_key=ibis.coalesce(events.time_band_id, ibis.literal(ANY)),
        local_day=events.local_at.date(),
    )
    return keyed.left_join(
        card,
        [
            keyed.rated_plan == card.card_plan,
            keyed.product_id == card.card_product,
            keyed.zone_key == card.card_zone,
            keyed.band_key == card.card_band,
            keyed.local_day >= card.card_from,
            keyed.local_day < card.card_to,
        ],
    )


def rated(found: ir.Table) -> ir.Table:
    """The rated items of events that have a rate or bring their amount with them."""
    priced = found.filter(found.rate_id.notnull() | found.prerated_amount.notnull())
    is_prerated = priced.prerated_amount.notnull()
    units = billed_units(priced.quantity, priced.minimum_quantity, priced.increment)
    charged = priced.mutate(
        leg=ibis.literal(VENDOR_TO_CUSTOMER),
        component=ibis.literal("usage"),
        rating_type=ibis.ifelse(is_prerated, "pre_rated", "post_rated"),
        billed_quantity=ibis.ifelse(is_prerated, priced.quantity, units),
        currency=ibis.coalesce(priced.prerated_currency, priced.rate_currency),
        setup_fee=_signed(priced.quantity, ibis.coalesce(priced.setup_fee, zero())),
        minimum=_signed(priced.quantity, ibis.coalesce(priced.minimum_amount, zero())),
    )
    unit_amount = ibis.coalesce(
        charged.prerated_amount, exact_price(charged.billed_quantity, charged.unit_price, charged.price_per)
    )
    summed = charged.mutate(unit_amount=unit_amount, computed=amount(unit_amount + charged.setup_fee))
    below = summed.prerated_amount.isnull() & (summed.computed.abs() < summed.minimum.abs())
    priced = summed.mutate(minimum_applied=below, amount=ibis.ifelse(below, summed.minimum, summed.computed))
    return priced.mutate(charge_key=digest(*(priced[c] for c in _CHARGE)))


def _signed(quantity: ir.DecimalValue, value: ir.DecimalValue) -> ir.DecimalValue:
    return ibis.cases((quantity > 0, value), (quantity < 0, amount(-value)), else_=zero())


def unrated(found: ir.Table) -> ir.Table:
    """The events that no rate fits. Reasons: NO_PRICE_PLAN, NO_RATE."""
    left = found.filter(found.rate_id.isnull() & found.prerated_amount.isnull())
    space = ibis.literal(" ")
    return left.mutate(
        reason=ibis.ifelse(left.price_plan_id.isnull(), "NO_PRICE_PLAN", "NO_RATE"),
        detail=space.join(
            [
                ibis.literal("plan"), ibis.coalesce(left.price_plan_id, ibis.literal("-")),
                ibis.literal("product"), left.product_id,
                ibis.literal("zone"), ibis.coalesce(left.zone_id, ibis.literal("-")),
                ibis.literal("on"), left.local_day.cast("string"),
            ]
        ),
    )  # fmt: skip

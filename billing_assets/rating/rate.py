"""The price of an event by itself, and what of it the total of a month is made of.

An event finds its rate by the rate card (pricing/rate_card.py), and its amount by the rate's model
(pricing/models.py). An event of quantity 0 (an unanswered call) costs nothing; a negative one is the exact
opposite of its positive twin. A pre-rated event keeps the amount that its source gave it, which is one before
tax. A rate that is priced by the month only measures the event.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, amount, integer, quantity, read_number, zero
from billing_assets.pricing.models import charged_units, priced
from billing_assets.pricing.price_book import PriceBook
from billing_assets.pricing.rate_card import ANY, at_place, in_force, matrix_key, of_plan
from billing_assets.pricing.tiers import with_tier
from billing_assets.rating.charge import with_charge_key
from billing_assets.rating.tables import RATED_ITEMS

# Aggregations that a rate priced by the month can make without a number of each event.
_COUNTS = ("count", "distinct_count")


def with_rate(events: ir.Table, book: PriceBook) -> ir.Table:
    """Join each event to its rate of the price book; no rate for pre-rated events.

    Adds the rate's columns and `measured`, the number that it prices: NULL where the event has none.
    """
    card = book.card
    keyed = events.mutate(
        rated_plan=ibis.ifelse(events.prerated_amount.isnull(), events.price_plan_id, ibis.null("string")),
        zone_key=ibis.coalesce(events.zone_id, ibis.literal(ANY)),
        band_key=ibis.coalesce(events.time_band_id, ibis.literal(ANY)),
        matrix_key=matrix_key(events, book.attribute_values),
        local_day=events.local_at.date(),
    )
    found = keyed.left_join(
        card,
        [
            *of_plan(keyed, card, "rated_plan"),
            *at_place(keyed, card, "zone_key", "band_key"),
            *in_force(keyed, card, "local_day"),
            keyed.matrix_key == card.card_matrix,
        ],
    )
    of_attributes = [
        (found.measure == name, read_number(found.attributes.get(name), QUANTITY))
        for name in book.measures
        if name != "quantity"
    ]
    if not of_attributes:
        return found.mutate(measured=found.quantity)
    return found.mutate(measured=ibis.cases(*of_attributes, else_=found.quantity))


def is_rated(found: ir.Table) -> ir.BooleanValue:
    """Whether an event has a price by itself."""
    by_event = (found.priced_by == "event") & found.measured.notnull()
    return found.prerated_amount.notnull() | by_event.fill_null(False)


def _is_measured(found: ir.Table) -> ir.BooleanValue:
    by_month = (found.priced_by == "month") & (found.measured.notnull() | found.aggregation.isin(_COUNTS))
    return by_month.fill_null(False)


def rated(found: ir.Table, book: PriceBook) -> ir.Table:
    """The rated items of events that have a rate of their own or bring their amount with them."""
    own = found.filter(is_rated(found))
    whole = own.mutate(split=integer(0), magnitude=own.measured.abs())
    counted = whole.mutate(
        billed_quantity=ibis.coalesce(charged_units(whole), whole.magnitude),
        setup_fee=ibis.coalesce(whole.setup_fee, zero()),
    )
    return rated_items(counted, book)


def rated_items(counted: ir.Table, book: PriceBook) -> ir.Table:
    """The rated items of events, or parts of them, with split, billed_quantity and setup_fee.

    Both are those of the positive twin.
    """
    units = counted.mutate(
        component=ibis.literal("usage"),
        rating_type=ibis.ifelse(counted.prerated_amount.notnull(), "pre_rated", "post_rated"),
        unit=ibis.ifelse(counted.measure.fill_null("quantity") == "quantity", counted.unit, counted.measure),
        tax_included=counted.tax_included.fill_null(False),
        currency=ibis.coalesce(counted.prerated_currency, counted.rate_currency),
    )
    of_rate = priced(with_tier(units.mutate(level=_level(units, book)), book.levels), book.models)
    turned = of_rate.mutate(
        billed_quantity=_turned(of_rate, quantity(-of_rate.billed_quantity), of_rate.billed_quantity),
        setup_fee=_turned(of_rate, amount(-of_rate.setup_fee), of_rate.setup_fee),
        unit_amount=ibis.coalesce(
            of_rate.prerated_amount, _turned(of_rate, amount(-of_rate.unit_amount), of_rate.unit_amount)
        ),
        amount=ibis.coalesce(of_rate.prerated_amount, _turned(of_rate, amount(-of_rate.amount), of_rate.amount)),
    )
    of_tariff = {c: ibis.null(RATED_ITEMS.schema[c]) for c in ("tariff_id", "step", "price_limit", "tax_code")}
    return with_charge_key(turned.mutate(**of_tariff))


def _turned(rows: ir.Table, negative: ir.DecimalValue, positive: ir.DecimalValue) -> ir.DecimalValue:
    nothing = ibis.literal(0).cast(positive.type())
    return ibis.cases((rows.measured > 0, positive), (rows.measured < 0, negative), else_=nothing)


def _level(rows: ir.Table, book: PriceBook) -> ir.DecimalValue:
    if not book.by_maturity:
        return rows.billed_quantity
    return ibis.ifelse(rows.tier_by == "maturity", rows.maturity, rows.billed_quantity)


def measured(found: ir.Table, book: PriceBook) -> ir.Table:
    """The events that a charge of the month is made of, with what is measured, counted and grouped by."""
    own = found.filter(_is_measured(found))
    groups = [
        (own.group_attributes == names, ibis.literal(", ").join([_shown(own, name) for name in names.split("|")]))
        for names in book.groupings
    ]
    values = [(own.measure == name, own.attributes.get(name)) for name in book.measures if name != "quantity"]
    return own.mutate(
        group_value=ibis.cases(*groups, else_=ibis.null("string")) if groups else ibis.null("string"),
        counted_value=ibis.cases(*values, else_=own.udr_id) if values else own.udr_id,
        currency=own.rate_currency,
    )


def _shown(rows: ir.Table, name: str) -> ir.StringValue:
    return ibis.literal(f"{name} ") + ibis.coalesce(rows.attributes.get(name), ibis.literal("-"))


def unrated(found: ir.Table) -> ir.Table:
    """The events that no rate fits. Reasons: NO_PRICE_PLAN, NO_RATE, NO_MEASURE."""
    left = found.filter(~is_rated(found) & ~_is_measured(found))
    space = ibis.literal(" ")
    return left.mutate(
        reason=ibis.cases(
            (left.price_plan_id.isnull(), "NO_PRICE_PLAN"), (left.rate_id.isnull(), "NO_RATE"), else_="NO_MEASURE"
        ),
        detail=space.join(
            [
                ibis.literal("plan"), ibis.coalesce(left.price_plan_id, ibis.literal("-")),
                ibis.literal("product"), left.product_id,
                ibis.literal("zone"), ibis.coalesce(left.zone_id, ibis.literal("-")),
                ibis.literal("on"), left.local_day.cast("string"),
            ]
        ),
    )  # fmt: skip

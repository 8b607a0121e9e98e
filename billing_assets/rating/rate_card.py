"""The rate card: for every plan, product, zone and band, the one rate that applies at each date.

Precedence where several rates fit: one for the zone before one for any zone, then one for the band
before one for any band. It is worked out once on the small side, so that an event finds its rate by
equality. ANY stands for the destination without a zone and the moment without a band.
"""

import ibis
import ibis.expr.types as ir

ANY = ""


def rate_card(rates: ir.Table, price_plans: ir.Table, products: ir.Table, zones: ir.Table, bands: ir.Table) -> ir.Table:
    """Rates by card_plan, card_product, card_zone, card_band, from card_from up to card_to.

    `zones` and `bands` are zone_prefixes and time_bands; a product's sets say which of them it can meet.
    """
    sets = products.select("product_id", "zone_set", "time_band_set")
    priced = rates.join(sets, "product_id").join(price_plans.select("price_plan_id", "currency"), "price_plan_id")
    places = _places(priced, "zone_set", zones, "zone_id").join(
        _places(priced, "time_band_set", bands, "time_band_id"), ["price_plan_id", "product_id"]
    )
    spans = places.join(_spans(rates), ["price_plan_id", "product_id"])
    named = priced.select(*rates.columns, "currency").rename(
        rate_plan="price_plan_id", rate_product="product_id", rate_zone="zone_id", rate_band="time_band_id"
    )
    fitting = spans.join(named, [spans.price_plan_id == named.rate_plan, spans.product_id == named.rate_product])
    fitting = fitting.filter(
        fitting.rate_zone.isnull() | (fitting.rate_zone == fitting.zone_id),
        fitting.rate_band.isnull() | (fitting.rate_band == fitting.time_band_id),
        fitting.valid_from <= fitting.card_from,
        fitting.valid_to > fitting.card_from,
    )
    best = ibis.row_number().over(
        group_by=[fitting.price_plan_id, fitting.product_id, fitting.zone_id, fitting.time_band_id, fitting.card_from],
        order_by=[fitting.rate_zone.isnull(), fitting.rate_band.isnull(), fitting.rate_id],
    )
    chosen = fitting.mutate(rank=best)
    return chosen.filter(chosen["rank"] == 0).select(
        "rate_id", "setup_fee", "minimum_amount", "minimum_quantity", "increment", "unit_price", "price_per",
        "card_from", "card_to",
        card_plan="price_plan_id", card_product="product_id", card_zone="zone_id", card_band="time_band_id",
        rate_currency="currency",
    )  # fmt: skip


def _places(priced: ir.Table, set_column: str, members: ir.Table, column: str) -> ir.Table:
    """Every zone or band that a plan's product can meet, and ANY."""
    pairs = priced.select("price_plan_id", "product_id", set_column).distinct()
    known = members.select(set_column, column).distinct()
    named = pairs.join(known, set_column).select("price_plan_id", "product_id", column)
    anywhere = pairs.select("price_plan_id", "product_id", **{column: ibis.literal(ANY)})
    return named.union(anywhere)


def _spans(rates: ir.Table) -> ir.Table:
    """The stretches of time between any two changes of a plan's rates for a product."""
    starts = rates.select("price_plan_id", "product_id", card_from="valid_from")
    ends = rates.select("price_plan_id", "product_id", card_from="valid_to")
    changes = starts.union(ends).distinct()
    after = changes.card_from.lead().over(
        group_by=[changes.price_plan_id, changes.product_id], order_by=changes.card_from
    )
    spans = changes.mutate(card_to=after)
    return spans.filter(spans.card_to.notnull())

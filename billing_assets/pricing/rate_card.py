"""The rate card: for every plan, product, zone, band and combination of attributes, the rate at each date.

Precedence where several rates fit: those of the plan before those of the plan it falls back to; then one
for the zone before one for any zone; one for the band before one for any band; more conditions on
attributes before fewer; the heavier before the lighter. It is worked out once on the small side, so that
an event finds its rate by equality. ANY stands for the destination without a zone, the moment without a
band, and the value that no rate asks for.
"""

from itertools import product

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.pricing.tiers import TERM_COLUMNS, per_hundred

ANY = ""
_SEPARATOR = "\x1f"
_RATE_COLUMNS = (
    "rate_id", "tariff_id", "plan_version", "priced_by", "measure", "tier_by", "monthly_minimum", "monthly_maximum",
    "aggregation", "aggregation_window", "group_attributes", "across_bands",
    *TERM_COLUMNS,
)  # fmt: skip
_MATRIX = pa.schema([("matrix_product", pa.string()), ("matrix_key", pa.string()), ("matrix_rate", pa.string()),
                     ("conditions", pa.int64())])  # fmt: skip


def plan_chain(price_plans: ir.Table) -> ir.Table:
    """The plans whose rates each plan uses: itself, its base plan, the global plan of its currency.

    Columns: card_plan, rate_plan, rate_currency, tax_included (of rate_plan), distance (0 for the plan itself).
    """
    plans = price_plans.select("price_plan_id", "currency", "plan_type", "base_plan_id")
    bases = price_plans.select("tax_included", rate_plan="price_plan_id")
    own = plans.select(card_plan="price_plan_id", rate_plan="price_plan_id", rate_currency="currency",
                       distance=ibis.literal(0, "int64"))  # fmt: skip
    base = plans.filter(plans.base_plan_id.notnull()).select(
        card_plan="price_plan_id", rate_plan="base_plan_id", rate_currency="currency", distance=ibis.literal(1, "int64")
    )
    everywhere = plans.filter(plans.plan_type == "global").select(
        global_plan="price_plan_id", global_currency="currency"
    )
    others = plans.filter(plans.plan_type != "global")
    last = others.join(everywhere, others.currency == everywhere.global_currency).select(
        card_plan="price_plan_id", rate_plan="global_plan", rate_currency="currency", distance=ibis.literal(2, "int64")
    )
    return ibis.union(own, base, last).join(bases, "rate_plan")


def matrix(conditions: list[dict], rates: list[dict]) -> tuple[dict[str, dict[str, list[str]]], pa.Table]:
    """Which combinations of attribute values each rate with conditions, or without, fits.

    `conditions` are rows of rate_conditions, `rates` of rates. Gives per product its attributes with the
    values that rates ask for, and a table matrix_product, matrix_key, matrix_rate, conditions (how many
    the rate has). Products without conditions are in neither.
    """
    product_of = {rate["rate_id"]: rate["product_id"] for rate in rates}
    asked: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, list[str]]] = {}
    for condition in sorted(conditions, key=lambda c: (c["attribute"], c["value"])):
        rate = condition["rate_id"]
        asked.setdefault(rate, {})[condition["attribute"]] = condition["value"]
        known = values.setdefault(product_of[rate], {}).setdefault(condition["attribute"], [])
        if condition["value"] not in known:
            known.append(condition["value"])
    rows = []
    for rate in sorted(product_of):
        attributes = values.get(product_of[rate], {})
        wanted = asked.get(rate, {})
        choices = [[wanted[a]] if a in wanted else [*known, ANY] for a, known in attributes.items()]
        if attributes:
            for combination in product(*choices):
                rows.append((product_of[rate], _SEPARATOR.join(combination), rate, len(wanted)))
    return values, pa.table(list(zip(*rows, strict=True)) or [[]] * len(_MATRIX), schema=_MATRIX)


def matrix_key(events: ir.Table, values: dict[str, dict[str, list[str]]]) -> ir.StringValue:
    """The key of an event in the `matrix`; ANY for products without conditions."""
    branches = []
    for product_id, attributes in values.items():
        parts = [
            ibis.ifelse(events.attributes.get(name).isin(known), events.attributes.get(name), ibis.literal(ANY))
            for name, known in attributes.items()
        ]
        branches.append((events.product_id == product_id, ibis.literal(_SEPARATOR).join(parts)))
    return ibis.cases(*branches, else_=ibis.literal(ANY)) if branches else ibis.literal(ANY)


def rate_card(
    rates: ir.Table, price_plans: ir.Table, products: ir.Table, zones: ir.Table, bands: ir.Table, matrix: ir.Table
) -> ir.Table:
    """Rates by card_plan, card_product, card_zone, card_band, card_matrix, from card_from up to card_to.

    `zones` and `bands` are zone_prefixes and time_bands; a product's sets say which of them it can meet.
    """
    sets = products.select("zone_set", "time_band_set", known_product="product_id")
    chain = plan_chain(price_plans)
    chained = rates.join(chain, rates.price_plan_id == chain.rate_plan)
    priced = chained.join(sets, chained.product_id == sets.known_product)
    placed = priced.left_join(matrix, priced.rate_id == matrix.matrix_rate)
    priced = placed.mutate(
        matrix_key=ibis.coalesce(placed.matrix_key, ibis.literal(ANY)),
        conditions=ibis.coalesce(placed.conditions, 0),
        price_per=per_hundred(placed),
    )
    key = ["card_plan", "product_id"]
    places = _places(priced, "zone_set", zones, "zone_id").join(
        _places(priced, "time_band_set", bands, "time_band_id"), key
    )
    dated = places.join(spans(priced, *key), key)
    named = priced.rename(named_plan="card_plan", named_product="product_id", rate_zone="zone_id",
                          rate_band="time_band_id")  # fmt: skip
    fitting = dated.join(named, [dated.card_plan == named.named_plan, dated.product_id == named.named_product])
    fitting = fitting.filter(
        fitting.rate_zone.isnull() | (fitting.rate_zone == fitting.zone_id),
        fitting.rate_band.isnull() | (fitting.rate_band == fitting.time_band_id),
        fitting.valid_from <= fitting.card_from,
        fitting.valid_to > fitting.card_from,
    )
    best = ibis.row_number().over(
        group_by=[fitting[c] for c in (*key, "zone_id", "time_band_id", "matrix_key", "card_from")],
        order_by=[
            fitting.distance, fitting.rate_zone.isnull(), fitting.rate_band.isnull(), fitting.conditions.desc(),
            fitting.weight.desc(), fitting.rate_id,
        ],
    )  # fmt: skip
    chosen = fitting.mutate(rank=best)
    return chosen.filter(chosen["rank"] == 0).select(
        *_RATE_COLUMNS, "card_from", "card_to", "card_plan", "rate_plan", "rate_currency", "tax_included",
        card_product="product_id", card_zone="zone_id", card_band="time_band_id", card_matrix="matrix_key",
    )  # fmt: skip


def of_plan(rows: ir.Table, card: ir.Table, plan: str) -> list[ir.BooleanValue]:
    """Predicates of a join: the rates of a column's plan for the product of the row."""
    return [rows[plan] == card.card_plan, rows.product_id == card.card_product]


def in_force(rows: ir.Table, card: ir.Table, day: str) -> list[ir.BooleanValue]:
    """Predicates of a join: the rates that hold on the day of a column."""
    return [rows[day] >= card.card_from, rows[day] < card.card_to]


def at_place(rows: ir.Table, card: ir.Table, zone: str, band: str) -> list[ir.BooleanValue]:
    """Predicates of a join: the rates for the zone and the band of two columns, which have ANY where there is none."""
    return [rows[zone] == card.card_zone, rows[band] == card.card_band]


def anywhere(card: ir.Table) -> ir.Table:
    """The rates of what is ordered: it has no zone and no band."""
    return card.filter(card.card_zone == ANY, card.card_band == ANY)


def _places(priced: ir.Table, set_column: str, members: ir.Table, column: str) -> ir.Table:
    """Every zone or band that a plan's product can meet, and ANY."""
    pairs = priced.select("card_plan", "product_id", set_column).distinct()
    known = members.select(set_column, column).distinct()
    named = pairs.join(known, set_column).select("card_plan", "product_id", column)
    anywhere = pairs.select("card_plan", "product_id", **{column: ibis.literal(ANY)})
    return named.union(anywhere)


def spans(rows: ir.Table, *key: str) -> ir.Table:
    """The stretches of time between any two changes of the rows of a key: card_from up to card_to."""
    starts = rows.select(*key, card_from="valid_from")
    ends = rows.select(*key, card_from="valid_to")
    changes = starts.union(ends).distinct()
    after = changes.card_from.lead().over(group_by=[changes[c] for c in key], order_by=changes.card_from)
    found = changes.mutate(card_to=after)
    return found.filter(found.card_to.notnull())

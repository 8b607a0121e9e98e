"""What makes prices unusable: plans without a base, rates that fit equally well, tiers with gaps or overlaps."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, read_number
from billing_assets.pricing.models import MODELS
from billing_assets.reference.broken import Rule, broken, outside, sentence, told, unknown, unknown_in_set, validity

# A quantity and one increment above it must both have room in a QUANTITY.
MOST_UNITS = 400_000_000


def rate_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    rates = t["rates"]
    yield unknown(rates, "price_plan_id", t["price_plans"])
    yield unknown(rates, "product_id", t["products"])
    sets = t["products"].select("product_id", "product_type", "zone_set", "time_band_set")
    placed = rates.join(sets, "product_id")
    yield broken(rates, ~rates.rate_model.isin(tuple(MODELS)), "rate_model", "is no registered rate model")
    by_event = rates.priced_by == "event"
    for column in ("monthly_minimum", "monthly_maximum"):
        yield broken(rates, ~by_event & rates[column].notnull(), column, "is for rates that are priced by event")
    yield broken(rates, by_event & (rates.aggregation != "sum"), "aggregation", "is for rates priced by the month")
    yield broken(
        rates, by_event & rates.group_attributes.notnull(), "group_attributes", "is for rates priced by the month"
    )
    other = placed.product_type != "usage_service"
    yield broken(placed, other & (placed.priced_by == "month"), "priced_by", "is for usage services only")
    yield broken(placed, other & (placed.measure != "quantity"), "measure", "is for usage services only")
    termed = placed.product_type == "termed_service"
    by_maturity = placed.tier_by == "maturity"
    yield broken(
        placed, by_maturity & ((other & ~termed) | (placed.priced_by == "month")), "tier_by",
        "is for termed services and for usage priced by event",
    )  # fmt: skip
    for lower, upper in (("minimum_amount", "maximum_amount"), ("monthly_minimum", "monthly_maximum")):
        yield broken(rates, rates[lower] > rates[upper], lower, f"is above {upper}")
    yield unknown_in_set(placed, "zone_id", "zone_set", t["zone_prefixes"])
    yield unknown_in_set(placed, "time_band_id", "time_band_set", t["time_bands"])
    yield broken(rates, rates.price_per <= 0, "price_per", "is not above 0")
    for column in ("minimum_quantity", "increment"):
        yield outside(rates, column, 0, MOST_UNITS)
    yield broken(rates, rates.minimum_amount < 0, "minimum_amount", "is below 0")
    unpriced = rates.filter(rates.unit_price.isnull()).anti_join(t["rate_tiers"], "rate_id")
    yield broken(unpriced, ibis.literal(True), "unit_price", "is missing, and there are no tiers")
    yield unknown(rates, "tariff_id", t["tariffs"])
    yield from validity(
        _with_conditions(t), "price_plan_id", "product_id", "zone_id", "time_band_id", "conditions", "weight"
    )


def rate_condition_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    rates = t["rates"].join(t["products"].select("product_id", "product_type"), "product_id")
    of_usage = rates.filter(rates.product_type == "usage_service")
    yield unknown(t["rate_conditions"], "rate_id", of_usage, "rate_id", "rate of a usage service")
    yield _ties(t)


def _ties(t: dict[str, ir.Table]) -> Rule:
    """Rates that ask for as many attributes as an earlier one, but others: an event may have both."""
    asked = t["rate_conditions"]
    counted = _with_conditions(t)
    sizes = asked.group_by("rate_id").aggregate(size=asked.count())
    sized = counted.join(sizes, "rate_id")
    key = ["price_plan_id", "product_id", "weight", "size"]
    other = sized.select(
        *key, other_zone="zone_id", other_band="time_band_id", other_from="valid_from", other_to="valid_to",
        other_rate="rate_id", other_conditions="conditions", other_line="source_line",
    ).view()  # fmt: skip
    pairs = sized.join(other, key)
    pairs = pairs.filter(
        pairs.source_line > pairs.other_line,
        pairs.zone_id.fill_null("") == pairs.other_zone.fill_null(""),
        pairs.time_band_id.fill_null("") == pairs.other_band.fill_null(""),
        pairs.valid_from < pairs.other_to,
        pairs.other_from < pairs.valid_to,
        pairs.conditions != pairs.other_conditions,
    )
    contrary = asked.select("rate_id", "attribute", "value")
    against = contrary.select(other_rate="rate_id", attribute="attribute", other_value="value")
    apart = contrary.join(against, "attribute")
    apart = apart.filter(apart.value != apart.other_value).select("rate_id", "other_rate").distinct()
    tied = pairs.anti_join(apart, ["rate_id", "other_rate"])
    words = "where an event has the attributes of both: give one more weight"
    return told(tied, sentence("rate", tied.rate_id, "fits as well as rate", tied.other_rate, words))


def _with_conditions(t: dict[str, ir.Table]) -> ir.Table:
    """The rates with their conditions as one text: two that ask for the same fit equally well."""
    asked = t["rate_conditions"]
    pair = asked.attribute + ibis.literal(" ") + asked.value
    wanted = (
        asked.mutate(pair=pair)
        .group_by("rate_id")
        .aggregate(conditions=ibis._.pair.group_concat(", ", order_by=ibis._.pair))
    )
    return t["rates"].left_join(wanted, "rate_id").drop("rate_id_right")


def tier_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    tiers = t["rate_tiers"]
    yield unknown(tiers, "rate_id", t["rates"])
    yield broken(tiers, tiers.above < 0, "above", "is below 0")
    yield broken(tiers, tiers.up_to <= tiers.above, "up_to", "is not above the tier's lower limit")
    yield broken(tiers, tiers.price_per <= 0, "price_per", "is not above 0")
    of_rate = t["rates"].select("product_id", known_rate="rate_id", base_price="unit_price")
    products = t["products"].select("product_id", "product_type")
    found = tiers.join(of_rate, tiers.rate_id == of_rate.known_rate).join(products, "product_id")
    marked_up = found.markup_percent.notnull()
    yield broken(found, marked_up & (found.unit_price != 0), "unit_price", "is beside a markup_percent")
    yield broken(found, marked_up & found.base_price.isnull(), "markup_percent", "is of a rate without a unit_price")
    yield outside(found, "markup_percent", -100, 900)
    yield broken(found, found.product_type == "expense", "rate_id", "is of an expense, which has no tiers")
    order = ibis.window(group_by=found.rate_id, order_by=found.above)
    placed = found.mutate(
        lower=found.up_to.lag().over(order),
        place=ibis.row_number().over(order),
        unlimited=found.up_to.isnull().sum().over(ibis.window(group_by=found.rate_id)),
    )
    overlapping = (placed.place > 0) & (placed.lower.isnull() | (placed.lower > placed.above))
    yield broken(placed, overlapping, "above", "is within the tier below it")
    missing = placed.base_price.isnull()
    gap = missing & ibis.ifelse(placed.place == 0, placed.above > 0, placed.lower < placed.above)
    yield broken(placed, gap, "above", "leaves a gap to the tier below it, and the rate has no unit_price for that")
    open_end = missing & (placed.unlimited == 0)
    yield broken(placed, open_end, "rate_id", "has no tier without an upper limit, and no unit_price for what is above")


def lookup_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    lookups = t["lookups"]
    first = (
        lookups["match"]
        .first()
        .over(ibis.window(group_by=lookups.lookup_id, order_by=[lookups.source_file, lookups.source_line]))
    )
    yield broken(
        lookups.mutate(first=first), ibis._.match != ibis._.first, "match", "is not that of the lookup's first row"
    )
    ranges = lookups.filter(lookups["match"] == "range")
    ranges = ranges.mutate(lower=read_number(ranges.lookup_key, QUANTITY), upper=read_number(ranges.key_to, QUANTITY))
    yield broken(ranges, ranges.lower.isnull(), "lookup_key", "is no number")
    yield broken(ranges, ranges.key_to.notnull() & ranges.upper.isnull(), "key_to", "is no number")
    yield broken(ranges, ranges.upper <= ranges.lower, "key_to", "is not above lookup_key")
    order = ibis.window(group_by=ranges.lookup_id, order_by=ranges.lower)
    placed = ranges.mutate(before=ranges.upper.lag().over(order), place=ibis.row_number().over(order))
    overlapping = (placed.place > 0) & (placed.before.isnull() | (placed.before > placed.lower))
    yield broken(placed, overlapping, "lookup_key", "is within the range below it")
    used = t["product_lookups"]
    yield unknown(used, "product_id", t["products"])
    yield unknown(used, "lookup_id", lookups)


def plan_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    plans = t["price_plans"]
    yield unknown(plans, "catalogue_id", t["catalogues"])
    yield unknown(plans, "currency", t["currencies"])
    conditional = plans.plan_type == "conditional"
    yield broken(
        plans, conditional & plans.base_plan_id.isnull(), "price_plan_id", "is conditional and has no base plan"
    )
    yield broken(plans, ~conditional & plans.base_plan_id.notnull(), "base_plan_id", "is for conditional plans")
    base = plans.filter(plans.plan_type != "conditional").view()
    yield unknown(plans, "base_plan_id", base, "price_plan_id", "base plan")
    known = base.select(known_base="price_plan_id", base_currency="currency")
    of_base = plans.filter(conditional)
    placed = of_base.join(known, of_base.base_plan_id == known.known_base)
    yield broken(placed, placed.currency != placed.base_currency, "base_plan_id", "is in another currency")
    worldwide = plans.filter(plans.plan_type == "global")
    order = ibis.window(group_by=worldwide.currency, order_by=[worldwide.source_file, worldwide.source_line])
    again = worldwide.mutate(place=ibis.row_number().over(order))
    yield broken(again, again.place > 0, "price_plan_id", "is a second global plan of its currency")

"""What makes bundles and commitments unusable: columns that do not go together, levels with gaps, groups of nobody."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, each, outside, unknown, unknown_in_set, validity
from billing_assets.reference.tables import (
    BUNDLE_MEASURES,
    PLACE_CONDITIONS,
    PRODUCT_CONDITIONS,
    UDR_ATTRIBUTE,
    UNIT_MEASURES,
)

_MOST_MONTHS = 60
_MOST_IN_PERIOD = 12


def bundle_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    bundles = t["bundles"]
    usage = t["products"].filter(t["products"].product_type == "usage_service")
    yield unknown(bundles, "price_plan_id", t["price_plans"])
    yield unknown(bundles, "product_id", usage, noun="usage service")
    placed = bundles.join(t["products"].select("product_id", "zone_set"), "product_id")
    yield unknown_in_set(placed, "zone_id", "zone_set", t["zone_prefixes"])
    anywhere = bundles.filter(bundles.product_id.isnull())
    yield unknown(anywhere, "zone_id", t["zone_prefixes"])
    yield from validity(bundles)
    named = bundles.filter(~bundles.measure.isin(BUNDLE_MEASURES))
    yield unknown(named, "measure", t["udr_type_attributes"], "attribute", "measure or attribute of a UDR type")
    grouped = bundles.cross_join(t["account_groups"].aggregate(members=t["account_groups"].count()))
    nobody = (grouped.scope == "group") & (grouped.members == 0)
    yield broken(grouped, nobody, "scope", "has no members: account_groups is empty")
    yield from _include_rules(t, bundles)
    yield from _effect_rules(t, bundles)


def _include_rules(t: dict[str, ir.Table], bundles: ir.Table) -> Iterator[Rule]:
    """Columns of included units, and what they need of each other."""
    limit = bundles.included_quantity
    yield broken(bundles, limit <= 0, "included_quantity", "is not above 0")
    includes = bundles.effect == "include"
    for column in ("included_quantity", "rollover_months", "overage_rate_id"):
        yield broken(bundles, ~includes & bundles[column].notnull(), column, "is for the effect include")
    for column, default in (("cover_order", "time"), ("proration", "none")):
        words = "is for the effect include with an included_quantity"
        if column == "proration":
            words = "is for the effects include, with an included_quantity, and commit"
        fits = (includes & limit.notnull()) | ((bundles.effect == "commit") & (column == "proration"))
        yield broken(bundles, ~fits & (bundles[column] != default), column, words)
    yield broken(bundles, bundles.covers_setup_fee & (bundles.effect == "commit"), "covers_setup_fee",
                 "is not for a commitment")  # fmt: skip
    counted = bundles.aggregation.isin(("sum", "count"))
    yield broken(bundles, includes & ~counted, "aggregation", "is not for the effect include")
    for column in ("rollover_months", "overage_rate_id"):
        unlimited = includes & limit.isnull() & bundles[column].notnull()
        yield broken(bundles, unlimited, column, "is for a bundle with an included_quantity")
    yield outside(bundles, "rollover_months", 1, _MOST_MONTHS)
    endless = bundles.rollover_maximum.notnull() & bundles.rollover_months.isnull()
    yield broken(bundles, endless, "rollover_maximum", "rolls over without an end: rollover_months is empty")
    yield broken(bundles, bundles.rollover_maximum <= 0, "rollover_maximum", "is not above 0")
    of_units = includes & (bundles.aggregation == "sum") & bundles.measure.isin(UNIT_MEASURES)
    yield broken(bundles, bundles.counts_in_tiers & ~of_units, "counts_in_tiers", "is for included units")
    by_month = t["rates"].filter(t["rates"].priced_by == "month").count().as_scalar()
    yield broken(bundles, bundles.counts_in_tiers & (by_month == 0), "counts_in_tiers",
                 "is for totals of the month, which no rate prices")  # fmt: skip
    yield unknown(bundles, "overage_rate_id", t["rates"], "rate_id", "rate")
    other = (bundles.measure != "billed_quantity") | (bundles.aggregation != "sum")
    yield broken(bundles, bundles.overage_rate_id.notnull() & other, "overage_rate_id", "is for charged units")
    yield from _overage_rules(t, bundles.filter(~other))


def _overage_rules(t: dict[str, ir.Table], bundles: ir.Table) -> Iterator[Rule]:
    plans = t["price_plans"].select("price_plan_id", "currency", "tax_included")
    rates = t["rates"].join(plans.view(), "price_plan_id")
    terms = rates.select("priced_by", "tariff_id", "tier_by", known="rate_id", rate_currency="currency",
                         rate_tax_included="tax_included")  # fmt: skip
    found = bundles.join(plans, "price_plan_id").join(terms, bundles.overage_rate_id == terms.known)
    other_basis = (found.currency != found.rate_currency) | (found.tax_included != found.rate_tax_included)
    yield broken(found, other_basis, "overage_rate_id", "is in another currency, or on another basis of tax")
    single = (found.priced_by == "event") & found.tariff_id.isnull() & (found.tier_by == "measure")
    yield broken(found, ~single, "overage_rate_id", "does not price the units of an event")


def _effect_rules(t: dict[str, ir.Table], bundles: ir.Table) -> Iterator[Rule]:
    """Bundles without the rows that they need elsewhere, and such rows without their bundle."""
    for effect, table in (("discount", "bundle_levels"), ("commit", "commitments")):
        of_effect = bundles.filter(bundles.effect == effect)
        bare = of_effect.anti_join(t[table], "bundle_id")
        yield broken(bare, bare.effect == effect, "bundle_id", f"has no row in {table}")
        yield unknown(t[table], "bundle_id", of_effect, noun=f"bundle with the effect {effect}")
    levels = t["bundle_levels"]
    yield broken(levels, levels.above < 0, "above", "is below 0")
    yield broken(levels, levels.up_to <= levels.above, "up_to", "is not above the lower limit")
    yield broken(levels, (levels.percent <= 0) | (levels.percent > 100), "percent", "is not above 0 and up to 100")
    order = ibis.window(group_by=levels.bundle_id, order_by=levels.above)
    placed = levels.mutate(lower=levels.up_to.lag().over(order), place=ibis.row_number().over(order))
    within = (placed.place > 0) & (placed.lower.isnull() | (placed.lower > placed.above))
    yield broken(placed, within, "above", "is within the level below it")


def condition_of_bundle_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    conditions, products = t["bundle_conditions"], t["products"]
    yield unknown(conditions, "bundle_id", t["bundles"])
    of_attribute = conditions.field.startswith(UDR_ATTRIBUTE)
    words = f"is none of {', '.join((*PRODUCT_CONDITIONS, *PLACE_CONDITIONS))}, and no {UDR_ATTRIBUTE}NAME"
    yield broken(conditions, ~of_attribute & ~conditions.field.isin((*PRODUCT_CONDITIONS, *PLACE_CONDITIONS)), "field",
                 words)  # fmt: skip
    named = conditions.filter(of_attribute)
    named = named.mutate(attribute=named.field.substr(len(UDR_ATTRIBUTE)))
    yield unknown(named, "attribute", t["udr_type_attributes"], "attribute", "attribute of a UDR type")
    in_tiers = named.join(t["bundles"].filter(t["bundles"].counts_in_tiers).select("bundle_id"), "bundle_id")
    yield broken(in_tiers, in_tiers.field.notnull(), "field", "is of records: its bundle covers no totals of the month")
    usage = products.filter(products.product_type == "usage_service")
    targets = {**dict.fromkeys(PRODUCT_CONDITIONS, usage), "zone_id": t["zone_prefixes"],
               "time_band_id": t["time_bands"]}  # fmt: skip
    for field, target in targets.items():
        values = each(conditions.filter(conditions.field == field), "allowed_values", field)
        yield unknown(values, field, target)
    places = conditions.filter(conditions.field == "zone_id").join(t["bundles"].select("bundle_id", "zone_id"),
                                                                   "bundle_id")  # fmt: skip
    yield broken(places, places.zone_id.notnull(), "field", "is limited by the bundle itself")


def commitment_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    terms, products = t["commitments"], t["products"]
    once = products.filter(products.product_type == "one_time_service")
    yield unknown(terms, "product_id", once, noun="one-time service")
    yield broken(terms, terms.committed_quantity <= 0, "committed_quantity", "is not above 0")
    yield broken(terms, terms.unit_price <= 0, "unit_price", "is not above 0")
    yield outside(terms, "period_months", 1, _MOST_IN_PERIOD)
    yield outside(terms, "overage_percent", 0, 900)
    of_bundle = t["bundles"].select("bundle_id", "measure", "aggregation", "scope")
    found = terms.join(of_bundle, "bundle_id")
    money = (found.measure == "amount") & (found.aggregation != "count")
    yield broken(found, money & (found.unit_price != 1), "unit_price", "is not for a commitment of an amount")
    yield broken(found, ~((found.measure == "amount") & (found.aggregation == "sum")) & found.counts_fees,
                 "counts_fees", "is for a commitment of an amount")  # fmt: skip
    adds_up = found.aggregation.isin(("sum", "count"))
    yield broken(found, (found.period_months > 1) & ~adds_up, "period_months", "is for what adds up: sum or count")
    shared = found.scope.isin(("hierarchy", "group"))
    yield broken(found, shared, "bundle_id", "is shared by accounts none of which owes it: use the scope payer")

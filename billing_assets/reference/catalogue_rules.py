"""What makes usage catalogues unusable: entries of nothing, periods that overlap, conditions that cannot hold."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, each, unknown, validity
from billing_assets.reference.tables import ANY


def catalogue_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    catalogues, entries = t["usage_catalogues"], t["usage_catalogue_entries"]
    periods, conditions = t["usage_catalogue_periods"], t["usage_catalogue_conditions"]
    yield unknown(each(catalogues, "udr_types", "udr_type"), "udr_type", t["udr_types"])
    providers = each(catalogues, "providers", "provider")
    yield broken(providers, providers.provider == "", "providers", "names a provider that is empty")
    yield unknown(catalogues, "price_plan_id", t["price_plans"])
    for rows in (periods, entries, conditions):
        yield unknown(rows, "usage_catalogue_id", catalogues)
    yield from validity(periods, "usage_catalogue_id")
    yield from _entry_rules(t)
    termed = t["products"].filter(t["products"].product_type == "termed_service")
    named = each(conditions.filter(conditions.field == "termed_product_id"), "allowed_values", "termed_product_id")
    named = named.filter(named.termed_product_id != ANY)
    yield unknown(named, "termed_product_id", termed, "product_id", "termed service")
    segments = each(conditions.filter(conditions.field == "segment"), "allowed_values", "segment_id")
    yield unknown(segments, "segment_id", t["segments"])


def _entry_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    entries = t["usage_catalogue_entries"]
    usage = t["products"].filter(t["products"].product_type == "usage_service")
    names = [entries[name].notnull().cast("int64") for name in ("product_id", "product_type", "product_family")]
    wrong = "does not name exactly one of product_id, product_type and product_family"
    yield broken(entries, names[0] + names[1] + names[2] != 1, "entry_id", wrong)
    yield unknown(entries, "product_id", usage, "product_id", "usage service")
    yield unknown(entries, "product_family", usage, "product_family", "family of usage services")
    allowed = t["usage_catalogues"].select("usage_catalogue_id", types=t["usage_catalogues"].udr_types.split("|"))
    placed = entries.join(allowed, "usage_catalogue_id").join(usage.select("product_id", "udr_type"), "product_id")
    words = "has a udr_type that its usage catalogue does not allow"
    yield broken(placed, ~placed.types.contains(placed.udr_type), "product_id", words)
    yield from validity(entries, "usage_catalogue_id", "product_id", "product_type", "product_family")

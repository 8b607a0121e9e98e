"""Everything that prices are found by, read once for a run: rate card, tiers, and what the rates use."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.pricing.rate_card import matrix, rate_card
from billing_assets.pricing.tiers import tiers
from billing_assets.reference.tables import (
    PRICE_PLANS,
    PRODUCTS,
    RATE_CONDITIONS,
    RATE_TIERS,
    RATES,
    TIME_BANDS,
    ZONE_PREFIXES,
)

READS = (PRODUCTS, PRICE_PLANS, RATES, RATE_TIERS, RATE_CONDITIONS, ZONE_PREFIXES, TIME_BANDS)


@dataclass(frozen=True)
class PriceBook:
    """The rate card and the tiers as tables, and the names that occur in the rates."""

    card: ir.Table
    levels: ir.Table | None
    models: list[str]
    measures: list[str]
    groupings: list[str]
    by_maturity: bool
    splits: bool
    attribute_values: dict[str, dict[str, list[str]]]


def price_book(
    read: Callable[[Table], ir.Table],
    rows: Callable[[ir.Table], list[dict]],
    cache: Callable[[ir.Table], ir.Table],
) -> PriceBook:
    """The price book of the tables of READS, which `read` gives; `rows` and `cache` carry out expressions.

    What no rate uses is left out, so that it costs an event nothing.
    """
    rates, rate_tiers = read(RATES), read(RATE_TIERS)
    known = rows(
        rates.select("rate_id", "product_id", "rate_model", "measure", "group_attributes", "tier_by", "across_bands")
    )
    attribute_values, fits = matrix(rows(read(RATE_CONDITIONS)), known)
    card = rate_card(
        rates, read(PRICE_PLANS), read(PRODUCTS), read(ZONE_PREFIXES), read(TIME_BANDS), ibis.memtable(fits)
    )
    return PriceBook(
        card=cache(card),
        levels=cache(tiers(rate_tiers, rates)) if rows(rate_tiers.limit(1)) else None,
        models=sorted({row["rate_model"] for row in known}),
        measures=sorted({row["measure"] for row in known}),
        groupings=sorted({row["group_attributes"] for row in known if row["group_attributes"]}),
        by_maturity=any(row["tier_by"] == "maturity" for row in known),
        splits=any(row["across_bands"] == "split" for row in known),
        attribute_values=attribute_values,
    )

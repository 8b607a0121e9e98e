"""Events and the rates that they find: the price book of some rows, and what rating makes of events by it."""

from collections.abc import Callable

import ibis
import pytest
from sample_rows import Row, price_plan, product, time_band, zone_prefix

from billing_assets.pricing.price_book import PriceBook, price_book
from billing_assets.rating import rate as rules
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import (
    PRICE_PLANS,
    PRODUCTS,
    RATE_CONDITIONS,
    RATE_TIERS,
    RATES,
    TIME_BANDS,
    ZONE_PREFIXES,
)
from billing_assets.usage.tables import UDRS


@pytest.fixture(scope="session")
def book(table, rows) -> Callable[..., PriceBook]:
    """The price book of rates, tiers, and conditions on attributes."""

    def make(rates: tuple[Row, ...], tiers: tuple[Row, ...] = (), conditions: tuple[Row, ...] = ()) -> PriceBook:
        names = sorted({"FR", *(row["zone_id"] for row in rates if row.get("zone_id"))})
        given = {
            RATES: rates, RATE_TIERS: tiers, RATE_CONDITIONS: conditions,
            PRICE_PLANS: (price_plan(), price_plan(price_plan_id="USD", currency="USD")),
            PRODUCTS: (product(zone_set="dial", time_band_set="week"),),
            ZONE_PREFIXES: [zone_prefix(prefix=name, zone_id=name) for name in names],
            TIME_BANDS: (time_band(),),
        }  # fmt: skip
        return price_book(lambda contract: table(contract, *given.get(contract, ())), rows, lambda made: made)

    return make


@pytest.fixture(scope="session")
def found(table) -> Callable[..., ibis.Table]:
    """Events joined to their rates: `found((event, …), book)`; zone and band of an event are its own columns.

    `prepared` is what happens to the events before.
    """

    def run(events: tuple[Row, ...], book: PriceBook, prepared: Callable = lambda events: events) -> ibis.Table:
        places = [(row["udr_id"], row.get("zone_id"), row.get("time_band_id")) for row in events]
        placed = ibis.memtable(places, schema={"placed": "string", "zone_id": "string", "time_band_id": "string"})
        udrs = table(UDRS, *events)
        located = udrs.join(placed, udrs.udr_id == placed.placed).mutate(
            leg=ibis.literal("vendor_to_customer"), zone_prefix=ibis.null("string"), lookups=ibis.null("string")
        )
        return rules.with_rate(prepared(located), book)

    return run


@pytest.fixture(scope="session")
def rated(rows, found, book) -> Callable[..., dict[str, Row]]:
    """The rated items by udr_id."""

    def run(
        events: tuple[Row, ...], rates: tuple[Row, ...], tiers: tuple[Row, ...] = (), conditions: tuple[Row, ...] = (),
        **prepared: Callable,
    ) -> dict[str, Row]:  # fmt: skip
        made = book(rates, tiers, conditions)
        items = RATED_ITEMS.shape(rules.rated(found(events, made, **prepared), made))
        return {row["udr_id"]: row for row in rows(items)}

    return run

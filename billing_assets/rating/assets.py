"""Rating as an asset: each event of the day with its price."""

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.pricing import price_book as prices
from billing_assets.pricing.maturity import with_maturity
from billing_assets.rating import parts, rate, sessions, tariff, used_rates
from billing_assets.rating import wholesale as resale
from billing_assets.rating.charge import with_locations
from billing_assets.rating.lookups import with_lookups
from billing_assets.rating.tables import MEASURED_USAGE, RATED_DAYS, RATED_ITEMS, UNRATED_UDRS, USED_RATES
from billing_assets.rating.zones import with_time_band, with_zone
from billing_assets.reference.band_edges import band_edges
from billing_assets.reference.event_zones import with_event_zone
from billing_assets.reference.holidays import special_days
from billing_assets.reference.legs import payer_legs, with_leg
from billing_assets.reference.tables import (
    ACCOUNTS,
    HOLIDAYS,
    LOOKUPS,
    PRODUCT_LOOKUPS,
    PRODUCTS,
    TARIFF_COMPONENTS,
    TARIFF_ELEMENTS,
    TARIFFS,
    TIME_BANDS,
    UDR_TYPE_ATTRIBUTES,
    ZONE_PREFIXES,
)
from billing_assets.reference.tariffs import tariff_borders, tariff_card
from billing_assets.reference.time_bands import band_minutes
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.usage.tables import UDR_DAYS, UDRS
from resources.inputs import Inputs
from resources.lake import Lake


def _udr_sizes(lake: Lake, inputs: Inputs, days: Sequence[str]) -> dict[str, int]:
    return lake.day_sizes(UDRS, days)


_TARIFFS = (TARIFFS, TARIFF_ELEMENTS, TARIFF_COMPONENTS)


@stage(
    RATED_ITEMS, MEASURED_USAGE, UNRATED_UDRS, USED_RATES, RATED_DAYS,
    reads=(
        UDRS, UDR_DAYS, UDR_TYPE_ATTRIBUTES, SUBSCRIPTIONS, PRODUCT_LOOKUPS, LOOKUPS, HOLIDAYS, ACCOUNTS, *prices.READS,
        *_TARIFFS, *resale.READS,
    ),
    size=_udr_sizes,
)  # fmt: skip
def rated_items(run: Run) -> Iterator[ir.Table]:
    """The price of each event by itself, what the others add to a month's total, and those that have no rate."""
    made_of = run.cache(run(UDR_DAYS))
    book = prices.price_book(run, run.rows, run.cache)
    products, prefixes = run(PRODUCTS), run(ZONE_PREFIXES)
    bands = run.rows(run(TIME_BANDS))
    minutes = run.cache(ibis.memtable(band_minutes(bands)))
    special = special_days(bands, run.rows(run(HOLIDAYS)), run.column(run(ACCOUNTS), "country"))
    weeks = ibis.memtable(special) if special.num_rows else None
    lengths = run.column(prefixes.select(length=prefixes.prefix.length()), "length")
    events = run(UDRS).join(products.select("product_id", "zone_set", "time_band_set"), "product_id")
    if book.by_maturity:
        events = with_maturity(events, run(SUBSCRIPTIONS))
    chained = run.rows(run(PRODUCT_LOOKUPS))
    events = with_lookups(events, chained, run.rows(run(LOOKUPS)))
    events = with_time_band(with_zone(events, prefixes, lengths), minutes, weeks, run(ACCOUNTS))
    attributes = run.rows(run(UDR_TYPE_ATTRIBUTES))
    events = with_event_zone(with_locations(events, {row["attribute"] for row in attributes}), attributes)
    edges = (run.rows(minutes), special.to_pylist()) if book.splits else None
    by_leg = [tuple(_of_leg(run, leg, book, edges)) for leg in _legs(run, events)]
    yield from (ibis.union(*made) for made in zip(*by_leg, strict=True))
    rated = run(RATED_ITEMS)
    used = used_rates.used_rates(rated.filter(rated.rate_id.notnull()), run(MEASURED_USAGE), used_rates.contents(run))
    yield USED_RATES.shape(used)
    yield made_of


def _legs(run: Run, events: ir.Table) -> list[ir.Table]:
    """The events with their leg: as they are billed to customers, then as to the resellers above, step by step."""
    own = with_leg(events, payer_legs(run(ACCOUNTS), run.rows))
    book = resale.wholesale(run, run.rows, run.cache)
    if book is None:
        return [own]
    own = run.cache(own)
    above = run.cache(resale.resold(own, book))
    return [own, *(above.filter(above.step == step).drop("step") for step in run.column(above, "step"))]


def _of_leg(
    run: Run, events: ir.Table, book: prices.PriceBook, edges: tuple[list[dict], list[dict]] | None
) -> Iterator[ir.Table]:  # fmt: skip
    """Rated items, measured usage and unrated UDRs of events, each of them once."""
    found = rate.with_rate(events, book)
    if edges is None:
        yield from _of_whole(run, found, book)
    else:
        yield from _with_parts(run, run.cache(found), events.columns, book, *edges)


def _of_whole(run: Run, found: ir.Table, book: prices.PriceBook) -> Iterator[ir.Table]:
    """The same of events that have found their rate, none of them split."""
    elements = run.rows(run(TARIFF_ELEMENTS))
    return _with_sessions(run, found, book, elements) if elements else _by_rate(found, book)


def _by_rate(found: ir.Table, book: prices.PriceBook) -> Iterator[ir.Table]:
    """The same, where no rate has a tariff."""
    yield RATED_ITEMS.shape(rate.rated(found, book))
    yield MEASURED_USAGE.shape(rate.measured(found, book))
    yield UNRATED_UDRS.shape(rate.unrated(found))


def _with_sessions(run: Run, found: ir.Table, book: prices.PriceBook, elements: list[dict]) -> Iterator[ir.Table]:
    """The same, where some of the rates have a tariff, which prices charging sessions."""
    found = run.cache(found)
    rated, measured, unrated = _by_rate(found.filter(found.tariff_id.isnull()), book)
    charged = found.filter(found.tariff_id.notnull())
    periods = run.cache(sessions.charging_periods(charged))
    bad = run.cache(sessions.unreadable(periods))
    borders = ibis.memtable(tariff_borders(elements))
    stretches = run.cache(sessions.stretches(periods.anti_join(bad, sessions.SESSION), borders))
    card = ibis.memtable(tariff_card(elements, run.rows(run(TARIFF_COMPONENTS))))
    items = tariff.rated(charged.anti_join(bad, sessions.SESSION), stretches, card, run(TARIFFS))
    yield rated.union(RATED_ITEMS.shape(items))
    yield measured
    yield unrated.union(UNRATED_UDRS.shape(sessions.refused(charged.semi_join(bad, sessions.SESSION))))


def _with_parts(
    run: Run, found: ir.Table, columns: Sequence[str], book: prices.PriceBook, minutes: list[dict], special: list[dict]
) -> Iterator[ir.Table]:
    """The same, where some of the rates split events at the edges of time bands; `columns` are those of events."""
    lasting = run.cache(parts.lasting(found, run(ACCOUNTS)))
    places = run.rows(lasting.select("time_zone", "country").distinct())
    limits = run.rows(lasting.aggregate(first=lasting.first_day.min(), last=lasting.last_day.max()))[0]
    edges = band_edges(minutes, special, [(p["time_zone"], p["country"]) for p in places], **limits)
    pieces = run.cache(parts.pieces(lasting, ibis.memtable(edges)))
    split = run.cache(parts.found_parts(found, pieces, columns, book))
    lost = parts.without_rate(split)
    rated, measured, unrated = _of_whole(run, found.anti_join(pieces, parts.EVENT), book)
    yield rated.union(RATED_ITEMS.shape(rate.rated_items(split.anti_join(lost, parts.EVENT), book)))
    yield measured
    yield unrated.union(UNRATED_UDRS.shape(rate.unrated(lost)))

"""Rating as an asset: each event of the day with its price."""

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.rating import rate
from billing_assets.rating.rate_card import rate_card
from billing_assets.rating.tables import RATED_DAYS, RATED_ITEMS, UNRATED_UDRS
from billing_assets.rating.zones import with_time_band, with_zone
from billing_assets.reference.tables import PRICE_PLANS, PRODUCTS, RATES, TIME_BANDS, ZONE_PREFIXES
from billing_assets.reference.time_bands import band_minutes
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.usage.tables import UDR_DAYS, UDRS
from resources.inputs import Inputs
from resources.lake import Lake


def _udr_sizes(lake: Lake, inputs: Inputs, days: Sequence[str]) -> dict[str, int]:
    return lake.day_sizes(UDRS, days)


@stage(
    RATED_ITEMS, UNRATED_UDRS, RATED_DAYS,
    reads=(UDRS, UDR_DAYS, PRODUCTS, PRICE_PLANS, RATES, ZONE_PREFIXES, TIME_BANDS),
    size=_udr_sizes,
)  # fmt: skip
def rated_items(run: Run) -> Iterator[ir.Table]:
    """The price of each event by itself, and the events that have none."""
    made_of = run.cache(run(UDR_DAYS))
    products, prefixes, bands = run(PRODUCTS), run(ZONE_PREFIXES), run(TIME_BANDS)
    card = run.cache(rate_card(run(RATES), run(PRICE_PLANS), products, prefixes, bands))
    minutes = run.cache(ibis.memtable(band_minutes(run.rows(bands))))
    lengths = run.column(prefixes.select(length=prefixes.prefix.length()), "length")
    events = run(UDRS).join(products.select("product_id", "zone_set", "time_band_set"), "product_id")
    found = rate.with_rate(with_time_band(with_zone(events, prefixes, lengths), minutes), card)
    yield RATED_ITEMS.shape(rate.rated(found))
    yield UNRATED_UDRS.shape(rate.unrated(found))
    yield made_of

"""Which rates priced the usage of a day, and what they said then: a price in use is replaced, never edited."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.exact import total_count
from billing_assets.item import digest, digest_number
from billing_assets.reference.tables import (
    PRICE_PLANS,
    RATE_CONDITIONS,
    RATE_TIERS,
    RATES,
    TARIFF_COMPONENTS,
    TARIFF_ELEMENTS,
    TARIFFS,
)
from billing_assets.usage.fingerprint import row_hash

_VALIDITY = ("valid_from", "valid_to")


def contents(read: Callable[[Table], ir.Table]) -> ir.Table:
    """rate_id and content: a digest of all that a rate says, but when it begins and ends. `read` gives tables."""
    rates = read(RATES)
    based = rates.join(read(PRICE_PLANS).select("price_plan_id", "currency", "tax_included"), "price_plan_id")
    parts = [
        rates.select("rate_id", part=row_hash(rates, *_VALIDITY)),
        based.select("rate_id", part=digest_number(digest(based.rate_id, based.currency, based.tax_included))),
        *(rows.select("rate_id", part=row_hash(rows)) for rows in map(read, (RATE_TIERS, RATE_CONDITIONS))),
    ]
    with_tariff = rates.filter(rates.tariff_id.notnull()).select("rate_id", "tariff_id")
    for rows in map(read, (TARIFFS, TARIFF_ELEMENTS, TARIFF_COMPONENTS)):
        met = with_tariff.join(rows, "tariff_id")
        parts.append(met.select("rate_id", part=row_hash(met)))
    every = ibis.union(*parts)
    return every.group_by("rate_id").aggregate(content=every.part.sum().cast("string"))


def used_rates(rated: ir.Table, measured: ir.Table, contents: ir.Table) -> ir.Table:
    """The rates of rated items and measured usage by event day, with their content."""
    by = ("event_day", "rate_id", "rate_plan")
    counted = ibis.union(*(rows.group_by(*by).aggregate(items=rows.count()) for rows in (rated, measured)))
    together = counted.group_by(*by).aggregate(items=total_count(counted["items"]))
    return together.join(contents, "rate_id")


def edited(used: ir.Table, rates: ir.Table, contents: ir.Table) -> ir.Table:
    """Rates that are other ones today than when they priced usage, or not valid any more on days that they priced.

    Columns: rate_plan, rate_id, first_day, last_day, items.
    """
    today = rates.select("rate_id", *_VALIDITY).join(contents, "rate_id")
    today = today.rename(known_rate="rate_id", content_today="content")
    found = used.left_join(today, used.rate_id == today.known_rate)
    # the local day that a rate is valid on may be one before or after the UTC day of the event
    day = ibis.interval(days=1)
    is_valid = (found.event_day + day >= found.valid_from) & (found.event_day - day < found.valid_to)
    other = found.filter(~((found.content == found.content_today) & is_valid).fill_null(False))
    return other.group_by("rate_plan", "rate_id").aggregate(
        first_day=other.event_day.min(), last_day=other.event_day.max(), items=total_count(other["items"])
    )

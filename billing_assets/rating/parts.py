"""Events that last from one time band into another, where the rate of their start says that they are split.

An event is cut at the edges of bands (reference/band_edges.py) within it, by the seconds that pass, whatever the
clocks do. Its quantity is divided in proportion to time: parts are differences between two cuts, so that they add
up exactly. Each part finds the rate of its own band. The rate of the start says how the event is counted: its
setup fee is due once, and its minimum and increments are those of the whole event.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, billed_units, integer, quantity, read_number, zero
from billing_assets.pricing.price_book import PriceBook
from billing_assets.rating.rate import is_rated, with_rate
from billing_assets.rating.sessions import SESSION as EVENT
from billing_assets.rating.sessions import second_of_day, share
from billing_assets.reference.band_edges import SECONDS_OF_DAY
from billing_assets.reference.event_zones import zone
from billing_assets.reference.tables import DURATION, SECONDS_OF_UNIT

MOST_SECONDS = 366 * SECONDS_OF_DAY
_COUNTED = ("minimum_quantity", "increment")


def lasting(found: ir.Table, accounts: ir.Table) -> ir.Table:
    """The events (rate.with_rate) that are split if they cross an edge, with what that takes.

    Columns: event_day, udr_id, time_band_set, time_zone, country, time_band_id, local_at, units (of quantity),
    seconds (how long it lasted), clock (second of its first UTC day), first_day and last_day (numbers of UTC
    days), minimum_quantity and increment of its rate.
    """
    own = found.filter(found.across_bands == "split", found.quantity != 0)
    own = own.mutate(units=own.quantity.abs().cast(QUANTITY))
    of_unit = [(own.unit == unit, own.units * factor) for unit, factor in SECONDS_OF_UNIT.items()]
    told = read_number(own.attributes.get(DURATION), QUANTITY).cast("decimal(38, 9)")
    lasted = own.mutate(lasted=ibis.coalesce(told, ibis.cases(*of_unit, else_=ibis.null()).cast("decimal(38, 9)")))
    lasted = lasted.filter(lasted.lasted > 0, lasted.lasted <= MOST_SECONDS)
    timed = lasted.mutate(
        seconds=quantity(lasted.lasted),
        clock=second_of_day(lasted.started_at),
        first_day=lasted.started_at.truncate("D").epoch_seconds().cast("int64") // SECONDS_OF_DAY,
    )
    users = accounts.select("time_zone", "country", used_by="account_id")
    placed = timed.join(users, timed.service_account_id == users.used_by)
    placed = placed.mutate(time_zone=zone(placed, "time_zone"))
    days = quantity(placed.clock + placed.seconds).floor().cast("int64") // SECONDS_OF_DAY
    return placed.select(
        *EVENT, "time_band_set", "time_zone", "country", "time_band_id", "local_at", "units", "seconds", "clock",
        "first_day", *_COUNTED, last_day=placed.first_day + days,
    )  # fmt: skip


def pieces(lasting: ir.Table, edges: ir.Table) -> ir.Table:
    """The parts of events that cross an edge of a band; no row of one that does not.

    Columns: event_day, udr_id, split (1 for the first part), time_band_id, local_at (when it begins), units_before
    (of the parts before it), units (of it), minimum_quantity and increment of the event.
    """
    days = lasting.mutate(day_number=ibis.range(lasting.first_day, lasting.last_day + 1)).unnest("day_number")
    met = days.join(
        edges,
        [
            days.time_band_set == edges.edge_set,
            days.time_zone == edges.edge_zone,
            days.country == edges.edge_country,
            days.day_number == edges.edge_day,
        ],
    )
    since = (met.edge_second - met.first_day * SECONDS_OF_DAY).cast("decimal(18, 0)")
    met = met.mutate(cut=quantity(since - met.clock))
    inner = met.filter((met.cut > 0) & (met.cut < met.seconds))
    inner = inner.mutate(units_before=share(inner.units, inner.cut, inner.seconds))
    inner = inner.filter((inner.units_before > 0) & (inner.units_before < inner.units))
    inner = inner.mutate(time_band_id=inner.edge_band, local_at=inner.edge_local)
    columns = (*EVENT, "cut", "time_band_id", "local_at", "units_before", "units", *_COUNTED)
    nothing = ibis.literal(0).cast(QUANTITY)
    first = lasting.semi_join(inner, EVENT).mutate(cut=nothing, units_before=nothing)
    begins = first.select(columns).union(inner.select(columns))
    in_time = ibis.window(group_by=[begins[c] for c in EVENT], order_by=begins.cut)
    ends = ibis.coalesce(begins.units_before.lead().over(in_time), begins.units)
    return begins.mutate(
        split=(ibis.row_number().over(in_time) + 1).cast("int64"), units=quantity(ends - begins.units_before)
    ).drop("cut")


def found_parts(found: ir.Table, pieces: ir.Table, columns: tuple[str, ...], book: PriceBook) -> ir.Table:
    """The parts with the rate of each (rate.with_rate), billed_quantity and setup_fee.

    `columns` are those that events have before they find their rate.
    """
    whole = found.select(columns).rename(whole_quantity="quantity").drop("time_band_id", "local_at")
    parts = whole.join(pieces.rename(**{f"whole_{c}": c for c in _COUNTED}), EVENT)
    signed = parts.mutate(quantity=ibis.ifelse(parts.whole_quantity < 0, quantity(-parts.units), parts.units))
    rated = with_rate(signed, book)
    counted = [
        billed_units(units, rated.whole_minimum_quantity, rated.whole_increment)
        for units in (quantity(rated.units_before + rated.units), rated.units_before)
    ]
    return rated.mutate(
        billed_quantity=quantity(counted[0] - counted[1]),
        setup_fee=ibis.ifelse(rated.split == integer(1), rated.setup_fee, zero()),
        **{c: rated[f"whole_{c}"] for c in _COUNTED},
    )


def without_rate(parts: ir.Table) -> ir.Table:
    """Of each event with a part that no rate fits the first such part: an event is rated as a whole, or not at all."""
    lost = parts.filter(~is_rated(parts))
    first = ibis.row_number().over(ibis.window(group_by=[lost[c] for c in EVENT], order_by=lost.split))
    ranked = lost.mutate(place=first)
    return ranked.filter(ranked.place == 0)

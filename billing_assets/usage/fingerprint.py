"""What an event day is made of, as one digest, so that a day is made again only when that changes.

It takes in what arrived for the day (by content hash of the files, and usage orders by their content), the
services, rights to order and rates that are valid on it, and the rules that hold for every day. Row hashes
are added up, so that order does not matter and a row counts on the days of its life. When it begins and ends
counts on those days alone: who ends a subscription or a price changes none of the days before.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.item import digest, digest_number
from billing_assets.usage.arrivals import to_event_days

_SUM = dt.Decimal(38, 0)
_LINEAGE = ("source_file", "source_line")


def row_hash(rows: ir.Table, *without: str) -> ir.DecimalColumn:
    """A number made of a row's content, without where it was read from, nor some of its columns."""
    return digest_number(digest(*(rows[c] for c in rows.columns if c not in (*_LINEAGE, *without))))


def rules_digest(tables: Sequence[ir.Table | None]) -> ir.Table:
    """One row with the digest of whole tables: `rules`; None is a table without rows, and adds nothing."""
    filled = [(place, rows) for place, rows in enumerate(tables) if rows is not None]
    sums = [rows.aggregate(part=row_hash(rows).sum().cast("string")).mutate(place=place) for place, rows in filled]
    together = ibis.union(*sums)
    return together.aggregate(rules=(together.place.cast("string") + ibis.literal(":") + together.part).group_concat(
        ",", order_by=together.place
    ))  # fmt: skip


def day_fingerprints(
    days: Sequence[str], arrivals: ir.Table, manifest: ir.Table, orders: ir.Table, services: ir.Table,
    entitled: ir.Table, rates: ir.Table, rules: ir.Table,
) -> ir.Table:  # fmt: skip
    """event_day and fingerprint of each of the days.

    `orders` are the accepted usage orders, `entitled` the subscriptions that meet the conditions of catalogues.
    """
    wanted = ibis.memtable(pa.table({"event_day": pa.array([date.fromisoformat(d) for d in days], pa.date32())}))
    arrived = _arrived(to_event_days(arrivals, days), manifest, to_event_days(orders, days))
    # what is valid from local day to local day may begin on the day before in UTC
    lives = ibis.union(
        _lives(services, "start_at", "end_at"), _lives(entitled, "valid_from", "valid_to", days_before=1)
    )
    served = _valid_on(wanted, lives, "served")
    priced = _valid_on(wanted, _lives(rates, "valid_from", "valid_to", days_before=1), "priced")
    found = wanted.left_join(arrived, "event_day").drop("event_day_right")
    found = found.left_join(served, "event_day").drop("event_day_right")
    found = found.left_join(priced, "event_day").drop("event_day_right").cross_join(rules)
    return found.select("event_day", fingerprint=digest(found.arrived, found.served, found.priced, found.rules))


def _arrived(arrivals: ir.Table, manifest: ir.Table, orders: ir.Table) -> ir.Table:
    files = manifest.group_by("load_day").aggregate(
        content=digest_number(digest(manifest.source_file, manifest.sha256, manifest.mapping)).sum()
    )
    known = arrivals.left_join(files, "load_day")
    part = digest_number(digest(known.load_day, known.records, known.content))
    parts = known.select("event_day", part=part).union(orders.select("event_day", part=row_hash(orders)))
    return parts.group_by("event_day").aggregate(arrived=parts.part.sum())


def _lives(rows: ir.Table, begins: str, ends: str, days_before: int = 0) -> ir.Table:
    """What counts from which day up to which: the content of rows, and their begins and ends on those days."""
    early, day = ibis.interval(days=days_before), ibis.interval(days=1)
    hashed = rows.select(content=row_hash(rows, begins, ends), begin=rows[begins], end=rows[ends])
    first, last = hashed.begin.cast("date"), hashed.end.cast("date")
    begun = digest_number(digest(hashed.content, ibis.literal(begins), hashed.begin))
    ended = digest_number(digest(hashed.content, ibis.literal(ends), hashed.end))
    spans = (
        (hashed.content, first - early, last + day),
        (begun, first - early, first + day),
        (ended, last - early, last + day),
    )
    return ibis.union(*(hashed.select(value=v, from_day=f.cast("date"), to_day=t.cast("date")) for v, f, t in spans))


def _valid_on(days: ir.Table, lives: ir.Table, name: str) -> ir.Table:
    """The sum of the values that count on each day."""
    starts = lives.filter(lives.from_day.notnull()).select(changed="from_day", delta="value")
    closed = lives.filter(lives.from_day.notnull() & lives.to_day.notnull())
    stops = closed.select(changed=closed.to_day, delta=(-closed.value).cast(_SUM))
    asked = days.select(changed="event_day", delta=ibis.literal(0).cast(_SUM))
    changes = ibis.union(starts, stops, asked)
    daily = changes.group_by("changed").aggregate(delta=changes.delta.sum())
    running = daily.mutate(total=daily.delta.sum().over(ibis.cumulative_window(order_by=daily.changed)))
    return running.semi_join(days, running.changed == days.event_day).select(
        event_day="changed", **{name: running.total}
    )

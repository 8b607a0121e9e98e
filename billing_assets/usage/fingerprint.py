"""What an event day is made of, as one digest, so that a day is made again only when that changes.

It takes in what arrived for the day (by content hash of the files), the services and rates that are
valid on it, and the rules that hold for every day. Row hashes are added up, so that order does not matter
and a row counts from the day on which it begins to the day before it ends.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.item import digest
from billing_assets.usage.arrivals import to_event_days

_SUM = dt.Decimal(38, 0)
_LINEAGE = ("source_file", "source_line")


def row_hash(rows: ir.Table) -> ir.DecimalColumn:
    """A number made of a row's content, without where it was read from."""
    return digest(*(rows[c] for c in rows.columns if c not in _LINEAGE)).hash().cast(_SUM)


def rules_digest(tables: Sequence[ir.Table]) -> ir.Table:
    """One row with the digest of whole tables: `rules`."""
    sums = [rows.aggregate(part=row_hash(rows).sum().cast("string")).mutate(place=i) for i, rows in enumerate(tables)]
    together = ibis.union(*sums)
    return together.aggregate(rules=(together.place.cast("string") + ibis.literal(":") + together.part).group_concat(
        ",", order_by=together.place
    ))  # fmt: skip


def day_fingerprints(
    days: Sequence[str], arrivals: ir.Table, manifest: ir.Table, services: ir.Table, rates: ir.Table, rules: ir.Table
) -> ir.Table:
    """event_day and fingerprint of each of the days."""
    wanted = ibis.memtable(pa.table({"event_day": pa.array([date.fromisoformat(d) for d in days], pa.date32())}))
    arrived = _arrived(to_event_days(arrivals, days), manifest)
    lives = services.mutate(begins=services.start_at.date(), ends=(services.end_at + ibis.interval(days=1)).date())
    served = _valid_on(wanted, lives, "begins", "ends", "served")
    priced = _valid_on(wanted, rates, "valid_from", "valid_to", "priced")
    found = wanted.left_join(arrived, "event_day").drop("event_day_right")
    found = found.left_join(served, "event_day").drop("event_day_right")
    found = found.left_join(priced, "event_day").drop("event_day_right").cross_join(rules)
    return found.select("event_day", fingerprint=digest(found.arrived, found.served, found.priced, found.rules))


def _arrived(arrivals: ir.Table, manifest: ir.Table) -> ir.Table:
    files = manifest.group_by("load_day").aggregate(
        content=digest(manifest.source_file, manifest.sha256).hash().cast(_SUM).sum()
    )
    known = arrivals.left_join(files, "load_day")
    part = digest(known.load_day, known.records, known.content).hash().cast(_SUM)
    return known.group_by("event_day").aggregate(arrived=part.sum())


def _valid_on(days: ir.Table, rows: ir.Table, begins: str, ends: str, name: str) -> ir.Table:
    """The sum of the hashes of the rows that are valid on each day."""
    value = row_hash(rows)
    starts = rows.select(changed=rows[begins], delta=value)
    closed = rows.filter(rows[ends].notnull())
    stops = closed.select(changed=closed[ends], delta=-row_hash(closed))
    asked = days.select(changed="event_day", delta=ibis.literal(0).cast(_SUM))
    changes = ibis.union(
        starts.mutate(delta=starts.delta.cast(_SUM)), stops.mutate(delta=stops.delta.cast(_SUM)), asked
    )
    daily = changes.group_by("changed").aggregate(delta=changes.delta.sum())
    running = daily.mutate(total=daily.delta.sum().over(ibis.cumulative_window(order_by=daily.changed)))
    return running.semi_join(days, running.changed == days.event_day).select(
        event_day="changed", **{name: running.total}
    )

"""Which usage arrived when: load days of files, event days of records, and the manifest of it all.

The load day of a file is the day in its path, else the day on which its content was first seen, which
the manifest keeps. A file that has vanished keeps the records it brought: raw usage is evidence.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import ibis
import ibis.expr.types as ir

from billing_assets.exact import integer
from billing_assets.usage.tables import LOAD_MANIFEST
from resources.inputs import Inputs, UsageFile
from resources.lake import Lake


def load_days(lake: Lake, inputs: Inputs, days: Sequence[str] | None = None) -> list[tuple[UsageFile, date]]:
    """The usage files with their load days; of some days only, when they are given."""
    files = inputs.usage_files()
    undated = [file for file in files if file.day_in_path is None]
    seen = _first_seen(lake) if undated else {}
    today = datetime.now(UTC).date()
    dated = [(file, file.day_in_path or seen.get((file.source, file.sha256), today)) for file in files]
    return [(file, day) for file, day in dated if days is None or day.isoformat() in days]


def _first_seen(lake: Lake) -> dict[tuple[str, str], date]:
    rows = lake.engine.execute(lake.read_all(LOAD_MANIFEST).select("source", "sha256", "load_day")).to_pylist()
    return {
        (row["source"], row["sha256"]): row["load_day"]
        for row in sorted(rows, key=lambda r: r["load_day"], reverse=True)
    }


def files_gone(manifest: ir.Table, present: Sequence[str]) -> ir.Table:
    """The manifest rows of files that are no longer among the inputs."""
    gone = manifest.filter(~manifest.source_file.isin(present)) if present else manifest
    return gone.select("load_day", "source", "source_file", "sha256", "mapping", "bytes")


def of_files(rows: ir.Table, files: ir.Table) -> ir.Table:
    """The rows that came from some files."""
    return rows.semi_join(files, "source_file")


def usage_arrivals(raw_usage: ir.Table) -> ir.Table:
    """How many records of each load day belong to which event day."""
    return raw_usage.group_by("load_day", "event_day").aggregate(records=raw_usage.count())


def all_arrivals(arrivals: ir.Table, orders: ir.Table) -> ir.Table:
    """How many records belong to which event day, by files and by accepted usage orders: event_day, records."""
    return arrivals.select("event_day", "records").union(orders.select("event_day", records=integer(1)))


def load_manifest(files: ir.Table, raw_usage: ir.Table, rejected: ir.Table) -> ir.Table:
    """The loaded files with their numbers of records."""
    routed = raw_usage.group_by(routed_file="source_file").aggregate(routed=raw_usage.count())
    refused = rejected.group_by(refused_file="source_file").aggregate(refused=rejected.count())
    counted = files.left_join(routed, files.source_file == routed.routed_file)
    counted = counted.left_join(refused, counted.source_file == refused.refused_file)
    rejected_count = counted.refused.fill_null(0)
    return LOAD_MANIFEST.shape(
        counted.mutate(rejected=rejected_count, records=counted.routed.fill_null(0) + rejected_count)
    )


def to_event_days(rows: ir.Table, days: Sequence[str]) -> ir.Table:
    """The rows whose event day is one of some days."""
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    return rows.filter(
        rows.event_day.between(ibis.literal(first), ibis.literal(last)),
        rows.event_day.isin([date.fromisoformat(day) for day in days]),
    )


def by_event_day(arrivals: ir.Table, days: Sequence[str]) -> ir.Table:
    """The number of records of each event day, from all load days."""
    of_days = to_event_days(arrivals, days)
    return of_days.group_by("event_day").aggregate(records=of_days.records.sum().cast("int64"))

"""Usage as assets: files by load day, usage detail records by event day."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets import calendar
from billing_assets.orders.tables import SUBSCRIPTION_SERVICES
from billing_assets.reference.tables import (
    ACCOUNTS,
    CURRENCIES,
    LOOKUPS,
    PRICE_PLANS,
    PRODUCT_LOOKUPS,
    PRODUCTS,
    RATE_CONDITIONS,
    RATE_TIERS,
    RATES,
    TARIFF_COMPONENTS,
    TARIFF_ELEMENTS,
    TARIFFS,
    TIME_BANDS,
    UDR_TYPE_ATTRIBUTES,
    UDR_TYPES,
    UNIT_CONVERSIONS,
    ZONE_PREFIXES,
)
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.usage import arrivals, fingerprint, mapping, raw
from billing_assets.usage import udrs as rules
from billing_assets.usage.tables import (
    LOAD_MANIFEST,
    RAW_USAGE,
    REJECTED_RAW_USAGE,
    REJECTED_UDRS,
    UDR_DAYS,
    UDRS,
    USAGE_ARRIVALS,
)
from resources.inputs import Inputs, UsageFile
from resources.lake import Lake
from resources.settings import UsageSource

_BYTES_OF_A_RECORD = 64
_JUDGED = tuple(c for c in REJECTED_RAW_USAGE.columns if c.name in ("reason", "detail", "record"))
ROUTED = dataclasses.replace(RAW_USAGE, name="routed_usage", columns=(*RAW_USAGE.columns, *_JUDGED))


def _file_sizes(lake: Lake, inputs: Inputs, days: Sequence[str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for file, load_day in arrivals.load_days(lake, inputs, days):
        key = load_day.isoformat()
        sizes[key] = sizes.get(key, 0) + file.path.stat().st_size // _BYTES_OF_A_RECORD
    return sizes


@stage(RAW_USAGE, USAGE_ARRIVALS, REJECTED_RAW_USAGE, LOAD_MANIFEST, reads=(), size=_file_sizes)
def usage_files(run: Run) -> Iterator[ir.Table]:
    """Usage files of the load days, record by record, routed to the days of their events."""
    files = arrivals.load_days(run.lake, run.inputs, run.days)
    gone = arrivals.files_gone(run(LOAD_MANIFEST), [file.name for file, _ in files])
    records = run.cache(_records(run, files))
    routed = RAW_USAGE.shape(records.filter(records.reason.isnull()))
    yield routed.union(arrivals.of_files(run(RAW_USAGE), gone))
    yield arrivals.usage_arrivals(run(RAW_USAGE))
    rejected = REJECTED_RAW_USAGE.shape(records.filter(records.reason.notnull()))
    yield rejected.union(arrivals.of_files(run(REJECTED_RAW_USAGE), gone))
    listed = ibis.memtable(_listed(files, run.inputs.settings.usage))
    yield arrivals.load_manifest(listed.union(gone), run(RAW_USAGE), run(REJECTED_RAW_USAGE))


def _records(run: Run, files: Sequence[tuple[UsageFile, date]]) -> ir.Table:
    by_source: dict[str, list[tuple[UsageFile, date]]] = {}
    for file, load_day in files:
        by_source.setdefault(file.source, []).append((file, load_day))
    settings = run.inputs.settings
    parts = [ROUTED.no_rows()]
    for name, loaded in by_source.items():
        source = settings.usage[name]
        streamed = run.stream(raw.read_source(loaded, source))
        timed = mapping.with_times(streamed, source.time_format, _offsets(source, loaded, settings.usage_window_days))
        named = mapping.with_attributes(timed, list(source.attributes))
        judged = mapping.judge_times(named, settings.usage_window_days, calendar.first_event_day(run.first_month))
        parts.append(ROUTED.shape(judged))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _offsets(source: UsageSource, loaded: Sequence[tuple[UsageFile, date]], window_days: int) -> pa.Table | None:
    if source.time_zone == "UTC":
        return None
    days = [load_day for _, load_day in loaded]
    # the local day of a time within the window may be one before or after its UTC day
    span = calendar.day_range(min(days) - timedelta(days=window_days + 1), max(days) + timedelta(days=2))
    return calendar.local_offsets(source.time_zone, span, source.ambiguous_time)


def _listed(files: Sequence[tuple[UsageFile, date]], sources: dict[str, UsageSource]) -> pa.Table:
    return pa.table(
        {
            "load_day": pa.array([load_day for _, load_day in files], pa.date32()),
            "source": pa.array([file.source for file, _ in files], pa.string()),
            "source_file": pa.array([file.name for file, _ in files], pa.string()),
            "sha256": pa.array([file.sha256 for file, _ in files], pa.string()),
            "mapping": pa.array([sources[file.source].digest for file, _ in files], pa.string()),
            "bytes": pa.array([file.path.stat().st_size for file, _ in files], pa.int64()),
        }
    )


def _arrival_sizes(lake: Lake, inputs: Inputs, days: Sequence[str]) -> dict[str, int]:
    counted = arrivals.by_event_day(lake.read_all(USAGE_ARRIVALS), days)
    return {row["event_day"].isoformat(): row["records"] for row in lake.engine.execute(counted).to_pylist()}


_RULES = (
    UDR_TYPES, UDR_TYPE_ATTRIBUTES, UNIT_CONVERSIONS, PRODUCTS, PRICE_PLANS, RATE_TIERS, RATE_CONDITIONS,
    PRODUCT_LOOKUPS, LOOKUPS, ZONE_PREFIXES, TIME_BANDS, TARIFFS, TARIFF_ELEMENTS, TARIFF_COMPONENTS,
)  # fmt: skip


def fingerprints(lake: Lake, days: Sequence[str]) -> ir.Table:
    """What the event days would be made of today (fingerprint.py)."""
    return fingerprint.day_fingerprints(
        days, lake.read_all(USAGE_ARRIVALS), lake.read_all(LOAD_MANIFEST), lake.read(SUBSCRIPTION_SERVICES),
        lake.read(RATES), fingerprint.rules_digest([lake.read(table) for table in _RULES]),
    )  # fmt: skip


@stage(
    UDRS, REJECTED_UDRS, UDR_DAYS,
    reads=(RAW_USAGE, USAGE_ARRIVALS, LOAD_MANIFEST, ACCOUNTS, CURRENCIES, SUBSCRIPTION_SERVICES, RATES, *_RULES),
    size=_arrival_sizes,
)  # fmt: skip
def udrs(run: Run) -> Iterator[ir.Table]:
    """Usage detail records of the event days, and the usage that cannot be billed."""
    lake = run.lake
    # read first: what changes from here on gives the day another fingerprint, and has it made again
    made_of = run.cache(fingerprints(lake, run.days))
    load_days = run.column(arrivals.to_event_days(lake.read_all(USAGE_ARRIVALS), run.days), "load_day")
    arrived = lake.read(RAW_USAGE, [day.isoformat() for day in load_days])
    typed = run.cache(
        rules.typed_usage(
            arrivals.to_event_days(arrived, run.days),
            run(UDR_TYPES), run(UNIT_CONVERSIONS), run(CURRENCIES),
            run.rows(run(UDR_TYPES)), run.rows(run(UDR_TYPE_ATTRIBUTES)),
        )
    )  # fmt: skip
    later = run.cache(rules.repeated(typed))
    services = run(SUBSCRIPTION_SERVICES)
    judged = rules.judged_usage(typed, later, services, run(PRODUCTS), _utc_offsets(run, typed))
    yield UDRS.shape(rules.valid_udrs(judged))
    yield REJECTED_UDRS.shape(rules.rejected_usage(judged, services))
    yield made_of


def _utc_offsets(run: Run, typed: ir.Table) -> ir.Table:
    limits = run.rows(typed.aggregate(first=typed.started_at.min().date(), last=typed.started_at.max().date()))[0]
    days = calendar.day_range(limits["first"], limits["last"]) if limits["first"] else []
    return ibis.memtable(calendar.utc_offsets(run.time_zones, days))

"""Usage as assets: files by load day, usage detail records by event day."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets import calendar
from billing_assets.orders.tables import (
    ORDER_LINES,
    SUBSCRIPTION_CATALOGUES,
    SUBSCRIPTION_SERVICES,
    SUBSCRIPTIONS,
)
from billing_assets.reference.assets import typed
from billing_assets.reference.legs import payer_legs, reseller_accounts, with_seller
from billing_assets.reference.tables import (
    ACCOUNTS,
    CURRENCIES,
    HOLIDAYS,
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
    USAGE_CATALOGUE_CONDITIONS,
    USAGE_CATALOGUE_ENTRIES,
    USAGE_CATALOGUE_PERIODS,
    USAGE_CATALOGUES,
    WHOLESALE_PLANS,
    ZONE_PREFIXES,
)
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.usage import arrivals, catalogues, fingerprint, mapping, ordered, raw
from billing_assets.usage import udrs as rules
from billing_assets.usage.tables import (
    ACCEPTED_USAGE_ORDERS,
    LOAD_MANIFEST,
    PROVISIONING_REQUESTS,
    RAW_USAGE,
    REJECTED_RAW_USAGE,
    REJECTED_UDRS,
    REJECTED_USAGE_ORDERS,
    UDR_DAYS,
    UDRS,
    USAGE_ARRIVALS,
    USAGE_ORDERS,
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


_CATALOGUES = (USAGE_CATALOGUES, USAGE_CATALOGUE_PERIODS, USAGE_CATALOGUE_ENTRIES, USAGE_CATALOGUE_CONDITIONS)
_JUDGED_BY = (UDR_TYPES, UDR_TYPE_ATTRIBUTES, UNIT_CONVERSIONS, CURRENCIES, SUBSCRIPTION_SERVICES, PRODUCTS, ACCOUNTS)


@stage(
    USAGE_ORDERS, ACCEPTED_USAGE_ORDERS, REJECTED_USAGE_ORDERS, PROVISIONING_REQUESTS,
    reads=(SUBSCRIPTIONS, ORDER_LINES, SUBSCRIPTION_CATALOGUES, *_JUDGED_BY, *_CATALOGUES),
)  # fmt: skip
def usage_orders(run: Run) -> Iterator[ir.Table]:
    """Orders of usage services, judged as the usage that they become, and what providers are asked to supply."""
    orders, unreadable = typed(run, USAGE_ORDERS)
    yield orders
    if run.is_empty(USAGE_ORDERS):
        yield ACCEPTED_USAGE_ORDERS.no_rows()
        yield REJECTED_USAGE_ORDERS.shape(unreadable)
        yield PROVISIONING_REQUESTS.no_rows()
        return
    placed = run.cache(ordered.placed(orders, run(SUBSCRIPTIONS), run(ACCOUNTS), run(PRODUCTS)))
    days = [(row["time_zone"], row["local_day"]) for row in run.rows(ordered.local_days(placed))]
    first_day = calendar.first_event_day(run.first_month)
    own = run.cache(ordered.judged_orders(placed, calendar.zoned_offsets(days), run(SUBSCRIPTION_SERVICES), first_day))
    usage = ordered.as_usage(own.filter(own.reason.isnull()).drop("reason", "detail"))
    judged = run.cache(ordered.with_termed_service(_judged(run, usage), run(ORDER_LINES)))
    asked = catalogues.asked(judged).filter(ibis.literal(not run.is_empty(USAGE_CATALOGUES)))
    answered = run.cache(_answered(run, judged, asked))
    accepted = answered.filter(answered.reason.isnull())
    yield ACCEPTED_USAGE_ORDERS.shape(accepted)
    refused = (own.filter(own.reason.notnull()), answered.filter(answered.reason.notnull()))
    yield ibis.union(*(REJECTED_USAGE_ORDERS.shape(rows) for rows in (unreadable, *refused)))
    yield PROVISIONING_REQUESTS.shape(ordered.provisioning_requests(accepted))


def _arrival_sizes(lake: Lake, inputs: Inputs, days: Sequence[str]) -> dict[str, int]:
    arrived = arrivals.all_arrivals(lake.read_all(USAGE_ARRIVALS), lake.read(ACCEPTED_USAGE_ORDERS))
    counted = arrivals.by_event_day(arrived, days)
    return {row["event_day"].isoformat(): row["records"] for row in lake.engine.execute(counted).to_pylist()}


_RULES = (
    UDR_TYPES, UDR_TYPE_ATTRIBUTES, UNIT_CONVERSIONS, PRODUCTS, PRICE_PLANS, RATE_TIERS, RATE_CONDITIONS,
    PRODUCT_LOOKUPS, LOOKUPS, ZONE_PREFIXES, TIME_BANDS, HOLIDAYS, TARIFFS, TARIFF_ELEMENTS, TARIFF_COMPONENTS,
    WHOLESALE_PLANS, *_CATALOGUES,
)  # fmt: skip


def fingerprints(lake: Lake, days: Sequence[str]) -> ir.Table:
    """What the event days would be made of today (fingerprint.py)."""
    accounts, services = lake.read(ACCOUNTS), lake.read(SUBSCRIPTION_SERVICES)
    legs = payer_legs(accounts, lambda expression: lake.engine.execute(expression).to_pylist())
    if legs is not None:
        services = with_seller(services, legs)
    rules = [lake.read(table) if lake.count(table) else None for table in _RULES]
    return fingerprint.day_fingerprints(
        days, lake.read_all(USAGE_ARRIVALS), lake.read_all(LOAD_MANIFEST), lake.read(ACCEPTED_USAGE_ORDERS),
        services, lake.read(SUBSCRIPTION_CATALOGUES), lake.read(RATES),
        fingerprint.rules_digest([reseller_accounts(accounts), *rules]),
    )  # fmt: skip


@stage(
    UDRS, REJECTED_UDRS, UDR_DAYS,
    reads=(RAW_USAGE, USAGE_ARRIVALS, LOAD_MANIFEST, ACCEPTED_USAGE_ORDERS, ACCOUNTS, CURRENCIES,
           SUBSCRIPTION_SERVICES, SUBSCRIPTION_CATALOGUES, RATES, *_RULES),
    size=_arrival_sizes,
)  # fmt: skip
def udrs(run: Run) -> Iterator[ir.Table]:
    """Usage detail records of the event days, and the usage that cannot be billed."""
    # read first: what changes from here on gives the day another fingerprint, and has it made again
    made_of = run.cache(fingerprints(run.lake, run.days))
    judged = _judged(run, _arrived(run))
    if not run.is_empty(USAGE_CATALOGUES):
        judged = run.cache(judged)
        judged = run.cache(_answered(run, judged, catalogues.listed(catalogues.asked(judged), _listings(run))))
    yield UDRS.shape(rules.valid_udrs(judged))
    yield REJECTED_UDRS.shape(rules.rejected_usage(judged, run(SUBSCRIPTION_SERVICES)))
    yield made_of


def _arrived(run: Run) -> ir.Table:
    """The raw usage of the event days: records of files, and usage orders whose day has come."""
    load_days = run.column(arrivals.to_event_days(run.lake.read_all(USAGE_ARRIVALS), run.days), "load_day")
    loaded = arrivals.to_event_days(run.lake.read(RAW_USAGE, [day.isoformat() for day in load_days]), run.days)
    if run.is_empty(ACCEPTED_USAGE_ORDERS):
        return loaded
    due = arrivals.to_event_days(run(ACCEPTED_USAGE_ORDERS), run.days)
    return loaded.union(RAW_USAGE.shape(ordered.as_usage(due)))


def _judged(run: Run, raw: ir.Table) -> ir.Table:
    """Raw usage by what it says itself, whether it was there before, and whose it is."""
    typed = run.cache(
        rules.typed_usage(
            raw, run(UDR_TYPES), run(UNIT_CONVERSIONS), run(CURRENCIES),
            run.rows(run(UDR_TYPES)), run.rows(run(UDR_TYPE_ATTRIBUTES)),
        )
    )  # fmt: skip
    later = run.cache(rules.repeated(typed))
    return rules.judged_usage(typed, later, run(SUBSCRIPTION_SERVICES), run(PRODUCTS), _utc_offsets(run, typed))


def _answered(run: Run, judged: ir.Table, asked: ir.Table) -> ir.Table:
    """Judged usage by what usage catalogues say to what is asked for."""
    answers = run.cache(catalogues.answers(asked, _listings(run), run(SUBSCRIPTION_CATALOGUES)))
    return catalogues.answered(judged, answers)


def _listings(run: Run) -> ir.Table:
    return catalogues.listings(*(run(table) for table in _CATALOGUES), run(PRODUCTS))


def _utc_offsets(run: Run, typed: ir.Table) -> ir.Table:
    limits = run.rows(typed.aggregate(first=typed.started_at.min().date(), last=typed.started_at.max().date()))[0]
    days = calendar.day_range(limits["first"], limits["last"]) if limits["first"] else []
    named = typed.filter(typed.reason.isnull()) if "event_zone" in typed.columns else None
    of_events = () if named is None else run.column(named.filter(named.event_zone.notnull()), "event_zone")
    return ibis.memtable(calendar.utc_offsets({*run.time_zones, *of_events}, days))

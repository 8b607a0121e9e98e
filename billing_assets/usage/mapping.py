"""From the records of a source to raw usage: when did it happen, and which day does it belong to.

A record whose time cannot be read cannot be routed to a day: it is rejected with its line. Everything
else about it is judged later, on its day (udrs.py).
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.exact import parsed_instant, parsed_time
from billing_assets.usage.raw import ATTRIBUTE

MISSING_TIME = "MISSING_TIME"
INVALID_TIME = "INVALID_TIME"
TOO_LATE = "TOO_LATE"
IN_FUTURE = "IN_FUTURE"
BEFORE_FIRST_DAY = "BEFORE_FIRST_DAY"

ISO = "iso8601"
EPOCH_UNITS = {"epoch_seconds": "s", "epoch_milliseconds": "ms"}
# Engines read more than that as a time: `infinity`, `epoch`, years before Christ, names of time zones, 24:00.
_ISO_LOCAL = r"^[1-9]\d{3}-\d\d-\d\d([T ]([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?)?$"
_EPOCH = {"epoch_seconds": r"^\d{1,11}(\.0+)?$", "epoch_milliseconds": r"^\d{1,14}(\.0+)?$"}


def with_times(records: ir.Table, time_format: str, offsets: pa.Table | None) -> ir.Table:
    """Text records with started_at and billing_effective_at in UTC; NULL where a text is no time.

    `offsets` as of calendar.local_offsets, for the local times of the source's zone; None when it is UTC.
    """
    started = _instant(records, "started_at", time_format, offsets)
    effective = _instant(started, "billing_effective_at", time_format, offsets)
    only_start = effective.billing_effective_at.isnull()
    # a local time outside of the offsets has no UTC, and is far enough away to be told by its local day
    started_near = ibis.coalesce(effective.started_at_utc, effective.started_at_local).date()
    effective_near = ibis.coalesce(effective.billing_effective_at_utc, effective.billing_effective_at_local).date()
    return effective.mutate(
        billing_effective_at=ibis.ifelse(only_start, effective.started_at_utc, effective.billing_effective_at_utc),
        started_at=effective.started_at_utc,
        earliest_day=ibis.ifelse(only_start, started_near, ibis.least(started_near, effective_near)),
        latest_day=ibis.ifelse(only_start, started_near, ibis.greatest(started_near, effective_near)),
        started_at_text=effective.started_at,
        effective_text=effective.billing_effective_at,
    )


def with_attributes(records: ir.Table, names: Sequence[str]) -> ir.Table:
    """The records with their attribute columns as one map."""
    keys = ibis.array([ibis.literal(name) for name in names]) if names else ibis.literal([], "array<string>")
    values = (
        ibis.array([records[f"{ATTRIBUTE}{name}"] for name in names]) if names else ibis.literal([], "array<string>")
    )
    return records.mutate(attributes=ibis.map(keys, values))


def judge_times(records: ir.Table, window_days: int, first_day: date) -> ir.Table:
    """The records with event_day and reason: NULL for those that can be routed to their day.

    Besides what is wrong with the line itself: MISSING_TIME, TOO_LATE (a time is older than the window when it
    was loaded), IN_FUTURE, INVALID_TIME, BEFORE_FIRST_DAY (before the days that are billed here at all).
    """
    event_day = records.billing_effective_at.date()
    reason = ibis.cases(
        (records.broken_reason.notnull(), records.broken_reason),
        (records.started_at_text.isnull(), ibis.literal(MISSING_TIME)),
        (records.load_day.delta(records.earliest_day, unit="day") > window_days, ibis.literal(TOO_LATE)),
        (records.load_day.delta(records.latest_day, unit="day") < -1, ibis.literal(IN_FUTURE)),
        (records.started_at.isnull() | records.billing_effective_at.isnull(), ibis.literal(INVALID_TIME)),
        (event_day < ibis.literal(first_day), ibis.literal(BEFORE_FIRST_DAY)),
        else_=ibis.null("string"),
    )
    detail = ibis.coalesce(records.broken_detail, records.effective_text, records.started_at_text)
    return records.mutate(event_day=event_day, reason=reason, detail=detail)


def _instant(records: ir.Table, column: str, time_format: str, offsets: pa.Table | None) -> ir.Table:
    value = records[column]
    target = f"{column}_utc"
    if time_format in EPOCH_UNITS:
        whole = ibis.ifelse(value.re_search(_EPOCH[time_format]), value, ibis.null("string")).try_cast("decimal(14, 0)")
        moment = whole.cast("int64").as_timestamp(EPOCH_UNITS[time_format]).cast("timestamp(6)")
        return records.mutate(**{target: moment, f"{column}_local": ibis.null("timestamp(6)")})
    if time_format == ISO:
        plain = ibis.ifelse(value.re_search(_ISO_LOCAL), value, ibis.null("string"))
        local, exact = plain.try_cast("timestamp(6)"), parsed_instant(value)
    elif "%z" in time_format:
        local, exact = ibis.null("timestamp(6)"), parsed_time(value, time_format)
    else:
        local, exact = parsed_time(value, time_format), ibis.null("timestamp(6)")
    timed = records.mutate(**{f"{column}_local": local, f"{column}_exact": exact})
    if offsets is None:
        return timed.mutate(**{target: ibis.coalesce(timed[f"{column}_exact"], timed[f"{column}_local"])})
    return _from_local(timed, column, target, ibis.memtable(offsets))


def _from_local(timed: ir.Table, column: str, target: str, offsets: ir.Table) -> ir.Table:
    local = timed[f"{column}_local"]
    named = offsets.select(
        **{f"{column}_day": offsets.local_day, f"{column}_from": offsets.from_local, f"{column}_to": offsets.to_local,
           f"{column}_offset": offsets.offset_seconds},
    )  # fmt: skip
    placed = timed.left_join(
        named,
        [
            local.date() == named[f"{column}_day"],
            local >= named[f"{column}_from"],
            local < named[f"{column}_to"],
        ],
    )
    shifted = placed[f"{column}_local"] - placed[f"{column}_offset"].as_interval("s")
    return placed.mutate(**{target: ibis.coalesce(placed[f"{column}_exact"], shifted)})

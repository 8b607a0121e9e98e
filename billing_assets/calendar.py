"""Days, months, billing windows and clock changes, worked out from the IANA time zone data.

All of it is plain data computed in Python and joined by the stages, so that every engine sees the same
offsets whatever time zone data it carries itself. Intervals are half-open.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

_INSTANT = pa.timestamp("us")


def first_day(month: str) -> date:
    """The first day of a month written YYYY-MM."""
    return date.fromisoformat(f"{month}-01")


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def months_later(month: str, count: int) -> str:
    """The month `count` months after (or, negative, before) another."""
    start = first_day(month)
    index = start.year * 12 + start.month - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def first_event_day(first_month: str) -> date:
    """The first day that usage is kept for: a month before billing starts, for time zones and late windows."""
    return first_day(months_later(first_month, -1))


def month_range(first: str, last: str) -> list[str]:
    """Every month from the first to the last, both included."""
    months = []
    while first <= last:
        months.append(first)
        first = months_later(first, 1)
    return months


def day_range(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def midnight(day: date, zone: str) -> datetime:
    """The UTC instant (naive) at which a local day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def window(month: str, anchor_day: int) -> tuple[date, date]:
    """First day of a cycle's month, and first day after it."""
    start = first_day(month).replace(day=anchor_day)
    return start, first_day(months_later(month, 1)).replace(day=anchor_day)


def windows(month: str, anchor_days: dict[str, int], zones: Iterable[str], first_month: str) -> pa.Table:
    """The month's window of every cycle in every time zone.

    Columns: month, billing_cycle, time_zone, start_date, end_date (the service period), begin_at (its first
    instant, UTC), start_at, end_at (UTC) of the usage that it takes, and ready_after: a schedule record is
    taken when ready_after < its ready date <= end_date. The first month of the company takes everything earlier.
    """
    rows = []
    is_first = month == first_month
    earliest = datetime.combine(first_event_day(first_month), time())
    for cycle, anchor_day in sorted(anchor_days.items()):
        start, end = window(month, anchor_day)
        for zone in sorted(zones):
            rows.append(
                {
                    "month": month,
                    "billing_cycle": cycle,
                    "time_zone": zone,
                    "start_date": start,
                    "end_date": end,
                    "ready_after": date.min if is_first else start,
                    "begin_at": midnight(start, zone),
                    "start_at": earliest if is_first else midnight(start, zone),
                    "end_at": midnight(end, zone),
                }
            )
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("month", "billing_cycle", "time_zone")),
            *((name, pa.date32()) for name in ("start_date", "end_date", "ready_after")),
            *((name, _INSTANT) for name in ("begin_at", "start_at", "end_at")),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def event_days(windows: pa.Table) -> list[date]:
    """The UTC days that the windows touch."""
    if not windows.num_rows:
        return []
    start = min(windows["start_at"].to_pylist())
    end = max(windows["end_at"].to_pylist())
    return day_range(start.date(), (end - timedelta(microseconds=1)).date())


def local_midnights(pairs: Iterable[tuple[str, date]]) -> pa.Table:
    """The UTC instant at which each (time zone, local day) begins: time_zone, local_day, begins_at."""
    rows = sorted(set(pairs))
    return pa.table(
        {
            "time_zone": pa.array([zone for zone, _ in rows], pa.string()),
            "local_day": pa.array([day for _, day in rows], pa.date32()),
            "begins_at": pa.array([midnight(day, zone) for zone, day in rows], _INSTANT),
        }
    )


def utc_offsets(zones: Iterable[str], days: Sequence[date]) -> pa.Table:
    """How far each time zone is ahead of UTC: time_zone, utc_day, from_at, to_at (UTC), offset_seconds."""
    rows = [
        (zone, day, begin, end, offset)
        for zone in sorted(zones)
        for day in days
        for begin, end, offset in _stretches(ZoneInfo(zone), day)
    ]
    return pa.table(
        {
            "time_zone": pa.array([r[0] for r in rows], pa.string()),
            "utc_day": pa.array([r[1] for r in rows], pa.date32()),
            "from_at": pa.array([r[2] for r in rows], _INSTANT),
            "to_at": pa.array([r[3] for r in rows], _INSTANT),
            "offset_seconds": pa.array([r[4] for r in rows], pa.int64()),
        }
    )


def local_offsets(zone: str, days: Sequence[date], ambiguous: str) -> pa.Table:
    """How local times of a zone turn into UTC: local_day, from_local, to_local, offset_seconds.

    A local time that a clock change skips is in no row. One that occurs twice is in the row of the
    `first` or the `second` time, or in none (`reject`).
    """
    return _offset_table(_local_stretches(zone, days, ambiguous))


def zoned_offsets(pairs: Iterable[tuple[str, date]]) -> pa.Table:
    """How local times of some (time zone, local day) turn into UTC: time_zone, and the columns of local_offsets.

    A local time that occurs twice is the first of the two.
    """
    found = [(zone, row) for zone, day in sorted(set(pairs)) for row in _local_stretches(zone, [day], "first")]
    zones = pa.array([zone for zone, _ in found], pa.string())
    return _offset_table([row for _, row in found]).append_column("time_zone", zones)


def _local_stretches(zone: str, days: Sequence[date], ambiguous: str) -> list[tuple[date, datetime, datetime, int]]:
    around = day_range(days[0] - timedelta(days=1), days[-1] + timedelta(days=1))
    pieces = _merged([piece for day in around for piece in _stretches(ZoneInfo(zone), day)])
    local = [
        [begin + timedelta(seconds=offset), end + timedelta(seconds=offset), offset] for begin, end, offset in pieces
    ]
    for before, after in itertools.pairwise(local):
        if before[1] > after[0]:
            repeated = (after[0], before[1])
            before[1] = repeated[1] if ambiguous == "first" else repeated[0]
            after[0] = repeated[0] if ambiguous == "second" else repeated[1]
    return [
        (day, begin, end, offset)
        for begin, end, offset in local
        for day in day_range(max(begin.date(), days[0]), min(end.date(), days[-1]))
    ]


def _offset_table(rows: Sequence[tuple[date, datetime, datetime, int]]) -> pa.Table:
    return pa.table(
        {
            "local_day": pa.array([r[0] for r in rows], pa.date32()),
            "from_local": pa.array([r[1] for r in rows], _INSTANT),
            "to_local": pa.array([r[2] for r in rows], _INSTANT),
            "offset_seconds": pa.array([r[3] for r in rows], pa.int64()),
        }
    )


def _stretches(zone: ZoneInfo, day: date) -> list[tuple[datetime, datetime, int]]:
    begin = datetime.combine(day, time())
    end = begin + timedelta(days=1)
    stretches = []
    while _offset(zone, begin) != _offset(zone, end - timedelta(seconds=1)):
        change = _first_change(zone, begin, end)
        stretches.append((begin, change, _offset(zone, begin)))
        begin = change
    return [*stretches, (begin, end, _offset(zone, begin))]


def _first_change(zone: ZoneInfo, begin: datetime, end: datetime) -> datetime:
    low, high = begin, end - timedelta(seconds=1)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(zone, middle) == _offset(zone, begin) else (low, middle)
    return high


def _merged(pieces: list[tuple[datetime, datetime, int]]) -> list[tuple[datetime, datetime, int]]:
    merged: list[tuple[datetime, datetime, int]] = []
    for begin, end, offset in pieces:
        if merged and merged[-1][2] == offset:
            begin = merged.pop()[0]
        merged.append((begin, end, offset))
    return merged


def _offset(zone: ZoneInfo, utc: datetime) -> int:
    return int(utc.replace(tzinfo=UTC).astimezone(zone).utcoffset().total_seconds())


def clamped(month: str, day: int) -> date:
    """That day of the month, or its last."""
    last = first_day(months_later(month, 1)) - timedelta(days=1)
    return last.replace(day=min(day, last.day))


def terms(pairs: Iterable[tuple[date, int]]) -> pa.Table:
    """Where terms of whole months end: start_date, term_months, term_end (clamped to short months)."""
    rows = sorted(set(pairs))
    ends = [clamped(months_later(month_of(start), months), start.day) for start, months in rows]
    return pa.table(
        {
            "start_date": pa.array([start for start, _ in rows], pa.date32()),
            "term_months": pa.array([months for _, months in rows], pa.int64()),
            "term_end": pa.array(ends, pa.date32()),
        }
    )


def months_begun(pairs: Iterable[tuple[date, date]]) -> pa.Table:
    """The months that begin between two days, the first on the start itself: start_date, end_date, months."""
    rows = sorted(set(pairs))
    return pa.table(
        {
            "start_date": pa.array([start for start, _ in rows], pa.date32()),
            "end_date": pa.array([end for _, end in rows], pa.date32()),
            "months": pa.array([_months_begun(start, end) for start, end in rows], pa.int64()),
        }
    )


def _months_begun(start: date, end: date) -> int:
    count = (end.year - start.year) * 12 + end.month - start.month
    return count + (clamped(month_of(end), start.day) < end)

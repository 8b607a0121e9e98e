"""Where one time band ends and another begins, as instants: what an event that lasts is cut at.

Worked out in Python for the days, zones and countries that are asked for, as clocks show the time there: a clock
change is an edge where it leads into another band.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from billing_assets.calendar import day_range, utc_offsets
from billing_assets.reference.time_bands import MINUTES_OF_DAY, MINUTES_OF_WEEK

_EPOCH = date(1970, 1, 1)
SECONDS_OF_DAY = 60 * MINUTES_OF_DAY
_EDGES = pa.schema([
    ("edge_set", pa.string()), ("edge_zone", pa.string()), ("edge_country", pa.string()), ("edge_day", pa.int64()),
    ("edge_second", pa.int64()), ("edge_local", pa.timestamp("us")), ("edge_band", pa.string()),
])  # fmt: skip


def band_edges(
    minutes: Sequence[dict], special: Sequence[dict], places: Sequence[tuple[str, str]], first: int | None,
    last: int | None,
) -> pa.Table:  # fmt: skip
    """The edges of all sets from one UTC day (its number since 1970) to another, for pairs of time zone and country.

    `minutes` are rows of time_bands.band_minutes, `special` of holidays.special_days. Columns: edge_set, edge_zone,
    edge_country, edge_day (number of the UTC day), edge_second (since 1970, UTC), edge_local (local time), edge_band
    (the band that begins, NULL for none).
    """
    bands: dict[str, dict[int, str]] = {}
    for row in minutes:
        bands.setdefault(row["time_band_set"], {})[row["minute_of_week"]] = row["time_band_id"]
    weeks = {(row["time_band_set"], row["account_country"], row["local_day"]): row["week"] for row in special}
    days = [_EPOCH + timedelta(days=n) for n in range(first, last + 1)] if places else []
    borders = {name: _borders(by_minute) for name, by_minute in bands.items()}
    rows = []
    for zone, country in sorted(places):
        stretches = utc_offsets([zone], days).to_pylist()
        for name, by_minute in sorted(bands.items()):
            begins = {day: _week_minute(day, weeks.get((name, country, day), 0)) for day in _local_days(stretches)}
            known: str | None = None
            for place, (local, offset, band) in enumerate(_changes(stretches, begins, by_minute, borders[name])):
                if place and band != known:
                    second = int((local - offset).replace(tzinfo=UTC).timestamp())
                    rows.append((name, zone, country, second // SECONDS_OF_DAY, second, local, band))
                known = band
    return pa.Table.from_pylist([dict(zip(_EDGES.names, row, strict=True)) for row in rows], _EDGES)


def _borders(by_minute: dict[int, str]) -> dict[int, list[int]]:
    """For each day of the weeks of time_bands, by the minute at which it begins, those at which a band may begin."""
    return {
        begin: [0, *(m for m in range(1, MINUTES_OF_DAY) if by_minute.get(begin + m) != by_minute.get(begin + m - 1))]
        for begin in range(0, 4 * MINUTES_OF_WEEK, MINUTES_OF_DAY)
    }


def _week_minute(day: date, week: int) -> int:
    """The minute of the weeks of time_bands at which a day begins."""
    return week * MINUTES_OF_WEEK + day.weekday() * MINUTES_OF_DAY


def _local_days(stretches: Sequence[dict]) -> list[date]:
    """The local days that stretches touch."""
    if not stretches:
        return []
    day = timedelta(days=1)
    return day_range(stretches[0]["from_at"].date() - day, stretches[-1]["to_at"].date() + day)


def _changes(
    stretches: Sequence[dict], begins: dict[date, int], by_minute: dict[int, str], borders: dict[int, list[int]]
) -> Iterator[tuple[datetime, timedelta, str | None]]:
    """Local times, with the offset then, at which a band may begin, in the order in which they come."""
    for stretch in stretches:
        offset = timedelta(seconds=stretch["offset_seconds"])
        first, end = stretch["from_at"] + offset, stretch["to_at"] + offset
        yield first, offset, by_minute.get(begins[first.date()] + first.hour * 60 + first.minute)
        for day in day_range(first.date(), end.date()):
            for minute in borders[begins[day]]:
                local = datetime.combine(day, time()) + timedelta(minutes=minute)
                if first < local < end:
                    yield local, offset, by_minute.get(begins[day] + minute)

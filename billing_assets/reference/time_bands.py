"""Time bands as minutes of the week, so that a moment finds its band by equality.

The week has 10,080 minutes and begins on Monday 00:00 local time.
"""

import re

import pyarrow as pa

from billing_assets.contract import ConfigurationError

MINUTES_OF_DAY = 24 * 60
MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY

_WEEKDAYS = re.compile(r"[1-7](-[1-7])?(,[1-7](-[1-7])?)*")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def band_minutes(bands: list[dict]) -> pa.Table:
    """The band of each covered minute of the week: time_band_set, minute_of_week, time_band_id.

    Takes rows of the table time_bands. Raises ConfigurationError for days or times that are none, and
    for bands of one set that overlap.
    """
    minutes: dict[tuple[str, int], dict] = {}
    for band in sorted(bands, key=lambda b: (b["source_file"], b["source_line"])):
        for minute in _minutes(band):
            other = minutes.setdefault((band["time_band_set"], minute), band)
            if other is not band:
                raise ConfigurationError(
                    f"{where(band)}: band {band['time_band_id']!r} of set {band['time_band_set']!r} overlaps "
                    f"{other['time_band_id']!r} of {where(other)}"
                )
    rows = sorted((*key, band["time_band_id"]) for key, band in minutes.items())
    return pa.table(
        {
            "time_band_set": pa.array([r[0] for r in rows], pa.string()),
            "minute_of_week": pa.array([r[1] for r in rows], pa.int64()),
            "time_band_id": pa.array([r[2] for r in rows], pa.string()),
        }
    )


def _minutes(band: dict) -> list[int]:
    start, end = (minute_of_day(band, name) for name in ("start_time", "end_time"))
    length = end - start if end > start else end - start + MINUTES_OF_DAY
    if start == MINUTES_OF_DAY or length == 0:
        raise ConfigurationError(f"{where(band)}: a band from {band['start_time']} to {band['end_time']} never applies")
    return [
        (weekday * MINUTES_OF_DAY + start + minute) % MINUTES_OF_WEEK
        for weekday in weekdays(band)
        for minute in range(length)
    ]


def weekdays(row: dict) -> list[int]:
    """The days, 0 Monday to 6 Sunday, that the `weekdays` of a row name. Raises ConfigurationError for others."""
    ranges = [part.partition("-") for part in row["weekdays"].split(",")]
    if not _WEEKDAYS.fullmatch(row["weekdays"]) or any(last and last < first for first, _, last in ranges):
        raise ConfigurationError(f"{where(row)}: weekdays {row['weekdays']!r} are not like 1-5 or 1,3,6-7")
    days: set[int] = set()
    for first, _, last in ranges:
        days.update(range(int(first), int(last or first) + 1))
    return sorted(day - 1 for day in days)


def minute_of_day(row: dict, name: str) -> int:
    """The minute, 0 to 1440, of a row's local time HH:MM. Raises ConfigurationError when it is none."""
    if not _TIME.fullmatch(row[name]):
        raise ConfigurationError(f"{where(row)}: {name} {row[name]!r} is no time HH:MM")
    hours, minutes = row[name].split(":")
    return int(hours) * 60 + int(minutes)


def where(row: dict) -> str:
    """File and line of a row, as messages name them."""
    return f"{row['source_file']}, line {row['source_line']}"

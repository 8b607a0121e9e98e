"""Time bands as minutes of the week, so that a moment finds its band by equality.

The week has 10,080 minutes and begins on Monday 00:00 local time. A set with a band for holidays has four weeks:
of ordinary days, of days after a holiday, of holidays, and of holidays after a holiday. The day before counts
because a band may run into the next day.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from billing_assets.contract import ConfigurationError

MINUTES_OF_DAY = 24 * 60
MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY
AFTER_HOLIDAY, ON_HOLIDAY = 1, 2

_HOLIDAY = "H"
_WEEKDAYS = re.compile(r"[1-7](-[1-7])?(,[1-7](-[1-7])?)*")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def band_minutes(bands: list[dict]) -> pa.Table:
    """The band of each covered minute of the week: time_band_set, minute_of_week, time_band_id.

    Takes rows of the table time_bands; where some of a set overlap the heaviest counts. Raises ConfigurationError
    for days or times that are none, for rows of one weight that overlap, and for a row that never applies.
    """
    knowing_holidays = holiday_sets(bands)
    minutes: dict[tuple[str, int], dict] = {}
    for band in sorted(bands, key=lambda b: (-b["weight"], b["source_file"], b["source_line"])):
        name = band["time_band_set"]
        found = [minutes.setdefault((name, m), band) for m in _minutes(band, 4 if name in knowing_holidays else 1)]
        for other in found:
            if other is not band and other["weight"] == band["weight"]:
                raise ConfigurationError(
                    f"{where(band)}: band {band['time_band_id']!r} of set {name!r} overlaps "
                    f"{other['time_band_id']!r} of {where(other)}"
                )
        if all(other is not band for other in found):
            raise ConfigurationError(
                f"{where(band)}: band {band['time_band_id']!r} of set {name!r} never applies: heavier ones cover it"
            )
    rows = sorted((*key, band["time_band_id"]) for key, band in minutes.items())
    return pa.table(
        {
            "time_band_set": pa.array([r[0] for r in rows], pa.string()),
            "minute_of_week": pa.array([r[1] for r in rows], pa.int64()),
            "time_band_id": pa.array([r[2] for r in rows], pa.string()),
        }
    )


def holiday_sets(bands: list[dict]) -> dict[str, str | None]:
    """The sets with a band for holidays, and the country (or subdivision) whose they are; None for the account's.

    Raises ConfigurationError where rows of a set name different ones.
    """
    sets: dict[str, str | None] = {}
    for band in sorted(bands, key=lambda b: (b["source_file"], b["source_line"])):
        country = band["holiday_country"]
        if not _names_holidays(band):
            if country:
                raise ConfigurationError(f"{where(band)}: holiday_country {country!r} is for weekdays with H")
        elif sets.setdefault(band["time_band_set"], country) != country:
            raise ConfigurationError(
                f"{where(band)}: holiday_country {country or ''!r} is not that of other rows of set "
                f"{band['time_band_set']!r}"
            )
    return sets


def _minutes(band: dict, weeks: int) -> Iterator[int]:
    """The minutes of a band in the first of the weeks."""
    start, end = (minute_of_day(band, name) for name in ("start_time", "end_time"))
    length = end - start if end > start else end - start + MINUTES_OF_DAY
    if start == MINUTES_OF_DAY or length == 0:
        raise ConfigurationError(f"{where(band)}: a band from {band['start_time']} to {band['end_time']} never applies")
    days = _days(band)
    for week in range(weeks):
        for weekday in range(7):
            begins = week * MINUTES_OF_WEEK + weekday * MINUTES_OF_DAY
            if (_HOLIDAY if week & ON_HOLIDAY else weekday) in days:
                yield from range(begins + start, begins + min(start + length, MINUTES_OF_DAY))
            if (_HOLIDAY if week & AFTER_HOLIDAY else (weekday - 1) % 7) in days:
                yield from range(begins, begins + start + length - MINUTES_OF_DAY)


def _names_holidays(band: dict) -> bool:
    return band["weekdays"].rpartition(",")[2] == _HOLIDAY


def _days(band: dict) -> set[int | str]:
    """The kinds of day on which a band begins: weekdays, and holidays."""
    if not _names_holidays(band):
        return set(_listed(band, band["weekdays"], "1-5, 1,3,6-7 or 6-7,H"))
    listed = band["weekdays"].rpartition(",")[0]
    return {_HOLIDAY, *(_listed(band, listed, "6-7,H or H") if listed else ())}


def weekdays(row: dict) -> list[int]:
    """The days, 0 Monday to 6 Sunday, that the `weekdays` of a row name. Raises ConfigurationError for others."""
    return _listed(row, row["weekdays"], "1-5 or 1,3,6-7")


def _listed(row: dict, text: str, examples: str) -> list[int]:
    ranges = [part.partition("-") for part in text.split(",")]
    if not _WEEKDAYS.fullmatch(text) or any(last and last < first for first, _, last in ranges):
        raise ConfigurationError(f"{where(row)}: weekdays {row['weekdays']!r} are not like {examples}")
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

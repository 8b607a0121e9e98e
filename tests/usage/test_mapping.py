"""When a usage record happened, from the text of its source, and which day it belongs to."""

from collections.abc import Callable
from datetime import date, datetime

import ibis
import pyarrow as pa
import pytest
from sample_rows import Row
from tests_support import ENGINES

from billing_assets import calendar
from billing_assets.usage import mapping

LOADED = date(2026, 1, 16)
WINDOW = 400
FIRST_DAY = date(2025, 1, 1)
COLUMNS = {"load_day": pa.date32()} | dict.fromkeys(
    ("started_at", "billing_effective_at", "broken_reason", "broken_detail", "attribute:cell", "attribute:flag"),
    pa.string(),
)


def records(*given: Row) -> ibis.Table:
    """Text records in order; columns left out are missing, the load day is 16 January 2026."""
    place = pa.field("place", pa.int64())
    schema = pa.schema([place, *(pa.field(name, type_) for name, type_ in COLUMNS.items())])
    numbered = [{"load_day": LOADED, **row, "place": i} for i, row in enumerate(given)]
    return ibis.memtable(pa.Table.from_pylist(numbered, schema=schema))


@pytest.fixture(scope="module")
def judged(rows) -> Callable[..., list[Row]]:
    """Records with their times, day and reason; the days of a local zone are the window of the load day."""

    def run(*given: Row, time_format: str = "iso8601", zone: str = "UTC", ambiguous: str = "first") -> list[Row]:
        days = calendar.day_range(date(2024, 12, 11), date(2026, 1, 18))
        offsets = None if zone == "UTC" else calendar.local_offsets(zone, days, ambiguous)
        timed = mapping.with_times(records(*given), time_format, offsets)
        return rows(mapping.judge_times(timed, WINDOW, FIRST_DAY).order_by("place"))

    return run


@pytest.fixture(scope="module")
def utc(judged) -> Callable[..., list[str | None]]:
    """The UTC start that texts give, to the second or finer; None when a text is no time."""

    def run(*texts: str, **options: str) -> list[str | None]:
        found = [row["started_at"] for row in judged(*({"started_at": text} for text in texts), **options)]
        return [None if at is None else at.isoformat() for at in found]

    return run


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_iso_times_with_an_offset(utc):
    """ISO 8601 and RFC 3339; the offset of the text counts, not the zone of the source."""
    texts = {
        "2026-01-15T10:00:00Z": "2026-01-15T10:00:00",
        "2026-01-15T10:00:00+02:00": "2026-01-15T08:00:00",
        "2026-01-15T10:00:00+0200": "2026-01-15T08:00:00",
        "2026-01-15T10:00:00+02": "2026-01-15T08:00:00",
        "2026-01-15 22:00:00.25-03:30": "2026-01-16T01:30:00.250000",
        # without seconds
        "2026-01-15T10:00Z": "2026-01-15T10:00:00",
        "2026-01-15T10:00+02:00": "2026-01-15T08:00:00",
        "2026-01-15 10:00-05": "2026-01-15T15:00:00",
    }
    assert utc(*texts, zone="Europe/Paris") == list(texts.values())
    assert utc(*texts) == list(texts.values())


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_iso_times_without_an_offset_are_local(utc):
    """Paris is one hour ahead in January, two in July."""
    texts = ["2026-01-15T10:00:00", "2026-01-15 10:00", "2025-07-15T00:30:00.5", "2026-01-15"]
    assert utc(*texts, zone="Europe/Paris") == [
        "2026-01-15T09:00:00", "2026-01-15T09:00:00", "2025-07-14T22:30:00.500000", "2026-01-14T23:00:00",
    ]  # fmt: skip
    assert utc(*texts)[0] == "2026-01-15T10:00:00"


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_what_is_no_iso_time(utc):
    """Least of all what an engine would read with another meaning: names of zones, `infinity`, `epoch`."""
    texts = [
        "", "yesterday", "15.01.2026 10:00", "2026-02-30T10:00:00", "2026-01-15T25:00:00", "2026-01-15T10:00:00 UTC",
        "2026-01-15T10:00:00+02:00:00", "2026-1-5 10:00:00", "2026-01-15T24:00:00", "infinity", "epoch",
        "2026-01-15 (BC)", "1768471200",
    ]  # fmt: skip
    assert utc(*texts, zone="Europe/Paris") == [None] * len(texts)
    assert utc(*texts) == [None] * len(texts)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize(
    ("time_format", "text", "expected"),
    [
        ("%Y-%m-%d %H:%M:%S", "2026-01-15 10:00:00", "2026-01-15T09:00:00"),
        ("%d.%m.%Y %H:%M", "15.01.2026 10:00", "2026-01-15T09:00:00"),
        ("%d/%m/%y %H:%M:%S", "15/01/26 10:00:00", "2026-01-15T09:00:00"),
        ("%Y%m%d%H%M%S", "20260115100000", "2026-01-15T09:00:00"),
        ("%m/%d/%Y %I:%M:%S %p", "01/15/2026 10:00:00 PM", "2026-01-15T21:00:00"),
        ("%Y%m%d%H%M%S%z", "20260115100000+0530", "2026-01-15T04:30:00"),
        ("%d.%m.%Y", "2026-01-15", None),
        ("%d.%m.%Y", "31.02.2026", None),
    ],
)
def test_patterns(utc, time_format, text, expected):
    assert utc(text, time_format=time_format, zone="Europe/Paris") == [expected]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_epochs_are_utc_whatever_the_zone(utc):
    """1768471200 seconds after 1970 is 15 January 2026, 10:00."""
    seconds = ["1768471200", "1768471200.0", "0"]
    assert utc(*seconds, time_format="epoch_seconds", zone="Europe/Paris") == [
        "2026-01-15T10:00:00", "2026-01-15T10:00:00", "1970-01-01T00:00:00",
    ]  # fmt: skip
    assert utc("1768471200250", time_format="epoch_milliseconds") == ["2026-01-15T10:00:00.250000"]


def test_what_is_no_epoch(utc):
    """A fraction would be rounded, perhaps into another day; a number that no clock shows would stop the run."""
    texts = ["1768471200.5", "-1", "1e9", "99999999999999999999", "999999999999", "2026-01-15"]
    assert utc(*texts, time_format="epoch_seconds") == [None] * len(texts)
    assert utc("999999999999999", time_format="epoch_milliseconds") == [None]


def test_the_night_in_which_an_hour_is_skipped(utc):
    """Paris, 30 March 2025: 02:00 to 03:00 does not exist."""
    texts = ["2025-03-30 01:59:59", "2025-03-30 02:00:00", "2025-03-30 02:59:59", "2025-03-30 03:00:00"]
    assert utc(*texts, time_format="%Y-%m-%d %H:%M:%S", zone="Europe/Paris") == [
        "2025-03-30T00:59:59", None, None, "2025-03-30T01:00:00",
    ]  # fmt: skip


def test_the_night_in_which_an_hour_occurs_twice(utc):
    """Paris, 26 October 2025: 02:30 is 00:30 or 01:30 UTC, as the source says."""
    text, options = "2025-10-26T02:30:00", {"zone": "Europe/Paris"}
    assert utc(text, **options, ambiguous="first") == ["2025-10-26T00:30:00"]
    assert utc(text, **options, ambiguous="second") == ["2025-10-26T01:30:00"]
    assert utc(text, **options, ambiguous="reject") == [None]
    assert utc("2025-10-26T02:30:00+01:00", **options, ambiguous="reject") == ["2025-10-26T01:30:00"]


def test_the_effective_time_decides_the_day(judged):
    """A source may say when an event counts; it is in the same format, and the start when it is missing."""
    own, started = judged(
        {"started_at": "2026-01-10T23:30:00", "billing_effective_at": "2026-01-12T08:00:00"},
        {"started_at": "2026-01-10T00:30:00"},
        zone="Europe/Paris",
    )
    assert (own["started_at"], own["billing_effective_at"]) == (datetime(2026, 1, 10, 22, 30), datetime(2026, 1, 12, 7))
    assert own["event_day"] == date(2026, 1, 12)
    # 10 January 00:30 in Paris is still 9 January in UTC
    assert (started["billing_effective_at"], started["event_day"]) == (datetime(2026, 1, 9, 23, 30), date(2026, 1, 9))


def test_why_a_record_has_no_day(judged):
    """Loaded on 16 January 2026 with a window of 400 days: from 12 December 2024 to 17 January 2026."""
    given = {
        "usable": {"started_at": "2026-01-15T10:00:00"},
        "broken": {"broken_reason": "MALFORMED_LINE", "broken_detail": "1 columns instead of 2"},
        "missing": {},
        "only effective": {"billing_effective_at": "2026-01-15T10:00:00"},
        "invalid": {"started_at": "noon"},
        "invalid effective": {"started_at": "2026-01-15T10:00:00", "billing_effective_at": "noon"},
        "invalid start": {"started_at": "noon", "billing_effective_at": "2026-01-15T10:00:00"},
        "400 days": {"started_at": "2024-12-12T00:00:00"},
        "401 days": {"started_at": "2024-12-11T23:59:59"},
        "tomorrow": {"started_at": "2026-01-17T23:59:59"},
        "day after tomorrow": {"started_at": "2026-01-18T00:00:00"},
        "first day": {"started_at": "2025-01-01T00:00:00"},
        "old start": {"started_at": "1970-01-01T00:00:00", "billing_effective_at": "2026-01-15T10:00:00"},
        "future start": {"started_at": "2027-01-01T00:00:00", "billing_effective_at": "2026-01-15T10:00:00"},
    }
    reasons = {name: row["reason"] for name, row in zip(given, judged(*given.values()), strict=True)}
    assert reasons == {
        "usable": None,
        "broken": "MALFORMED_LINE",
        "missing": "MISSING_TIME",
        "only effective": "MISSING_TIME",
        "invalid": "INVALID_TIME",
        "invalid effective": "INVALID_TIME",
        "invalid start": "INVALID_TIME",
        "400 days": "BEFORE_FIRST_DAY",
        "401 days": "TOO_LATE",
        "tomorrow": None,
        "day after tomorrow": "IN_FUTURE",
        "first day": None,
        "old start": "TOO_LATE",
        "future start": "IN_FUTURE",
    }


def test_a_local_time_far_away_is_too_late_not_invalid(judged):
    """The offsets of a zone are known for the window only."""
    texts = ("2019-05-01T10:00:00", "2030-05-01T10:00:00", "2025-03-30T02:30:00")
    found = judged(*({"started_at": text} for text in texts), zone="Europe/Paris")
    assert [row["reason"] for row in found] == ["TOO_LATE", "IN_FUTURE", "INVALID_TIME"]


def test_a_rejected_record_shows_what_was_found(judged):
    details = [
        row["detail"]
        for row in judged(
            {"started_at": "noon"},
            {"started_at": "2026-01-15T10:00:00", "billing_effective_at": "later"},
            {"broken_reason": "MALFORMED_LINE", "broken_detail": "1 columns instead of 2"},
        )
    ]
    assert details == ["noon", "later", "1 columns instead of 2"]


def test_attributes_become_a_map(rows):
    (row,) = rows(mapping.with_attributes(records({"attribute:cell": "A7"}), ["cell", "flag"]))
    assert dict(row["attributes"]) == {"cell": "A7", "flag": None}
    (row,) = rows(mapping.with_attributes(records({}), []))
    assert dict(row["attributes"]) == {}

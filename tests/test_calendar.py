"""Days, months, windows and clock changes, against the calendar and the published rules of time zones."""

from datetime import date, datetime, timedelta

import pytest

from billing_assets import calendar


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        ("2026-01", 0, "2026-01"),
        ("2026-12", 1, "2027-01"),
        ("2026-01", -1, "2025-12"),
        ("2026-03", -15, "2024-12"),
        ("2024-02", 12, "2025-02"),
    ],
)
def test_months_later(month, count, expected):
    assert calendar.months_later(month, count) == expected


def test_month_range_includes_both_ends():
    assert calendar.month_range("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert calendar.month_range("2026-01", "2026-01") == ["2026-01"]
    assert calendar.month_range("2026-02", "2026-01") == []


def test_day_range_includes_both_ends():
    assert calendar.day_range(date(2024, 2, 28), date(2024, 3, 1)) == [
        date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        ("2026-01-01", "UTC", "2026-01-01T00:00"),
        ("2026-01-01", "Europe/Paris", "2025-12-31T23:00"),
        ("2026-07-01", "Europe/Paris", "2026-06-30T22:00"),
        ("2026-01-01", "America/New_York", "2026-01-01T05:00"),
        ("2026-01-01", "Pacific/Kiritimati", "2025-12-31T10:00"),
        # clocks go from 00:00 to 01:00: the day begins at the change, 01:00 local, 22:00 UTC
        ("2024-04-26", "Africa/Cairo", "2024-04-25T22:00"),
        # clocks go back from 01:00 to 00:00: the day begins at the first of its two midnights
        ("2025-11-02", "America/Havana", "2025-11-02T04:00"),
    ],
)
def test_when_a_local_day_begins(day, zone, expected):
    assert calendar.midnight(date.fromisoformat(day), zone) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("month", "anchor_day", "start", "end"),
    [
        ("2026-01", 1, "2026-01-01", "2026-02-01"),
        ("2026-02", 15, "2026-02-15", "2026-03-15"),
        ("2026-12", 28, "2026-12-28", "2027-01-28"),
    ],
)
def test_a_window_runs_from_anchor_to_anchor(month, anchor_day, start, end):
    assert calendar.window(month, anchor_day) == (date.fromisoformat(start), date.fromisoformat(end))


def test_the_windows_of_a_month():
    """One row per cycle and zone; local days, as UTC instants."""
    found = calendar.windows("2026-02", {"b": 15, "a": 1}, ["Europe/Paris", "America/New_York"], "2026-01").to_pylist()
    assert [(row["billing_cycle"], row["time_zone"]) for row in found] == [
        ("a", "America/New_York"), ("a", "Europe/Paris"), ("b", "America/New_York"), ("b", "Europe/Paris"),
    ]  # fmt: skip
    # 15 March is in daylight saving time in New York, not yet in Paris
    assert found[2] == {
        "month": "2026-02",
        "billing_cycle": "b",
        "time_zone": "America/New_York",
        "start_date": date(2026, 2, 15),
        "end_date": date(2026, 3, 15),
        "ready_after": date(2026, 2, 15),
        "begin_at": datetime(2026, 2, 15, 5),
        "start_at": datetime(2026, 2, 15, 5),
        "end_at": datetime(2026, 3, 15, 4),
    }
    assert (found[3]["start_at"], found[3]["end_at"]) == (datetime(2026, 2, 14, 23), datetime(2026, 3, 14, 23))


def test_the_first_month_takes_everything_earlier():
    """Fees that were ready at any time, and usage from the first day that it is kept for, 1 December."""
    (first,) = calendar.windows("2026-01", {"a": 15}, ["Europe/Paris"], "2026-01").to_pylist()
    assert (first["ready_after"], first["start_at"]) == (date.min, datetime(2025, 12, 1))
    assert first["begin_at"] == datetime(2026, 1, 14, 23)
    assert (first["start_date"], first["end_at"]) == (date(2026, 1, 15), datetime(2026, 2, 14, 23))


def test_consecutive_windows_leave_no_gap():
    """Twelve months of a cycle in a zone with clock changes meet at the same instants."""
    months = calendar.month_range("2026-01", "2026-12")
    rows = [calendar.windows(m, {"a": 28}, ["Europe/Paris"], "2026-01").to_pylist()[0] for m in months]
    assert [row["end_at"] for row in rows[:-1]] == [row["start_at"] for row in rows[1:]]
    assert [row["end_date"] for row in rows[:-1]] == [row["ready_after"] for row in rows[1:]]


def test_event_days_are_the_utc_days_that_windows_touch():
    """January in Paris begins on 31 December UTC; in New York it ends on 1 February UTC, 05:00."""
    paris = calendar.windows("2026-01", {"a": 1}, ["Europe/Paris"], "2025-01")
    assert calendar.event_days(paris) == calendar.day_range(date(2025, 12, 31), date(2026, 1, 31))
    both = calendar.windows("2026-01", {"a": 1}, ["Europe/Paris", "America/New_York"], "2025-01")
    assert calendar.event_days(both) == calendar.day_range(date(2025, 12, 31), date(2026, 2, 1))
    utc = calendar.windows("2026-01", {"a": 1}, ["UTC"], "2025-01")
    assert calendar.event_days(utc) == calendar.day_range(date(2026, 1, 1), date(2026, 1, 31))
    assert calendar.event_days(utc.slice(0, 0)) == []


def test_local_midnights_are_listed_once():
    days = [("Europe/Paris", date(2026, 7, 1)), ("Asia/Tokyo", date(2026, 7, 1)), ("Europe/Paris", date(2026, 7, 1))]
    assert calendar.local_midnights(days).to_pylist() == [
        {"time_zone": "Asia/Tokyo", "local_day": date(2026, 7, 1), "begins_at": datetime(2026, 6, 30, 15)},
        {"time_zone": "Europe/Paris", "local_day": date(2026, 7, 1), "begins_at": datetime(2026, 6, 30, 22)},
    ]


def offset_at(zone: str, text: str) -> int:
    """The offset that `utc_offsets` gives for a UTC time, in seconds."""
    at = datetime.fromisoformat(text)
    rows = calendar.utc_offsets([zone], [at.date()]).to_pylist()
    (offset,) = [row["offset_seconds"] for row in rows if row["from_at"] <= at < row["to_at"]]
    return offset


@pytest.mark.parametrize(
    ("zone", "at", "hours"),
    [
        ("UTC", "2026-01-01T00:00", 0),
        # Directive 2000/84/EC: clocks change on the last Sundays of March and October at 01:00 UTC
        ("Europe/Paris", "2026-03-29T00:59:59", 1),
        ("Europe/Paris", "2026-03-29T01:00", 2),
        ("Europe/Paris", "2026-10-25T00:59:59", 2),
        ("Europe/Paris", "2026-10-25T01:00", 1),
        # New York: second Sunday of March, 02:00 local
        ("America/New_York", "2026-03-08T06:59:59", -5),
        ("America/New_York", "2026-03-08T07:00", -4),
        ("Asia/Kathmandu", "2026-06-01T12:00", 5.75),
        # Lord Howe Island moves by half an hour: first Sunday of April, 02:00 local is 15:00 UTC
        ("Australia/Lord_Howe", "2026-04-04T14:59:59", 11),
        ("Australia/Lord_Howe", "2026-04-04T15:00", 10.5),
    ],
)
def test_offsets_from_utc(zone, at, hours):
    assert offset_at(zone, at) == hours * 3600


def test_offsets_cover_each_day_without_gap_or_overlap():
    days = calendar.day_range(date(2026, 3, 28), date(2026, 3, 30))
    rows = calendar.utc_offsets(["Europe/Paris"], days).to_pylist()
    assert len(rows) == 4
    assert rows[0]["from_at"] == datetime(2026, 3, 28)
    assert [row["to_at"] for row in rows[:-1]] == [row["from_at"] for row in rows[1:]]
    assert rows[-1]["to_at"] == datetime(2026, 3, 31)


def to_utc(zone: str, text: str, ambiguous: str = "first") -> str | None:
    """The UTC time that `local_offsets` gives for a local one; None when there is none."""
    at = datetime.fromisoformat(text)
    days = calendar.day_range(at.date() - timedelta(days=1), at.date() + timedelta(days=1))
    found = [
        at - timedelta(seconds=row["offset_seconds"])
        for row in calendar.local_offsets(zone, days, ambiguous).to_pylist()
        if row["local_day"] == at.date() and row["from_local"] <= at < row["to_local"]
    ]
    assert len(found) <= 1
    return found[0].isoformat(timespec="minutes") if found else None


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Paris", "2026-01-15T12:00", "2026-01-15T11:00"),
        ("Europe/Paris", "2026-07-15T00:30", "2026-07-14T22:30"),
        ("America/New_York", "2026-01-15T23:30", "2026-01-16T04:30"),
        ("Pacific/Kiritimati", "2026-01-15T01:00", "2026-01-14T11:00"),
        # the night of 29 March: 02:00 to 03:00 does not exist
        ("Europe/Paris", "2026-03-29T01:59", "2026-03-29T00:59"),
        ("Europe/Paris", "2026-03-29T02:00", None),
        ("Europe/Paris", "2026-03-29T02:59", None),
        ("Europe/Paris", "2026-03-29T03:00", "2026-03-29T01:00"),
        # Lord Howe Island, 4 October: 02:00 to 02:30 does not exist
        ("Australia/Lord_Howe", "2026-10-04T02:29", None),
        ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30"),
    ],
)
def test_local_times_become_utc(zone, local, utc):
    assert to_utc(zone, local) == utc


@pytest.mark.parametrize(
    ("zone", "local", "first", "second"),
    [
        # the night of 25 October: 02:00 to 03:00 occurs twice
        ("Europe/Paris", "2026-10-25T02:00", "2026-10-25T00:00", "2026-10-25T01:00"),
        ("Europe/Paris", "2026-10-25T02:59", "2026-10-25T00:59", "2026-10-25T01:59"),
        # Lord Howe Island, 5 April: 01:30 to 02:00 occurs twice
        ("Australia/Lord_Howe", "2026-04-05T01:30", "2026-04-04T14:30", "2026-04-04T15:00"),
        # Havana, 2 November: midnight itself occurs twice
        ("America/Havana", "2025-11-02T00:00", "2025-11-02T04:00", "2025-11-02T05:00"),
    ],
)
def test_a_local_time_that_occurs_twice(zone, local, first, second):
    assert to_utc(zone, local, "first") == first
    assert to_utc(zone, local, "second") == second
    assert to_utc(zone, local, "reject") is None


@pytest.mark.parametrize("ambiguous", ["first", "second", "reject"])
def test_times_around_the_repeated_hour_are_not_ambiguous(ambiguous):
    assert to_utc("Europe/Paris", "2026-10-25T01:59", ambiguous) == "2026-10-24T23:59"
    assert to_utc("Europe/Paris", "2026-10-25T03:00", ambiguous) == "2026-10-25T02:00"


def test_local_times_of_several_zones_become_utc():
    """The same stretches as of each zone by itself, each (zone, day) once; of no days there are none."""
    tokyo, paris = ("Asia/Tokyo", date(2026, 1, 15)), ("Europe/Paris", date(2026, 3, 29))
    found = calendar.zoned_offsets([paris, tokyo, tokyo]).to_pylist()
    assert found == [
        row | {"time_zone": zone}
        for zone, day in (tokyo, paris)
        for row in calendar.local_offsets(zone, [day], "first").to_pylist()
    ]
    assert calendar.zoned_offsets([]).num_rows == 0


def test_usage_is_kept_from_a_month_before_billing_starts():
    assert calendar.first_event_day("2026-01") == date(2025, 12, 1)

"""What must hold of every moment: it is in one month, and local times lead back to it."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from billing_assets import calendar
from billing_assets.billing_schedule.periods import full_periods

MANY = settings(max_examples=60, deadline=None, derandomize=True)
# Zones of both hemispheres, with half hours, with midnight changes, without changes, and at both ends of the day.
ZONES = (
    "Europe/Paris", "America/New_York", "America/Santiago", "America/Havana", "Africa/Cairo", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC",
)  # fmt: skip
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(microsecond=0))


@MANY
@given(MOMENTS, st.integers(1, 28), st.sampled_from(ZONES))
def test_every_moment_is_in_exactly_one_month(moment, anchor_day, zone):
    found = [
        month
        for month in calendar.month_range("2023-11", "2027-01")
        for window in calendar.windows(month, {"a": anchor_day}, [zone], "2023-11").to_pylist()
        if window["start_at"] <= moment < window["end_at"]
    ]
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    month = calendar.month_of(local)
    assert found == [month if local.day >= anchor_day else calendar.months_later(month, -1)]


@MANY
@given(MOMENTS, st.sampled_from(ZONES))
def test_a_local_time_leads_back_to_its_moment(moment, zone):
    """By the first or by the second of two; and a time that occurs twice is rejected when that is asked for."""
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    days = calendar.day_range(local.date() - timedelta(days=1), local.date() + timedelta(days=1))
    found = {}
    for ambiguous in ("first", "second", "reject"):
        rows = calendar.local_offsets(zone, days, ambiguous).to_pylist()
        found[ambiguous] = [
            local - timedelta(seconds=row["offset_seconds"])
            for row in rows
            if row["local_day"] == local.date() and row["from_local"] <= local < row["to_local"]
        ]
    assert moment in found["first"] + found["second"]
    assert len(found["first"]) == len(found["second"]) == 1
    assert found["reject"] == (found["first"] if found["first"] == found["second"] else [])


@MANY
@given(MOMENTS, st.sampled_from(ZONES))
def test_the_offset_of_a_moment_is_that_of_its_zone(moment, zone):
    rows = calendar.utc_offsets([zone], [moment.date()]).to_pylist()
    row = rows[bisect_right([row["from_at"] for row in rows], moment) - 1]
    assert row["from_at"] <= moment < row["to_at"]
    expected = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert timedelta(seconds=row["offset_seconds"]) == expected


@MANY
@given(st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.integers(1, 31))
def test_every_day_is_in_exactly_one_period(day, billing_day):
    rows = full_periods([("month", 1)], day - timedelta(days=40), day + timedelta(days=40)).to_pylist()
    periods = [row for row in rows if row["full_day"] == billing_day]
    assert len([row for row in periods if row["full_start"] <= day < row["full_end"]]) == 1
    assert all(28 <= (row["full_end"] - row["full_start"]).days <= 31 for row in periods)

"""Time bands as minutes of the week."""

import pytest
from sample_rows import time_band

from billing_assets.contract import ConfigurationError
from billing_assets.reference.time_bands import band_minutes

DAY = 24 * 60


def minutes(*bands: dict) -> dict[int, str]:
    """The band of each covered minute of the week, of a single set."""
    return {row["minute_of_week"]: row["time_band_id"] for row in band_minutes(list(bands)).to_pylist()}


def covered(*bands: dict) -> set[int]:
    return set(minutes(*bands))


def test_a_band_is_half_open():
    """01:00 to 01:03 on Monday: minutes 60, 61, 62."""
    assert covered(time_band(weekdays="1", start_time="01:00", end_time="01:03")) == {60, 61, 62}


def test_weekdays_are_listed_and_ranged():
    found = covered(time_band(weekdays="1,3,6-7", start_time="00:00", end_time="00:01"))
    assert found == {0, 2 * DAY, 5 * DAY, 6 * DAY}


def test_a_band_over_midnight_runs_into_the_next_day():
    """Friday 22:00 to 06:00: eight hours, the last six of them on Saturday."""
    found = covered(time_band(weekdays="5", start_time="22:00", end_time="06:00"))
    assert found == set(range(4 * DAY + 22 * 60, 5 * DAY + 6 * 60))


def test_sunday_night_runs_into_monday():
    found = covered(time_band(weekdays="7", start_time="23:59", end_time="00:01"))
    assert found == {7 * DAY - 1, 0}


@pytest.mark.parametrize(("start", "end"), [("00:00", "24:00"), ("00:00", "00:00"), ("08:30", "08:30")])
def test_a_band_of_the_whole_day(start, end):
    assert covered(time_band(weekdays="1-7", start_time=start, end_time=end)) == set(range(7 * DAY))


def test_bands_that_meet_do_not_overlap():
    found = minutes(
        time_band(time_band_id="day", weekdays="1", start_time="06:00", end_time="22:00"),
        time_band(time_band_id="night", weekdays="1", start_time="22:00", end_time="06:00"),
    )
    assert [found[m] for m in (6 * 60 - 1 + DAY, 6 * 60, 22 * 60 - 1, 22 * 60)] == ["night", "day", "day", "night"]


def test_bands_of_two_sets_may_share_minutes():
    found = band_minutes([time_band(), time_band(time_band_set="other")])
    assert found.num_rows == 2 * 7 * 8 * 60


def test_overlapping_bands_name_both_lines():
    night = time_band(source_line=2)
    evening = time_band(time_band_id="evening", start_time="20:00", end_time="22:01", source_line=3)
    words = r"^time_bands\.csv, line 3: band 'evening' of set 'week' overlaps 'night' of time_bands\.csv, line 2$"
    with pytest.raises(ConfigurationError, match=words):
        band_minutes([evening, night])


def test_a_band_may_not_overlap_itself():
    """The night of Monday that begins at 20:00 and ends at 20:00 on Tuesday meets that of Tuesday nowhere."""
    assert len(covered(time_band(weekdays="1-2", start_time="20:00", end_time="20:00"))) == 2 * DAY


def test_the_heavier_of_two_that_overlap_counts():
    """Monday: business from 8 to 18, heavier a lunch from 12 to 13, lightest the whole day."""
    found = minutes(
        time_band(time_band_id="any", weekdays="1", start_time="00:00", end_time="24:00", weight=-1),
        time_band(time_band_id="business", weekdays="1", start_time="08:00", end_time="18:00"),
        time_band(time_band_id="lunch", weekdays="1", start_time="12:00", end_time="13:00", weight=1),
    )
    hours = [found[60 * hour] for hour in (7, 8, 11, 12, 13, 17, 18)]
    assert hours == ["any", "business", "business", "lunch", "business", "business", "any"]


def test_two_that_overlap_below_a_heavier_one_are_no_tie():
    one = time_band(weekdays="1", start_time="08:00", end_time="13:00")
    two = time_band(time_band_id="later", weekdays="1", start_time="12:00", end_time="18:00", source_line=3)
    both = time_band(time_band_id="noon", weekdays="1", start_time="12:00", end_time="13:00", weight=1, source_line=4)
    assert minutes(one, two, both)[12 * 60] == "noon"


def test_a_band_that_heavier_ones_cover_is_refused():
    night = time_band(weight=1)
    with pytest.raises(ConfigurationError) as error:
        band_minutes([night, time_band(time_band_id="late", start_time="23:00", source_line=3)])
    assert str(error.value) == (
        "time_bands.csv, line 3: band 'late' of set 'week' never applies: heavier ones cover it"
    )


def test_a_night_that_runs_into_the_band_of_holidays_overlaps_it():
    """Whether the eve of a holiday runs into it, or the holiday begins at midnight, is up to a weight."""
    night = time_band(weekdays="1-7,H")
    holiday = time_band(time_band_id="holiday", weekdays="H", start_time="00:00", end_time="22:00", source_line=3)
    with pytest.raises(ConfigurationError, match="'holiday' of set 'week' overlaps 'night'"):
        band_minutes([night, holiday])
    found = minutes(night, holiday | {"weight": 1})
    friday, holidays = 4 * DAY, 2 * 7 * DAY
    times = [found[day + 60 * hour] for day in (friday, friday + holidays) for hour in (3, 22)]
    assert times == ["night", "night", "holiday", "night"]


HOLIDAY = time_band(weekdays="H", holiday_country="FR")
BROKEN = {
    "a country beside no H": ([time_band(holiday_country="FR")], "holiday_country 'FR' is for weekdays with H"),
    "two countries in a set": (
        [time_band(weekdays="6,H", end_time="23:00", source_line=1), HOLIDAY],
        "holiday_country 'FR' is not that of other rows of set 'week'",
    ),
    "H before the weekdays": ([time_band(weekdays="H,6-7")], "weekdays 'H,6-7' are not like 1-5, 1,3,6-7 or 6-7,H"),
    "no day at all": ([time_band(weekdays="")], "weekdays '' are not like 1-5, 1,3,6-7 or 6-7,H"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_band_for_holidays(name):
    bands, words = BROKEN[name]
    with pytest.raises(ConfigurationError) as error:
        band_minutes(bands)
    assert str(error.value) == f"time_bands.csv, line 2: {words}"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"weekdays": "0-4"}, "weekdays '0-4' are not like 1-5, 1,3,6-7 or 6-7,H"),
        ({"weekdays": "Mon"}, "weekdays 'Mon' are not like 1-5, 1,3,6-7 or 6-7,H"),
        ({"weekdays": "6-1"}, "weekdays '6-1' are not like 1-5, 1,3,6-7 or 6-7,H"),
        ({"start_time": "7:00"}, "start_time '7:00' is no time HH:MM"),
        ({"end_time": "24:01"}, "end_time '24:01' is no time HH:MM"),
        ({"start_time": "24:00"}, "a band from 24:00 to 06:00 never applies"),
    ],
)
def test_what_is_no_band(values, words):
    with pytest.raises(ConfigurationError) as error:
        band_minutes([time_band(**values)])
    assert str(error.value) == f"time_bands.csv, line 2: {words}"

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


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"weekdays": "0-4"}, "weekdays '0-4' are not like 1-5 or 1,3,6-7"),
        ({"weekdays": "Mon"}, "weekdays 'Mon' are not like 1-5 or 1,3,6-7"),
        ({"weekdays": "6-1"}, "weekdays '6-1' are not like 1-5 or 1,3,6-7"),
        ({"start_time": "7:00"}, "start_time '7:00' is no time HH:MM"),
        ({"end_time": "24:01"}, "end_time '24:01' is no time HH:MM"),
        ({"start_time": "24:00"}, "a band from 24:00 to 06:00 never applies"),
    ],
)
def test_what_is_no_band(values, words):
    with pytest.raises(ConfigurationError) as error:
        band_minutes([time_band(**values)])
    assert str(error.value) == f"time_bands.csv, line 2: {words}"

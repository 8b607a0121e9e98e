"""Where an event goes, by the longest prefix, and when it happens, by the local minute of the week."""

from datetime import datetime

import ibis
import pytest
from sample_rows import Row, account, company_holiday, time_band, zone_prefix

from billing_assets.rating.zones import with_time_band, with_zone
from billing_assets.reference.holidays import holidays, special_days
from billing_assets.reference.tables import ACCOUNTS, ZONE_PREFIXES
from billing_assets.reference.time_bands import band_minutes

PREFIXES = (
    zone_prefix(prefix="33", zone_id="France"),
    zone_prefix(prefix="336", zone_id="France mobile"),
    zone_prefix(prefix="1", zone_id="America"),
    zone_prefix(prefix="1876", zone_id="Jamaica"),
    zone_prefix(zone_set="sites", prefix="PARIS-", zone_id="city"),
    zone_prefix(zone_set="sites", prefix="33", zone_id="a site"),
)
NIGHT = (time_band(),)
# CGRateS, tutorial: destinations 10 and 1002
TUTORIAL = (zone_prefix(prefix="10", zone_id="DST_10"), zone_prefix(prefix="1002", zone_id="DST_1002"))


@pytest.fixture
def zones(rows, table):
    """(prefix, zone) of destinations in a zone set."""

    def run(*destinations: str | None, zone_set: str | None = "dial", prefixes=PREFIXES):
        events = ibis.memtable(
            [{"place": i, "zone_set": zone_set, "destination": d} for i, d in enumerate(destinations)],
            schema={"place": "int64", "zone_set": "string", "destination": "string"},
        )
        lengths = [len(row["prefix"]) for row in prefixes]
        found = with_zone(events, table(ZONE_PREFIXES, *prefixes), lengths)
        return [(row["zone_prefix"], row["zone_id"]) for row in rows(found.order_by("place"))]

    return run


def test_the_longest_prefix_wins(zones):
    assert zones("33145678", "33612345", "18005550", "18765550", "336") == [
        ("33", "France"), ("336", "France mobile"), ("1", "America"), ("1876", "Jamaica"), ("336", "France mobile"),
    ]  # fmt: skip
    assert zones("1002", "1003", prefixes=TUTORIAL) == [("1002", "DST_1002"), ("10", "DST_10")]


def test_a_destination_without_a_zone(zones):
    assert zones("49301234", "3", "", None) == [(None, None)] * 4


def test_each_zone_set_has_its_own_prefixes(zones):
    assert zones("PARIS-17", "33612345", zone_set="sites") == [("PARIS-", "city"), ("33", "a site")]
    assert zones("33612345", zone_set=None) == [(None, None)]


def test_there_may_be_no_prefixes_at_all(zones):
    assert zones("33612345", prefixes=()) == [(None, None)]


@pytest.fixture
def bands(rows, table):
    """The bands of local times, for an account in a country."""

    def run(*times: str, bands: tuple[Row, ...] = NIGHT, band_set: str | None = "week", country: str = "FR", own=()):
        events = ibis.memtable(
            [(i, band_set, datetime.fromisoformat(time), "ANNA") for i, time in enumerate(times)],
            schema={"place": "int64", "time_band_set": "string", "local_at": "timestamp(6)",
                    "service_account_id": "string"},
        )  # fmt: skip
        days_off = holidays(list(bands), list(own), [country], 2026).to_pylist()
        special = ibis.memtable(special_days(list(bands), days_off, [country])) if days_off else None
        users = table(ACCOUNTS, account(country=country))
        found = with_time_band(events, ibis.memtable(band_minutes(list(bands))), special, users)
        return [row["time_band_id"] for row in rows(found.order_by("place"))]

    return run


def test_a_film_at_night(bands):
    """A film costs less from 00:01 to 06:59 on paper, which is [00:01, 07:00)."""
    night = time_band(start_time="00:01", end_time="07:00")
    times = ["21:00", "00:00", "00:00:59", "00:01", "06:59", "06:59:59.999999", "07:00"]
    found = bands(*(f"2026-01-10T{time}" for time in times), bands=(night,))
    assert found == [None, None, None, "night", "night", "night", None]


def test_weekdays_are_those_of_the_local_time(bands):
    """CGRateS: peak on weekdays from 08:00 to 19:00; 6 January 2016 was a Wednesday, 7 December 2014 a Sunday."""
    peak = time_band(time_band_id="peak", weekdays="1-5", start_time="08:00", end_time="19:00")
    weekend = time_band(time_band_id="weekend", weekdays="6-7", start_time="00:00", end_time="24:00", source_line=3)
    times = ["2016-01-06T18:59:59", "2016-01-06T19:00:00", "2014-12-07T08:42:26", "2014-12-08T00:00:00"]
    assert bands(*times, bands=(peak, weekend)) == ["peak", None, "weekend", None]


def test_a_band_over_midnight(bands):
    """Friday to Saturday; 9 January 2026 was a Friday."""
    night = time_band(weekdays="5", start_time="22:00", end_time="06:00")
    times = ["2026-01-09T05:59", "2026-01-09T22:00", "2026-01-10T05:59", "2026-01-10T06:00", "2026-01-10T22:00"]
    assert bands(*times, bands=(night,)) == [None, "night", "night", None, None]


def test_a_product_without_bands(bands):
    assert bands("2026-01-10T03:00", band_set=None) == [None]


WORKDAY = time_band(time_band_id="day", weekdays="1-5", start_time="08:00", end_time="18:00")
OFF = time_band(time_band_id="off", weekdays="6-7,H", start_time="00:00", end_time="24:00", source_line=3)


def test_christmas_is_no_working_day_in_germany(bands):
    """25 December 2026 is a Friday, 24 a Thursday, 26 (a holiday as well) a Saturday, 28 a Monday."""
    times = ["2026-12-24T09:00", "2026-12-25T00:00", "2026-12-25T09:00", "2026-12-26T12:00", "2026-12-28T09:00"]
    assert bands(*times, bands=(WORKDAY, OFF), country="DE") == ["day", "off", "off", "off", "day"]


def test_holidays_are_those_of_the_country(bands):
    """The German Unity Day, 3 October, is a Friday in 2025 and in 2031."""
    assert bands("2031-10-03T09:00", bands=(WORKDAY, OFF), country="DE") == ["off"]
    assert bands("2031-10-03T09:00", bands=(WORKDAY, OFF), country="FR") == ["day"]
    of_germany = (WORKDAY, OFF | {"holiday_country": "DE"})
    assert bands("2031-10-03T09:00", bands=of_germany, country="FR") == ["off"]


def test_holidays_of_a_subdivision(bands):
    """Corpus Christi, Thursday 4 June 2026, is a holiday in Bavaria, not in Berlin."""
    of = {place: (WORKDAY, OFF | {"holiday_country": place}) for place in ("DE-BY", "DE-BE")}
    assert [bands("2026-06-04T09:00", bands=given) for given in of.values()] == [["off"], ["day"]]


def test_a_holiday_is_a_weekday_for_a_set_without_a_band_for_holidays(bands):
    assert bands("2026-12-25T09:00", bands=(WORKDAY,), country="DE") == ["day"]


def test_a_night_runs_into_a_holiday_and_out_of_it(bands):
    """Nights begin on weekdays only: that of Thursday 24 ends on Friday 25 December, none begins on the 25th."""
    night = time_band(weekdays="1-5")
    holiday = time_band(time_band_id="holiday", weekdays="H", start_time="22:00", end_time="06:00", source_line=3)
    times = ["2026-12-24T22:00", "2026-12-25T05:59", "2026-12-25T22:00", "2026-12-26T05:59", "2026-12-27T03:00"]
    assert bands(*times, bands=(night, holiday), country="DE") == ["night", "night", "holiday", "holiday", "holiday"]


def test_a_company_has_holidays_of_its_own(bands):
    """Carnival Monday, 16 February 2026; a day of a country is one of its subdivisions."""
    own = (company_holiday(country="DE", day="2026-02-16"),)
    assert bands("2026-02-16T09:00", bands=(WORKDAY, OFF), country="DE", own=own) == ["off"]
    of_bavaria = (WORKDAY, OFF | {"holiday_country": "DE-BY"})
    assert bands("2026-02-16T09:00", bands=of_bavaria, own=own) == ["off"]

"""The holidays that time bands ask for, and what makes them unusable."""

from datetime import date

import pytest
from sample_rows import company_holiday, time_band

from billing_assets.contract import ConfigurationError
from billing_assets.reference.holidays import holidays, special_days

BY_ACCOUNT = time_band(weekdays="6-7,H")


def days(found) -> set[tuple[str, date]]:
    return {(row["country"], row["day"]) for row in found.to_pylist()}


def test_countries_are_those_of_the_accounts_unless_the_band_names_one():
    assert {country for country, _ in days(holidays([BY_ACCOUNT], [], ["DE", "FR"], 2026))} == {"DE", "FR"}
    bavarian = [BY_ACCOUNT | {"holiday_country": "DE-BY"}]
    found = days(holidays(bavarian, [], ["FR"], 2026))
    # Christmas is one of Germany, Epiphany of some of its subdivisions
    assert {("DE-BY", date(2026, 12, 25)), ("DE-BY", date(2026, 1, 6))} < found
    assert ("DE", date(2026, 1, 6)) not in days(holidays([BY_ACCOUNT], [], ["DE"], 2026))


def test_no_band_for_holidays_needs_none():
    assert holidays([time_band()], [], ["DE"], 2026).num_rows == 0


def test_names_do_not_follow_the_machine(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    names = {row["name"] for row in holidays([BY_ACCOUNT], [], ["DE"], 2026).to_pylist()}
    assert "Christmas Day" in names


def test_an_account_in_a_country_without_known_holidays_has_the_companys_own():
    own = [company_holiday(country="XX")]
    with pytest.raises(ConfigurationError):
        holidays([BY_ACCOUNT], own, ["XX"], 2026)
    assert holidays([BY_ACCOUNT], [], ["XX"], 2026).num_rows == 0


def test_the_week_of_a_day_is_told_by_it_and_the_day_before():
    """25 and 26 December 2026 are holidays in Germany: on, on and after, after."""
    known = holidays([BY_ACCOUNT], [], ["DE"], 2026).to_pylist()
    found = {row["local_day"]: row["week"] for row in special_days([BY_ACCOUNT], known, ["DE"]).to_pylist()}
    assert [found.get(date(2026, 12, day)) for day in (24, 25, 26, 27, 28)] == [None, 2, 3, 1, None]


@pytest.mark.parametrize(
    ("band", "own", "words"),
    [
        ({"holiday_country": "XX"}, [], "time_bands.csv, line 2: holiday_country 'XX' is no country with holidays, "
         "nor a subdivision as in DE-BY"),
        ({"holiday_country": "DE-XX"}, [], "time_bands.csv, line 2: holiday_country 'DE-XX' is no country with "
         "holidays, nor a subdivision as in DE-BY"),
        ({"holiday_country": "HM"}, [], "time_bands.csv, line 2: holiday_country 'HM' has no holidays"),
        ({}, [company_holiday(country="D")], "company_holidays.csv, line 2: country 'D' is no country with holidays, "
         "nor a subdivision as in DE-BY"),
        ({"weekdays": "6-7"}, [company_holiday()],
         "company_holidays.csv, line 2: no time band is for holidays (weekdays with H)"),
    ],
)  # fmt: skip
def test_what_makes_holidays_unusable(band, own, words):
    with pytest.raises(ConfigurationError) as error:
        holidays([BY_ACCOUNT | band], own, [], 2026)
    assert str(error.value) == words

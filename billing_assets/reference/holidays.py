"""Holidays: the days that the H of a time band stands for, by country (DE) or subdivision of one (DE-BY).

Public holidays are those of the package `holidays`, in the version that is installed. Which days are no ordinary
ones for a set of bands is worked out once on the small side.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import pyarrow as pa

from billing_assets.contract import ConfigurationError
from billing_assets.reference.time_bands import AFTER_HOLIDAY, ON_HOLIDAY, holiday_sets, where

# How many years have holidays: a table that grew with the calendar would make every event day anew.
_YEARS = 50


def holidays(bands: list[dict], own: list[dict], account_countries: Iterable[str], first_year: int) -> pa.Table:
    """The holidays that bands ask for: country, day, name.

    Takes rows of time_bands and company_holidays. Raises ConfigurationError for a country or subdivision that has
    no holidays, and for days of the company's own that no band asks for.
    """
    sets = holiday_sets(bands)
    for row in own[:1] if not sets else ():
        raise ConfigurationError(f"{where(row)}: no time band is for holidays (weekdays with H)")
    for row, column in (*((b, "holiday_country") for b in bands if sets), *((day, "country") for day in own)):
        if row[column] and not _is_known(row[column]):
            raise ConfigurationError(
                f"{where(row)}: {column} {row[column]!r} is no country with holidays, nor a subdivision as in DE-BY"
            )
    wanted = {country for country in sets.values() if country}
    if None in sets.values():
        wanted.update(account_countries)
    found: dict[tuple[str, date], str] = {}
    for country in wanted:
        public = _public(country, range(first_year, first_year + _YEARS)) if _is_known(country) else {}
        for day, name in public.items():
            found[country, day] = name
        for row in own:
            if row["country"] in (country, country.partition("-")[0]):
                found.setdefault((country, row["day"]), row["name"])
    for band in bands:
        if band["holiday_country"] not in {None, *(country for country, _ in found)}:
            raise ConfigurationError(f"{where(band)}: holiday_country {band['holiday_country']!r} has no holidays")
    rows = sorted((*key, name) for key, name in found.items())
    return pa.table(
        {
            "country": pa.array([r[0] for r in rows], pa.string()),
            "day": pa.array([r[1] for r in rows], pa.date32()),
            "name": pa.array([r[2] for r in rows], pa.string()),
        }
    )


def special_days(bands: list[dict], known: list[dict], account_countries: Iterable[str]) -> pa.Table:
    """The days that are no ordinary ones for a set and an account: time_band_set, account_country, local_day, week.

    `known` are rows of the table holidays. `week` is that of time_bands.band_minutes.
    """
    of_country: dict[str, set[date]] = {}
    for row in known:
        of_country.setdefault(row["country"], set()).add(row["day"])
    weeks = []
    for name, given in sorted(holiday_sets(bands).items()):
        for country in account_countries:
            days = of_country.get(given or country, set())
            for day in sorted(days | {day + timedelta(days=1) for day in days}):
                week = ON_HOLIDAY * (day in days) + AFTER_HOLIDAY * (day - timedelta(days=1) in days)
                weeks.append((name, country, day, week))
    return pa.table(
        {
            "time_band_set": pa.array([w[0] for w in weeks], pa.string()),
            "account_country": pa.array([w[1] for w in weeks], pa.string()),
            "local_day": pa.array([w[2] for w in weeks], pa.date32()),
            "week": pa.array([w[3] for w in weeks], pa.int64()),
        }
    )


def _is_known(country: str) -> bool:
    # imported where it is needed: it takes longer than all else here
    from holidays import list_supported_countries

    country, has_subdivision, subdivision = country.partition("-")
    known = list_supported_countries(include_aliases=False)
    return country in known and (not has_subdivision or subdivision in known[country])


def _public(country: str, years: range) -> dict[date, str]:
    from holidays import country_holidays

    country, _, subdivision = country.partition("-")
    # in one language: without, the names follow the machine's
    return country_holidays(country, subdiv=subdivision or None, years=years, language="en_US")

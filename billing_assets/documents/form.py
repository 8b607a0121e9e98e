"""Numbers, money, days and times as they are written in a language and country."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.languages import get_official_languages
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit, get_unit_name
from iso4217 import Currency

_WORLD = "001"


class Form:
    """The forms of a locale."""

    def __init__(self, locale: Locale):
        self._locale = locale

    @classmethod
    def of_country(cls, country: str) -> "Form":
        """The forms of a country (ISO 3166) in its first official language; those of English where it has none."""
        return cls(_first_known(f"{name}_{country}" for name in get_official_languages(country, de_facto=True)))

    @classmethod
    def in_language(cls, language: str, country: str) -> "Form":
        """The forms of a language as a country writes it, else as it is written in the world, or anywhere."""
        return cls(_first_known((f"{language}_{country}", f"{language}_{_WORLD}", language)))

    def money(self, value: Decimal, currency: str) -> str:
        """Rounded half away from zero to the digits of the currency, like an invoice."""
        digits = Decimal(1).scaleb(-Currency(currency).exponent)
        return self.price(value.quantize(digits, ROUND_HALF_UP), currency)

    def price(self, value: Decimal, currency: str) -> str:
        """All its decimals, and at least those of the currency."""
        return format_currency(_plain(value), currency, locale=self._locale, decimal_quantization=False)

    def number(self, value: Decimal) -> str:
        return format_decimal(_plain(value), locale=self._locale, decimal_quantization=False)

    def measure(self, value: Decimal, unit: str) -> str:
        """A number with a unit of CLDR, in its short form."""
        pattern = self._locale.decimal_formats[None].pattern.replace(".###", ".#########")
        return format_unit(_plain(value), unit, "short", pattern, locale=self._locale)

    def unit(self, unit: str) -> str:
        """One unit of CLDR without its number; where it has no form for one, as it is beside any number."""
        one = format_unit("", unit, "short", locale=self._locale).strip()
        if one == get_unit_name(unit, "short", self._locale):
            return format_unit(2, unit, "short", locale=self._locale).removeprefix("2").strip()
        return one

    def plural(self, value: Decimal) -> str:
        """The form that a word takes beside the number: one, other …"""
        return self._locale.plural_form(abs(value))

    def percent(self, value: Decimal) -> str:
        return format_percent(_plain(value / 100), locale=self._locale, decimal_quantization=False)

    def day(self, value: date) -> str:
        return format_skeleton("yMMdd", value, locale=self._locale)

    def period(self, first: date, last: date) -> str:
        """Both days belong to it; one day is written once."""
        return self.day(first) if first == last else f"{self.day(first)} \u2013 {self.day(last)}"

    def month(self, value: date) -> str:
        return format_date(value, "LLL", locale=self._locale)

    def month_of_year(self, value: date) -> str:
        return format_skeleton("yMMMM", value, locale=self._locale)

    def moment(self, value: datetime) -> str:
        return f"{self.day(value.date())} {format_time(value, 'short', locale=self._locale)}"


def _plain(value: Decimal) -> Decimal:
    """Without zeros at its end, and without an exponent."""
    return Decimal(f"{value.normalize():f}")


def _first_known(names: Iterable[str]) -> Locale:
    for name in names:
        try:
            return Locale.parse(name)
        except UnknownLocaleError:
            continue
    return Locale("en")

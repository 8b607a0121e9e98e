"""Numbers, money and days as a country writes them."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.languages import get_official_languages
from babel.numbers import format_currency, format_decimal, format_percent
from iso4217 import Currency


class Form:
    """The forms of a country (ISO 3166), in its first official language; those of English where it has none."""

    def __init__(self, country: str):
        self._locale = _locale(country)

    def money(self, value: Decimal, currency: str) -> str:
        """Rounded half away from zero to the digits of the currency, like an invoice."""
        digits = Decimal(1).scaleb(-Currency(currency).exponent)
        return self.price(value.quantize(digits, ROUND_HALF_UP), currency)

    def price(self, value: Decimal, currency: str) -> str:
        """All its decimals, and at least those of the currency."""
        return format_currency(_plain(value), currency, locale=self._locale, decimal_quantization=False)

    def number(self, value: Decimal) -> str:
        return format_decimal(_plain(value), locale=self._locale, decimal_quantization=False)

    def percent(self, value: Decimal) -> str:
        return format_percent(_plain(value / 100), locale=self._locale, decimal_quantization=False)

    def day(self, value: date) -> str:
        return format_skeleton("yMMdd", value, locale=self._locale)


def _plain(value: Decimal) -> Decimal:
    """Without zeros at its end, and without an exponent."""
    return Decimal(f"{value.normalize():f}")


def _locale(country: str) -> Locale:
    for language in get_official_languages(country, de_facto=True):
        try:
            return Locale.parse(f"{language}_{country}")
        except UnknownLocaleError:
            continue
    return Locale("en")

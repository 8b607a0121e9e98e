"""Units of quantities: their codes in e-invoices, and how they are written in a language.

What Unicode's CLDR knows is written as babel does; other units have words of their own in the catalogues, and one that
has none is written as it is.
"""

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from billing_assets.documents.form import Form

_PIECE = "piece"
_HOUR, _MINUTE = "duration-hour", "duration-minute"

with (Path(__file__).parent / "unit_codes.csv").open(newline="", encoding="utf-8") as _file:
    _KNOWN = {row["unit"]: row for row in csv.DictReader(_file)}
# UN/ECE recommendation 20
CODES = {unit: row["code"] for unit, row in _KNOWN.items()}
_CLDR = {unit: row["cldr"] for unit, row in _KNOWN.items() if row["cldr"]}
_SECONDS = [unit for unit, name in _CLDR.items() if name == "duration-second"]


class Units:
    """Units in the words and the form of who reads them; `words` are those of units by plural form."""

    def __init__(self, form: Form, words: Mapping[str, Mapping[str, str]], currency: str):
        self._form = form
        self._words = words
        self._currency = currency

    def quantity(self, value: Decimal, unit: str | None) -> str:
        """With its unit; seconds as hours, minutes and seconds, pieces as a mere number, the currency as money."""
        if unit in _SECONDS and value == int(value):
            minutes, seconds = divmod(abs(int(value)), 60)
            return f"{'-' if value < 0 else ''}{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        if unit == self._currency:
            return self._form.money(value, unit)
        if unit in _CLDR:
            return self._form.measure(value, _CLDR[unit])
        if unit in self._words:
            words = self._words[unit]
            return f"{self._form.number(value)} {words.get(self._form.plural(value), words['other'])}"
        return self._form.number(value) if unit in (None, _PIECE) else f"{self._form.number(value)} {unit}"

    def price(self, value: Decimal, per: Decimal, unit: str | None) -> str:
        """The price of one unit or of several: of 60 seconds, of a minute."""
        price = self._form.price(value, self._currency)
        return f"{price} / {self._of(per, unit)}" if per != 1 or unit not in (None, _PIECE) else price

    def _of(self, per: Decimal, unit: str | None) -> str:
        if unit in _SECONDS and per in (60, 3600):
            return self._form.unit(_MINUTE if per == 60 else _HOUR)
        if per != 1:
            return self.quantity(per, unit)
        return self._form.unit(_CLDR[unit]) if unit in _CLDR else self._words.get(unit, {}).get("one", unit)

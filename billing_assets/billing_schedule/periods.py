"""Full periods of any length as plain data: months from a day of the month on, or stretches of days.

A month is counted as year * 12 + month - 1, a day since 1970-01-01. Periods of n months begin in every n-th month,
and so on for days: which ones is their phase, the number of the month (day) modulo n. So a header finds its periods
by equality, whatever its frequency and alignment. In a month without the day they begin on its last.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import pyarrow as pa

from billing_assets.calendar import clamped, first_day, month_of, months_later

_DAYS_OF_MONTH = range(1, 32)
_EPOCH = date(1970, 1, 1)
_SCHEMA = pa.schema(
    [
        ("full_unit", pa.string()),
        *((name, pa.int64()) for name in ("full_length", "full_day", "full_phase", "full_number")),
        *((name, pa.date32()) for name in ("full_start", "full_end")),
    ]
)


def full_periods(lengths: Iterable[tuple[str, int]], after: date, up_to: date) -> pa.Table:
    """The periods of some lengths (unit month or day, count) that end after a day and begin up to another.

    Columns: full_unit, full_length, full_day (the day of the month, 0 for days), full_phase, full_number (of the
    month or day in which it begins), full_start, full_end.
    """
    rows = []
    for unit, length in sorted(set(lengths)):
        made = _of_months(length, after, up_to) if unit == "month" else _of_days(length, after, up_to)
        rows += [(unit, length, *row) for row in made if row[-1] > after and row[-2] <= up_to]
    columns = zip(*rows, strict=True) if rows else [[]] * len(_SCHEMA)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)], _SCHEMA)


def _of_months(length: int, after: date, up_to: date) -> list[tuple]:
    rows = []
    month = months_later(month_of(after), -length)
    while month <= month_of(up_to):
        number = first_day(month).year * 12 + first_day(month).month - 1
        end = months_later(month, length)
        rows += [(day, number % length, number, clamped(month, day), clamped(end, day)) for day in _DAYS_OF_MONTH]
        month = months_later(month, 1)
    return rows


def _of_days(length: int, after: date, up_to: date) -> list[tuple]:
    first = (after - _EPOCH).days - length
    return [
        (0, number % length, number, _EPOCH + timedelta(number), _EPOCH + timedelta(number + length))
        for number in range(first, (up_to - _EPOCH).days + 1)
    ]

"""The tariff card: every price of a tariff with the parts of a session that it is for, and its restrictions.

A tariff is what OCPI 2.2.1 says it is (mod_tariffs): elements in their order, with components and restrictions.
The card is worked out once on the small side, so that a part of a session finds its prices by equality.
"""

from decimal import Decimal

import pyarrow as pa

from billing_assets.contract import ConfigurationError
from billing_assets.exact import QUANTITY, UNIT_PRICE
from billing_assets.reference.time_bands import MINUTES_OF_DAY, minute_of_day, weekdays, where

ENERGY_UNIT = "kWh"
TIME_UNIT = "s"
FLAT_UNIT = "session"

CHARGING = "charging"
PARKING = "parking"
RESERVATION = "reservation"
EXPIRED = "expired_reservation"

_SECONDS_OF_HOUR = Decimal(3600)
_KWH_OF_WH = Decimal("0.001")
# The periods of a session that each dimension prices, and what its items are called.
_OF_SESSION = {
    "energy": ("energy", (CHARGING, PARKING)),
    "time": ("time", (CHARGING,)),
    "parking_time": ("parking", (PARKING,)),
    "flat": ("flat", (CHARGING, PARKING)),
}
_OF_RESERVATION = {"time": "reservation", "flat": "flat"}
_PERIODS_OF = {"reservation": (RESERVATION, EXPIRED), "reservation_expires": (EXPIRED,)}
_MEASURES = {
    "energy": (ENERGY_UNIT, Decimal(1), _KWH_OF_WH),
    "time": (TIME_UNIT, _SECONDS_OF_HOUR, Decimal(1)),
    "parking_time": (TIME_UNIT, _SECONDS_OF_HOUR, Decimal(1)),
    "flat": (FLAT_UNIT, Decimal(1), Decimal(0)),
}
_QUANTITY = pa.decimal128(QUANTITY.precision, QUANTITY.scale)
_CARD = pa.schema([
    ("card_tariff", pa.string()), ("card_period", pa.string()), ("component", pa.string()), ("split", pa.int64()),
    ("precedence", pa.int64()), ("price", pa.decimal128(UNIT_PRICE.precision, UNIT_PRICE.scale)),
    ("per", _QUANTITY), ("priced_unit", pa.string()), ("step", _QUANTITY), ("tax_code", pa.string()),
    ("start_minute", pa.int64()), ("end_minute", pa.int64()), ("weekdays", pa.string()),
    ("start_date", pa.date32()), ("end_date", pa.date32()), ("min_kwh", _QUANTITY), ("max_kwh", _QUANTITY),
    ("min_power", _QUANTITY), ("max_power", _QUANTITY), ("min_duration", pa.int64()), ("max_duration", pa.int64()),
])  # fmt: skip
_BORDERS = pa.schema([("border_tariff", pa.string()), ("border_of", pa.string()), ("border", _QUANTITY)])


def tariff_card(elements: list[dict], components: list[dict]) -> pa.Table:
    """The prices of all tariffs: one row per tariff, period, component and element.

    Takes rows of tariff_elements and tariff_components. Columns: card_tariff, card_period (kind of period that
    is priced), component, split (the element), precedence (of the rows of a period and component the first
    that fits counts), price of `per` units of `priced_unit`, step (in that unit), tax_code, and the restrictions:
    minutes of the day, weekdays as digits 0 (Monday) to 6, dates, kWh, kW, and seconds. An expired
    reservation goes by elements for that before those for any reservation. Raises ConfigurationError for times
    and weekdays that are none.
    """
    by_key = {(e["tariff_id"], e["element"]): e | _clock(e) for e in elements}
    rows = [
        _card_row(component, by_key[component["tariff_id"], component["element"]], name, period)
        for component in components
        for name, period in _priced(component, by_key[component["tariff_id"], component["element"]])
    ]
    for_any_last = sorted(rows, key=lambda row: (row["card_period"] == EXPIRED and not row["expires"], row["split"]))
    return pa.Table.from_pylist([row | {"precedence": n} for n, row in enumerate(for_any_last)], _CARD)


def tariff_borders(elements: list[dict]) -> pa.Table:
    """Where the price of a session may change: border_tariff, border_of, border.

    A border is one of the `day` (seconds after local midnight), of the `duration` (seconds of the session) or of
    the `energy` (kWh).
    """
    borders: set[tuple[str, str, Decimal]] = set()
    for element in elements:
        clock, tariff = _clock(element), element["tariff_id"]
        of_day = {0, clock["start_minute"], clock["end_minute"] % MINUTES_OF_DAY}
        borders |= {(tariff, "day", Decimal(60 * minute)) for minute in of_day}
        for measure, names in (("duration", ("min_duration", "max_duration")), ("energy", ("min_kwh", "max_kwh"))):
            borders |= {(tariff, measure, Decimal(element[n])) for n in names if element[n] is not None}
    rows = [dict(zip(_BORDERS.names, border, strict=True)) for border in sorted(borders)]
    return pa.Table.from_pylist(rows, _BORDERS)


def _priced(component: dict, element: dict) -> list[tuple[str, str]]:
    """The items that a component makes, each with the kind of period that it prices."""
    dimension, reservation = component["dimension"], element["reservation"]
    if reservation is None:
        name, periods = _OF_SESSION[dimension]
    else:
        name, periods = _OF_RESERVATION[dimension], _PERIODS_OF[reservation]
    return [(name, period) for period in periods]


def _card_row(component: dict, element: dict, name: str, period: str) -> dict:
    unit, per, of_step = _MEASURES[component["dimension"]]
    return element | {
        "card_tariff": component["tariff_id"], "card_period": period, "component": name, "split": component["element"],
        "price": component["price"], "per": per, "priced_unit": unit, "step": component["step_size"] * of_step,
        "tax_code": component["tax_code"], "expires": element["reservation"] == "reservation_expires",
    }  # fmt: skip


def _clock(element: dict) -> dict:
    start = minute_of_day(element, "start_time") if element["start_time"] else 0
    end = minute_of_day(element, "end_time") if element["end_time"] else MINUTES_OF_DAY
    if start in (MINUTES_OF_DAY, end):
        raise ConfigurationError(
            f"{where(element)}: an element from {element['start_time']} to {element['end_time']} never applies"
        )
    days = "".join(str(day) for day in weekdays(element))
    return {"start_minute": start, "end_minute": end, "weekdays": days}

"""What kinds of usage there are: UDR types, their attributes, the units that sources count in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """When and how often events of a type happen: per mille of all, by hour and by weekday."""

    share: int
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]


_PHONE_HOURS = (1, 1, 0, 0, 0, 1, 3, 8, 14, 17, 18, 18, 16, 15, 16, 17, 18, 20, 20, 17, 14, 10, 6, 3)
_DATA_HOURS = (6, 3, 2, 1, 1, 2, 5, 10, 12, 11, 11, 12, 14, 13, 12, 12, 13, 15, 17, 19, 20, 20, 17, 11)
_FILM_HOURS = (4, 1, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 5, 6, 9, 14, 24, 32, 30, 17, 8)
_CHARGING_HOURS = (3, 2, 1, 1, 1, 3, 7, 12, 13, 11, 10, 11, 12, 11, 10, 11, 13, 17, 18, 14, 10, 8, 8, 5)
_OFFICE_HOURS = (2, 2, 2, 2, 2, 3, 6, 12, 20, 24, 25, 24, 20, 22, 24, 24, 22, 17, 10, 6, 4, 3, 3, 2)
PROFILES = {
    "voice": Profile(300, _PHONE_HOURS, (11, 11, 11, 11, 12, 8, 6)),
    "sms": Profile(200, _PHONE_HOURS, (10, 10, 10, 10, 12, 11, 9)),
    "data": Profile(350, _DATA_HOURS, (10, 10, 10, 10, 10, 11, 11)),
    "vod": Profile(25, _FILM_HOURS, (6, 6, 7, 8, 14, 17, 14)),
    "ev_charging": Profile(25, _CHARGING_HOURS, (10, 10, 10, 10, 12, 11, 9)),
    "ev_roaming": Profile(6, _CHARGING_HOURS, (8, 8, 8, 8, 14, 15, 12)),
    "api": Profile(94, _OFFICE_HOURS, (13, 14, 14, 14, 13, 4, 3)),
}

_UDR_TYPES = (
    ("voice", "Call", "second", "service_identifier|started_at|destination", None, 86_400),
    ("sms", "Text message", "message", "source|record_id", None, 10),
    ("data", "Data session", "MB", "source|record_id", None, 1_000_000),
    ("vod", "Film rental", "rental", "service_identifier|product_id|started_at", None, 5),
    ("ev_charging", "Charging session", "kWh", "source|record_id", None, 500),
    ("ev_roaming", "Charging session at a partner", "kWh", "source|record_id", None, 500),
    ("api", "Batch of API calls", "call", "service_identifier|started_at|endpoint", "true", 50_000_000),
)
_ATTRIBUTES = (
    ("data", "network", "text", None, "4G|5G"),
    ("vod", "title", "text", "true", None),
    ("vod", "device", "text", None, None),
    ("ev_charging", "charging_level", "text", "true", "AC|DC"),
    ("ev_charging", "connector", "number", None, None),
    ("ev_charging", "plug_and_charge", "flag", None, None),
    ("ev_roaming", "charging_level", "text", "true", "AC|DC"),
    ("api", "endpoint", "text", "true", None),
    ("api", "region", "text", None, "eu|uk|jp"),
)
_CONVERSIONS = (
    ("B", "MB", 1, 1_000_000),
    ("kB", "MB", 1, 1_000),
    ("GB", "MB", 1_000, 1),
    ("Wh", "kWh", 1, 1_000),
    ("minute", "second", 60, 1),
)


def udr_types() -> list[dict]:
    columns = ("udr_type", "name", "unit", "identity_fields", "allow_negative", "maximum_quantity")
    return _rows(columns, _UDR_TYPES)


def udr_type_attributes() -> list[dict]:
    return _rows(("udr_type", "attribute", "attribute_type", "mandatory", "allowed_values"), _ATTRIBUTES)


def unit_conversions() -> list[dict]:
    return _rows(("from_unit", "to_unit", "numerator", "denominator"), _CONVERSIONS)


def _rows(columns: tuple[str, ...], rows: tuple[tuple, ...]) -> list[dict]:
    return [dict(zip(columns, row, strict=True)) for row in rows]

"""What makes UDR types unusable: attributes that are none of theirs, and units that nothing converts into theirs."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from billing_assets.contract import ConfigurationError
from billing_assets.exact import MOST_IN_FACTOR
from billing_assets.reference.broken import Rule, broken, outside, unknown
from billing_assets.reference.event_zones import known_zones
from billing_assets.reference.price_rules import MOST_UNITS
from billing_assets.reference.tables import IDENTITY_FIELDS, TIME_ZONE

Tables = dict[str, ir.Table]
Rows = Callable[[ir.Table], list[dict]]
_FORMS = {"number": r"-?\d*\.?\d+", "flag": "true|false", "day": r"\d{4}-\d\d-\d\d", "timestamp": r"\d{4}-.*"}


def udr_type_rules(t: Tables) -> Iterator[Rule]:
    yield outside(t["udr_types"], "maximum_quantity", 0, MOST_UNITS)
    attributes = t["udr_type_attributes"]
    yield unknown(attributes, "udr_type", t["udr_types"])
    zones = attributes.filter(attributes.attribute_type == TIME_ZONE)
    place = ibis.row_number().over(group_by=zones.udr_type, order_by=zones.source_line)
    yield broken(zones.mutate(place=place), ibis._.place > 0, "attribute", "is a second time zone of its UDR type")
    yield unknown(t["unit_conversions"], "to_unit", t["udr_types"], "unit", "unit of a UDR type")
    for column in ("numerator", "denominator"):
        yield outside(t["unit_conversions"], column, 1, MOST_IN_FACTOR)


def require_attributes(tables: Tables, rows: Rows) -> None:
    """Check what UDR types say of attributes. Raises ConfigurationError for the first that is not as it should be."""
    _require_identity_fields(tables, rows)
    _require_allowed_values(tables, rows)


def _require_identity_fields(tables: Tables, rows: Rows) -> None:
    attributes: dict[str, set[str]] = {}
    for row in rows(tables["udr_type_attributes"]):
        attributes.setdefault(row["udr_type"], set()).add(row["attribute"])
    for row in rows(tables["udr_types"]):
        known = {*IDENTITY_FIELDS, *attributes.get(row["udr_type"], ())}
        for field in row["identity_fields"].split("|"):
            if field not in known:
                raise ConfigurationError(
                    f"{row['source_file']}, line {row['source_line']}: identity field {field!r} is none of "
                    f"{', '.join(sorted(known))}"
                )


def require_conversions(constants: Mapping[str, Mapping[str, str]], tables: Tables, rows: Rows) -> None:
    """Check the units that usage sources have as constants.

    `constants` are those of each source in billing.toml. Raises ConfigurationError for a unit that cannot be
    converted, into that of a constant UDR type or of any: every record of that source would be rejected.
    """
    units = {row["udr_type"]: row["unit"] for row in rows(tables["udr_types"])}
    pairs = {(row["from_unit"], row["to_unit"]) for row in rows(tables["unit_conversions"])}
    for source, given in constants.items():
        unit, udr_type = given.get("unit"), given.get("udr_type")
        wanted = units.items() if udr_type is None else [(udr_type, units.get(udr_type))]
        if unit and not any(own in (unit, None) or (unit, own) in pairs for _, own in wanted):
            named = f"{units[udr_type]!r}, the unit of UDR type {udr_type!r}" if udr_type else "that of a UDR type"
            raise ConfigurationError(
                f"billing.toml: usage.{source}: unit_conversions has no row from {unit!r} to {named}"
            )


def _require_allowed_values(tables: Tables, rows: Rows) -> None:
    for row in rows(tables["udr_type_attributes"]):
        for value in row["allowed_values"].split("|") if row["allowed_values"] else ():
            if not _is_of_type(value, row["attribute_type"]):
                raise ConfigurationError(
                    f"{row['source_file']}, line {row['source_line']}: allowed value {value!r} is no "
                    f"{row['attribute_type']}"
                )


def _is_of_type(value: str, attribute_type: str) -> bool:
    if attribute_type in ("day", "timestamp"):
        try:
            (date if attribute_type == "day" else datetime).fromisoformat(value)
        except ValueError:
            return False
    if attribute_type == TIME_ZONE:
        return value in known_zones()
    return attribute_type not in _FORMS or bool(re.fullmatch(_FORMS[attribute_type], value))

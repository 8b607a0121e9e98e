"""What a charging session costs, as OCPI tariffs tell it."""

from billing_assets.contract import day, flag, integer, number, text
from billing_assets.exact import AMOUNT, QUANTITY, UNIT_PRICE
from billing_assets.reference.tables.form import reference

TARIFFS = reference(
    "tariffs",
    "one row per tariff",
    "Tariffs of charging sessions, as in OCPI. Which one a session has is up to its rate.",
    text("tariff_id", "Tariff", key=True),
    text("name", "Name"),
    text("currency", "ISO 4217 currency: that of the plans whose rates refer to it"),
    flag("tax_included", "Whether its amounts include tax, whatever those plans say", default="false"),
    number("minimum_amount", AMOUNT, "Least amount of a session; none when empty", unit="currency", nullable=True),
    number("maximum_amount", AMOUNT, "Most that a session costs; no limit when empty", unit="currency", nullable=True),
    required=False,
)

TARIFF_ELEMENTS = reference(
    "tariff_elements",
    "one row per tariff and element",
    "When the prices of a tariff apply. Of each dimension, the first element whose restrictions all hold does.",
    text("tariff_id", "Tariff", key=True),
    integer("element", "Its place in the tariff", key=True),
    text("start_time", "Local time HH:MM from which it applies", nullable=True),
    text("end_time", "Local time HH:MM before which it applies; not after the start: on the next day", nullable=True),
    day("start_date", "First local day on which it applies", nullable=True),
    day("end_date", "First local day on which it no longer applies", nullable=True),
    text("weekdays", "Days on which it applies, 1 Monday to 7 Sunday: `1-5` or `1,3,6-7`", default="1-7"),
    number("min_kwh", QUANTITY, "Energy of the session from which it applies", unit="kWh", nullable=True),
    number("max_kwh", QUANTITY, "Energy of the session before which it applies", unit="kWh", nullable=True),
    number("min_power", QUANTITY, "Power from which it applies", unit="kW", nullable=True),
    number("max_power", QUANTITY, "Power below which it applies", unit="kW", nullable=True),
    integer("min_duration", "Duration of the session from which it applies", unit="second", nullable=True),
    integer("max_duration", "Duration of the session before which it applies", unit="second", nullable=True),
    text(
        "reservation",
        "Whether it prices reservations, or those that expire; the session itself when empty",
        allowed=("reservation", "reservation_expires"),
        nullable=True,
    ),
    required=False,
)

TARIFF_COMPONENTS = reference(
    "tariff_components",
    "one row per tariff, element and dimension",
    "The prices of a tariff's elements.",
    text("tariff_id", "Tariff", key=True),
    integer("element", "Element of the tariff", key=True),
    text("dimension", "What is priced", key=True, allowed=("energy", "time", "parking_time", "flat")),
    number("price", UNIT_PRICE, "Price of a kWh, of an hour, or of the session (flat)", unit="currency"),
    integer(
        "step_size",
        "Step, in Wh or seconds, to which what a session used of the dimension is rounded up; 0 charges it exactly",
        default="0",
    ),
    text("tax_code", "Tax code; that of the product when empty", nullable=True),
    required=False,
)

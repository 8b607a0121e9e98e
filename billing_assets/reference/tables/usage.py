"""What a usage record says: types, their attributes, units."""

from billing_assets.contract import flag, integer, number, text
from billing_assets.exact import QUANTITY
from billing_assets.reference.tables.form import reference

# How long an event lasts: by the unit of its quantity, or by an attribute.
SECONDS_OF_UNIT = {"s": 1, "min": 60, "h": 3600}

DURATION = "duration_seconds"
TIME_ZONE = "time_zone"
ATTRIBUTE_TYPES = ("text", "number", "flag", "day", "timestamp", TIME_ZONE)

IDENTITY_FIELDS = (
    "source", "record_id", "service_identifier", "product_id", "started_at", "destination", "quantity",
)  # fmt: skip

UDR_TYPES = reference(
    "udr_types",
    "one row per UDR type",
    "Kinds of usage detail records: unit, identity, and what quantities are believable.",
    text("udr_type", "UDR type", key=True),
    text("name", "Name"),
    text("unit", "Unit of measure in which it is rated"),
    text(
        "identity_fields",
        f"Fields that make a record the same record, separated by `|`: {', '.join(IDENTITY_FIELDS)}, "
        "or attributes of the type",
    ),
    flag("allow_negative", "Whether a negative quantity is a valid reversal", default="false"),
    number(
        "maximum_quantity",
        QUANTITY,
        "Quantities above it are rejected as absurd",
        unit="unit of the UDR type",
        default="400000000",
    ),
)

UDR_TYPE_ATTRIBUTES = reference(
    "udr_type_attributes",
    "one row per UDR type and attribute",
    "Further attributes of a UDR type.",
    text("udr_type", "UDR type", key=True),
    text("attribute", "Attribute", key=True),
    text(
        "attribute_type", "Type of its value; a time_zone is that of the event", allowed=ATTRIBUTE_TYPES, default="text"
    ),
    flag("mandatory", "Whether a record without it is rejected", default="false"),
    text("allowed_values", "Allowed values, separated by `|`; any when empty", nullable=True),
    required=False,
)

UNIT_CONVERSIONS = reference(
    "unit_conversions",
    "one row per pair of units",
    "How many units one unit is, as an exact fraction.",
    text("from_unit", "Unit in the usage file", key=True),
    text("to_unit", "Unit of the UDR type", key=True),
    integer("numerator", "Numerator of the factor"),
    integer("denominator", "Denominator of the factor", default="1"),
    required=False,
)

"""When what is sold may be had: to few, to all, no longer ordered, no longer provided."""

from billing_assets.contract import day, text
from billing_assets.reference.tables.form import reference

AVAILABILITY_WINDOWS = reference(
    "availability_windows",
    "one row per catalogue, product or offer whose availability is limited",
    "From when to when a catalogue, product or offer may be ordered and had. One without a row always may.",
    text("object_type", "What it is about", key=True, allowed=("catalogue", "product", "offer")),
    text("object_id", "Its id", key=True),
    day("limited_from", "First day on which only some may order it", nullable=True),
    text("limited_to_segments", "Segments that may order it then, separated by `|`", nullable=True),
    day("general_from", "First day on which all may order it; always, or where only some may never, when empty",
        nullable=True),
    day("end_of_sale", "First day on which it can no longer be ordered; those who have it keep it", nullable=True),
    day("end_of_subscription", "First day on which nobody has it any longer: order lines end", nullable=True),
    required=False,
)  # fmt: skip

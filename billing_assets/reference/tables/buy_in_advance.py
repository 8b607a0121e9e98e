"""For how long subscriptions may be billed at once, and what that saves."""

from billing_assets.contract import VALIDITY, integer, number, text
from billing_assets.exact import PERCENT
from billing_assets.reference.tables.form import reference

BUY_IN_ADVANCE_DEFINITIONS = reference(
    "buy_in_advance_definitions",
    "one row per definition",
    "Under which rules subscriptions may be bought in advance. One definition is active at a time, or none.",
    text("buy_in_advance_definition_id", "Definition", key=True),
    text("name", "Name"),
    *VALIDITY,
    required=False,
)

BUY_IN_ADVANCE_DURATIONS = reference(
    "buy_in_advance_durations",
    "one row per range of durations",
    "Durations that a definition allows, for which types of subscriptions, and what is taken off their price.",
    text("duration_id", "Range of durations", key=True),
    text("buy_in_advance_definition_id", "Definition"),
    integer("months_from", "Shortest duration", unit="month"),
    integer("months_to", "Longest duration", unit="month"),
    text("subscription_types", "Types of subscriptions that it is for, separated by `|`; any when empty",
         nullable=True),
    integer("free_months", "Months of the duration that cost nothing", nullable=True, unit="month"),
    number("discount_percent", PERCENT, "Discount off the price of the duration", unit="percent", nullable=True),
    required=False,
)  # fmt: skip

"""Who may ask for what, and who may approve it: units, users, and the privileges of their roles."""

from billing_assets.contract import flag, number, text
from billing_assets.exact import PERCENT
from billing_assets.reference.tables.form import reference

ORGANISATIONAL_UNITS = reference(
    "organisational_units",
    "one row per organisational unit",
    "Units that users belong to: shops, call centres, partners.",
    text("organisational_unit", "Unit", key=True),
    text("name", "Name"),
    required=False,
)

UNIT_COLLABORATIONS = reference(
    "unit_collaborations",
    "one row per unit and unit that it collaborates with",
    "Units that may use what others are allowed.",
    text("organisational_unit", "Unit", key=True),
    text("collaborates_with", "Unit whose allowed discounts it may use", key=True),
    required=False,
)

ROLES = reference(
    "roles",
    "one row per role",
    "Roles of users: what they may give away themselves, and what they may approve.",
    text("role", "Role", key=True),
    number("maximum_discount", PERCENT, "Discount off the list price that needs no approval", unit="percent",
           default="0"),
    number("approves_discount", PERCENT, "Discount up to which it approves that of others; none when empty",
           unit="percent", nullable=True),
    flag("approves_below_floor", "Whether it approves prices below the floor", default="false"),
    flag("approves_buy_in_advance", "Whether it approves requests to buy in advance", default="false"),
    flag("approves_requests", "Whether it approves requests for discounts", default="false"),
    flag("approves_adjustments", "Whether it approves adjustments of fees", default="false"),
    required=False,
)  # fmt: skip

USERS = reference(
    "users",
    "one row per user",
    "People who ask for something that may need approval, or give it.",
    text("user_id", "User", key=True),
    text("name", "Name", personal=True),
    text("role", "Role"),
    text(
        "organisational_unit",
        "Unit that the user belongs to: approves what is asked for there; anything when empty",
        nullable=True,
    ),
    required=False,
)

"""Contract of the items stage: everything that is charged before tax."""

from billing_assets.item import item_table
from billing_assets.rating.tables import LOCATIONS

GROUP = "items"

CHARGE_ITEMS = item_table(
    "charge_items",
    GROUP,
    "one row per combination of everything that prices, taxes or prints a charge",
    "Every pre-tax item of the month: usage and bundles rolled up from their events, fees, discounts.",
    *LOCATIONS,
)

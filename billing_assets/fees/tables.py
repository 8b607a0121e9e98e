"""Contract of the fees stage."""

from billing_assets.item import item_table

GROUP = "fees"

FEE_ITEMS = item_table(
    "fee_items",
    GROUP,
    "one row per billing schedule detail",
    "One-time and recurring fees that become due in the month.",
)

"""Contract of the corrections stage: what earlier months should have billed, and did not."""

from billing_assets.contract import text
from billing_assets.item import item_table
from billing_assets.items.tables import OF_ITEM
from billing_assets.ledger.tables import STANDS, TAXED

GROUP = "corrections"
ADDED, WITHDRAWN, CHANGED, SHORTENED, EXTENDED = "added", "withdrawn", "changed", "shortened", "extended"

CORRECTION_ITEMS = item_table(
    "correction_items",
    GROUP,
    "one row per charge of a posted month that is another one today, or two: what was billed taken back, what is due "
    "billed",
    "The difference between what posted months should have billed, as their drafts are today, and what the ledger has.",
    text("corrects_month", "Posted month that it corrects"),
    text(
        "correction",
        "What was found: nothing was billed of it, nothing is due of it, it comes to something else, or its period "
        "ends on another day",
        allowed=(ADDED, WITHDRAWN, CHANGED, SHORTENED, EXTENDED),
    ),
    *STANDS,
    *OF_ITEM,
    *TAXED,
)

"""What was agreed on for the life of a single order line, instead of what its offer or scheme says."""

from billing_assets.contract import LINEAGE, InputTable
from billing_assets.orders.tables.order_lines import GROUP, SOURCE_KEYS
from billing_assets.reference.tables import LIFE_TERMS

ORDER_TERMS = InputTable(
    "order_terms",
    GROUP,
    "one row per order line with terms of its own",
    "Trial, binding period and fee for leaving that were agreed on for an order line: they go before all others.",
    (*SOURCE_KEYS, *LIFE_TERMS, *LINEAGE),
    required=False,
)

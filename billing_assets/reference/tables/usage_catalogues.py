"""Which services may be ordered from whom, when, and by whom."""

from billing_assets.contract import VALIDITY, Column, flag, text
from billing_assets.reference.tables.form import reference
from billing_assets.reference.tables.vocabulary import ANY, CATALOGUE_FIELDS

USAGE_CATALOGUES = reference(
    "usage_catalogues",
    "one row per usage service catalogue",
    "Sets of usage services that subscriptions may order while the catalogue is in force and its conditions hold.",
    text("usage_catalogue_id", "Usage service catalogue", key=True),
    text("name", "Name"),
    flag("effective", "Whether it is in effect: one that is not is only being prepared", default="true"),
    text("udr_types", "UDR types whose products it may offer, separated by `|`; any when empty", nullable=True),
    text("providers", "Provisioning providers that supply what is ordered, separated by `|`", nullable=True),
    text("price_plan_id", "Default rates: plan of usage whose order line has no plan", nullable=True),
    required=False,
)

USAGE_CATALOGUE_PERIODS = reference(
    "usage_catalogue_periods",
    "one row per usage catalogue and period of validity",
    "When a usage catalogue is valid: one without periods always is.",
    text("usage_catalogue_id", "Usage service catalogue", key=True),
    Column("valid_from", VALIDITY[0].dtype, VALIDITY[0].description, key=True, default="1900-01-01"),
    VALIDITY[1],
    required=False,
)

USAGE_CATALOGUE_ENTRIES = reference(
    "usage_catalogue_entries",
    "one row per entry of a usage catalogue",
    "What a usage catalogue offers and when: a usage service, or all of a product type or family.",
    text("entry_id", "Entry", key=True),
    text("usage_catalogue_id", "Usage service catalogue"),
    text("product_id", "Usage service that it offers", nullable=True),
    text("product_type", "Product type that it offers", allowed=("usage_service",), nullable=True),
    text("product_family", "Family whose usage services it offers", nullable=True),
    text("provisioning_id", "What providers call it; the product's id when empty", nullable=True),
    *VALIDITY,
    required=False,
)

USAGE_CATALOGUE_CONDITIONS = reference(
    "usage_catalogue_conditions",
    "one row per usage catalogue and field",
    "Who may order from a usage catalogue: all conditions must hold for the subscription. One without is open to all.",
    text("usage_catalogue_id", "Usage service catalogue", key=True),
    text("field", "What is looked at; termed_product_id: the termed services of the subscription", key=True,
         allowed=CATALOGUE_FIELDS),
    text("allowed_values", f"Values that meet it, separated by `|`; `{ANY}` is any termed service"),
    required=False,
)  # fmt: skip

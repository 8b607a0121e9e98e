"""Products that are sold together, at which price, and the least that they may be sold for."""

from billing_assets.contract import VALIDITY, flag, number, text
from billing_assets.exact import FEE_PRICE
from billing_assets.reference.tables.form import reference
from billing_assets.reference.tables.vocabulary import PRICE_TYPES

OFFERS = reference(
    "offers",
    "one row per offer",
    "What customers choose from: products with their prices, on a price plan.",
    text("offer_id", "Offer", key=True),
    text("catalogue_id", "Catalogue"),
    text("name", "Name"),
    text("based_on_offer_id", "Offer that it was copied from: where it says nothing itself it is as that one",
         nullable=True),
    text("price_plan_id", "Plan that rates the usage of its subscriptions", nullable=True),
    flag("tax_included", "Whether its list prices, and prices agreed on its order lines, include tax", default="false"),
    *VALIDITY,
    required=False,
)  # fmt: skip

OFFER_PRODUCTS = reference(
    "offer_products",
    "one row per offer, product, price type and currency",
    "Products of an offer with their list prices.",
    text("offer_id", "Offer", key=True),
    text("product_id", "Product", key=True),
    text("price_type", "How it is charged", key=True, allowed=PRICE_TYPES),
    text("currency", "ISO 4217 currency", key=True),
    number(
        "unit_price",
        FEE_PRICE,
        "List price per unit, once or of a price period; empty for usage",
        unit="currency",
        nullable=True,
    ),
    required=False,
)

FLOOR_PRICES = reference(
    "floor_prices",
    "one row per floor price",
    "Prices that a negotiated one may go below only with approval.",
    text("floor_price_id", "Floor price", key=True),
    text("product_id", "Product"),
    text("offer_id", "Offer that it is for; any when empty", nullable=True),
    text("price_type", "How it is charged", allowed=("one_time", "recurring")),
    text("currency", "ISO 4217 currency"),
    number("floor_price", FEE_PRICE, "Least price per unit (and month)", unit="currency"),
    *VALIDITY,
    required=False,
)  # fmt: skip

"""Why a discount takes off what it does, in words: of its item, and of the discount."""

from billing_assets.reference.tables import ANY_DAY, FREE_PERIOD
from jobs.arithmetic import plain


def of_item(item: dict, discount: dict) -> str:
    """What an item of discount_items was worked out from."""
    value, base = plain(item["value"]), plain(item["base_amount"])
    whole = plain(item["whole_amount"]), plain(item["whole_quantity"])
    words = {
        "percentage": f"{value} % of {base}",
        "free_period": f"{value} months free: their part of {base}",
        "free_usage": f"{value} of {whole[1]} {discount['unit']} free: the same share of {base}",
    }.get(item["discount_type"], f"{value} {item['currency']} off {whole[0]}: its share for {base}")
    return f"{words}, what {item['subscription_id']} was charged for {item['product_id']} after earlier discounts"


def of_discount(discount: dict, definition: dict) -> str:
    """Whose discount it is, of which definition, for how long, within which limits, and where it came from."""
    limits = ""
    if definition["value"] is None:
        limits = f", {plain(definition['minimum_value'])} to {plain(definition['maximum_value'])} allowed"
    of_product = discount["discount_type"] == FREE_PERIOD and discount["starts_on"] != ANY_DAY
    begins = "begins with a product within " if of_product else ""
    return (
        f"discount {discount['discount_definition_id']}{limits}, of {discount['target']} {discount['target_id']}, "
        f"{begins}{discount['valid_from']} to {discount['valid_to']} (exclusive); {discount['source_file']}:"
        f"{discount['source_line']}"
    )

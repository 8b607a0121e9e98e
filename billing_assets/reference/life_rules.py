"""What makes the terms of a subscription's life unusable: trials, binding periods, price indexes."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, zero
from billing_assets.reference.broken import broken, outside, unknown

_MOST_IN_TRIAL = 366
_MOST_BINDING_MONTHS = 120
_SOLD = ("offer_id", "product_id", "currency")


def offer_term_rules(t: dict[str, ir.Table]) -> Iterator[ir.Table]:
    terms, products = t["offer_terms"], t["products"]
    sold = t["offer_products"].filter(t["offer_products"].price_type == "recurring").select(_SOLD)
    unsold = terms.anti_join(sold, _SOLD)
    yield broken(unsold, unsold.offer_id.notnull(), "product_id", "is no recurring product of its offer and currency")
    yield outside(terms, "trial_length", 1, _MOST_IN_TRIAL)
    halved = terms.trial_length.isnull() != terms.trial_unit.isnull()
    yield broken(terms, halved, "trial_length", "and trial_unit go together")
    yield broken(terms, terms.trial_price < zero(), "trial_price", "is below 0")
    yield outside(terms, "binding_months", 1, _MOST_BINDING_MONTHS)
    once = products.filter(products.product_type == "one_time_service")
    yield unknown(terms, "termination_product_id", once, "product_id", "one-time service")
    yield outside(terms, "termination_percent", 0, 100)
    yield broken(terms, terms.termination_amount < zero(), "termination_amount", "is below 0")
    fees = terms.termination_amount.notnull().cast("int64") + terms.termination_percent.notnull().cast("int64")
    yield broken(terms, fees > 1, "termination_percent", "does not go with termination_amount")
    owed = terms.termination_product_id.notnull()
    words = "and a fee for leaving (termination_product_id, termination_amount or _percent) go together"
    yield broken(terms, (owed != (fees > 0)) | (owed != terms.binding_months.notnull()), "binding_months", words)


def index_rules(t: dict[str, ir.Table]) -> Iterator[ir.Table]:
    indexes = t["price_indexes"]
    yield broken(indexes, indexes.value <= zero().cast(QUANTITY), "value", "is not above 0")

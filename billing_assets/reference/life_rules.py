"""What makes the terms of a life as a customer unusable: trials, binding periods, price indexes, fees of accounts."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, zero
from billing_assets.reference.broken import broken, outside, unknown

_MOST_IN_TRIAL = 366
MOST_BINDING_MONTHS = 120
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
    yield outside(terms, "binding_months", 1, MOST_BINDING_MONTHS)
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


def account_fee_rules(t: dict[str, ir.Table]) -> Iterator[ir.Table]:
    fees, products = t["account_fees"], t["products"]
    once = products.filter(products.product_type == "one_time_service")
    yield unknown(fees, "product_id", once, noun="one-time service")
    yield unknown(fees, "currency", t["currencies"])
    yield broken(fees, fees.amount < zero(), "amount", "is below 0")
    yield outside(fees, "percent", 0, 100)
    both = fees.amount.isnull() == fees.percent.isnull()
    yield broken(fees, both, "product_id", "has not exactly one of amount and percent")
    yield broken(fees, (fees.kind == "invoice") & fees.percent.notnull(), "percent", "is for late fees")
    late = fees.filter(fees.kind == "late")
    other = late.select("account_id", "currency", other="product_id")
    double = late.join(other, ["account_id", "currency"])
    yield broken(double, double.product_id > double.other, "product_id", "is a second late fee of its account")

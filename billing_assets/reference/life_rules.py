"""What makes the terms of a life as a customer unusable: trials, binding periods, price indexes, fees and minimums."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, zero
from billing_assets.reference.broken import Rule, broken, outside, unknown, validity

_MOST_IN_TRIAL = 366
MOST_BINDING_MONTHS = 120
_MOST_MONTHS_WAITED = 120
_SOLD = ("offer_id", "product_id", "currency")


def offer_term_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    terms = t["offer_terms"]
    sold = t["offer_products"].filter(t["offer_products"].price_type == "recurring").select(_SOLD)
    unsold = terms.anti_join(sold, _SOLD)
    yield broken(unsold, unsold.offer_id.notnull(), "product_id", "is no recurring product of its offer and currency")
    yield from validity(terms, *_SOLD)
    yield from _term_rules(terms, t["products"])


def scheme_term_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    terms = t["scheme_terms"]
    yield unknown(terms, "billing_term_scheme_id", t["billing_term_schemes"])
    yield unknown(terms, "currency", t["currencies"])
    yield from validity(terms, "billing_term_scheme_id", "currency")
    yield from _term_rules(terms, t["products"])


def _term_rules(terms: ir.Table, products: ir.Table) -> Iterator[Rule]:
    once = products.filter(products.product_type == "one_time_service")
    yield unknown(terms, "termination_product_id", once, "product_id", "one-time service")
    for condition, column, words in term_faults(terms):
        yield broken(terms, condition, column, words)


def term_faults(terms: ir.Table) -> list[tuple[ir.BooleanValue, str, str]]:
    """What can be wrong with terms of a life, whoever gives them: (condition, column, words)."""
    amount, percent = terms.termination_amount, terms.termination_percent
    fees = amount.notnull().cast("int64") + percent.notnull().cast("int64")
    bound = (terms.binding_months > 0).fill_null(False)
    owed = terms.termination_product_id.notnull()
    return [
        (_outside(terms.trial_length, _MOST_IN_TRIAL), "trial_length", f"is not between 0 and {_MOST_IN_TRIAL}"),
        (terms.trial_length.isnull() != terms.trial_unit.isnull(), "trial_length", "and trial_unit go together"),
        (terms.trial_price < zero(), "trial_price", "is below 0"),
        (_outside(terms.binding_months, MOST_BINDING_MONTHS), "binding_months",
         f"is not between 0 and {MOST_BINDING_MONTHS}"),
        (_outside(percent, 100), "termination_percent", "is not between 0 and 100"),
        (amount < zero(), "termination_amount", "is below 0"),
        (fees > 1, "termination_percent", "does not go with termination_amount"),
        ((owed != (fees > 0)) | (owed != bound), "binding_months",
         "and a fee for leaving (termination_product_id, termination_amount or _percent) go together"),
    ]  # fmt: skip


def _outside(value: ir.NumericValue, highest: int) -> ir.BooleanValue:
    return (value < 0) | (value > highest)


def index_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    indexes = t["price_indexes"]
    yield broken(indexes, indexes.value <= zero().cast(QUANTITY), "value", "is not above 0")


def account_fee_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    fees, products = t["account_fees"], t["products"]
    once = products.filter(products.product_type == "one_time_service")
    yield from validity(fees, "kind", "product_id", "account_id", "currency")
    yield unknown(fees, "product_id", once, noun="one-time service")
    yield unknown(fees, "currency", t["currencies"])
    yield broken(fees, fees.amount < zero(), "amount", "is below 0")
    yield outside(fees, "percent", 0, 100)
    both = fees.amount.isnull() == fees.percent.isnull()
    yield broken(fees, both, "product_id", "has not exactly one of amount and percent")
    yield broken(fees, (fees.kind == "invoice") & fees.percent.notnull(), "percent", "is for late fees")
    late = fees.filter(fees.kind == "late")
    other = late.select("account_id", "currency", other="product_id", other_from="valid_from", other_to="valid_to")
    double = late.join(other, ["account_id", "currency"])
    double = double.filter(double.valid_from < double.other_to, double.other_from < double.valid_to)
    yield broken(double, double.product_id > double.other, "product_id", "is a second late fee of its account")


def invoice_minimum_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    minimums = t["invoice_minimums"]
    yield from validity(minimums, "account_id", "currency")
    yield unknown(minimums, "currency", t["currencies"])
    yield broken(minimums, minimums.minimum_amount < zero(), "minimum_amount", "is below 0")
    yield outside(minimums, "longest_months", 1, _MOST_MONTHS_WAITED)

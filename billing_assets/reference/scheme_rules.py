"""What makes billing term schemes unusable: periods without a length, alignments and prices that fit none of them."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.exact import zero
from billing_assets.reference.broken import Rule, broken, outside, unknown, validity
from billing_assets.reference.periods import divides_year, fits_price, frequency_faults, in_months

MONTHS_OF_YEAR = 12


def scheme_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    schemes, plans = t["billing_term_schemes"], t["billing_term_scheme_plans"]
    yield unknown(plans, "billing_term_scheme_id", schemes)
    yield unknown(plans, "price_plan_id", t["price_plans"])
    yield unknown(schemes, "default_price_plan_id", t["price_plans"], "price_plan_id", "price plan")
    yield unknown(schemes, "price_index_id", t["price_indexes"])
    yield outside(schemes, "index_month", 1, MONTHS_OF_YEAR)
    untied = schemes.price_index_id.isnull() & schemes.index_month.notnull()
    yield broken(schemes, untied, "index_month", "is for a scheme with a price index")
    yield from validity(schemes)
    yield from _prepaid_rules(schemes)
    yield from _period_rules(schemes)
    limited = schemes.semi_join(plans, "billing_term_scheme_id")
    listed = plans.select("billing_term_scheme_id", default_price_plan_id="price_plan_id")
    chosen = limited.filter(limited.default_price_plan_id.notnull())
    missing = chosen.anti_join(listed, ["billing_term_scheme_id", "default_price_plan_id"])
    yield broken(missing, missing.name.notnull(), "default_price_plan_id", "is not among the plans of its scheme")
    yield broken(schemes, schemes.max_unbilled_events <= 0, "max_unbilled_events", "is not above 0")
    yield broken(schemes, schemes.max_unbilled_amount <= zero(), "max_unbilled_amount", "is not above 0")


def _prepaid_rules(schemes: ir.Table) -> Iterator[Rule]:
    prepaid = schemes.filter(schemes.kind == "prepaid")
    yield broken(prepaid, prepaid.billing_rule != "in_advance", "billing_rule", "is not for a prepaid scheme")
    for column in ("max_unbilled_events", "max_unbilled_amount"):
        yield broken(prepaid, prepaid[column].notnull(), column, "is not for a prepaid scheme")


def _period_rules(schemes: ir.Table) -> Iterator[Rule]:
    own = schemes.billing_frequency, schemes.frequency_count, schemes.frequency_unit
    for condition, column, words in frequency_faults(*own):
        yield broken(schemes, condition, column, words)
    yield outside(schemes, "cycle_start_month", 1, MONTHS_OF_YEAR)
    calendar = schemes.alignment == "calendar"
    yield broken(schemes, ~calendar & schemes.cycle_start_month.notnull(), "cycle_start_month",
                 "is for the alignment calendar")  # fmt: skip
    whole = in_months(schemes).notnull()
    yield broken(
        schemes, calendar & ~divides_year(schemes), "alignment", "is for weeks and for months that divide a year"
    )
    weekly = calendar & ~whole & schemes.cycle_start_month.notnull()
    yield broken(schemes, weekly, "cycle_start_month", "is for periods of months")
    yield broken(schemes, ~whole & (schemes.alignment == "billing_day"), "alignment", "is for periods of months")
    yield broken(schemes, ~whole & (schemes.proration == "thirty_days"), "proration", "is for periods of months")
    yield broken(schemes, ~fits_price(schemes), "price_period", "neither divides the period nor is divided by it")

"""What makes discount definitions unusable: values that cannot be, terms that nothing would look at, unknown names."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.exact import zero
from billing_assets.months import month_number
from billing_assets.reference.broken import Rule, broken, each, outside, unknown, validity
from billing_assets.reference.price_rules import MOST_UNITS
from billing_assets.reference.tables import (
    ANY_DAY,
    FREE_PERIOD,
    FREE_USAGE,
    JOB_FIELDS,
    MOST_FREE_MONTHS,
    MOST_RENEWED_MONTHS,
    OF_MONEY,
    SERVICE_JOB,
)

_VALUES = ("value", "minimum_value", "maximum_value")
_NAMED = {"segment": ("segments", "segment_id"), "product_id": ("products", "product_id"),
          "udr_type": ("udr_types", "udr_type"), "price_plan_id": ("price_plans", "price_plan_id")}  # fmt: skip


def discount_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    d, criteria = t["discount_definitions"], t["discount_criteria"]
    yield from validity(d)
    yield from _value_rules(d)
    yield from _term_rules(d)
    money, free = d.discount_type.isin(OF_MONEY), d.discount_type == FREE_USAGE
    for column, needs in (("currency", money), ("unit", free)):
        given = d[column].notnull()
        yield broken(d, ibis.ifelse(needs, ~given, given), column, "does not go with its discount_type")
    yield unknown(d, "currency", t["currencies"])
    yield from _unit_rules(t)
    yield unknown(criteria, "discount_definition_id", d)
    of_jobs = criteria.anti_join(d.filter(d.target == SERVICE_JOB), "discount_definition_id")
    yield broken(of_jobs, of_jobs.field.isin(JOB_FIELDS), "field", f"is for discounts of the target {SERVICE_JOB}")
    for field, (table, key) in _NAMED.items():
        yield unknown(each(criteria.filter(criteria.field == field), "allowed_values", key), key, t[table])


def _value_rules(d: ir.Table) -> Iterator[Rule]:
    ranged = d.minimum_value.notnull() & d.maximum_value.notnull()
    unranged = d.minimum_value.isnull() & d.maximum_value.isnull()
    one = (d.value.notnull() & unranged) | (d.value.isnull() & ranged)
    yield broken(d, ~one, "discount_definition_id", "has neither one value nor a least and a most one")
    yield broken(d, d.maximum_value < d.minimum_value, "maximum_value", "is below minimum_value")
    for column in _VALUES:
        value = d[column]
        yield broken(d, value <= zero(), column, "is not above 0")
        yield broken(d, (d.discount_type == "percentage") & (value > 100), column, "is no percentage up to 100")
        units = d.discount_type == FREE_USAGE
        yield broken(d, units & (value > MOST_UNITS), column, f"is above {MOST_UNITS}")
        months = d.discount_type == FREE_PERIOD
        odd = (value > MOST_FREE_MONTHS) | (value != value.floor())
        yield broken(d, months & odd, column, f"is no whole number of months up to {MOST_FREE_MONTHS}")


def _term_rules(d: ir.Table) -> Iterator[Rule]:
    automatic = d.given == "automatic"
    for column in ("minimum_value", "times_per_year", "allowed_units", "approval_unit"):
        yield broken(d, automatic & d[column].notnull(), column, "is for discounts that are asked for")
    lasting = d.discount_type.isin((FREE_PERIOD, "amount"))
    yield broken(d, lasting & d.duration_months.notnull(), "duration_months", "does not go with its discount_type")
    of_price = d.discount_type.isin((FREE_PERIOD, FREE_USAGE))
    yield broken(d, of_price & d.reduces_commitments, "reduces_commitments", "does not go with its discount_type")
    yield from _renewal_rules(d)
    of_job = d.target == SERVICE_JOB
    for column, given in (("discount_type", d.discount_type.isin((FREE_PERIOD, FREE_USAGE))),
                          ("duration_months", d.duration_months.notnull()),
                          ("reduces_commitments", d.reduces_commitments)):  # fmt: skip
        yield broken(d, of_job & given, column, f"does not go with the target {SERVICE_JOB}")
    yield outside(d, "duration_months", 1, MOST_FREE_MONTHS)
    yield broken(d, d.times_per_year < 1, "times_per_year", "is below 1")


def _renewal_rules(d: ir.Table) -> Iterator[Rule]:
    """What is given anew must have ended, and be given anew a limited number of times: each is a row."""
    anew, column = d.renewal_months.notnull(), "renewal_months"
    yield broken(d, anew & (d.given != "automatic"), column, "is for automatic discounts")
    yield broken(d, anew & (d.target == SERVICE_JOB), column, f"does not go with the target {SERVICE_JOB}")
    yield outside(d, column, 1, MOST_RENEWED_MONTHS)
    free = d.discount_type == FREE_PERIOD
    yield broken(d, anew & free & (d.starts_on != ANY_DAY), column, f"is for free months of {ANY_DAY}")
    lasting = ibis.cases((free, d.value.floor().cast("int64")), (d.discount_type == "amount", 1),
                         else_=d.duration_months)  # fmt: skip
    yield broken(d, anew & lasting.isnull(), column, "needs a duration_months")
    yield broken(d, lasting > d.renewal_months, column, "is shorter than what it renews")
    validity = month_number(d.valid_to) - month_number(d.valid_from)
    yield broken(d, anew & (validity > MOST_RENEWED_MONTHS), column,
                 f"needs a validity of at most {MOST_RENEWED_MONTHS} months")  # fmt: skip


def _unit_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    d, units = t["discount_definitions"], t["organisational_units"]
    listed = each(d.filter(d.allowed_units.notnull()), "allowed_units", "organisational_unit")
    yield unknown(listed, "organisational_unit", units)
    yield unknown(d, "approval_unit", units, "organisational_unit", "organisational_unit")

"""Billing terms of order lines: what the line says, else the scheme of its subscription, else what is usual.

The scheme of a subscription is the one that the first of its lines names that names one. A conditional plan is
among a scheme's plans when its base plan is; whether its conditions hold is up to plans.py.
"""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets.orders.service_jobs import SOURCE as JOBS
from billing_assets.records import Rule
from billing_assets.reference.periods import divides_year, fits_price, frequency_faults, in_days

_TERMS = {
    **dict.fromkeys(("known_scheme", "kind", "scheme_rule", "scheme_frequency", "scheme_unit"), "string"),
    **dict.fromkeys(("price_period", "alignment", "limited_scheme", "listed_plan"), "string"),
    **dict.fromkeys(("scheme_from", "scheme_to"), "date"),
    "scheme_count": "int64",
}  # fmt: skip


class Schemes(NamedTuple):
    """billing_term_schemes and billing_term_scheme_plans of a company that has some."""

    terms: ir.Table
    plans: ir.Table


def with_terms(lines: ir.Table, schemes: Schemes | None, price_plans: ir.Table) -> ir.Table:
    """Resolve billing_term_scheme_id, plan, billing_rule and the frequency; own_… is what the line says itself."""
    given = lines.mutate(
        own_scheme=lines.billing_term_scheme_id, own_frequency=lines.billing_frequency, own_count=lines.frequency_count,
        own_unit=lines.frequency_unit,
    )  # fmt: skip
    if schemes is None:
        found = given.mutate(**{name: ibis.null(dtype) for name, dtype in _TERMS.items()})
    else:
        found = _with_plans(_with_scheme(given, schemes.terms), schemes.plans, price_plans)
    once = found.price_type == "one_time"
    terms = {
        name: ibis.ifelse(found.price_type == "recurring", value, ibis.null(value.type()))
        for name, value in frequency_of(found).items()
    }
    return found.mutate(
        **terms | {"billing_frequency": ibis.ifelse(once, "one_time", terms["billing_frequency"])},
        billing_rule=ibis.coalesce(found.billing_rule, found.scheme_rule, ibis.literal("in_advance")),
    )


def with_scheme_frequency(lines: ir.Table, schemes: ir.Table) -> ir.Table:
    """Add scheme_frequency, scheme_count and scheme_unit of the scheme of lines."""
    usual = schemes.select(
        known_scheme="billing_term_scheme_id", scheme_frequency="billing_frequency", scheme_count="frequency_count",
        scheme_unit="frequency_unit",
    )  # fmt: skip
    return lines.left_join(usual, lines.billing_term_scheme_id == usual.known_scheme)


def frequency_of(lines: ir.Table) -> dict[str, ir.Value]:
    """The frequency of recurring fees, with the length of a custom one: the line's, else its scheme's, else monthly."""
    own = lines.billing_frequency.notnull()
    return {
        "billing_frequency": ibis.coalesce(lines.billing_frequency, lines.scheme_frequency, ibis.literal("monthly")),
        "frequency_count": ibis.ifelse(own, lines.frequency_count, lines.scheme_count),
        "frequency_unit": ibis.ifelse(own, lines.frequency_unit, lines.scheme_unit),
    }


def scheme_of_subscription(lines: ir.Table) -> ir.StringValue:
    """The billing term scheme that the first of the subscription's lines names that names one."""
    window = ibis.window(
        group_by=[lines.subscription_id, lines.account_id],
        order_by=[lines.billing_term_scheme_id.isnull(), lines.source_file, lines.source_line],
    )
    return lines.billing_term_scheme_id.first().over(window)


def _with_scheme(lines: ir.Table, schemes: ir.Table) -> ir.Table:
    terms = schemes.select(
        "kind", "price_period", "alignment", termed_scheme="billing_term_scheme_id", scheme_rule="billing_rule",
        default_plan="default_price_plan_id", scheme_from="valid_from", scheme_to="valid_to",
    )  # fmt: skip
    named = with_scheme_frequency(lines.mutate(billing_term_scheme_id=scheme_of_subscription(lines)), schemes)
    found = named.left_join(terms, named.known_scheme == terms.termed_scheme)
    return found.mutate(plan=ibis.coalesce(found.plan, found.default_plan))


def _with_plans(lines: ir.Table, allowed: ir.Table, price_plans: ir.Table) -> ir.Table:
    """Add limited_scheme, where the scheme has a list of plans, and listed_plan, where the line's is among them."""
    limited = allowed.select(limited_scheme="billing_term_scheme_id").distinct()
    on_top = price_plans.select(top_plan="price_plan_id", price_plan_id="base_plan_id")
    based = allowed.join(on_top, "price_plan_id").select("billing_term_scheme_id", price_plan_id="top_plan")
    listed = allowed.select("billing_term_scheme_id", "price_plan_id").union(based, distinct=True)
    listed = listed.rename(listed_scheme="billing_term_scheme_id", listed_plan="price_plan_id")
    found = lines.left_join(limited, lines.billing_term_scheme_id == limited.limited_scheme)
    return found.left_join(
        listed, [found.billing_term_scheme_id == listed.listed_scheme, found.plan == listed.listed_plan]
    )


def term_rules(lines: ir.Table) -> list[Rule]:
    """Why a line cannot have its scheme, as for first_reason.

    Reasons: SUBSCRIPTION_OF_ANOTHER_SCHEME, UNKNOWN_BILLING_TERM_SCHEME, SCHEME_NOT_AVAILABLE, PLAN_NOT_IN_SCHEME,
    RULE_NOT_ALLOWED, INVALID_FREQUENCY, FREQUENCY_NOT_ALLOWED, INVALID_BILLING_DAY (one of weeks or days).
    """
    scheme = lines.billing_term_scheme_id
    available = (lines.ordered_on >= lines.scheme_from) & (lines.ordered_on < lines.scheme_to)
    unlisted = lines.limited_scheme.notnull() & lines.plan.notnull() & lines.listed_plan.isnull()
    later = (lines.billing_rule != "in_advance") & (lines.source != JOBS)
    own = {"frequency_count": lines.own_count, "frequency_unit": lines.own_unit}
    faults = frequency_faults(lines.own_frequency, *own.values())
    uneven = (lines.alignment == "calendar") & lines.billing_day.isnull() & ~divides_year(lines)
    of_days = in_days(lines).notnull()
    unfit = (lines.price_type == "recurring") & (uneven | ~fits_price(lines)).fill_null(False)
    return [
        (lines.own_scheme != scheme, "SUBSCRIPTION_OF_ANOTHER_SCHEME", "billing_term_scheme_id", lines.own_scheme),
        (scheme.notnull() & lines.known_scheme.isnull(), "UNKNOWN_BILLING_TERM_SCHEME", "billing_term_scheme_id",
         scheme),
        (~available, "SCHEME_NOT_AVAILABLE", "ordered_on", lines.ordered_on),
        (unlisted, "PLAN_NOT_IN_SCHEME", "price_plan_id", lines.plan),
        (later & (lines.kind == "prepaid"), "RULE_NOT_ALLOWED", "billing_rule", lines.billing_rule),
        *((condition, "INVALID_FREQUENCY", column, own[column]) for condition, column, _ in faults),
        (unfit, "FREQUENCY_NOT_ALLOWED", "billing_frequency", lines.billing_frequency),
        (of_days & lines.billing_day.notnull(), "INVALID_BILLING_DAY", "billing_day", lines.billing_day),
    ]  # fmt: skip

"""Which plan prices an order line: the chosen one, the base plan of one whose conditions do not hold, the global one.

Conditions to select a plan are looked at when it is put on a subscription, so with the account as it was on the day of
the order; those to apply it each time the orders are taken in, that is, with every billing run.
"""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from billing_assets.pricing.conditions import facts, meeting, with_segments
from billing_assets.reference.tables import (
    ACCOUNT_CHANGES,
    ACCOUNT_FIELDS,
    ORDER_DAYS,
    PRICE_PLAN_CONDITIONS,
    PRICE_PLANS,
    PRODUCT_ATTRIBUTE,
    PRODUCT_ATTRIBUTES,
    PRODUCT_FIELDS,
    SEGMENT_FIELDS,
    SEGMENTS,
)

READS = (PRICE_PLANS, PRICE_PLAN_CONDITIONS, SEGMENTS, PRODUCT_ATTRIBUTES, ACCOUNT_CHANGES)


@dataclass(frozen=True)
class Plans:
    """The price plans, and what their conditions look at: the tables of READS, and facts of service jobs, if any."""

    price_plans: ir.Table
    conditions: ir.Table
    segments: ir.Table
    product_attributes: ir.Table
    account_changes: ir.Table
    job_facts: ir.Table | None = None


def with_applied_plan(lines: ir.Table, accounts: ir.Table, plans: Plans) -> ir.Table:
    """Add plan_allowed and applied_plan to lines.

    The lines have line_key, ordered_line_id, account_id, type_of_subscription, plan, line_currency, PRODUCT_FIELDS and
    ORDER_DAYS.
    A plan is allowed when its conditions to select it hold, and the account's organisational unit may sell
    it. A conditional plan applies when its conditions to apply it hold, and one without such conditions
    when it has some to select it; else its base plan does. A line without a plan has the global plan of
    its currency.
    """
    of_account = accounts.select(*ACCOUNT_FIELDS, subject_account="account_id")
    asking = _asking(plans)
    of_line = lines.semi_join(asking, lines.plan == asking.asking_plan).select(
        "line_key", "ordered_line_id", "account_id", *PRODUCT_FIELDS, *ORDER_DAYS,
        subscription_type="type_of_subscription",
    )  # fmt: skip
    today = of_line.join(of_account, of_line.account_id == of_account.subject_account)
    as_ordered = _as_ordered(today, plans.account_changes)
    known = plans.price_plans.select(
        "plan_type", "base_plan_id", "allowed_units", known_plan="price_plan_id", plan_currency="currency"
    )
    found = lines.left_join(known, lines.plan == known.known_plan)
    units = as_ordered.select(unit_line="line_key", unit_of_account="organisational_unit")
    found = found.left_join(units, found.line_key == units.unit_line)
    for purpose, subjects in (("select", as_ordered), ("apply", today)):
        asked = plans.conditions.filter(plans.conditions.purpose == purpose).rename(owner="price_plan_id")
        met = meeting(_facts(subjects, plans), asked)
        met = met.select(**{f"{purpose}_plan": "owner", f"{purpose}_line": "subject"})
        has = asked.select(**{f"{purpose}_asks": "owner"}).distinct()
        found = found.left_join(met, [found.plan == met[f"{purpose}_plan"], found.line_key == met[f"{purpose}_line"]])
        found = found.left_join(has, found.plan == has[f"{purpose}_asks"])
    of_currency = known.filter(known.plan_type == "global").select(
        global_plan="known_plan", global_currency="plan_currency"
    )
    found = found.left_join(of_currency, found.line_currency == of_currency.global_currency)
    selected = found.select_asks.isnull() | found.select_plan.notnull()
    sells = found.allowed_units.split("|").contains(found.unit_of_account).fill_null(False)
    applies = found.apply_plan.notnull() | (found.apply_asks.isnull() & found.select_asks.notnull())
    conditional = (found.plan_type == "conditional").fill_null(False)
    return found.select(
        *lines.columns,
        "known_plan",
        plan_allowed=selected & (found.allowed_units.isnull() | sells),
        applied_plan=ibis.cases(
            (found.plan.isnull(), found.global_plan), (conditional & ~applies, found.base_plan_id), else_=found.plan
        ),
    )


def _asking(plans: Plans) -> ir.Table:
    """The plans that are not for everybody."""
    of_units = plans.price_plans.filter(plans.price_plans.allowed_units.notnull())
    return ibis.union(
        plans.conditions.select(asking_plan="price_plan_id"),
        of_units.select(asking_plan="price_plan_id"),
        distinct=True,
    )


def _facts(subjects: ir.Table, plans: Plans) -> ir.Table:
    known = facts(subjects, "line_key", SEGMENT_FIELDS)
    if plans.job_facts is not None:
        of_jobs = subjects.select("line_key", "ordered_line_id").join(plans.job_facts, "ordered_line_id")
        known = known.union(of_jobs.select("field", "value", subject="line_key").select(known.columns))
    known = with_segments(known, plans.segments)
    attributes = subjects.select("line_key", "product_id").join(plans.product_attributes, "product_id")
    of_product = attributes.select(
        subject="line_key", field=ibis.literal(PRODUCT_ATTRIBUTE) + attributes.attribute, value="value"
    )
    return ibis.union(known, of_product, facts(subjects, "line_key", (*PRODUCT_FIELDS, *ORDER_DAYS)))


def _as_ordered(today: ir.Table, changes: ir.Table) -> ir.Table:
    """The subjects with the fields of their account as they were on the day of the order.

    That is what the first change after that day says it was before.
    """
    orders = today.select("line_key", "account_id", "ordered_on")
    later = orders.join(changes.select("account_id", "field", "changed_on", "old_value"), "account_id")
    later = later.filter(later.changed_on > later.ordered_on)
    place = ibis.row_number().over(group_by=[later.line_key, later.field], order_by=later.changed_on)
    later = later.mutate(place=place)
    first = later.filter(later.place == 0)
    before = first.group_by(changed_line="line_key").aggregate(
        **{f"changed_{name}": (first.field == name).any() for name in ACCOUNT_FIELDS},
        **{f"old_{name}": first.old_value.max(where=first.field == name) for name in ACCOUNT_FIELDS},
    )
    found = today.left_join(before, today.line_key == before.changed_line)
    was = {
        name: ibis.ifelse(found[f"changed_{name}"].fill_null(False), found[f"old_{name}"], found[name])
        for name in ACCOUNT_FIELDS
    }
    return found.mutate(**was).select(today.columns)

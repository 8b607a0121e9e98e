"""Which plan prices an order line: the chosen one, the base plan of one whose conditions do not hold, the global one.

Conditions to select a plan are looked at when it is put on a subscription; those to apply it each time the
orders are taken in, that is, with every billing run.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.pricing.conditions import meeting, segments_of
from billing_assets.reference.tables import CONDITION_FIELDS, SEGMENT_FIELDS


def with_applied_plan(
    lines: ir.Table, accounts: ir.Table, price_plans: ir.Table, conditions: ir.Table, segments: ir.Table
) -> ir.Table:
    """Add plan_allowed and applied_plan to lines.

    The lines have line_key, account_id, type_of_subscription, plan and line_currency.
    A plan is allowed when its conditions to select it hold, and the account's organisational unit may sell
    it. A conditional plan applies when its conditions to apply it hold, and one without such conditions
    when it has some to select it; else its base plan does. A line without a plan has the global plan of
    its currency.
    """
    fields = accounts.select(
        "classification", "country", "account_type", "organisational_unit", subject_account="account_id"
    )
    of_account = lines.select("line_key", "account_id", subscription_type="type_of_subscription")
    subjects = of_account.join(fields, of_account.account_id == fields.subject_account)
    placed = segments_of(subjects, "line_key", [f for f in SEGMENT_FIELDS if f in subjects.columns], segments)
    known = [f for f in CONDITION_FIELDS if f in placed.columns]
    plans = price_plans.select(
        "plan_type", "base_plan_id", "allowed_units", known_plan="price_plan_id", plan_currency="currency"
    )
    found = lines.left_join(plans, lines.plan == plans.known_plan)
    units = fields.select("subject_account", unit_of_account="organisational_unit")
    found = found.left_join(units, found.account_id == units.subject_account)
    for purpose in ("select", "apply"):
        asked = conditions.filter(conditions.purpose == purpose).rename(owner="price_plan_id")
        met = meeting(placed, "line_key", known, asked)
        met = met.select(**{f"{purpose}_plan": "owner", f"{purpose}_line": "line_key"})
        has = asked.select(**{f"{purpose}_asks": "owner"}).distinct()
        found = found.left_join(met, [found.plan == met[f"{purpose}_plan"], found.line_key == met[f"{purpose}_line"]])
        found = found.left_join(has, found.plan == has[f"{purpose}_asks"])
    of_currency = plans.filter(plans.plan_type == "global").select(
        global_plan="known_plan", global_currency="plan_currency"
    )
    found = found.left_join(of_currency, found.line_currency == of_currency.global_currency)
    selected = found.select_asks.isnull() | found.select_plan.notnull()
    sells = found.allowed_units.isnull() | found.allowed_units.split("|").contains(found.unit_of_account).fill_null(
        False
    )
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

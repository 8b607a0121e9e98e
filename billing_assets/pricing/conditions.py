"""Conditions: which subjects meet those of a plan or a segment.

What is known of subjects is a table of facts: subject, field, value. A condition names a field and what meets it,
separated by `|`: values, or for days stretches `from..to` (half-open, an end may be left out). An owner's conditions
must all hold. They are evaluated for all subjects and owners at once.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.reference.tables import ACCOUNT_FIELDS, ORDER_DAYS, SEGMENT_FIELDS, STRETCH


def facts(subjects: ir.Table, key: str, fields: Sequence[str]) -> ir.Table:
    """What the subjects (`key`) have in the columns of these fields; NULL is no fact."""
    pairs = ibis.array(
        [ibis.struct({"field": ibis.literal(name), "value": subjects[name].cast("string")}) for name in fields]
    )
    each = subjects.select(subject=subjects[key], pair=pairs).unnest("pair")
    known = each.select("subject", field=each.pair["field"], value=each.pair["value"])
    return known.filter(known.value.notnull())


def with_segments(known: ir.Table, segments: ir.Table) -> ir.Table:
    """The facts, and as further ones the segments that the subjects are in."""
    found = meeting(known, segments.rename(owner="segment_id"))
    return known.union(found.select("subject", field=ibis.literal("segment"), value="owner"))


def facts_with_account(subjects: ir.Table, key: str, accounts: ir.Table, segments: ir.Table) -> ir.Table:
    """The facts of subjects and their account, and the segments that they are in."""
    found = subjects.select(key, "account_id", "subscription_type").join(
        accounts.select("account_id", *ACCOUNT_FIELDS), "account_id"
    )
    return with_segments(facts(found, key, SEGMENT_FIELDS), segments)


def meeting(known: ir.Table, conditions: ir.Table) -> ir.Table:
    """The pairs of owner and subject for which all conditions of the owner hold.

    `conditions` have owner, field and allowed_values. Owners without conditions are in no pair.
    """
    asked = conditions.select("owner", "field", allowed=conditions.allowed_values.split("|").unnest())
    of_days = asked.field.isin(ORDER_DAYS)
    values, days = asked.filter(~of_days), asked.filter(of_days)
    equal = known.join(values, [known.field == values.field, known.value == values.allowed])
    within = known.join(days, "field")
    begin, end = within.allowed.split(STRETCH)[0], within.allowed.split(STRETCH)[1]
    within = within.filter(within.value >= begin, (end == "") | (within.value < end))
    met = equal.select("owner", "subject", "field").union(within.select("owner", "subject", "field"))
    counted = met.group_by("owner", "subject").aggregate(met=met.field.nunique())
    needed = conditions.group_by("owner").aggregate(needed=conditions.field.nunique())
    found = counted.join(needed, "owner")
    return found.filter(found.met == found.needed).select("owner", "subject")

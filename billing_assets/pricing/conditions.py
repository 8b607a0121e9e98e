"""Conditions: which subjects meet those of a plan or a segment.

A condition names a field and the values that meet it, separated by `|`; an owner's conditions must all
hold. They are evaluated for all subjects and owners at once.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def meeting(subjects: ir.Table, key: str, fields: Sequence[str], conditions: ir.Table) -> ir.Table:
    """The pairs of owner and subject (`key`) for which all conditions of the owner hold.

    `subjects` have the fields as columns; a field may also be a column of several values, separated by `|`.
    `conditions` have owner, field and allowed_values. Owners without conditions are in no pair.
    """
    pairs = ibis.array([ibis.struct({"held": ibis.literal(name), "value": subjects[name]}) for name in fields])
    each = subjects.select(subject=subjects[key], pair=pairs).unnest("pair")
    each = each.select("subject", held=each.pair["held"], value=each.pair["value"].split("|"))
    each = each.filter(each.value.notnull()).unnest("value")
    asked = conditions.mutate(allowed=conditions.allowed_values.split("|")).unnest("allowed")
    asked = asked.select("owner", "field", "allowed")
    met = each.join(asked, [each.held == asked.field, each.value == asked.allowed])
    counted = met.group_by("owner", "subject").aggregate(met=met.field.nunique())
    needed = conditions.group_by("owner").aggregate(needed=conditions.field.nunique())
    found = counted.join(needed, "owner")
    return found.filter(found.met == found.needed).select("owner", **{key: "subject"})


def segments_of(subjects: ir.Table, key: str, fields: Sequence[str], segments: ir.Table) -> ir.Table:
    """The subjects with `segment`: the segments that they are in, separated by `|`, NULL for none."""
    found = meeting(subjects, key, fields, segments.rename(owner="segment_id"))
    listed = found.group_by(key).aggregate(segment=found.owner.group_concat("|", order_by=found.owner))
    return subjects.left_join(listed, key).drop(f"{key}_right")

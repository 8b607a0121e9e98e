"""Who may approve a request: a user with the privilege, of the same unit or of none, who is not who asked."""

import ibis
import ibis.expr.types as ir

from billing_assets.records import Rule

_DECISION = ("decided_on", "source_file", "source_line")


def with_approver(requests: ir.Table, users: ir.Table, roles: ir.Table) -> ir.Table:
    """Add what is known of requester_id and approver_id: their units, and the approver's privileges.

    NULL in known_approver where there is no such user, or nobody has approved.
    """
    asking = users.select(known_requester="user_id", asking_unit="organisational_unit")
    privileges = [c for c in roles.columns if c.startswith("approves_")]
    deciding = users.join(roles.select("role", *privileges), "role").select(
        *privileges, known_approver="user_id", approver_unit="organisational_unit"
    )
    found = requests.left_join(asking, requests.requester_id == asking.known_requester)
    return found.left_join(deciding, found.approver_id == deciding.known_approver)


def approval_rules(rows: ir.Table, may: ir.BooleanValue) -> list[Rule]:
    """Why an approval does not count, as for first_reason: `may` says whether the approver's role allows it.

    Reasons: UNKNOWN_USER, SELF_APPROVAL, OTHER_UNIT, NOT_PRIVILEGED.
    """
    approver = rows.approver_id
    other_unit = rows.approver_unit.notnull() & (rows.approver_unit != rows.asking_unit).fill_null(True)
    return [
        (rows.known_approver.isnull(), "UNKNOWN_USER", "approver_id", approver),
        (approver == rows.requester_id, "SELF_APPROVAL", "approver_id", approver),
        (other_unit, "OTHER_UNIT", "approver_id", approver),
        (~may, "NOT_PRIVILEGED", "approver_id", approver),
    ]


def last_decisions(approvals: ir.Table, key: tuple[str, ...]) -> ir.Table:
    """The last of the decisions with the same key."""
    order = [approvals[c].desc() for c in _DECISION]
    ranked = approvals.mutate(place=ibis.row_number().over(group_by=[approvals[c] for c in key], order_by=order))
    return ranked.filter(ranked.place == 0).drop("place")

"""Requests for ad hoc discounts: which may be given at all, which were approved, and how often one is.

What is still to be approved, or was declined, is no mistake: it has its state, and changes nothing.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.discounts.targets import TARGET
from billing_assets.discounts.terms import with_first_day, with_last_day
from billing_assets.records import first_reason
from billing_assets.reference.approvals import last_decisions
from billing_assets.reference.tables import FREE_PERIOD, SERVICE_JOB

OBJECT_TYPE = "discount_request"
# Of each target the column that names it, and the reason of one that there is not.
_NAMED = {
    "subscription": ("subscription_id", "UNKNOWN_SUBSCRIPTION"),
    "account": ("account_id", "UNKNOWN_ACCOUNT"),
    SERVICE_JOB: ("job_id", "UNKNOWN_JOB"),
}


def with_definition(requests: ir.Table, definitions: ir.Table, targets: ir.Table, users: ir.Table) -> ir.Table:
    """Requests with the columns of their ad hoc definition, their target (targets.py), requester and terms."""
    ad_hoc = definitions.filter(definitions.given == "ad_hoc").drop("source_file", "source_line")
    ad_hoc = ad_hoc.rename(available_from="valid_from", available_to="valid_to", set_value="value",
                           known_definition="discount_definition_id")  # fmt: skip
    found = requests.left_join(ad_hoc, requests.discount_definition_id == ad_hoc.known_definition)
    named = found.mutate(
        target_id=found.target.cases(*((target, found[column]) for target, (column, _) in _NAMED.items())),
        named_ids=sum(found[column].notnull().cast("int8") for column, _ in _NAMED.values()),
        asked_value=found.value,
        value=ibis.coalesce(found.set_value, found.value),
    )
    known = targets.rename(known_target="target", known_target_id="target_id")
    placed = named.left_join(known, [named.target == known.known_target, named.target_id == known.known_target_id])
    asking = users.select(known_requester="user_id", unit_of_requester="organisational_unit")
    found = placed.left_join(asking, placed.requester_id == asking.known_requester)
    return with_last_day(with_first_day(found))


def judged(
    requests: ir.Table, existing: dict[str, ir.Table], collaborations: ir.Table, receivers: ir.Table,
    limited: ir.Table,
) -> ir.Table:  # fmt: skip
    """Requests (with_definition) with reason and detail.

    `existing` has a table of each kind of target, `limited` are the definitions with criteria of who receives them,
    `receivers` the targets that meet those.
    Reasons: UNKNOWN_DEFINITION, WRONG_TARGET, UNKNOWN_SUBSCRIPTION, UNKNOWN_ACCOUNT, UNKNOWN_JOB, DISCOUNT_NOT_ALLOWED
    (by the scheme), UNKNOWN_USER, UNIT_NOT_ALLOWED, VALUE_NOT_ALLOWED, CRITERIA_NOT_MET, NOT_AVAILABLE,
    NOT_IN_BINDING_PERIOD, END_BEFORE_START.
    """
    each = (
        existing[target].select(any_target=ibis.literal(target), any_id=column)
        for target, (column, _) in _NAMED.items()
    )
    there_are = ibis.union(*each)
    r = requests.left_join(there_are, [requests.target == there_are.any_target, requests.target_id == there_are.any_id])
    r = r.left_join(receivers, [r.discount_definition_id == receivers.received, r.target_id == receivers.receiver])
    asking = limited.select(limited="discount_definition_id")
    r = r.left_join(asking, r.discount_definition_id == asking.limited)
    r = _with_allowed_unit(r, collaborations)
    identified = r.approval_unit.notnull() | r.allowed_units.notnull() | r.requester_id.notnull()
    fixed = r.set_value.notnull()
    out_of_range = ibis.ifelse(
        fixed, (r.asked_value != r.set_value).fill_null(False),
        ((r.asked_value < r.minimum_value) | (r.asked_value > r.maximum_value)).fill_null(True),
    )  # fmt: skip
    broken = (r.discount_type == FREE_PERIOD) & (r.value != r.value.floor())
    return first_reason(
        r,
        (r.known_definition.isnull(), "UNKNOWN_DEFINITION", "discount_definition_id", r.discount_definition_id),
        ((r.named_ids > 1) | r.target_id.isnull(), "WRONG_TARGET", "discount_definition_id",
         r.discount_definition_id),
        *(((r.target == target) & r.any_id.isnull(), reason, column, r[column])
          for target, (column, reason) in _NAMED.items()),
        (r.known_target_id.isnull(), "DISCOUNT_NOT_ALLOWED", "target_id", r.target_id),
        (identified & r.known_requester.isnull(), "UNKNOWN_USER", "requester_id", r.requester_id),
        (r.allowed_units.notnull() & r.allowed_unit.isnull(), "UNIT_NOT_ALLOWED", "requester_id", r.requester_id),
        (out_of_range | broken, "VALUE_NOT_ALLOWED", "value", r.asked_value),
        (r.limited.notnull() & r.receiver.isnull(), "CRITERIA_NOT_MET", "target_id", r.target_id),
        (~r.is_available, "NOT_AVAILABLE", "start_date", r.decisive),
        ((r.binding_period == "in") & (r.valid_to <= r.valid_from), "NOT_IN_BINDING_PERIOD", "target_id", r.target_id),
        (r.valid_to <= r.valid_from, "END_BEFORE_START", "end_date", r.end_date),
    )  # fmt: skip


def _with_allowed_unit(requests: ir.Table, collaborations: ir.Table) -> ir.Table:
    """Add allowed_unit: a unit that may ask, which is the requester's or one that it collaborates with."""
    own = requests.filter(requests.allowed_units.notnull()).select(
        "discount_request_id", "unit_of_requester", unit=requests.allowed_units.split("|").unnest()
    )
    of_others = own.join(collaborations.select(unit_of_requester="organisational_unit", unit="collaborates_with"),
                         ["unit_of_requester", "unit"])  # fmt: skip
    allowed = own.filter(own.unit_of_requester == own.unit).union(of_others)
    found = allowed.group_by(allowed_request="discount_request_id").aggregate(allowed_unit=allowed.unit.min())
    return requests.left_join(found, requests.discount_request_id == found.allowed_request)


def judged_approvals(approvals: ir.Table, requests: ir.Table, users: ir.Table, roles: ir.Table) -> ir.Table:
    """Decisions about requests (judged, those without a reason), with reason and detail where they do not count.

    Reasons: UNKNOWN_REQUEST, UNKNOWN_USER, SELF_APPROVAL, OTHER_UNIT, NOT_PRIVILEGED.
    """
    asked = requests.select("approval_unit", "requester_id", asked_request="discount_request_id")
    deciding = users.join(roles, "role").select("organisational_unit", "approves_requests", known_user="user_id")
    found = approvals.left_join(asked, approvals.object_id == asked.asked_request)
    found = found.left_join(deciding, found.approver_id == deciding.known_user)
    other_unit = (found.organisational_unit != found.approval_unit).fill_null(True)
    return first_reason(
        found,
        (found.asked_request.isnull() | (found.object_version != 1), "UNKNOWN_REQUEST", "object_id", found.object_id),
        (found.known_user.isnull(), "UNKNOWN_USER", "approver_id", found.approver_id),
        (found.approver_id == found.requester_id, "SELF_APPROVAL", "approver_id", found.approver_id),
        (other_unit, "OTHER_UNIT", "approver_id", found.approver_id),
        (~found.approves_requests, "NOT_PRIVILEGED", "approver_id", found.approver_id),
    )


def with_state(requests: ir.Table, approvals: ir.Table) -> ir.Table:
    """Requests with state, decided_by and decision_comment; `approvals` are those that count."""
    last = last_decisions(approvals, ("object_id",)).select(
        "approver_id", "decision", "comment", decided_request="object_id"
    )
    found = requests.drop("state", "decided_by", "decision_comment").left_join(
        last, requests.discount_request_id == last.decided_request
    )
    free = found.approval_unit.isnull()
    return found.mutate(
        state=ibis.ifelse(free, "approved", ibis.coalesce(found.decision, "pending")),
        decided_by=found.approver_id,
        decision_comment=found.comment,
    )


def counted(requests: ir.Table) -> ir.Table:
    """Requests with the reason of those that come on top of approved ones: OVERLAPPING_DISCOUNT, TOO_OFTEN.

    One target has one discount of a definition at a time, and as many in a calendar year as that allows. The one that
    begins first goes first.
    """
    order = ("valid_from", "requested_on", "source_file", "source_line")
    key = [requests[c] for c in ("discount_definition_id", *TARGET)]
    earlier = ibis.window(
        group_by=[*key, requests.state], order_by=[requests[c] for c in order], preceding=(None, 1)
    )  # fmt: skip
    overlaps = (requests.state == "approved") & (requests.valid_from < requests.valid_to.max().over(earlier))
    placed = requests.mutate(overlaps=overlaps.fill_null(False))
    counts = (placed.state == "approved") & ~placed.overlaps
    year = ibis.window(
        group_by=[*(placed[c.get_name()] for c in key), placed.valid_from.year(), counts],
        order_by=[placed[c] for c in order],
    )
    numbered = placed.mutate(counts=counts, place=ibis.row_number().over(year))
    return first_reason(
        numbered,
        (numbered.overlaps, "OVERLAPPING_DISCOUNT", "valid_from", numbered.valid_from),
        (numbered.counts & (numbered.place >= numbered.times_per_year), "TOO_OFTEN", "valid_from", numbered.valid_from),
    )

"""Where quotes stand: a pure function of their events and approvals, and of the days that those name.

There is no clock. A quote is seen to be expired by an event that came too late; else its `valid_to` says it.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.quotes.lines import VERSION
from billing_assets.records import first_reason
from billing_assets.reference.approvals import last_decisions

_FINAL = ("accepted", "rejected", "cancelled")


def judged_events(events: ir.Table, quotes: ir.Table, approvals: ir.Table, incomplete: ir.Table) -> ir.Table:
    """Events with reason and detail, where they do not count.

    `quotes` have needs_approval; `incomplete` are versions with refused lines. Of one version the first event that
    ends it counts, of one quote the first acceptance. Reasons: UNKNOWN_QUOTE, BEFORE_CREATION, NOT_SUBMITTED,
    QUOTE_EXPIRED, INCOMPLETE_QUOTE, NEWER_VERSION, NOT_APPROVED, ALREADY_DECIDED, ALREADY_ACCEPTED.
    """
    found = _with_facts(events, quotes, approvals, incomplete)
    accepts = found.event == "accepted"
    submitted = (found.submitted_on <= found.event_on).fill_null(False)
    approved = ~found.needs_approval | (found.decision == "approved").fill_null(False)
    own = first_reason(
        found,
        (found.known_quote.isnull(), "UNKNOWN_QUOTE", "quote_id", found.quote_id),
        (found.event_on < found.created_on, "BEFORE_CREATION", "event_on", found.event_on),
        (accepts & (found.kind == "business") & ~submitted, "NOT_SUBMITTED", "version", found.version),
        (accepts & (found.event_on >= found.valid_to), "QUOTE_EXPIRED", "event_on", found.event_on),
        (accepts & found.is_incomplete, "INCOMPLETE_QUOTE", "version", found.version),
        (accepts & found.is_superseded, "NEWER_VERSION", "version", found.version),
        (accepts & ~approved, "NOT_APPROVED", "version", found.version),
    )
    counts = own.reason.isnull() & own.event.isin(_FINAL)
    own = own.mutate(counts=counts, place=_place(own, VERSION, counts))
    single = first_reason(
        own,
        (own.reason.notnull(), None, None, None),
        (own.counts & (own.place > 0), "ALREADY_DECIDED", "event", own.event),
    )
    counts = single.reason.isnull() & (single.event == "accepted")
    single = single.mutate(counts=counts, place=_place(single, ("quote_id",), counts))
    return first_reason(
        single,
        (single.reason.notnull(), None, None, None),
        (single.counts & (single.place > 0), "ALREADY_ACCEPTED", "version", single.version),
    )


def _place(events: ir.Table, key: tuple[str, ...], counts: ir.BooleanValue) -> ir.IntegerValue:
    group = [*(events[c] for c in key), counts]
    order = [events.event_on, events.source_file, events.source_line]
    return ibis.row_number().over(group_by=group, order_by=order)


def _with_facts(events: ir.Table, quotes: ir.Table, approvals: ir.Table, incomplete: ir.Table) -> ir.Table:
    """Add what an event is judged by: the quote, its submission, newer versions and decisions up to its day."""
    q = quotes.select("kind", "created_on", "valid_to", "needs_approval", known_quote="quote_id", known="version")
    found = events.left_join(q, [events.quote_id == q.known_quote, events.version == q.known])
    submitted = events.filter(events.event == "submitted").select(*VERSION, submitted_on="event_on")
    key = (*VERSION, "event")
    others = quotes.select("quote_id", newer="version", newer_on="created_on")
    newer = events.join(others, "quote_id")
    newer = newer.filter(newer.newer > newer.version, newer.newer_on <= newer.event_on).select(*key).distinct()
    decided = events.join(
        approvals, [events.quote_id == approvals.object_id, events.version == approvals.object_version]
    )
    decided = decided.filter(decided.decided_on <= decided.event_on)
    decided = decided.select(*key, "decided_on", "decision", "approver_id", "source_file", "source_line")
    found = (
        found.left_join(submitted, VERSION)
        .drop("quote_id_right", "version_right")
        .left_join(last_decisions(decided, key).select(*key, "decision"), key)
        .drop("quote_id_right", "version_right", "event_right")
    )
    marked = found.left_join(newer.mutate(is_superseded=True), key).drop(
        "quote_id_right", "version_right", "event_right"
    )
    marked = marked.left_join(incomplete.mutate(is_incomplete=True), VERSION).drop("quote_id_right", "version_right")
    return marked.mutate(
        is_superseded=marked.is_superseded.fill_null(False), is_incomplete=marked.is_incomplete.fill_null(False)
    )


def with_state(quotes: ir.Table, judged: ir.Table, approvals: ir.Table) -> ir.Table:
    """Add state and decided_by to quotes with needs_approval; `judged` are their events."""
    valid = judged.filter(judged.reason.isnull())
    final = valid.filter(valid.event.isin(_FINAL)).select(*VERSION, final="event")
    submitted = valid.filter(valid.event == "submitted").select(*VERSION, submitted_on="event_on")
    seen = judged.group_by(*VERSION).aggregate(seen_on=judged.event_on.max())
    versions = quotes.group_by("quote_id").aggregate(last_version=quotes.version.max())
    decisions = last_decisions(approvals, ("object_id", "object_version")).select(
        "decision", quote_id="object_id", version="object_version", decided_by="approver_id"
    )
    found = quotes.join(versions, "quote_id")
    for facts in (final, submitted, seen, decisions):
        found = found.left_join(facts, VERSION).drop("quote_id_right", "version_right")
    declined = (found.decision == "declined").fill_null(False)
    expired = found.seen_on >= ibis.coalesce(found.valid_to, ibis.date(FOREVER))
    unapproved = found.needs_approval & (found.decision.isnull() | declined)
    state = ibis.cases(
        (found.final.notnull(), found.final),
        (found.version < found.last_version, "superseded"),
        (declined, "rejected"),
        (expired.fill_null(False), "expired"),
        ((found.kind == "business") & found.submitted_on.isnull(), "in_progress"),
        (unapproved, "pending"),
        else_="approved",
    )
    return found.mutate(state=state)


def accepted(quotes: ir.Table, judged: ir.Table, prices: ir.Table) -> ir.Table:
    """The accepted version of each quote that has one."""
    signed = judged.filter(judged.reason.isnull(), judged.event == "accepted")
    signed = signed.select(*VERSION, accepted_on="event_on", accepted_by="by")
    counted = prices.group_by(*VERSION).aggregate(lines=prices.count())
    return quotes.select(*VERSION, "account_id").join(signed, VERSION).join(counted, VERSION)

"""The discounts that are given: automatic ones, and approved requests, each to all subscriptions of its target."""

from collections.abc import Callable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.agreed_terms import agreed_terms
from billing_assets.discounts import jobs, targets
from billing_assets.discounts import requests as rules
from billing_assets.discounts.tables import DISCOUNT_REQUESTS, DISCOUNTS, REJECTED_DISCOUNTS
from billing_assets.discounts.targets import TARGET
from billing_assets.discounts.terms import renewed, with_first_day, with_last_day
from billing_assets.reference.tables import SERVICE_JOB

_NOT_ASKED = ("start_date", "requested_on", "end_date")
_AGREED = ("order_lines", "order_terms", "offer_terms", "scheme_terms")


class Given(NamedTuple):
    """Valid requests with their state, discounts, and what was refused of requests and decisions."""

    requests: ir.Table
    discounts: ir.Table
    refused: ir.Table


def given(
    requests: ir.Table, decisions: ir.Table, t: dict[str, ir.Table], asked: targets.Asked,
    cache: Callable[[ir.Table], ir.Table],
) -> Given:  # fmt: skip
    """Judge typed requests and the decisions about them, and give what is approved or automatic.

    `t` are the tables that say who may have which discount, by name.
    """
    definitions, criteria = t["discount_definitions"], t["discount_criteria"]
    terms = agreed_terms(*(t[name] for name in _AGREED))
    schemes, lines, service_jobs = t["billing_term_schemes"], t["order_lines"], t["service_jobs"]
    known = targets.known(t["subscriptions"], lines, terms, t["accounts"], t["billing_cycles"], asked)
    flexible, done = cache(targets.flexible(known, schemes)), jobs.flexible_jobs(service_jobs, lines, schemes, known)
    lives, members = cache(targets.targets(flexible, done, asked)), targets.members(flexible, done, asked)
    told = jobs.facts_of_jobs(service_jobs)
    receiving = cache(targets.receiving(flexible, done, told, criteria, definitions, t["segments"], asked))
    limited = targets.of_receiver(criteria).select("discount_definition_id").distinct()
    receivers = cache(_receivers(receiving, members, definitions))
    named = rules.with_definition(requests, definitions, lives, t["users"])
    existing = {"subscription": t["subscriptions"], "account": t["accounts"],
                SERVICE_JOB: jobs.done_jobs(service_jobs, lines)}  # fmt: skip
    judged = cache(rules.judged(named, existing, t["unit_collaborations"], receivers, limited))
    possible = judged.filter(judged.reason.isnull())
    approvals = cache(rules.judged_approvals(decisions, possible, t["users"], t["roles"]))
    counted = cache(rules.counted(rules.with_state(possible, approvals.filter(approvals.reason.isnull()))))
    valid = counted.filter(counted.reason.isnull())
    approved = valid.filter(valid.state == "approved").drop("subscription_id")
    asked_for = approved.mutate(discount_id=approved.discount_request_id)
    each = (asked_for, _automatic(definitions, lives, receivers, limited, asked))
    refused = (judged, counted, approvals.rename(discount_request_id="object_id"))
    return Given(
        DISCOUNT_REQUESTS.shape(valid.drop("value").rename(value="asked_value")),
        ibis.union(*(DISCOUNTS.shape(_to_subscriptions(rows, members, receiving, limited)) for rows in each)),
        ibis.union(*(REJECTED_DISCOUNTS.shape(rows.filter(rows.reason.notnull())) for rows in refused)),
    )


def _receivers(receiving: ir.Table, members: ir.Table, definitions: ir.Table) -> ir.Table:
    """The targets one of whose members meets the criteria of a definition: received, receiver."""
    of = definitions.select("discount_definition_id", "target")
    met = receiving.join(of, "discount_definition_id").join(members, ["target", "member"])
    return met.select(received="discount_definition_id", receiver="target_id").distinct()


def _automatic(
    definitions: ir.Table, lives: ir.Table, receivers: ir.Table, limited: ir.Table, asked: targets.Asked
) -> ir.Table:
    """Automatic discounts with their terms, one row per target and time that it is given."""
    own = definitions.filter(definitions.given == "automatic").rename(
        available_from="valid_from", available_to="valid_to"
    )
    each = own.join(lives, "target")
    free = each.anti_join(limited, "discount_definition_id")
    met = each.semi_join(
        receivers, [each.discount_definition_id == receivers.received, each.target_id == receivers.receiver]
    )
    named = free.union(met).mutate(
        discount_id=ibis._.discount_definition_id + ibis.literal(":") + ibis._.target_id,
        **{name: ibis.null("date") for name in _NOT_ASKED},
    )
    begun = with_first_day(named)
    termed = with_last_day(renewed(begun) if any(asked.renewals) else begun)
    return termed.filter(termed.is_available, termed.valid_from < termed.valid_to)


def _to_subscriptions(given: ir.Table, members: ir.Table, receiving: ir.Table, limited: ir.Table) -> ir.Table:
    """Discounts of targets as those of the subscriptions that they reduce."""
    placed = given.join(members, TARGET)
    free = placed.anti_join(limited, "discount_definition_id")
    return free.union(placed.semi_join(receiving, ["discount_definition_id", "member"]))

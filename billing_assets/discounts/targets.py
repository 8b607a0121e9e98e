"""Who may have discounts: subscriptions with flexible prices, accounts that pay for some, service jobs; and the
criteria they meet.

What no definition asks for is not worked out.
"""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.agreed_terms import last_of_product, nearest
from billing_assets.months import months_after
from billing_assets.pricing.conditions import facts, meeting, with_segments
from billing_assets.reference.tables import ACCOUNT_FIELDS, JOB_FIELDS, RECEIVER_FIELDS, SERVICE_JOB

TARGET = ("target", "target_id")
_DEFINITION = "discount_definition_id"
# What is known of a subscription itself, or of its account.
_HELD = tuple(field for field in RECEIVER_FIELDS if field not in ("segment", *JOB_FIELDS))
_LAST = ("bound_to", "ends_on")
_LIFE = ("service_start", "agreed_on", "bound_from", "anchor_day", *_LAST)


class Asked(NamedTuple):
    """The words that occur in the definitions of discounts and their criteria."""

    targets: list[str]
    starts_on: list[str]
    binding_periods: list[str]
    renewals: list[int | None]
    fields: list[str]


def known(
    subscriptions: ir.Table, order_lines: ir.Table, terms: ir.Table, accounts: ir.Table, cycles: ir.Table,
    asked: Asked,
) -> ir.Table:  # fmt: skip
    """Subscriptions with what definitions and criteria look at.

    A subscription is bound from the first to the last day on which one of its products is; `terms` as of
    billing_schedule/agreed_terms.py.
    """
    own = subscriptions.select(
        "subscription_id", "account_id", "subscription_type", "billing_term_scheme_id", service_start="start_date"
    )
    found = own.join(accounts.select("account_id", "payer_account_id", *ACCOUNT_FIELDS), "account_id")
    anchors = accounts.select("billing_cycle", payer_account_id="account_id").join(
        cycles.select("billing_cycle", "anchor_day"), "billing_cycle"
    )
    found = found.join(anchors.drop("billing_cycle"), "payer_account_id")
    if "agreement" in asked.starts_on:
        ordered = order_lines.group_by("subscription_id").aggregate(agreed_on=order_lines.ordered_on.min())
        found = found.join(ordered, "subscription_id")
    if {"in", "out"}.intersection(asked.binding_periods):
        found = found.left_join(_bound(order_lines, terms), "subscription_id").drop("subscription_id_right")
    return found.mutate(**{name: ibis.null("date") for name in _LIFE if name not in found.columns})


def _bound(order_lines: ir.Table, terms: ir.Table) -> ir.Table:
    product = ibis.window(group_by=[order_lines.subscription_id, order_lines.product_id])
    begun = last_of_product(order_lines.mutate(bound_from=order_lines.start_date.min().over(product)))
    binding = nearest(terms, "binding_months").select("order_line_id", "binding_months")
    found = begun.join(binding.filter(binding.binding_months > 0), "order_line_id")
    ended = found.mutate(bound_to=months_after(found.bound_from, found.binding_months))
    return ended.group_by("subscription_id").aggregate(bound_from=ended.bound_from.min(), bound_to=ended.bound_to.max())


def flexible(subscriptions: ir.Table, schemes: ir.Table) -> ir.Table:
    """The subscriptions whose billing term scheme lets them have discounts."""
    return subscriptions.anti_join(schemes.filter(schemes.discount_option == "none"), "billing_term_scheme_id")


def targets(subscriptions: ir.Table, jobs: ir.Table, asked: Asked) -> ir.Table:
    """What may have a discount, with its life: flexible subscriptions, the accounts that pay for them, and jobs."""
    own = subscriptions.select(*_LIFE, target=ibis.literal("subscription"), target_id="subscription_id")
    several = {"account": (subscriptions, "payer_account_id"), SERVICE_JOB: (jobs, "job_id")}
    each = (
        rows.group_by(target=ibis.literal(target), target_id=key).aggregate(
            **{c: rows[c].max() if c in _LAST else rows[c].min() for c in _LIFE}
        )
        for target, (rows, key) in several.items() if target in asked.targets
    )  # fmt: skip
    return ibis.union(own, *(rows.select(own.columns) for rows in each))


def members(subscriptions: ir.Table, jobs: ir.Table, asked: Asked) -> ir.Table:
    """Of each target what criteria look at (`member`), and the subscription that is charged for it."""
    of = {
        "subscription": (subscriptions, "subscription_id", "subscription_id"),
        "account": (subscriptions, "payer_account_id", "subscription_id"),
        SERVICE_JOB: (jobs, "job_id", "job_id"),
    }
    each = (
        rows.select("subscription_id", target=ibis.literal(target), target_id=key, member=member).distinct()
        for target, (rows, key, member) in of.items() if target in ("subscription", *asked.targets)
    )  # fmt: skip
    return ibis.union(*each)


def receiving(
    subscriptions: ir.Table, jobs: ir.Table, told_of_jobs: ir.Table, criteria: ir.Table, definitions: ir.Table,
    segments: ir.Table, asked: Asked,
) -> ir.Table:  # fmt: skip
    """What meets the criteria of who has a discount: discount_definition_id, member (above).

    `told_of_jobs` are the facts that only jobs have (jobs.py).
    """
    wanted = of_receiver(criteria)
    if not asked.fields:
        return wanted.select("discount_definition_id", member=ibis.null("string"))
    fields = [field for field in _HELD if field in ("account_id", *asked.fields)]
    for_jobs = definitions.filter(definitions.target == SERVICE_JOB)
    own = _met(facts(subscriptions, "subscription_id", fields), wanted.anti_join(for_jobs, _DEFINITION), segments)
    if SERVICE_JOB not in asked.targets:
        return own
    of_jobs = facts(jobs, "job_id", fields).distinct()
    of_jobs = of_jobs.union(told_of_jobs.select(of_jobs.columns))
    return own.union(_met(of_jobs, wanted.semi_join(for_jobs, _DEFINITION), segments))


def _met(told: ir.Table, wanted: ir.Table, segments: ir.Table) -> ir.Table:
    met = meeting(with_segments(told, segments), wanted.rename(owner=_DEFINITION))
    return met.select(discount_definition_id="owner", member="subject")


def of_receiver(criteria: ir.Table) -> ir.Table:
    """The criteria about who has a discount; the others are about what it reduces."""
    return criteria.filter(criteria.field.isin(RECEIVER_FIELDS))

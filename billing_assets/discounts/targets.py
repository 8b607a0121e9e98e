"""Who may have discounts: subscriptions with flexible prices, accounts that pay for some, and the criteria they meet.

What no definition asks for is not worked out.
"""

from collections.abc import Callable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.agreed_terms import last_of_product, nearest
from billing_assets.months import months_after
from billing_assets.pricing.conditions import facts, meeting, with_segments
from billing_assets.reference.tables import ACCOUNT_FIELDS, JOB_FIELDS, RECEIVER_FIELDS

TARGET = ("target", "target_id")
# What is known of a subscription itself, or of its account.
_HELD = tuple(field for field in RECEIVER_FIELDS if field not in ("segment", *JOB_FIELDS))
_LIFE = ("service_start", "agreed_on", "bound_from", "bound_to", "anchor_day")


class Asked(NamedTuple):
    """The words that occur in the definitions of discounts and their criteria."""

    targets: list[str]
    starts_on: list[str]
    binding_periods: list[str]
    fields: list[str]


def flexible(
    subscriptions: ir.Table, schemes: ir.Table, order_lines: ir.Table, terms: ir.Table, accounts: ir.Table,
    cycles: ir.Table, asked: Asked,
) -> ir.Table:  # fmt: skip
    """The subscriptions that may have discounts, with what definitions and criteria look at.

    A subscription is bound from the first to the last day on which one of its products is; `terms` as of
    billing_schedule/agreed_terms.py.
    """
    fixed = schemes.filter(schemes.discount_option == "none")
    free = subscriptions.anti_join(fixed, "billing_term_scheme_id").select(
        "subscription_id", "account_id", "subscription_type", service_start="start_date"
    )
    found = free.join(accounts.select("account_id", "payer_account_id", *ACCOUNT_FIELDS), "account_id")
    anchors = accounts.select("billing_cycle", payer_account_id="account_id").join(
        cycles.select("billing_cycle", "anchor_day"), "billing_cycle"
    )
    found = found.join(anchors.drop("billing_cycle"), "payer_account_id")
    nothing = {name: ibis.null("date") for name in ("agreed_on", "bound_from", "bound_to")}
    if "agreement" in asked.starts_on:
        ordered = order_lines.group_by("subscription_id").aggregate(agreed_on=order_lines.ordered_on.min())
        found = found.join(ordered, "subscription_id")
    if {"in", "out"}.intersection(asked.binding_periods):
        found = found.left_join(_bound(order_lines, terms), "subscription_id").drop("subscription_id_right")
    return found.mutate(**{name: value for name, value in nothing.items() if name not in found.columns})


def _bound(order_lines: ir.Table, terms: ir.Table) -> ir.Table:
    product = ibis.window(group_by=[order_lines.subscription_id, order_lines.product_id])
    begun = last_of_product(order_lines.mutate(bound_from=order_lines.start_date.min().over(product)))
    binding = nearest(terms, "binding_months").select("order_line_id", "binding_months")
    found = begun.join(binding.filter(binding.binding_months > 0), "order_line_id")
    ended = found.mutate(bound_to=months_after(found.bound_from, found.binding_months))
    return ended.group_by("subscription_id").aggregate(bound_from=ended.bound_from.min(), bound_to=ended.bound_to.max())


def targets(subscriptions: ir.Table, asked: Asked) -> ir.Table:
    """What may have a discount, with its life: flexible subscriptions, and the accounts that pay for them."""
    own = subscriptions.select(*_LIFE, target=ibis.literal("subscription"), target_id="subscription_id")
    if "account" not in asked.targets:
        return own
    of_payer = subscriptions.group_by(target=ibis.literal("account"), target_id="payer_account_id").aggregate(
        **{c: subscriptions[c].max() if c == "bound_to" else subscriptions[c].min() for c in _LIFE}
    )
    return own.union(of_payer.select(own.columns))


def members(subscriptions: ir.Table, asked: Asked) -> ir.Table:
    """The flexible subscriptions of each target."""
    own = subscriptions.select("subscription_id", target=ibis.literal("subscription"), target_id="subscription_id")
    if "account" not in asked.targets:
        return own
    return own.union(
        subscriptions.select("subscription_id", target=ibis.literal("account"), target_id="payer_account_id")
    )


def receiving(
    subscriptions: ir.Table, criteria: ir.Table, segments: ir.Table, of_jobs: Callable[[], ir.Table], asked: Asked
) -> ir.Table:
    """The subscriptions that meet what criteria ask of who has a discount: discount_definition_id, subscription_id.

    `of_jobs` gives the facts of service jobs (orders/service_jobs.py) with their subscription_id.
    """
    wanted = of_receiver(criteria)
    if not asked.fields:
        return wanted.select("discount_definition_id", subscription_id=ibis.null("string"))
    known = facts(subscriptions, "subscription_id", [f for f in _HELD if f in ("account_id", *asked.fields)])
    if set(JOB_FIELDS).intersection(asked.fields):
        jobs = of_jobs().select("field", "value", subject="subscription_id")
        known = known.union(jobs.select(known.columns).distinct())
    met = meeting(with_segments(known, segments), wanted.rename(owner="discount_definition_id"))
    return met.select(discount_definition_id="owner", subscription_id="subject")


def of_receiver(criteria: ir.Table) -> ir.Table:
    """The criteria about who has a discount; the others are about what it reduces."""
    return criteria.filter(criteria.field.isin(RECEIVER_FIELDS))

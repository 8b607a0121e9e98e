"""Discounts as assets: those that are asked for, those that are given, and what they take off in the month."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
)
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts import apply, order
from billing_assets.discounts.charges import ITEM_TYPE, Charges, asked_of_charges, stretches
from billing_assets.discounts.fee_facts import JOB
from billing_assets.discounts.given import given
from billing_assets.discounts.requests import OBJECT_TYPE
from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNT_REQUESTS, DISCOUNTS, REJECTED_DISCOUNTS
from billing_assets.discounts.targets import Asked
from billing_assets.fees.tables import COMMITMENT_ITEMS, FEE_ITEMS
from billing_assets.orders.tables import ORDER_LINES, ORDER_TERMS, SERVICE_JOBS, SUBSCRIPTIONS
from billing_assets.quotes.tables import APPROVALS
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import (
    ACCOUNTS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEMES,
    BUNDLES,
    DISCOUNT_CRITERIA,
    DISCOUNT_DEFINITIONS,
    OFFER_TERMS,
    PRODUCTS,
    RECEIVER_FIELDS,
    ROLES,
    SCHEME_TERMS,
    SEGMENTS,
    UNIT_COLLABORATIONS,
    USERS,
)
from billing_assets.run import Run
from billing_assets.stage import stage

_JUDGED_BY = (
    SUBSCRIPTIONS, BILLING_TERM_SCHEMES, ORDER_LINES, ORDER_TERMS, OFFER_TERMS, SCHEME_TERMS, ACCOUNTS, BILLING_CYCLES,
    DISCOUNT_DEFINITIONS, DISCOUNT_CRITERIA, SEGMENTS, SERVICE_JOBS, USERS, ROLES, UNIT_COLLABORATIONS,
)  # fmt: skip
_FEES = (
    FEE_ITEMS, BILLING_SCHEDULE_DETAILS, BILLING_SCHEDULE_RECORDS, BILLING_HEADERS, ORDER_LINES, SERVICE_JOBS,
    ADVANCE_PURCHASES,
)  # fmt: skip


@stage(DISCOUNT_REQUESTS, DISCOUNTS, REJECTED_DISCOUNTS, reads=(*_JUDGED_BY, APPROVALS))
def discounts(run: Run) -> Iterator[ir.Table]:
    """Requests for discounts with their state, and the discounts that subscriptions have."""
    rows, unreadable = typed(run, DISCOUNT_REQUESTS)
    rejected = REJECTED_DISCOUNTS.shape(unreadable)
    decisions = run(APPROVALS).filter(ibis._.object_type == OBJECT_TYPE)
    if run.is_empty(DISCOUNT_DEFINITIONS) and not any(run.rows(t.limit(1)) for t in (rows, decisions)):
        yield DISCOUNT_REQUESTS.no_rows()
        yield DISCOUNTS.no_rows()
        yield rejected
        return
    found = given(rows, decisions, {table.name: run(table) for table in _JUDGED_BY}, _asked(run), run.cache)
    yield found.requests
    yield found.discounts
    yield rejected.union(found.refused)


def _asked(run: Run) -> Asked:
    fields = set(run.column(run(DISCOUNT_CRITERIA), "field")).intersection(RECEIVER_FIELDS)
    if "segment" in fields:
        fields.update(run.column(run(SEGMENTS), "field"))
    columns = ("target", "starts_on", "binding_period", "renewal_months")
    words = (run.column(run(DISCOUNT_DEFINITIONS), name) for name in columns)
    return Asked(*words, fields=sorted(fields))


@stage(
    DISCOUNT_ITEMS,
    reads=(
        *_FEES, COMMITMENT_ITEMS, DISCOUNTS, DISCOUNT_CRITERIA, RATED_ITEMS, BUNDLE_ITEMS, BUNDLES, USAGE_CHARGES,
        PRODUCTS, ACCOUNTS, BILLING_CYCLES,
    ),
)  # fmt: skip
def discount_items(run: Run) -> Iterator[ir.Table]:
    """What the discounts take off the month's usage, fees and commitments."""
    types = [] if run.is_empty(DISCOUNTS) else run.column(run(DISCOUNTS), "discount_type")
    if not types:
        yield DISCOUNT_ITEMS.no_rows()
        return
    windows = payer_windows(run(ACCOUNTS), run.windows)
    found = run.cache(_charges(run, windows, types))
    joined = (DISCOUNTS, DISCOUNT_CRITERIA, PRODUCTS)
    pairs = run.cache(order.reduced(found, *(run(table) for table in joined), windows))
    steps = run.column(pairs, "step")
    if not steps:
        yield DISCOUNT_ITEMS.no_rows()
        return
    yield apply.discount_items(apply.taken(pairs, found, types, steps, run.cache))


def _charges(run: Run, windows: ir.Table, types: list[str]) -> ir.Table:
    committed = True in run.column(run(DISCOUNTS), "reduces_commitments") and not run.is_empty(COMMITMENT_ITEMS)
    kinds = [kind for kind, some in ((ITEM_TYPE, committed), (JOB, not run.is_empty(SERVICE_JOBS))) if some]
    asked = asked_of_charges(run.column(run(DISCOUNT_CRITERIA), "field"), types, kinds)
    charges = Charges(run.cache(stretches(run(DISCOUNTS))), run(PRODUCTS), asked)
    return charges.together(
        *([charges.of_commitments(run(COMMITMENT_ITEMS))] if committed else []),
        charges.of_events(rated_in_month(run(RATED_ITEMS), windows)),
        charges.of_bundles(run(BUNDLE_ITEMS), run(BUNDLES)),
        charges.of_totals(run(USAGE_CHARGES)),
        charges.of_fees(*(run(table) for table in _FEES)),
    )

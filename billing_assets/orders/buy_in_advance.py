"""Requests to buy in advance: a longer period that is billed at once, where a definition allows it and a user approved.

The definition of the day of the request and the type of the subscription decide which durations there are. A service
whose usual period is as long, or longer, keeps that.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.months import months_after
from billing_assets.orders.tables import BUY_IN_ADVANCE_REQUESTS, REJECTED_BUY_IN_ADVANCE_REQUESTS
from billing_assets.records import first_reason
from billing_assets.reference.approvals import approval_rules, with_approver
from billing_assets.reference.periods import PRICE_MONTHS, in_months, price_months

_REQUEST = "request_id"
_OF_THE_PERIOD = "billing_period"


def judge_requests(
    requests: ir.Table, subscriptions: ir.Table, order_lines: ir.Table, schemes: ir.Table, definitions: ir.Table,
    durations: ir.Table, users: ir.Table, roles: ir.Table,
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    """Split typed requests into those that count, with what their duration takes off, and the others.

    `definitions` and `durations` are the buy_in_advance tables. Reasons: UNKNOWN_SUBSCRIPTION, NO_ACTIVE_DEFINITION,
    DURATION_NOT_ALLOWED, NO_LONGER_PERIOD, PERIODS_DO_NOT_FIT, NOT_APPROVED, those of approvals.py, and
    OVERLAPPING_REQUEST (one that begins before an earlier one of the subscription has ended).
    """
    known = subscriptions.select("subscription_type", known_subscription="subscription_id")
    named = requests.drop("duration_id", "free_months", "discount_percent")
    found = named.left_join(known, named.subscription_id == known.known_subscription)
    found = _with_duration(found, definitions, durations)
    found = found.left_join(_periods(found, order_lines, schemes), _REQUEST).drop(f"{_REQUEST}_right")
    found = with_approver(found, users, roles)
    judged = first_reason(
        found,
        (found.known_subscription.isnull(), "UNKNOWN_SUBSCRIPTION", "subscription_id", found.subscription_id),
        (found.active_definition.isnull(), "NO_ACTIVE_DEFINITION", "requested_on", found.requested_on),
        (found.duration_id.isnull(), "DURATION_NOT_ALLOWED", "months", found.months),
        (found.fits.isnull(), "NO_LONGER_PERIOD", "months", found.months),
        (~found.fits, "PERIODS_DO_NOT_FIT", "months", found.months),
        (found.approver_id.isnull(), "NOT_APPROVED", "approver_id", None),
        *approval_rules(found, found.approves_buy_in_advance),
    )
    earlier = ibis.window(
        group_by=[judged.subscription_id, judged.reason.isnull()],
        order_by=[judged.start_date, judged.source_file, judged.source_line],
        preceding=(None, 1),
    )
    overlaps = judged.start_date < months_after(judged.start_date, judged.months).max().over(earlier)
    placed = first_reason(
        judged,
        (judged.reason.notnull(), None, None, None),
        (overlaps, "OVERLAPPING_REQUEST", "start_date", judged.start_date),
    )
    return (
        BUY_IN_ADVANCE_REQUESTS.shape(placed.filter(placed.reason.isnull())),
        REJECTED_BUY_IN_ADVANCE_REQUESTS.shape(placed.filter(placed.reason.notnull())),
    )


def _with_duration(requests: ir.Table, definitions: ir.Table, durations: ir.Table) -> ir.Table:
    """Add the definition that is active on the day of the request, and its duration that fits."""
    active = definitions.select("valid_from", "valid_to", active_definition="buy_in_advance_definition_id")
    found = requests.left_join(
        active, [requests.requested_on >= active.valid_from, requests.requested_on < active.valid_to]
    ).drop("valid_from", "valid_to")
    allowed = durations.select(
        "duration_id", "months_from", "months_to", "free_months", "discount_percent",
        of_definition="buy_in_advance_definition_id", types=durations.subscription_types.split("|"),
    )  # fmt: skip
    fitting = found.select(_REQUEST, "active_definition", "months", "subscription_type").join(
        allowed, ibis._.active_definition == allowed.of_definition
    )
    fitting = fitting.filter(
        fitting.months >= fitting.months_from,
        fitting.months <= fitting.months_to,
        fitting.types.isnull() | fitting.types.contains(fitting.subscription_type).fill_null(False),
    )
    of_request = fitting.select(_REQUEST, "duration_id", "free_months", "discount_percent")
    return found.left_join(of_request, _REQUEST).drop(f"{_REQUEST}_right")


def _periods(requests: ir.Table, order_lines: ir.Table, schemes: ir.Table) -> ir.Table:
    """request_id and `fits`: whether the duration is a multiple of all shorter periods and prices of its services.

    No row where no service has a shorter period.
    """
    terms = schemes.select("billing_term_scheme_id", "price_period")
    recurring = order_lines.filter(order_lines.price_type == "recurring").select(
        "subscription_id",
        "billing_term_scheme_id",
        "billing_frequency",
        "frequency_count",
        "frequency_unit",
        "aligned_from",
        "end_date",
    )
    asked = requests.select(_REQUEST, "subscription_id", "start_date", "months").join(recurring, "subscription_id")
    living = asked.filter(
        asked.aligned_from <= asked.start_date, asked.end_date.isnull() | (asked.end_date > asked.start_date)
    )
    lines = living.left_join(terms, "billing_term_scheme_id")
    own = in_months(lines)
    shorter = lines.mutate(own=own).filter(own.isnull() | (own < lines.months))
    of_price = ibis.coalesce(price_months(shorter.price_period), shorter.own)
    nameless = (ibis.coalesce(shorter.price_period, _OF_THE_PERIOD) == _OF_THE_PERIOD) & ~shorter.own.isin(
        tuple(PRICE_MONTHS.values())
    )
    whole = (shorter.months % of_price == 0) | (of_price % shorter.months == 0)
    fits = (shorter.months % shorter.own == 0) & whole & ~nameless
    return shorter.mutate(fits=fits.fill_null(False)).group_by(_REQUEST).aggregate(fits=ibis._.fits.all())

"""Prices below the floor: what an order line, an action or a service job asks for counts only once it is approved.

A price is held against the floor where it is given, on the day on which it was; what is carried over from an earlier
version was judged with that. What an accepted quote ordered was approved with the quote. Any other approval says down
to which price it holds: the record that it names may give another one later.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.orders.tables import NEW
from billing_assets.orders.versions import LINE_KEY, line_name
from billing_assets.pricing.floors import with_floor
from billing_assets.quotes.lines import SOURCE as QUOTE
from billing_assets.records import first_reason
from billing_assets.reference.approvals import approval_rules, last_decisions, with_approver

OBJECT_TYPE = "order_line"
# A record may be handed over anew, or be an action that has the name of its line: a decision is about who asked.
_ASKED = ("object_id", "requester_id")


def with_floors(
    ordered: ir.Table, floor_prices: ir.Table, accounts: ir.Table, accepted: ir.Table, approved: ir.Table
) -> ir.Table:
    """The versions of order lines with below_floor: whether they give a price that needs an approval it has not.

    `accepted` are the accepted quotes, `approved` the approvals that count, as of judge_approvals.
    """
    currencies = accounts.select(known_account="account_id", account_currency="currency")
    given = ordered.filter(ordered.agreed_price.notnull())
    found = given.left_join(currencies, given.account_id == currencies.known_account)
    found = found.mutate(currency=ibis.coalesce(found.currency, found.account_currency), object_id=line_name(found))
    floored = with_floor(found, floor_prices, "agreed_on")
    low = floored.filter(floored.agreed_price < floored.floor_price)
    of_quotes = accepted.select(source_order_id="quote_id", source=ibis.literal(QUOTE), action=ibis.literal(NEW))
    asking = low.anti_join(of_quotes, of_quotes.columns)
    covered = [*(asking[c] == approved[c] for c in _ASKED), asking.agreed_price >= approved.approved_price]
    keys = asking.anti_join(approved, covered).select(low_line="line_key")
    judged = ordered.left_join(keys, ordered.line_key == keys.low_line)
    return judged.mutate(below_floor=judged.low_line.notnull()).select(ordered.columns)


def judge_approvals(
    approvals: ir.Table, ordered: ir.Table, users: ir.Table, roles: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """The last decisions about order lines that approve them, and those that do not count, as refused orders.

    Reasons: UNKNOWN_ORDER_LINE, MISSING_APPROVED_PRICE, and those of reference/approvals.py; UNKNOWN_USER also where
    nobody is named who asked.
    """
    lines = ordered.select(*LINE_KEY, "requester_id", known_line=line_name(ordered)).distinct()
    found = with_approver(approvals.left_join(lines, approvals.object_id == lines.known_line), users, roles)
    unknown = found.known_line.isnull() | (found.object_version != 1)
    approves = found.decision == "approved"
    judged = first_reason(
        found,
        (unknown, "UNKNOWN_ORDER_LINE", "object_id", found.object_id),
        (found.known_requester.isnull(), "UNKNOWN_USER", "requester_id", found.requester_id),
        (approves & found.approved_price.isnull(), "MISSING_APPROVED_PRICE", "approved_price", None),
        *approval_rules(found, found.approves_below_floor),
    )
    decisions = last_decisions(judged.filter(judged.reason.isnull()), _ASKED)
    refused = judged.filter(judged.reason.notnull())
    return (
        decisions.filter(decisions.decision == "approved").select(*_ASKED, "approved_price"),
        refused.select(*LINE_KEY, "reason", "detail", "source_file", "source_line"),
    )

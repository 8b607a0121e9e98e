"""Splits of order lines: who is billed which part of a fee, and whether the parts make a whole.

A line is split as all its rows say, or not at all: without one of its parts the others would not be the whole. The
parts that are in force together have the same validity.
"""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, PERCENT, amount, integer, zero
from billing_assets.orders.history import LINE
from billing_assets.orders.tables import BILLING_SPLITS, REJECTED_ORDERS
from billing_assets.orders.versions import line_name
from billing_assets.records import Rule, first_reason
from billing_assets.reference.accounts import BILLED_ROLES
from billing_assets.reference.vendor_currencies import with_billed

_TOGETHER = (LINE, "valid_from", "valid_to")
_TOTAL = dt.Decimal(38, 6)
_MOST_PARTS = 1000


def judge_splits(
    splits: ir.Table, unreadable: ir.Table, lines: ir.Table, accounts: ir.Table, vendor_currencies: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Typed splits of order lines that can be split so, with their shares worked out, and the refused ones.

    `unreadable` are the records that are no typed splits. Reasons: those of _own_rules, and SPLIT_WITH_REFUSED_PART.
    """
    found = _with_shares(_joined(splits, lines, accounts, vendor_currencies))
    own = first_reason(found, *_own_rules(found))
    bad = own.filter(own.reason.notnull()).select(LINE)
    bad = bad.union(unreadable.select(ordered_line_id=line_name(unreadable)))
    of_bad = own.semi_join(bad, LINE)
    refused = first_reason(
        of_bad,
        (of_bad.reason.notnull(), None, None, None),
        (ibis.literal(True), "SPLIT_WITH_REFUSED_PART", LINE, of_bad[LINE]),
    )
    return BILLING_SPLITS.shape(own.anti_join(bad, LINE)), REJECTED_ORDERS.shape(refused)


def _joined(splits: ir.Table, lines: ir.Table, accounts: ir.Table, vendor_currencies: ir.Table) -> ir.Table:
    """Splits with their line, and the account that each part is billed to."""
    known = lines.group_by(split_line=LINE).aggregate(
        line_currency=lines.currency.max(), line_type=lines.price_type.max()
    )
    billed = accounts.select(billed_account="account_id", billed_role="role", billed_payer="payer_account_id")
    payers = accounts.select(paying_account="account_id", paying_vendor="vendor_account_id")
    named = splits.mutate(ordered_line_id=line_name(splits))
    found = named.left_join(known, named[LINE] == known.split_line)
    found = found.left_join(billed, found.bill_to_account_id == billed.billed_account)
    found = found.left_join(payers, found.billed_payer == payers.paying_account)
    found = with_billed(found, "paying_vendor", "line_currency", vendor_currencies)
    other = named.view()
    crossing = named.join(
        other,
        [
            named[LINE] == other[LINE],
            named.valid_from < other.valid_to,
            named.valid_to > other.valid_from,
            (named.valid_from != other.valid_from) | (named.valid_to != other.valid_to),
        ],
    )
    crossed = crossing.select(crossed_line=named[LINE], crossed_part=named.part).distinct()
    return found.left_join(crossed, [found[LINE] == crossed.crossed_line, found.part == crossed.crossed_part])


def _with_shares(rows: ir.Table) -> ir.Table:
    """What each part takes, and what the parts before it do: in percent, or in amounts, of which one takes the rest."""
    together = ibis.window(group_by=[rows[c] for c in _TOGETHER])
    none = ibis.literal(0).cast(_TOTAL)
    given = rows.mutate(
        is_rest=rows.percent.isnull() & rows["amount"].isnull(),
        of_percent=ibis.coalesce(rows.percent.cast(_TOTAL), none),
        of_amount=ibis.coalesce(rows["amount"], zero()),
    )
    counted = given.mutate(
        rests=given.is_rest.cast("int64").sum().over(together),
        percents=given.percent.notnull().cast("int64").sum().over(together),
        amounts=given["amount"].notnull().cast("int64").sum().over(together),
        percent_sum=given.of_percent.sum().over(together).cast(_TOTAL),
        amount_sum=given.of_amount.sum().over(together),
    )
    whole = ibis.literal(100).cast(_TOTAL)
    by_percent = counted["amounts"] == 0
    left = whole - counted.percent_sum
    resolved = counted.mutate(
        adds_up=ibis.cases(
            ((counted.percents > 0) & ~by_percent, False),
            (by_percent & (counted.rests == 0), counted.percent_sum == whole),
            (by_percent, (counted.rests == 1) & (counted.percent_sum < whole)),
            else_=counted.rests == 1,
        ),
        share=ibis.ifelse(counted.is_rest, left, counted.of_percent).cast(_TOTAL),
    )
    earlier = ibis.window(group_by=[resolved[c] for c in _TOGETHER], order_by=resolved.part, preceding=(None, 1))
    before = resolved.mutate(
        share_before=ibis.coalesce(resolved.share.sum().over(earlier).cast(_TOTAL), none),
        taken_before=ibis.ifelse(
            resolved.is_rest, resolved.amount_sum, ibis.coalesce(resolved.of_amount.sum().over(earlier), zero())
        ),
    )
    # beyond 100 a sum has no room in a percentage, and its row is refused
    fits = before.adds_up & (before["amounts"] == 0)
    return before.mutate(
        given_percent=before.percent,
        percent=ibis.ifelse(fits, before.share, ibis.null(_TOTAL)).cast(PERCENT),
        percent_before=ibis.ifelse(fits, before.share_before, ibis.null(_TOTAL)).cast(PERCENT),
        amount_before=ibis.ifelse(before["amounts"] > 0, amount(before.taken_before), ibis.null(AMOUNT)),
    )


def _own_rules(rows: ir.Table) -> list[Rule]:
    """Why a row is refused, as for first_reason.

    Reasons: UNKNOWN_LINE_TO_SPLIT, USAGE_NOT_SPLIT, UNKNOWN_BILL_TO, ACCOUNT_NOT_BILLED, CURRENCY_NOT_BILLED,
    INVALID_SHARE, OVERLAPPING_SPLIT, SHARES_NOT_WHOLE.
    """
    bill_to, given, fixed = rows.bill_to_account_id, rows.given_percent, rows["amount"]
    hundred = ibis.literal(100).cast(PERCENT)
    return [
        (rows.split_line.isnull(), "UNKNOWN_LINE_TO_SPLIT", LINE, rows[LINE]),
        (rows.line_type == "usage", "USAGE_NOT_SPLIT", LINE, rows[LINE]),
        (bill_to.notnull() & rows.billed_account.isnull(), "UNKNOWN_BILL_TO", "bill_to_account_id", bill_to),
        (~rows.billed_role.isin(BILLED_ROLES), "ACCOUNT_NOT_BILLED", "bill_to_account_id", bill_to),
        (~rows.currency_billed, "CURRENCY_NOT_BILLED", "currency", rows.line_currency),
        ((rows.part < integer(1)) | (rows.part > integer(_MOST_PARTS)), "INVALID_SHARE", "part", rows.part),
        ((given <= 0) | (given > hundred) | (given.notnull() & fixed.notnull()), "INVALID_SHARE", "percent", given),
        (fixed <= zero(), "INVALID_SHARE", "amount", fixed),
        (rows.valid_to <= rows.valid_from, "END_BEFORE_START", "valid_to", rows.valid_to),
        (rows.crossed_part.notnull(), "OVERLAPPING_SPLIT", "valid_from", rows.valid_from),
        (~rows.adds_up, "SHARES_NOT_WHOLE", LINE, rows[LINE]),
    ]

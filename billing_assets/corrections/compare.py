"""The difference between what posted months should have billed and what the ledger has of them.

What is charged is compared as a whole: all that was ever posted of it, corrections included, with what the draft of its
month says today. Where the two differ, what was posted is taken back, in the tax group that it was billed in, and what
is due is billed. Where only the end of a period has moved, the difference is one item for the days in between: of a
shorter period it takes back, in the tax group of what was posted; of a longer one it bills.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from billing_assets.corrections.tables import ADDED, CHANGED, CORRECTION_ITEMS, EXTENDED, SHORTENED, WITHDRAWN
from billing_assets.exact import ITEM_PRICE, QUANTITY, amount, quantity, total, total_count
from billing_assets.item import as_items, digest
from billing_assets.ledger.tables import TAXED, TAXED_COLUMNS
from billing_assets.reference.legs import with_leg
from billing_assets.reference.tables import ACCOUNT_FEES

# What is charged, whoever bills it and on whatever invoice.
_CHARGE = (
    "charged_month", "item_type", "payer_account_id", "service_account_id", "subscription_id", "product_id", "zone_id",
    "component", "source_table", "source_id", "stands_from", "tax_code", "tax_included", "currency",
)  # fmt: skip
_TOLD = (
    "label", "price_plan_id", "rate_id", "time_band_id", "unit", "unit_price", "price_per", "invoice_part",
    "caller_location", "called_location", "stands_until", *TAXED_COLUMNS,
)  # fmt: skip
_QUANTITIES = ("quantity", "billed_quantity")
_SUMS = ("events", *_QUANTITIES, "amount")
_COLUMNS = (*_CHARGE, *_TOLD, *_SUMS, "service_start", "service_end", "correction")


def as_posted(due: ir.Table) -> ir.Table:
    """Charge items with charged_month as rows of the ledger that do not have a posting and a tax group."""
    group = {column.name: ibis.null(column.dtype) for column in TAXED}
    return due.mutate(stands_from=due.service_start, stands_until=due.service_end, posting_id=ibis.literal(0), **group)


def charges(rows: ir.Table) -> ir.Table:
    """Rows of the ledger with `charge`, what they charge. The fee of an invoice is owed for one that was billed."""
    kept = rows.filter(rows.source_table != ACCOUNT_FEES.name)
    keyed = kept.mutate(
        charge=charge_of(kept),
        tax_group=digest(*(kept[c] for c in TAXED_COLUMNS)),
        **{c: ibis.coalesce(kept[c], ibis.literal(0, QUANTITY)) for c in _QUANTITIES},
    )
    return keyed.select("charge", "tax_group", "posting_id", "item_id", *_CHARGE, *_TOLD, *_SUMS)


def charge_of(rows: ir.Table) -> ir.StringValue:
    """What rows of the ledger charge."""
    return digest(*(rows[c] for c in _CHARGE))


def differing(due: ir.Table, posted: ir.Table) -> ir.Table:
    """The charges that do not come to what was posted of them."""
    taken = posted.mutate(**_negative(posted))
    both = due.select("charge", *_SUMS).union(taken.select("charge", *_SUMS))
    sums = both.group_by("charge").aggregate(**_summed(both))
    return sums.filter((sums.amount != 0) | (sums.quantity != 0) | (sums.billed_quantity != 0)).select("charge")


def correction_items(due: ir.Table, posted: ir.Table, windows: ir.Table, legs: ir.Table | None) -> ir.Table:
    """The corrections of charges that differ, which a month bills to the payers of its windows (rating/month.py).

    `legs` are those of payers (reference/legs.py).
    """
    should, billed = _by_group(due), _by_group(posted)
    have = billed.filter((billed.amount != 0) | (billed.quantity != 0) | (billed.billed_quantity != 0))
    found = _found(should, have)
    moved = found.filter(found.correction.isin((SHORTENED, EXTENDED)))
    others = found.filter(~found.correction.isin((SHORTENED, EXTENDED)))
    anew = should.join(others.select("charge", "correction"), "charge")
    rows = ibis.union(_moved_end(have, moved), _taken_back(have, others), _of_whole(anew).select(_COLUMNS))
    payers = windows.select("window_payer", "month", "billing_cycle")
    placed = with_leg(rows.join(payers, rows.payer_account_id == payers.window_payer), legs)
    items = as_items(placed, CORRECTION_ITEMS, corrects_month=placed.charged_month, **_nothing_as_null(placed))
    told_apart = ("item_id", "corrects_month", *_CHARGE[1:], *TAXED_COLUMNS)
    return items.mutate(item_id=digest(*(items[c] for c in told_apart)))


def _summed(rows: ir.Table) -> dict[str, ir.Scalar]:
    sums = {c: quantity(rows[c].sum()) for c in _QUANTITIES}
    return {"events": total_count(rows.events), **sums, "amount": total(rows.amount)}


def _negative(rows: ir.Table) -> dict[str, ir.Value]:
    quantities = {c: quantity(-rows[c]) for c in _QUANTITIES}
    return {"events": -rows.events, **quantities, "amount": amount(-rows.amount)}


def _by_group(rows: ir.Table) -> ir.Table:
    """One row per charge and tax group: what it came to, told as it was last."""
    key = ["charge", "tax_group"]
    sums = rows.group_by(*key).aggregate(**_summed(rows))
    signed = rows.join(sums.select(*key, whole="amount"), key)
    # what one posting took back and what it billed anew may be in one group: that is told by what it billed
    order = [signed.posting_id.desc(), (signed.amount < 0) != (signed.whole < 0), signed.item_id]
    place = ibis.row_number().over(ibis.window(group_by=[signed[c] for c in key], order_by=order))
    last = signed.mutate(place=place).filter(ibis._.place == 0).select(*key, *_CHARGE, *_TOLD)
    return last.join(sums, key)


def _found(should: ir.Table, have: ir.Table) -> ir.Table:
    """What is the matter with each charge: correction, and what is due, where anything is."""
    groups = have.group_by("charge").aggregate(
        groups=have.count(), billed_until=have.stands_until.max(), billed=total(have.amount)
    )
    due = {f"due_{c}": should[c] for c in _SUMS}
    wanted = should.select("charge", due_until="stands_until", due_part="invoice_part", **due)
    both = wanted.outer_join(groups, "charge")
    both = both.mutate(charge=ibis.coalesce(both.charge, both.charge_right))
    one = both.groups == 1
    found = ibis.cases(
        (both.groups.isnull(), ADDED),
        (both.due_until.isnull(), WITHDRAWN),
        (one & (both.due_until < both.billed_until) & _is_part(both.due_amount, both.billed), SHORTENED),
        (one & (both.due_until > both.billed_until) & _is_part(both.billed, both.due_amount), EXTENDED),
        else_=CHANGED,
    )
    return both.mutate(correction=found).drop("charge_right")


def _is_part(part: ir.DecimalValue, whole: ir.DecimalValue) -> ir.BooleanValue:
    """Whether an amount lies between nothing and the whole: then what it leaves of the whole has the whole's sign."""
    return ((part >= 0) & (part <= whole)) | ((part <= 0) & (part >= whole))


def _of_whole(rows: ir.Table) -> ir.Table:
    return rows.mutate(service_start=rows.stands_from, service_end=rows.stands_until)


def _taken_back(have: ir.Table, others: ir.Table) -> ir.Table:
    """What was posted, with the opposite sign, on the invoice of what is due in its place."""
    both = _of_whole(have.join(others, "charge"))
    part = ibis.ifelse(both.due_until.isnull(), both.invoice_part, both.due_part)
    stands_until = ibis.coalesce(both.due_until, both.stands_until)
    return both.mutate(invoice_part=part, stands_until=stands_until, **_negative(both)).select(_COLUMNS)


def _moved_end(have: ir.Table, moved: ir.Table) -> ir.Table:
    """The days between where a period ended and where it ends, and what they make of the charge."""
    both = have.join(moved, "charge")
    takes_back = both.correction == SHORTENED
    sums = {c: both[f"due_{c}"] - both[c] for c in _SUMS}
    between = both.mutate(
        service_start=ibis.least(both.stands_until, both.due_until),
        service_end=ibis.greatest(both.stands_until, both.due_until),
        stands_until=both.due_until,
        invoice_part=both.due_part,
        events=sums["events"],
        amount=amount(sums["amount"]),
        # the price of a unit is that of the whole period
        unit_price=ibis.null(ITEM_PRICE),
        **{c: quantity(sums[c]) for c in _QUANTITIES},
        **{column.name: takes_back.ifelse(both[column.name], ibis.null(column.dtype)) for column in TAXED},
    )
    return between.select(_COLUMNS)


def _nothing_as_null(rows: ir.Table) -> Mapping[str, ir.Value]:
    return {c: rows[c].nullif(ibis.literal(0, QUANTITY)) for c in _QUANTITIES}

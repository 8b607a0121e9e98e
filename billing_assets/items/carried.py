"""Amounts below the minimum of an invoice, which wait for the next month.

What an invoice would come to is the sum of its charges as they are priced, without the fee of the invoice itself.
Below the minimum, in either direction, it is not billed: its items wait, and are billed with the next month's, by the
tax rates of their own dates. They wait for so many months at most, and not beyond the month in which the payer's
account is closed.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import amount, total, zero
from billing_assets.items.invoice_parts import invoice_id
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, INVOICE_PARTS
from billing_assets.months import month_number
from billing_assets.reference.legs import with_leg
from billing_assets.reference.tables import ACCOUNT_FEES, ANY

_INVOICE = ("month", "billing_cycle", "payer_account_id", "invoice_part", "currency")


def left_over(charged: ir.Table, carried: ir.Table, amounts: ir.Table) -> ir.Table:
    """What a month leaves to the next: the items of its invoices below their minimum, as carried_items."""
    own = charged.filter(charged.source_table != ACCOUNT_FEES.name).mutate(carried_from=charged.month)
    items = CARRIED_ITEMS.shape(own).union(carried)
    waiting = amounts.filter(amounts.waits)
    return items.semi_join(waiting, invoice_id(items) == waiting.invoice_id)


def taken_over(left: ir.Table, windows: ir.Table, legs: ir.Table | None = None) -> ir.Table:
    """What the month before leaves to the payers of a month's windows (rating/month.py).

    Who bills a payer now bills it all; `legs` are those of payers (reference/legs.py).
    """
    payers = windows.select("window_payer", to_month="month", to_cycle="billing_cycle")
    found = left.join(payers, left.payer_account_id == payers.window_payer)
    placed = found.mutate(month=found.to_month, billing_cycle=found.to_cycle).drop("leg")
    return CARRIED_ITEMS.shape(with_leg(placed, legs))


def parts_of(taken: ir.Table, parts: ir.Table) -> ir.Table:
    """The invoice_parts of the month before that items were taken over from, as of this month."""
    places = taken.select("month", "billing_cycle", "payer_account_id", "invoice_part").distinct()
    found = places.join(parts.drop("month", "billing_cycle"), ["payer_account_id", "invoice_part"])
    return INVOICE_PARTS.shape(found)


def carried_amounts(
    charged: ir.Table, carried: ir.Table, minimums: ir.Table, accounts: ir.Table, windows: ir.Table
) -> ir.Table:
    """The invoices that wait, and those with something that did."""
    own = charged.filter(charged.source_table != ACCOUNT_FEES.name)
    both = ibis.union(
        own.select(*_INVOICE, charged="amount", brought=zero(), since="month"),
        carried.select(*_INVOICE, charged=zero(), brought="amount", since="carried_from"),
    )
    sums = both.group_by(*_INVOICE).aggregate(
        charged_amount=total(both.charged), brought_amount=total(both.brought), carried_since=both.since.min()
    )
    payers = accounts.select("closed_on", paying="account_id")
    dates = windows.select("window_payer", "service_start", "service_end", usage_from="start_at", usage_to="end_at")
    placed = sums.join(dates, sums.payer_account_id == dates.window_payer)
    placed = placed.join(payers, placed.payer_account_id == payers.paying)
    found = _with_minimum(placed.mutate(invoice_id=invoice_id(placed)), minimums)
    sum_of_both = amount(found.charged_amount + found.brought_amount)
    waited = month_number(_first_day(found.month)) - month_number(_first_day(found.carried_since))
    open_still = found.closed_on.isnull() | (found.closed_on > found.service_end)
    waits = (sum_of_both.abs() < found.minimum_amount) & (waited < found.longest_months) & open_still
    judged = found.mutate(waits=waits.fill_null(False))
    judged = judged.filter(judged.waits | (judged.carried_since < judged.month))
    return CARRIED_AMOUNTS.shape(judged.mutate(carried_amount=ibis.ifelse(judged.waits, sum_of_both, zero())))


def charged_now(charged: ir.Table) -> ir.Table:
    """Charge items with carried_from and corrects_month: none of an earlier month."""
    return charged.mutate(carried_from=ibis.null("string"), corrects_month=ibis.null("string"))


def due_of(charged: ir.Table, carried: ir.Table, amounts: ir.Table) -> ir.Table:
    """The items that the month's invoices bill, with carried_from: the earlier month that they are of, if any."""
    items = charged_now(charged)
    both = items.union(carried.mutate(corrects_month=ibis.null("string")).select(items.columns))
    waiting = amounts.filter(amounts.waits)
    return both.anti_join(waiting, invoice_id(both) == waiting.invoice_id)


def _with_minimum(rows: ir.Table, minimums: ir.Table) -> ir.Table:
    """The minimum of the payer, else that of any account, on the first day of the month."""
    given = minimums.rename(of_account="account_id", of_currency="currency")
    found = rows.join(given, rows.currency == given.of_currency)
    found = found.filter(
        (found.of_account == found.payer_account_id) | (found.of_account == ANY),
        found.service_start >= found.valid_from, found.service_start < found.valid_to,
    )  # fmt: skip
    place = ibis.row_number().over(ibis.window(group_by=found.invoice_id, order_by=found.of_account == ANY))
    first = found.mutate(place=place).filter(ibis._.place == 0)
    limits = first.select("invoice_id", "minimum_amount", "longest_months").rename(limited="invoice_id")
    return rows.left_join(limits, rows.invoice_id == limits.limited)


def _first_day(month: ir.StringValue) -> ir.DateValue:
    return (month + ibis.literal("-01")).cast("date")

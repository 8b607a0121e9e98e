"""Fees of accounts, not of what they ordered: one on each invoice, one for what is paid late.

Those count that are valid on the first day that they are for. An account's own row goes before the one for any.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.crm.tables import BY_SERVICE_ACCOUNT
from billing_assets.exact import QUANTITY, integer, percentage, zero
from billing_assets.fees.tables import FEE_ITEMS, OVERDUE_AMOUNTS, REJECTED_OVERDUE_AMOUNTS
from billing_assets.item import as_items
from billing_assets.months import days_after
from billing_assets.records import first_reason
from billing_assets.reference.legs import with_leg
from billing_assets.reference.tables import ACCOUNT_FEES, ANY

_INVOICE = ("month", "billing_cycle", "payer_account_id", "service_account_id", "currency")


def judge_overdue(overdue: ir.Table, accounts: ir.Table, currencies: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Split typed overdue amounts into those that fees can be charged for and the others.

    Reasons: UNKNOWN_ACCOUNT, ACCOUNT_NOT_BILLED, UNKNOWN_CURRENCY, NOTHING_OVERDUE.
    """
    known = accounts.select("role", known_account="account_id")
    coins = currencies.select(known_currency="currency")
    found = overdue.left_join(known, overdue.account_id == known.known_account)
    found = found.left_join(coins, found.currency == coins.known_currency)
    judged = first_reason(
        found,
        (found.known_account.isnull(), "UNKNOWN_ACCOUNT", "account_id", found.account_id),
        (found.role.isin(("vendor", "linked")), "ACCOUNT_NOT_BILLED", "account_id", found.account_id),
        (found.known_currency.isnull(), "UNKNOWN_CURRENCY", "currency", found.currency),
        (found.amount <= zero(), "NOTHING_OVERDUE", "amount", found.amount),
    )
    return (
        OVERDUE_AMOUNTS.shape(judged.filter(judged.reason.isnull())),
        REJECTED_OVERDUE_AMOUNTS.shape(judged.filter(judged.reason.notnull())),
    )


def late_fees(
    overdue: ir.Table, accounts: ir.Table, account_fees: ir.Table, products: ir.Table, windows: ir.Table,
    legs: ir.Table | None = None,
) -> ir.Table:  # fmt: skip
    """Fees for the overdue amounts whose day the month's run takes, as it takes one-time charges.

    `legs` are those of payers (reference/legs.py).
    """
    users = accounts.select("payer_account_id", service_account_id="account_id")
    payers = accounts.select("billing_cycle", "time_zone", paying="account_id")
    paid = overdue.join(users, overdue.account_id == users.service_account_id)
    placed = paid.join(payers, paid.payer_account_id == payers.paying)
    taken = placed.join(
        windows.select("month", "billing_cycle", "time_zone", "ready_after", window_end="end_date"),
        ["billing_cycle", "time_zone"],
    )
    due = taken.filter(taken.overdue_on > taken.ready_after, taken.overdue_on <= taken.window_end)
    rows = due.select(
        *_INVOICE, "overdue_id", overdue="amount", service_start="overdue_on",
        service_end=days_after(due.overdue_on, integer(1)),
    )  # fmt: skip
    owed = _owed(rows, account_fees.filter(account_fees.kind == "late"), ("overdue_id",))
    fee = ibis.coalesce(owed.fee_amount, percentage(owed.overdue, owed.fee_percent))
    made = with_leg(owed.mutate(amount=fee, source_id=owed.overdue_id), legs)
    return _as_fees(made, products, OVERDUE_AMOUNTS.name)


def invoice_fees(
    items: ir.Table, accounts: ir.Table, account_fees: ir.Table, products: ir.Table, windows: ir.Table,
    legs: ir.Table | None = None,
) -> ir.Table:  # fmt: skip
    """A fee for each invoice that the month's items will be on; where they are split, for each account's."""
    payers = accounts.select("invoice_split", paying="account_id")
    found = items.join(payers, items.payer_account_id == payers.paying)
    split = (found.invoice_split == BY_SERVICE_ACCOUNT).fill_null(False)
    invoiced = found.mutate(service_account_id=ibis.ifelse(split, found.service_account_id, found.payer_account_id))
    dated = windows.select("month", "billing_cycle", service_start="start_date", service_end="end_date").distinct()
    rows = invoiced.select(_INVOICE).distinct().join(dated, ["month", "billing_cycle"])
    owed = _owed(rows, account_fees.filter(account_fees.kind == "invoice"), _INVOICE)
    made = with_leg(owed.mutate(amount=owed.fee_amount, source_id=owed.product_id), legs)
    return _as_fees(made, products, ACCOUNT_FEES.name)


def _owed(rows: ir.Table, account_fees: ir.Table, key: Sequence[str]) -> ir.Table:
    """The rows with product_id, fee_amount and fee_percent of each fee that their payer owes."""
    fees = account_fees.select(
        "product_id", "valid_from", "valid_to", owed_by="account_id", fee_currency="currency", fee_amount="amount",
        fee_percent="percent",
    )  # fmt: skip
    common = fees.filter(fees.owed_by == ANY)
    own = _valid(rows.join(fees, [rows.payer_account_id == fees.owed_by, rows.currency == fees.fee_currency]))
    others = _valid(rows.join(common, rows.currency == common.fee_currency))
    return own.union(others.anti_join(own, [*key, "product_id"]))


def _valid(rows: ir.Table) -> ir.Table:
    return rows.filter(rows.service_start >= rows.valid_from, rows.service_start < rows.valid_to)


def _as_fees(owed: ir.Table, products: ir.Table, source_table: str) -> ir.Table:
    named = owed.join(products.select("product_id", "tax_code", label="name"), "product_id")
    charged = named.filter(named.amount != zero())
    one = ibis.literal(1).cast(QUANTITY)
    return as_items(
        charged,
        FEE_ITEMS,
        item_type="fee",
        source_table=source_table,
        events=integer(1),
        unit="piece",
        quantity=one,
        billed_quantity=one,
        tax_included=False,
    )

"""Fees of accounts, not of what they ordered: for what is paid late, and as items/invoice_fees.py has it.

Those count that are valid on the first day that they are for. An account's own row goes before the one for any.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.exact import QUANTITY, integer, percentage, zero
from billing_assets.fees.tables import FEE_ITEMS, OVERDUE_AMOUNTS, REJECTED_OVERDUE_AMOUNTS
from billing_assets.item import as_items
from billing_assets.months import days_after
from billing_assets.records import first_reason
from billing_assets.reference.legs import with_leg
from billing_assets.reference.tables import ANY


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
        "month", "billing_cycle", "payer_account_id", "service_account_id", "currency", "overdue_id", overdue="amount",
        service_start="overdue_on", service_end=days_after(due.overdue_on, integer(1)),
    )  # fmt: skip
    owed = owed_fees(rows, account_fees.filter(account_fees.kind == "late"))
    fee = ibis.coalesce(owed.fee_amount, percentage(owed.overdue, owed.fee_percent))
    made = with_leg(owed.mutate(amount=fee, source_id=owed.overdue_id), legs)
    return as_fees(made, products, FEE_ITEMS, OVERDUE_AMOUNTS.name)


def owed_fees(rows: ir.Table, account_fees: ir.Table) -> ir.Table:
    """The rows with product_id, fee_amount and fee_percent of each fee that their payer owes."""
    fees = account_fees.select(
        "product_id", "valid_from", "valid_to", owed_by="account_id", fee_currency="currency", fee_amount="amount",
        fee_percent="percent",
    )  # fmt: skip
    common = fees.filter(fees.owed_by == ANY)
    own = _valid(rows.join(fees, [rows.payer_account_id == fees.owed_by, rows.currency == fees.fee_currency]))
    others = _valid(rows.join(common, rows.currency == common.fee_currency))
    return own.union(others.anti_join(own, ["payer_account_id", "currency", "service_start", "product_id"]))


def _valid(rows: ir.Table) -> ir.Table:
    return rows.filter(rows.service_start >= rows.valid_from, rows.service_start < rows.valid_to)


def as_fees(owed: ir.Table, products: ir.Table, table: Table, source_table: str) -> ir.Table:
    """What is owed as items of a table, without fees of nothing."""
    named = owed.join(products.select("product_id", "tax_code", label="name"), "product_id")
    charged = named.filter(named.amount != zero())
    one = ibis.literal(1).cast(QUANTITY)
    return as_items(
        charged,
        table,
        item_type="fee",
        source_table=source_table,
        events=integer(1),
        unit="piece",
        quantity=one,
        billed_quantity=one,
        tax_included=False,
    )

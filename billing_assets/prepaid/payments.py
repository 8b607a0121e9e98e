"""How credits pay invoices: the one with the lowest priority first, then the one that ends first, then by its id.

Each pays the invoices of its account in the order of their numbers, and of each the products that it is for, until
nothing is left of it.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from billing_assets.exact import amount, total, zero
from billing_assets.prepaid.owed import between
from billing_assets.prepaid.tables import PREPAID_BALANCES, PREPAID_PAYMENTS

_OF_ACCOUNT = ("payer_account_id", "currency")


def openings(credits: ir.Table, before: ir.Table, windows: ir.Table) -> ir.Table:
    """What is left of the credits that have begun by the date of the month's invoices; the first one to pay is 0."""
    payers = windows.select("month", "billing_cycle", "window_payer", issued_on="service_end")
    found = credits.rename(payer_account_id="account_id").join(payers, credits.account_id == payers.window_payer)
    left = before.select("carried_amount", left_of="credit_id")
    known = found.left_join(left, found.credit_id == left.left_of)
    begun = known.filter(known.valid_from <= known.issued_on)
    opened = begun.mutate(
        opening_amount=ibis.coalesce(begun.carried_amount, begun.amount), is_valid=begun.valid_to > begun.issued_on
    )
    in_turn = ibis.window(
        group_by=[opened[c] for c in (*_OF_ACCOUNT, "is_valid")],
        order_by=[opened.priority, opened.valid_to, opened.credit_id],
    )
    return opened.mutate(turn=ibis.row_number().over(in_turn))


def payments(opened: ir.Table, owed: ir.Table, turns: int, cache: Callable[[ir.Table], ir.Table]) -> ir.Table:
    """What the credits pay: prepaid_payments. `turns` is the most credits that an account has in a currency."""
    paid = []
    left = owed.mutate(left=owed.owed)
    for turn in range(turns):
        one = opened.filter(opened.turn == turn, opened.is_valid, opened.opening_amount > zero())
        left = cache(_taken(left, one))
        taken = left.filter(left.taken > zero())
        paid.append(
            taken.group_by("month", "billing_cycle", "invoice_id", "credit_id", *_OF_ACCOUNT).aggregate(
                paid_amount=total(taken.taken)
            )
        )
        left = left.mutate(left=amount(left.left - left.taken)).select(*owed.columns, "left")
    return PREPAID_PAYMENTS.shape(ibis.union(*paid))


def _taken(left: ir.Table, credits: ir.Table) -> ir.Table:
    """What is left of each product of each invoice, with what one credit of its account takes of it."""
    of = credits.select(
        "month", "billing_cycle", "credit_id", "product_ids", "opening_amount", owner="payer_account_id",
        of_currency="currency",
    )  # fmt: skip
    found = left.left_join(of, [left.payer_account_id == of.owner, left.currency == of.of_currency])
    is_for = found.product_ids.isnull() | found.product_ids.split("|").contains(found.product_id)
    payable = found.mutate(payable=ibis.ifelse(is_for & found.credit_id.notnull(), found.left, zero()))
    before = ibis.window(
        group_by=[payable[c] for c in _OF_ACCOUNT],
        order_by=[payable.invoice_id, payable.product_id],
        preceding=(None, 1),
    )
    running = payable.mutate(earlier=ibis.coalesce(amount(payable.payable.sum().over(before)), zero()))
    opening = ibis.coalesce(running.opening_amount, zero())
    return running.mutate(taken=between(opening, running.earlier, running.payable))


def balances(opened: ir.Table, paid: ir.Table) -> ir.Table:
    """What the month leaves of the credits: prepaid_balances."""
    sums = paid.group_by(paid_of="credit_id").aggregate(paid_amount=total(paid.paid_amount))
    found = opened.left_join(sums, opened.credit_id == sums.paid_of)
    found = found.mutate(paid_amount=found.paid_amount.fill_null(zero()))
    rest = amount(found.opening_amount - found.paid_amount)
    lapsed = ibis.ifelse(found.is_valid, zero(), rest)
    return PREPAID_BALANCES.shape(
        found.drop("carried_amount").mutate(lapsed_amount=lapsed, carried_amount=amount(rest - lapsed))
    )

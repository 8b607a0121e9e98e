"""Checks of the prepaid stage: no more is paid than is owed and than is there, and months fit together."""

from billing_assets.carried import month_before_made, next_month_begins_with_it, those_in_both
from billing_assets.exact import amount, total, zero
from billing_assets.invoices.tables import INVOICES
from billing_assets.prepaid.tables import PREPAID_BALANCES, PREPAID_CREDITS, PREPAID_PAYMENTS
from billing_assets.quality import Check, differing, some
from billing_assets.run import Run


def paid_of_what_is_owed(run: Run) -> list[dict]:
    paid, invoices = run(PREPAID_PAYMENTS), run(INVOICES)
    sums = paid.group_by(paid_invoice="invoice_id").aggregate(paid_amount=total(paid.paid_amount))
    found = sums.left_join(invoices, sums.paid_invoice == invoices.invoice_id)
    wrong = found.invoice_id.isnull() | (found.paid_amount > found.gross_amount)
    return some(run, found.filter(wrong).select("paid_invoice", "paid_amount", "gross_amount"))


def balances_add_up(run: Run) -> list[dict]:
    balances, paid = run(PREPAID_BALANCES), run(PREPAID_PAYMENTS)
    rest = amount(balances.opening_amount - balances.paid_amount - balances.lapsed_amount)
    wrong = balances.filter((rest != balances.carried_amount) | (balances.carried_amount < zero()))
    by_credit = paid.group_by("credit_id").aggregate(paid_amount=total(paid.paid_amount))
    taken = balances.filter(balances.paid_amount != zero())
    return some(run, wrong.select("credit_id", "opening_amount", "carried_amount")) + some(
        run, differing(by_credit, taken, ["credit_id"], "paid_amount")
    )


def _credits(run: Run) -> bool:
    return not run.is_empty(PREPAID_CREDITS)


CHECKS = (
    Check(PREPAID_PAYMENTS, "paid_of_what_is_owed",
          "Credits pay invoices that there are, and no more than their total.", paid_of_what_is_owed),
    Check(PREPAID_BALANCES, "balances_add_up", "What a credit had is what it paid, what lapsed, and what is left.",
          balances_add_up),
    month_before_made(PREPAID_BALANCES, _credits),
    next_month_begins_with_it(PREPAID_BALANCES, ["credit_id"], "opening_amount", "carried_amount", those_in_both),
)  # fmt: skip

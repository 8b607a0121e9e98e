"""Prepaid credits as assets: which count, and what the invoices of a month take of them."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.invoices.tables import INVOICE_LINES, INVOICES
from billing_assets.prepaid import payments as rules
from billing_assets.prepaid.credits import judge_credits
from billing_assets.prepaid.owed import owed_by_product
from billing_assets.prepaid.tables import (
    PREPAID_BALANCES,
    PREPAID_CREDITS,
    PREPAID_PAYMENTS,
    REJECTED_PREPAID_CREDITS,
)
from billing_assets.rating.month import payer_windows
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES, PRODUCTS
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.taxes.tables import TAX_ITEMS


@stage(PREPAID_CREDITS, REJECTED_PREPAID_CREDITS, reads=(ACCOUNTS, CURRENCIES, PRODUCTS))
def prepaid_credits(run: Run) -> Iterator[ir.Table]:
    """What accounts have paid in advance, and the credits that pay nothing."""
    rows, unreadable = typed(run, PREPAID_CREDITS)
    known, refused = judge_credits(rows, run(ACCOUNTS), run.currencies, run(PRODUCTS))
    yield known
    yield REJECTED_PREPAID_CREDITS.shape(unreadable).union(refused)


@stage(
    PREPAID_PAYMENTS, PREPAID_BALANCES,
    reads=(INVOICES, INVOICE_LINES, TAX_ITEMS, PREPAID_CREDITS, ACCOUNTS, CURRENCIES, BILLING_CYCLES),
    previous_month=(PREPAID_BALANCES,),
)  # fmt: skip
def prepaid_payments(run: Run) -> Iterator[ir.Table]:
    """What prepaid credits pay of the month's invoices, and what is left of them."""
    if run.is_empty(PREPAID_CREDITS):
        yield PREPAID_PAYMENTS.no_rows()
        yield PREPAID_BALANCES.no_rows()
        return
    windows = payer_windows(run(ACCOUNTS), run.windows)
    before = run.lake.read(PREPAID_BALANCES, run.last_month)
    opened = run.cache(rules.openings(run(PREPAID_CREDITS), before, windows))
    invoices = run(INVOICES).semi_join(opened, ["payer_account_id", "currency"])
    lines, taxes = (run(table).semi_join(invoices, "invoice_id") for table in (INVOICE_LINES, TAX_ITEMS))
    (most,) = run.rows(opened.aggregate(turns=opened.turn.max()))
    turns = 0 if most["turns"] is None else most["turns"] + 1
    paid = PREPAID_PAYMENTS.no_rows()
    if turns:
        owed = run.cache(owed_by_product(lines, taxes, invoices, run.currencies))
        paid = run.cache(rules.payments(opened, owed, turns, run.cache))
    yield paid
    yield rules.balances(opened, paid)

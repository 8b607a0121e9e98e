"""Charge items as assets, with the invoices that they are on and what waits for the next month."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_DETAILS
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.fees.tables import COMMITMENT_ITEMS, FEE_ITEMS
from billing_assets.items import carried, invoice_parts, roll_up
from billing_assets.items.invoice_fees import invoice_fees
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, CHARGE_ITEMS, INVOICE_PARTS
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import ACCOUNT_FEES, ACCOUNTS, BILLING_CYCLES, BUNDLES, INVOICE_MINIMUMS, PRODUCTS
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(
    CHARGE_ITEMS, INVOICE_PARTS, CARRIED_ITEMS, CARRIED_AMOUNTS,
    reads=(
        RATED_ITEMS, BUNDLE_ITEMS, USAGE_CHARGES, FEE_ITEMS, COMMITMENT_ITEMS, DISCOUNT_ITEMS, DISCOUNTS, BUNDLES,
        PRODUCTS, ACCOUNTS, BILLING_CYCLES, ACCOUNT_FEES, INVOICE_MINIMUMS, BILLING_SCHEDULE_DETAILS, BILLING_HEADERS,
        ORDER_LINES,
    ),
    previous_month=(INVOICE_PARTS, CARRIED_ITEMS, CARRIED_AMOUNTS),
)  # fmt: skip
def charge_items(run: Run) -> Iterator[ir.Table]:
    """Every pre-tax item of the month, the invoice that it is on, and what waits for the next month."""
    windows = payer_windows(run(ACCOUNTS), run.windows)
    items, divided = _divided(run, _charged(run, windows))
    waited = run.lake.count(CARRIED_AMOUNTS, run.last_month) > 0
    taken = CARRIED_ITEMS.no_rows()
    if waited:
        before = (run.lake.read(table, run.last_month) for table in (CHARGE_ITEMS, CARRIED_ITEMS, CARRIED_AMOUNTS))
        legs = payer_legs(run(ACCOUNTS), run.rows)
        taken = run.cache(carried.taken_over(carried.left_over(*before), windows, legs))
        divided = divided.union(carried.parts_of(taken, run.lake.read(INVOICE_PARTS, run.last_month)), distinct=True)
    may_wait = waited or not run.is_empty(INVOICE_MINIMUMS)
    has_fees = not run.is_empty(ACCOUNT_FEES)
    items = run.cache(items) if may_wait or has_fees else items
    fees = []
    if has_fees:
        billed = items.union(taken.select(items.columns)) if waited else items
        fees = [invoice_fees(billed, run(ACCOUNT_FEES), run(PRODUCTS), run.windows)]
    yield ibis.union(items, *fees)
    yield divided
    yield taken
    if may_wait:
        yield carried.carried_amounts(items, taken, run(INVOICE_MINIMUMS), run(ACCOUNTS), windows)
    else:
        yield CARRIED_AMOUNTS.no_rows()


def _charged(run: Run, windows: ir.Table) -> ir.Table:
    """What the stages before charge."""
    return ibis.union(
        roll_up.usage_items(rated_in_month(run(RATED_ITEMS), windows), run(PRODUCTS)),
        roll_up.bundle_items(run(BUNDLE_ITEMS), run(BUNDLES), run(PRODUCTS)),
        roll_up.charge_items(run(USAGE_CHARGES), run(PRODUCTS)),
        roll_up.without_place(run(FEE_ITEMS)),
        roll_up.without_place(run(DISCOUNT_ITEMS)),
        *([] if run.is_empty(COMMITMENT_ITEMS) else [roll_up.without_place(run(COMMITMENT_ITEMS))]),
    )


def _divided(run: Run, items: ir.Table) -> tuple[ir.Table, ir.Table]:
    """The items with the invoice that they are on, and what each invoice is for."""
    accounts = run(ACCOUNTS)
    if not run.rows(invoice_parts.asking(accounts).limit(1)):
        return items, INVOICE_PARTS.no_rows()
    items = run.cache(items)
    joined = (PRODUCTS, BILLING_SCHEDULE_DETAILS, BILLING_HEADERS, ORDER_LINES, DISCOUNTS)
    split = run.cache(invoice_parts.several_invoices(items, accounts, *(run(table) for table in joined)))
    alone = invoice_parts.one_invoice(items, accounts)
    return alone.union(CHARGE_ITEMS.shape(split)), invoice_parts.invoice_parts(split)

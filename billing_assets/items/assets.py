"""Charge items as an asset."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts.tables import DISCOUNT_ITEMS
from billing_assets.fees.account_fees import invoice_fees
from billing_assets.fees.tables import COMMITMENT_ITEMS, FEE_ITEMS
from billing_assets.items import roll_up
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import ACCOUNT_FEES, ACCOUNTS, BILLING_CYCLES, BUNDLES, PRODUCTS
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(
    CHARGE_ITEMS,
    reads=(
        RATED_ITEMS,
        BUNDLE_ITEMS,
        USAGE_CHARGES,
        FEE_ITEMS,
        COMMITMENT_ITEMS,
        DISCOUNT_ITEMS,
        BUNDLES,
        PRODUCTS,
        ACCOUNTS,
        BILLING_CYCLES,
        ACCOUNT_FEES,
    ),
)
def charge_items(run: Run) -> Iterator[ir.Table]:
    """Every pre-tax item of the month."""
    windows = payer_windows(run(ACCOUNTS), run.windows)
    items = ibis.union(
        roll_up.usage_items(rated_in_month(run(RATED_ITEMS), windows), run(PRODUCTS)),
        roll_up.bundle_items(run(BUNDLE_ITEMS), run(BUNDLES), run(PRODUCTS)),
        roll_up.charge_items(run(USAGE_CHARGES), run(PRODUCTS)),
        roll_up.without_place(run(FEE_ITEMS)),
        roll_up.without_place(run(DISCOUNT_ITEMS)),
        *([] if run.is_empty(COMMITMENT_ITEMS) else [roll_up.without_place(run(COMMITMENT_ITEMS))]),
    )
    if run.is_empty(ACCOUNT_FEES):
        yield items
    else:
        items = run.cache(items)
        joined = (ACCOUNTS, ACCOUNT_FEES, PRODUCTS)
        legs = payer_legs(run(ACCOUNTS), run.rows)
        fees = invoice_fees(items, *(run(table) for table in joined), run.windows, legs)
        yield items.union(roll_up.without_place(fees))

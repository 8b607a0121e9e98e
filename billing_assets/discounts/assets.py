"""Discounts as assets: those that subscriptions have, and what they take off in the month."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts import percentages as rules
from billing_assets.discounts.tables import DISCOUNT_ITEMS, REJECTED_DISCOUNTS, SUBSCRIPTION_DISCOUNTS
from billing_assets.fees.tables import FEE_ITEMS
from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES, PRODUCTS
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(SUBSCRIPTION_DISCOUNTS, REJECTED_DISCOUNTS, reads=(SUBSCRIPTIONS, BILLING_TERM_SCHEMES))
def subscription_discounts(run: Run) -> Iterator[ir.Table]:
    """The discounts of subscriptions, and those that cannot be given."""
    rows, unreadable = typed(run, SUBSCRIPTION_DISCOUNTS)
    given, refused = rules.judge_discounts(rows, run(SUBSCRIPTIONS), run(BILLING_TERM_SCHEMES))
    yield given
    yield REJECTED_DISCOUNTS.shape(unreadable).union(refused)


@stage(
    DISCOUNT_ITEMS,
    reads=(
        SUBSCRIPTION_DISCOUNTS,
        RATED_ITEMS,
        BUNDLE_ITEMS,
        USAGE_CHARGES,
        FEE_ITEMS,
        PRODUCTS,
        ACCOUNTS,
        BILLING_CYCLES,
    ),
)
def discount_items(run: Run) -> Iterator[ir.Table]:
    """What the discounts take off the month's usage and fees."""
    discounts, products = run(SUBSCRIPTION_DISCOUNTS), run(PRODUCTS)
    windows = payer_windows(run(ACCOUNTS), run.windows)
    base = ibis.union(
        rules.event_base(rated_in_month(run(RATED_ITEMS), windows), discounts, products),
        rules.event_base(run(BUNDLE_ITEMS), discounts, products),
        rules.period_base(run(USAGE_CHARGES).join(products.select("product_id", "tax_code"), "product_id"), discounts),
        rules.period_base(run(FEE_ITEMS).drop("label"), discounts),
    )
    yield rules.discount_items(base)

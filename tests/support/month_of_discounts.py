"""What discounts take off in January 2026, by the rules alone."""

from collections.abc import Callable

import ibis
from sample_rows import Row, account, bundle, order_line, product, sample

from billing_assets import calendar
from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
)
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts import apply, order
from billing_assets.discounts.charges import ITEM_TYPE, Charges, asked_of_charges, stretches
from billing_assets.discounts.fee_facts import JOB
from billing_assets.discounts.tables import DISCOUNTS
from billing_assets.fees.tables import COMMITMENT_ITEMS, FEE_ITEMS
from billing_assets.orders.tables import ORDER_LINES, SERVICE_JOBS
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, BUNDLES, DISCOUNT_CRITERIA, PRODUCTS
from resources.engine import Engine

_PRODUCTS = (
    product(), product(product_id="DATA"),
    product(product_id="MOBILE", product_type="termed_service", udr_type=None),
    product(product_id="COMMITMENT", product_type="one_time_service", udr_type=None),
)  # fmt: skip

detail = sample(
    BILLING_SCHEDULE_DETAILS, billing_schedule_detail_id="BSD-1", billing_header_id="BH-1",
    billing_schedule_record_id="BSR-1",
)  # fmt: skip
record = sample(
    BILLING_SCHEDULE_RECORDS, billing_schedule_record_id="BSR-1", period_start="2026-01-31", period_end="2026-02-28"
)
header = sample(
    BILLING_HEADERS, billing_header_id="BH-1", order_line_id="cpq:O1:1", price_type="recurring",
    billing_frequency="monthly",
)  # fmt: skip
SCHEDULED = {
    "details": (detail(),), "records": (record(),), "headers": (header(),), "lines": (order_line(applied_plan="PLAN"),)
}  # fmt: skip


def discount_items(
    table: Callable, engine: Engine, discounts: tuple[Row, ...], criteria: tuple[Row, ...] = (),
    products: tuple[Row, ...] = _PRODUCTS, **made: tuple[Row, ...],
) -> list[Row]:  # fmt: skip
    """The discount items of the month; `made` are rated, covered, totals, fees, details, records, headers, lines,
    jobs, purchases and commitments."""
    windows = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2026-01"))
    payers = payer_windows(table(ACCOUNTS, account()), windows)
    given, known, asked_for = (
        table(contract, *some)
        for contract, some in ((DISCOUNTS, discounts), (PRODUCTS, products), (DISCOUNT_CRITERIA, criteria))
    )
    types = {row["discount_type"] for row in discounts}
    kinds = [kind for kind, name in ((ITEM_TYPE, "commitments"), (JOB, "jobs")) if name in made]
    asked = asked_of_charges({row["field"] for row in criteria}, types, kinds)
    of = Charges(engine.cache(stretches(given)), known, asked)

    def some(contract, name: str):
        return table(contract, *made.get(name, ()))

    together = of.together(
        *([of.of_commitments(some(COMMITMENT_ITEMS, "commitments"))] if "commitments" in made else []),
        of.of_events(rated_in_month(some(RATED_ITEMS, "rated"), payers)),
        of.of_bundles(some(BUNDLE_ITEMS, "covered"), table(BUNDLES, bundle())),
        of.of_totals(some(USAGE_CHARGES, "totals")),
        of.of_fees(
            some(FEE_ITEMS, "fees"), some(BILLING_SCHEDULE_DETAILS, "details"),
            some(BILLING_SCHEDULE_RECORDS, "records"), some(BILLING_HEADERS, "headers"), some(ORDER_LINES, "lines"),
            some(SERVICE_JOBS, "jobs"), some(ADVANCE_PURCHASES, "purchases"),
        ),
    )  # fmt: skip
    found = engine.cache(together)
    pairs = engine.cache(order.reduced(found, given, asked_for, known, payers))
    steps = sorted(set(engine.execute(pairs)["step"].to_pylist()))
    if not steps:
        return []
    taken = apply.taken(pairs, found, sorted(types), steps, engine.cache)
    return engine.execute(apply.discount_items(taken)).to_pylist()

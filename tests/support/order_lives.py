"""Order lines over their life for tests: of ANNA, cycle of day 1, from orders and what was done to them."""

from collections.abc import Callable

import ibis.expr.types as ir
from sample_rows import (
    Row,
    account,
    billing_cycle,
    currency,
    offer,
    offer_product,
    price_plan,
    product,
    sample,
    vendor,
)

from billing_assets.orders.actions import judge_actions
from billing_assets.orders.lines import judge_order_lines
from billing_assets.orders.lives import line_versions
from billing_assets.orders.plans import READS, Plans
from billing_assets.orders.schemes import Schemes
from billing_assets.orders.tables import IMPORTED_ORDERS, ORDER_ACTIONS
from billing_assets.orders.versions import as_ordered, with_versions
from billing_assets.reference.tables import (
    ACCOUNTS,
    BILLING_CYCLES,
    BILLING_TERM_SCHEME_PLANS,
    BILLING_TERM_SCHEMES,
    CURRENCIES,
    OFFER_PRODUCTS,
    OFFERS,
    PRICE_PLANS,
    PRODUCTS,
    VENDOR_CURRENCIES,
)

action = sample(
    ORDER_ACTIONS, source="cpq", source_order_id="A1", source_line_id="1", ordered_on="2026-01-01",
    amends_order_id="O1", amends_line_id="1", action="amend",
)  # fmt: skip


class Lives:
    """The order lines, the refused rows by source_order_id, and the versions of orders and actions."""

    def __init__(self, table: Callable[..., ir.Table], rows: Callable[[ir.Table], list[Row]], engine):
        self.table = table
        self.rows = rows
        self.engine = engine

    def __call__(
        self, orders: list[Row], *actions: Row, prices: str = "asset_line", schemes: tuple[Row, ...] = ()
    ) -> tuple[ir.Table, dict[str, str], ir.Table]:
        table, cache = self.table, self.engine.cache
        accounts = table(ACCOUNTS, vendor(), account())
        terms = table(BILLING_CYCLES, billing_cycle()), table(BILLING_TERM_SCHEMES, *schemes)
        ordered = as_ordered(table(IMPORTED_ORDERS, *orders))
        history, not_done = judge_actions(table(ORDER_ACTIONS, *actions), ordered, accounts, *terms, cache)
        history = cache(history)
        versions = cache(with_versions(ordered, history, prices))
        plans = {PRICE_PLANS: [price_plan(), price_plan(price_plan_id="OTHER")]}
        products = [product()] + [
            product(product_id=name, product_type="termed_service", udr_type=None) for name in ("MOBILE", "FIBRE")
        ]
        lines, refused = judge_order_lines(
            versions, accounts, table(PRODUCTS, *products),
            table(OFFERS, offer(), offer(offer_id="LARGE", price_plan_id="OTHER")),
            table(OFFER_PRODUCTS, offer_product(), offer_product(product_id="FIBRE", unit_price="30"),
                  offer_product(offer_id="LARGE", unit_price="50")),
            table(CURRENCIES, currency()), table(VENDOR_CURRENCIES),
            Plans(*(table(contract, *plans.get(contract, ())) for contract in READS)), None,
            Schemes(terms[1], table(BILLING_TERM_SCHEME_PLANS)) if schemes else None, history, cache, self.rows,
        )  # fmt: skip
        lines = cache(lines)
        reasons = {row["source_order_id"]: row["reason"] for row in self.rows(refused.union(not_done))}
        return lines, reasons, line_versions(versions, history, lines, refused)

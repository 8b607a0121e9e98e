"""From imported orders to order lines: what was ordered, with its price, plan and subscription.

An order line takes its unit price, plan and currency from itself, else from its offer and its account, and a
price that neither gives from its plan.
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from billing_assets.exact import amount
from billing_assets.orders.history import LINE
from billing_assets.orders.lives import with_lives
from billing_assets.orders.neighbours import NEIGHBOUR_REASONS, neighbour_rules
from billing_assets.orders.plans import Plans, with_applied_plan
from billing_assets.orders.prices import with_plan_price
from billing_assets.orders.schemes import Schemes, term_rules, with_terms
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.orders.versions import LINE_KEY
from billing_assets.pricing.price_book import PriceBook
from billing_assets.records import first_reason
from billing_assets.reference.vendor_currencies import with_billed


def judge_order_lines(
    ordered: ir.Table, accounts: ir.Table, products: ir.Table, offers: ir.Table, offer_products: ir.Table,
    currencies: ir.Table, vendor_currencies: ir.Table, plans: Plans, book: PriceBook | None, schemes: Schemes | None,
    history: ir.Table | None, cache: Callable[[ir.Table], ir.Table], rows: Callable[[ir.Table], list[dict]],
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    """Split what was ordered into order lines and what cannot be billed.

    `ordered` as of versions.py, `history` as of actions.py. The history is None where nothing was done to a line,
    `book` where no plan has a price for what is no usage, `schemes` where there are no billing term schemes; `cache`
    and `rows` carry out an expression that others are made of, or that is asked for here.

    Reasons: those of schemes.py, lives.py and neighbours.py, UNKNOWN_ACCOUNT, ACCOUNT_NOT_BILLED, UNKNOWN_PRODUCT,
    UNKNOWN_OFFER, OFFER_NOT_AVAILABLE, UNKNOWN_PRICE_PLAN, PLAN_NOT_ALLOWED, UNKNOWN_CURRENCY, CURRENCY_NOT_BILLED,
    MISSING_PRICE, PRICE_BELOW_FLOOR (floors.py), END_BEFORE_START, INVALID_BILLING_DAY, WRONG_PRICE_TYPE,
    MISSING_SERVICE_IDENTIFIER, NOT_FULFILLED.
    """
    joined = _joined(ordered, accounts, products, offers, offer_products, currencies)
    termed = with_terms(joined, schemes, plans.price_plans)
    termed = cache(with_billed(termed, "billing_vendor_id", "line_currency", vendor_currencies))
    planned = with_plan_price(with_applied_plan(termed, accounts, plans), book)
    found = cache(_with_basis(planned, plans.price_plans))
    is_usage = found.price_type == "usage"
    judged = first_reason(
        found,
        (found.known_account.isnull(), "UNKNOWN_ACCOUNT", "account_id", found.account_id),
        (found.known_product.isnull(), "UNKNOWN_PRODUCT", "product_id", found.product_id),
        (found.account_role == "linked", "ACCOUNT_NOT_BILLED", "account_id", found.account_id),
        (found.account_role == "vendor", "ACCOUNT_NOT_BILLED", "account_id", found.account_id),
        (found.offer_id.notnull() & found.known_offer.isnull(), "UNKNOWN_OFFER", "offer_id", found.offer_id),
        (
            found.known_offer.notnull()
            & ~((found.ordered_on >= found.offer_from) & (found.ordered_on < found.offer_to)),
            "OFFER_NOT_AVAILABLE", "ordered_on", found.ordered_on,
        ),
        (found.plan.notnull() & found.known_plan.isnull(), "UNKNOWN_PRICE_PLAN", "price_plan_id", found.plan),
        (~found.plan_allowed, "PLAN_NOT_ALLOWED", "price_plan_id", found.plan),
        *term_rules(found),
        (found.known_currency.isnull(), "UNKNOWN_CURRENCY", "currency", found.line_currency),
        (~found.currency_billed, "CURRENCY_NOT_BILLED", "currency", found.line_currency),
        (found.is_unfulfilled, "NOT_FULFILLED", "fulfilled_quantity", found.fulfilled_quantity),
        (is_usage != (found.product_type == "usage_service"), "WRONG_PRICE_TYPE", "price_type", found.price_type),
        (is_usage & found.service_identifier.isnull(), "MISSING_SERVICE_IDENTIFIER", "service_identifier", None),
        (~is_usage & found.price.isnull() & found.plan_amount.isnull(), "MISSING_PRICE", "unit_price", None),
        (found.below_floor, "PRICE_BELOW_FLOOR", "unit_price", found.agreed_price),
        (found.end_date <= found.start_date, "END_BEFORE_START", "end_date", found.end_date),
        (
            (found.billing_day < 1) | (found.billing_day > 31),
            "INVALID_BILLING_DAY", "billing_day", found.billing_day,
        ),
    )  # fmt: skip
    placed = _beside_neighbours(judged, history, cache, rows)
    return (
        placed.filter(placed.reason.isnull())
        .mutate(subscription_type=placed.type_of_subscription)
        .select(ORDER_LINES.schema.names),
        placed.filter(placed.reason.notnull()).select(*LINE_KEY, "reason", "detail", "source_file", "source_line"),
    )


def _beside_neighbours(
    judged: ir.Table, history: ir.Table | None, cache: Callable[[ir.Table], ir.Table],
    rows: Callable[[ir.Table], list[dict]],
) -> ir.Table:  # fmt: skip
    """Judged lines with their prices and lives, and whether they can stand beside each other.

    Where a version cannot, the one before it goes on, which may be in the way of another: so lives are found anew
    until no further version is refused.
    """
    if history is None:
        return cache(_placed(_resolved(judged)))
    while True:
        placed = cache(_placed(_resolved(with_lives(judged, history))))
        refused = placed.filter(placed.reason.isin(NEIGHBOUR_REASONS)).semi_join(history, LINE)
        late = refused.anti_join(judged.filter(judged.reason.notnull()), "line_key")
        if not rows(late.limit(1)):
            return placed
        known = late.select(late_key="line_key", late_reason="reason", late_detail="detail")
        both = judged.left_join(known, judged.line_key == known.late_key)
        judged = cache(
            both.mutate(
                reason=ibis.coalesce(both.reason, both.late_reason), detail=ibis.coalesce(both.detail, both.late_detail)
            ).select(judged.columns)
        )


def _placed(lines: ir.Table) -> ir.Table:
    return first_reason(lines, (lines.reason.notnull(), None, None, None), *neighbour_rules(lines))


def _joined(ordered, accounts, products, offers, offer_products, currencies) -> ir.Table:
    a = accounts.select(
        known_account="account_id", account_role="role", account_currency="currency", payer="payer_account_id"
    )
    payers = accounts.select(paying_account="account_id", billing_vendor_id="vendor_account_id")
    p = products.select("product_type", "product_family", "udr_type", "tax_code", known_product="product_id")
    o = offers.select(
        known_offer="offer_id", offer_plan="price_plan_id", offer_from="valid_from", offer_to="valid_to",
        offer_tax_included="tax_included",
    )  # fmt: skip
    with_offer = (
        ordered.mutate(type_of_subscription=_type_of_subscription(ordered))
        .left_join(a, ibis._.account_id == a.known_account)
        .left_join(payers, ibis._.payer == payers.paying_account)
        .left_join(p, ibis._.product_id == p.known_product)
        .left_join(o, ibis._.offer_id == o.known_offer)
    ).mutate(
        line_currency=ibis.coalesce(ibis._.currency, ibis._.account_currency),
        plan=ibis.coalesce(ibis._.price_plan_id, ibis._.offer_plan),
    )
    listed = offer_products.select(
        listed_offer="offer_id", listed_product="product_id", listed_type="price_type",
        listed_currency="currency", listed_price="unit_price",
    )  # fmt: skip
    known = currencies.select(known_currency="currency")
    return (
        with_offer.left_join(
            listed,
            [
                with_offer.offer_id == listed.listed_offer,
                with_offer.product_id == listed.listed_product,
                with_offer.price_type == listed.listed_type,
                with_offer.line_currency == listed.listed_currency,
            ],
        )
        .left_join(known, ibis._.line_currency == known.known_currency)
        .mutate(price=ibis.coalesce(ibis._.unit_price, ibis._.listed_price))
    )


def _with_basis(lines: ir.Table, price_plans: ir.Table) -> ir.Table:
    """Add tax_included: that of the rate where the plan gives the price, else of the offer, else of the plan."""
    bases = price_plans.select(basis_plan="price_plan_id", plan_tax_included="tax_included")
    found = lines.left_join(bases, lines.applied_plan == bases.basis_plan)
    of_rate = ibis.ifelse(found.price.isnull(), found.rate_tax_included, ibis.null("boolean"))
    return found.mutate(tax_included=ibis.coalesce(of_rate, found.offer_tax_included, found.plan_tax_included, False))


def _resolved(lines: ir.Table) -> ir.Table:
    is_usage = lines.price_type == "usage"
    price = ibis.ifelse(is_usage, ibis.literal(0).cast(lines.price.type()), lines.price)
    return lines.mutate(
        price_plan_id=lines.plan,
        currency=lines.line_currency,
        unit_price=ibis.coalesce(price, lines.plan_price),
        rate_id=ibis.ifelse(price.isnull(), lines.rate_id, ibis.null("string")),
        net_price=ibis.ifelse(price.isnull(), lines.plan_amount, amount(lines.quantity * price)),
        pricing_source=ibis.cases(
            (is_usage, "usage"),
            (lines.unit_price.notnull(), "order_line"),
            (price.notnull(), "offer"),
            else_="price_plan",
        ),
    )


def _type_of_subscription(orders: ir.Table) -> ir.StringValue:
    """The type that the first of the subscription's lines gives that give one."""
    window = ibis.window(
        group_by=[orders.subscription_id, orders.account_id],
        order_by=[orders.subscription_type.isnull(), orders.source_file, orders.source_line],
    )
    return orders.subscription_type.first().over(window)

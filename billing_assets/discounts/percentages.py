"""Discounts: a percentage off everything that a subscription is charged in the month, before tax."""

import ibis
import ibis.expr.types as ir

from billing_assets.discounts.tables import DISCOUNT_ITEMS, REJECTED_DISCOUNTS, SUBSCRIPTION_DISCOUNTS
from billing_assets.exact import amount, integer, percentage, total
from billing_assets.item import VENDOR_TO_CUSTOMER, as_items
from billing_assets.records import first_reason


def judge_discounts(discounts: ir.Table, subscriptions: ir.Table, schemes: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Split typed discount rows into those that can be given and the others; `schemes` are billing term schemes.

    Reasons: UNKNOWN_SUBSCRIPTION, DISCOUNT_NOT_ALLOWED (by the subscription's scheme), PERCENT_OUT_OF_RANGE,
    END_BEFORE_START, OVERLAPPING_DISCOUNT (one that begins before an earlier one of the subscription has ended).
    """
    fixed = schemes.filter(schemes.discount_option == "none").select(fixed_scheme="billing_term_scheme_id")
    known = subscriptions.select("billing_term_scheme_id", known_subscription="subscription_id")
    found = discounts.left_join(known, discounts.subscription_id == known.known_subscription)
    found = found.left_join(fixed, found.billing_term_scheme_id == fixed.fixed_scheme)
    judged = first_reason(
        found,
        (found.known_subscription.isnull(), "UNKNOWN_SUBSCRIPTION", "subscription_id", found.subscription_id),
        (found.fixed_scheme.notnull(), "DISCOUNT_NOT_ALLOWED", "billing_term_scheme_id", found.fixed_scheme),
        ((found.percent <= 0) | (found.percent > 100), "PERCENT_OUT_OF_RANGE", "percent", found.percent),
        (found.valid_to <= found.valid_from, "END_BEFORE_START", "valid_to", found.valid_to),
    )
    earlier = ibis.window(
        group_by=[judged.subscription_id, judged.reason.isnull()],
        order_by=[judged.valid_from, judged.source_file, judged.source_line],
        preceding=(None, 1),
    )
    overlaps = judged.valid_from < judged.valid_to.max().over(earlier)
    placed = first_reason(
        judged,
        (judged.reason.notnull(), None, None, None),
        (overlaps, "OVERLAPPING_DISCOUNT", "valid_from", judged.valid_from),
    )
    return (
        SUBSCRIPTION_DISCOUNTS.shape(placed.filter(placed.reason.isnull())),
        REJECTED_DISCOUNTS.shape(placed.filter(placed.reason.notnull())),
    )


def event_base(events: ir.Table, discounts: ir.Table, products: ir.Table) -> ir.Table:
    """The month's rated events, or bundle items, whose local day a discount is valid on.

    An event may have a tax code of its own; what a bundle covers has that of its product.
    """
    met = _met(events, discounts)
    day = met.local_at.date()
    of_day = met.filter(met.valid_from <= day, day < met.valid_to)
    named = of_day.join(products.select("product_id", product_tax_code="tax_code"), "product_id")
    codes = [named[c] for c in ("tax_code", "product_tax_code") if c in named.columns]
    return _base(named.mutate(tax_code=ibis.coalesce(*codes)))


def period_base(charged: ir.Table, discounts: ir.Table) -> ir.Table:
    """The month's fees, or usage charges, whose period begins while a discount is valid."""
    met = _met(charged, discounts)
    return _base(met.filter(met.valid_from <= met.service_start, met.service_start < met.valid_to))


def _met(rows: ir.Table, discounts: ir.Table) -> ir.Table:
    given = discounts.select(
        "discount_id", "percent", "valid_from", "valid_to", discounted="subscription_id", label="name"
    )
    return rows.join(given, rows.subscription_id == given.discounted)


_GROUP = (
    "month", "billing_cycle", "discount_id", "percent", "label", "leg", "payer_account_id", "service_account_id",
    "subscription_id", "product_id", "tax_code", "tax_included", "currency", "service_start", "service_end",
)  # fmt: skip


def _base(rows: ir.Table) -> ir.Table:
    return rows.group_by(*_GROUP).aggregate(base=total(rows.amount))


def discount_items(base: ir.Table) -> ir.Table:
    """The discounts of the month: minus the percentage of what they reduce.

    One per product, tax code, basis and service period, so that a discount is taxed as what it reduces.
    """
    summed = base.group_by(*_GROUP).aggregate(base=total(base.base))
    return as_items(
        summed,
        DISCOUNT_ITEMS,
        item_type="discount",
        leg=VENDOR_TO_CUSTOMER,
        source_table=SUBSCRIPTION_DISCOUNTS.name,
        source_id=summed.discount_id,
        events=integer(0),
        amount=amount(-percentage(summed.base, summed.percent)),
    )

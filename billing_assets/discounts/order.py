"""Which discounts reduce which charges, and in which order.

Of what reduces the same charge, percentages and what is free go before amounts; then what is for some products before
what is for a plan, that before what is for a subscription or job, and that before what is for an account; then
priority, then definition, then first day.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.discounts.charges import COMMITMENT, ITEM_TYPE
from billing_assets.discounts.fee_facts import JOB, PRODUCT_FROM
from billing_assets.discounts.free_months import with_free_months
from billing_assets.pricing.conditions import facts, meeting
from billing_assets.reference.tables import (
    DISCOUNTED_FIELDS,
    FREE_PERIOD,
    FREE_USAGE,
    OF_MONEY,
    PRODUCT_FIELDS,
    SERVICE_JOB,
)

_OF_PRODUCT = (*PRODUCT_FIELDS, "udr_type")
_OF_PLAN = "price_plan_id"
_PLACE = ("is_money", "scope", "priority", "discount_definition_id", "repeated")


def reduced(
    charges: ir.Table, discounts: ir.Table, criteria: ir.Table, products: ir.Table, windows: ir.Table
) -> ir.Table:
    """The pairs of charge (charges.py) and discount that reduces it, with `step`: 0 for what comes first.

    `windows` are those of the payers (rating/month.py).
    """
    given = discounts.select(
        "discount_id", "discount_definition_id", "target", "target_id", "discount_type", "value", "priority",
        "starts_on", "valid_from", "valid_to", "reduces_commitments", label="name", given_to="subscription_id",
        only_currency="currency", only_unit="unit",
        only_job=ibis.ifelse(discounts.target == SERVICE_JOB, discounts.target_id, ibis.null("string")),
    )  # fmt: skip
    months = windows.select("window_payer", month_start="service_start", month_end="service_end")
    dated = charges.join(months, charges.payer_account_id == months.window_payer)
    met = dated.join(given, dated.subscription_id == given.given_to)
    if PRODUCT_FROM in met.columns:
        met = with_free_months(met, criteria)
    by_month = (met.valid_from < met.month_end) & (met.valid_to > met.month_start)
    by_day = (met.valid_from <= met.stretch_from) & (met.stretch_from < met.valid_to)
    kind = met.discount_type
    counts = [
        (kind.isin(OF_MONEY), by_month & (met.currency == met.only_currency)),
        (kind == "percentage", by_day),
    ]
    if "unit" in met.columns:
        counts.append((kind == FREE_USAGE, by_day & (met.unit == met.only_unit)))
    if PRODUCT_FROM in met.columns:
        of_period = (met.free_from < met.service_end) & (met.free_to > met.service_start)
        counts.append((kind == FREE_PERIOD, of_period & (met.price_type == "recurring")))
    found = met.filter(ibis.cases(*counts, else_=ibis.literal(False)).fill_null(False))
    if JOB in found.columns:
        found = found.filter(found[JOB].identical_to(found.only_job))
    if ITEM_TYPE in found.columns:
        found = found.filter(found.reduces_commitments | (found[ITEM_TYPE] != COMMITMENT).fill_null(True))
    of_charge = criteria.filter(criteria.field.isin(DISCOUNTED_FIELDS))
    return _placed(_meeting(found, of_charge, products), of_charge)


def _meeting(pairs: ir.Table, criteria: ir.Table, products: ir.Table) -> ir.Table:
    """The pairs whose charge meets the criteria of the definition, which are looked at once for charges alike."""
    of_products = [name for name in DISCOUNTED_FIELDS if name in products.columns and name != "product_id"]
    own = [name for name in DISCOUNTED_FIELDS if name in pairs.columns]
    kinds = pairs.mutate(kind_id=_kind(pairs, own))
    alike = kinds.select("kind_id", *own).distinct()
    known = alike.join(products.select("product_id", *of_products), "product_id")
    met = meeting(facts(known, "kind_id", [*own, *of_products]), criteria.rename(owner="discount_definition_id"))
    free = kinds.anti_join(criteria, "discount_definition_id")
    fit = met.select(discount_definition_id="owner", kind_id="subject")
    return free.union(kinds.semi_join(fit, ["discount_definition_id", "kind_id"]))


def _kind(rows: ir.Table, columns: Sequence[str]) -> ir.StringValue:
    return ibis.literal("|").join([ibis.coalesce(rows[c], ibis.literal("")) for c in columns])


def _placed(pairs: ir.Table, criteria: ir.Table) -> ir.Table:
    """Add step: the place of the discount among those of the paying account.

    What two subscriptions of the account have of one definition has the same place: no charge has both.
    """
    limits = criteria.filter(criteria.field.isin((*_OF_PRODUCT, _OF_PLAN)))
    narrow = limits.group_by(narrow="discount_definition_id").aggregate(
        narrow_scope=ibis.ifelse(limits.field == _OF_PLAN, 1, 0).min()
    )
    found = pairs.left_join(narrow, pairs.discount_definition_id == narrow.narrow)
    again = ibis.window(
        group_by=[found.discount_definition_id, found.target_id], order_by=[found.valid_from, found.discount_id]
    )
    scoped = found.mutate(
        is_money=found.discount_type.isin(OF_MONEY),
        scope=ibis.coalesce(found.narrow_scope, ibis.ifelse(found.target == "account", 3, 2)),
        repeated=ibis.dense_rank().over(again),
    )
    of_payer = ibis.window(group_by=scoped.payer_account_id, order_by=[scoped[c] for c in _PLACE])
    return scoped.mutate(step=ibis.dense_rank().over(of_payer)).drop(*_PLACE[:2], "narrow", "narrow_scope", "repeated")

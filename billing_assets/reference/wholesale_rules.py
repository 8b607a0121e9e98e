"""What makes wholesale plans unusable: resellers that are none, plans that their seller does not bill, ties.

A wholesale plan has no subscriptions: what is counted by them, or by their days, cannot be a bundle of it.
"""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, broken, sentence, told, unknown, validity
from billing_assets.reference.legs import RESELLER
from billing_assets.reference.tables.vocabulary import ANY
from billing_assets.reference.vendor_currencies import with_billed

_OWN = "reseller_account_id"


def wholesale_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    plans = t["wholesale_plans"]
    resellers = t["accounts"].filter(t["accounts"].role == RESELLER)
    yield unknown(plans, _OWN, resellers, "account_id", RESELLER)
    yield unknown(plans, "price_plan_id", t["price_plans"])
    usage = t["products"].filter(t["products"].product_type == "usage_service")
    for column, noun in (("product_id", "usage service"), ("product_family", "family of usage services")):
        yield unknown(plans.filter(plans[column] != ANY), column, usage, noun=noun)
    both = (plans.product_id != ANY) & (plans.product_family != ANY)
    yield broken(plans, both, "product_family", "and product_id do not go together")
    yield from validity(plans, _OWN, "product_family", "product_id")
    sold = resellers.select("vendor_account_id", "payer_account_id", **{_OWN: "account_id"})
    yield from _plan_rules(t, plans.join(sold, _OWN))
    yield _payer_rule(plans.join(sold, _OWN), resellers)
    yield from _bundle_rules(t["bundles"].semi_join(plans, "price_plan_id"))


def _plan_rules(t: dict[str, ir.Table], plans: ir.Table) -> Iterator[Rule]:
    named = plans.join(t["price_plans"].select("price_plan_id", "currency", "plan_type"), "price_plan_id")
    conditional = named.plan_type == "conditional"
    yield broken(named, conditional, "price_plan_id", "is conditional, and its conditions are those of subscriptions")
    judged = with_billed(named, "vendor_account_id", "currency", t["vendor_currencies"])
    other = judged.filter(~judged.currency_billed)
    words = ("price_plan_id", other.price_plan_id, "is in", other.currency, "which is none that vendor")
    yield told(other, sentence(*words, other.vendor_account_id, "bills"))


def _payer_rule(plans: ir.Table, resellers: ir.Table) -> Rule:
    """Who pays for a reseller decides the leg, and who is next above it: a reseller that the same vendor bills."""
    payers = resellers.select(payer="account_id", billed_by="vendor_account_id")
    other = plans.anti_join(
        payers, [plans.payer_account_id == payers.payer, plans.vendor_account_id == payers.billed_by]
    )
    words = (_OWN, other[_OWN], "is paid for by", other.payer_account_id, "which is no reseller of vendor")
    return told(other, sentence(*words, other.vendor_account_id))


def _bundle_rules(bundles: ir.Table) -> Iterator[Rule]:
    words = "is not for the bundle of a wholesale plan"
    yield broken(bundles, ~bundles.scope.isin(("account", "payer")), "scope", words)
    yield broken(bundles, bundles.effect == "commit", "effect", words)
    yield broken(bundles, bundles.proration != "none", "proration", words)
    yield broken(bundles, bundles.rollover_months.notnull(), "rollover_months", words)

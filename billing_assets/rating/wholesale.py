"""Usage that resellers are charged for: what their customers used, by the wholesale plan of each reseller above them.

An event is rated once more for each of them, as if it were an event of its own. It keeps who used it, and has no
subscription: that is between the customer and its seller. An amount that the source gave is what the customer pays,
and says nothing of what the reseller does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.exact import AMOUNT
from billing_assets.pricing.rate_card import spans
from billing_assets.reference.legs import payer_legs, reseller_accounts, resellers_above
from billing_assets.reference.tables import ACCOUNTS, ANY, PRODUCTS, WHOLESALE_PLANS

READS = (WHOLESALE_PLANS, ACCOUNTS, PRODUCTS)


@dataclass(frozen=True)
class Wholesale:
    """The resellers above each payer (reference/legs.py), and the plans of resellers (wholesale_card)."""

    above: ir.Table
    card: ir.Table


def wholesale(
    read: Callable[[Table], ir.Table],
    rows: Callable[[ir.Table], list[dict]],
    cache: Callable[[ir.Table], ir.Table],
) -> Wholesale | None:
    """How resellers are charged, by the tables of READS, which `read` gives; None where none of them is."""
    plans, accounts, products = (read(table) for table in READS)
    if not rows(plans.limit(1)):
        return None
    steps = ibis.memtable(resellers_above(rows(reseller_accounts(accounts))))
    above = payer_legs(accounts, rows).drop("leg").join(steps, "seller")
    return Wholesale(cache(above), cache(wholesale_card(plans, products)))


def wholesale_card(plans: ir.Table, products: ir.Table) -> ir.Table:
    """The plan of each reseller and usage product: card_reseller, card_product, wholesale_plan, card_from, card_to.

    One for the product goes before one for its family, and that before one for any product.
    """
    usage = products.filter(products.product_type == "usage_service")
    sold = usage.select(card_product="product_id", family_of_product="product_family")
    met = plans.rename(card_reseller="reseller_account_id", wholesale_plan="price_plan_id").cross_join(sold)
    fits = met.filter(
        (met.product_id == ANY) | (met.product_id == met.card_product),
        (met.product_family == ANY) | (met.product_family == met.family_of_product),
    )
    key = ("card_reseller", "card_product")
    fitting = spans(fits, *key).join(fits, key)
    fitting = fitting.filter(fitting.valid_from <= fitting.card_from, fitting.card_from < fitting.valid_to)
    nearest = ibis.row_number().over(
        ibis.window(
            group_by=[fitting[c] for c in (*key, "card_from")],
            order_by=[fitting.product_id == ANY, fitting.product_family == ANY],
        )
    )
    ranked = fitting.mutate(place=nearest)
    return ranked.filter(ranked.place == 0).select(*key, "wholesale_plan", "card_from", "card_to")


def resold(events: ir.Table, book: Wholesale) -> ir.Table:
    """Events once for each reseller above their payer that has a wholesale plan, with `step` (resellers_above).

    Payer, leg, plan, subscription and amount of the source are those of the reseller.
    """
    dated = events.mutate(local_day=events.local_at.date())
    sold = dated.join(book.above, dated.payer_account_id == book.above.leg_payer)
    card = book.card
    found = sold.join(
        card,
        [
            sold.reseller == card.card_reseller,
            sold.product_id == card.card_product,
            sold.local_day >= card.card_from,
            sold.local_day < card.card_to,
        ],
    )
    charged = found.mutate(
        payer_account_id=found.reseller_payer,
        leg=found.reseller_leg,
        price_plan_id=found.wholesale_plan,
        subscription_id=ibis.null("string"),
        prerated_amount=ibis.null(AMOUNT),
        prerated_currency=ibis.null("string"),
    )
    return charged.select(*events.columns, "step")

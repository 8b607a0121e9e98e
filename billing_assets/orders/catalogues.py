"""Which subscriptions meet the conditions of usage catalogues, and on which days.

What a subscription is (its type, its account) holds on all its days; a termed service that it has counts on
the days of its order line (CRM.COM, usage service catalogues).
"""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import ALWAYS, FOREVER
from billing_assets.pricing.conditions import facts_with_account, meeting
from billing_assets.reference.tables import ANY

TERMED = "termed_product_id"
_PAIR = ("subscription_id", "usage_catalogue_id")


def subscription_catalogues(
    conditions: ir.Table, segments: ir.Table, subscriptions: ir.Table, order_lines: ir.Table, accounts: ir.Table
) -> ir.Table:
    """subscription_id, usage_catalogue_id, valid_from, valid_to: local days on which all conditions hold.

    Stretches of one subscription and catalogue may overlap, where two termed services fit.
    """
    known = facts_with_account(subscriptions, "subscription_id", accounts, segments)
    asks_lasting = conditions.filter(conditions.field != TERMED)
    asks_termed = conditions.filter(conditions.field == TERMED)
    met = meeting(known, asks_lasting.rename(owner="usage_catalogue_id"))
    lasting = met.select(
        subscription_id="subject", usage_catalogue_id="owner", valid_from=ibis.date(ALWAYS), valid_to=ibis.date(FOREVER)
    )
    termed = _termed(asks_termed, order_lines)
    return ibis.union(
        lasting.anti_join(asks_termed, "usage_catalogue_id"),
        termed.anti_join(asks_lasting, "usage_catalogue_id"),
        termed.semi_join(lasting, _PAIR),
        distinct=True,
    )


def _termed(conditions: ir.Table, order_lines: ir.Table) -> ir.Table:
    """The days on which subscriptions have a termed service that a catalogue asks for."""
    lines = order_lines.filter(order_lines.product_type == "termed_service")
    asked = conditions.select("usage_catalogue_id", wanted=conditions.allowed_values.split("|").unnest())
    met = lines.join(asked, (lines.product_id == asked.wanted) | (asked.wanted == ANY))
    return met.select(*_PAIR, valid_from="start_date", valid_to=ibis.coalesce(met.end_date, ibis.date(FOREVER)))

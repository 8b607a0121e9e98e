"""Which subscriptions meet the conditions of usage catalogues.

A catalogue may ask for a subscription type, a termed service and a classification of the account. Several
values of a field are alternatives; different fields must all hold (CRM.COM, usage service catalogues). A
termed service counts on the days of its order line.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import ALWAYS, FOREVER
from billing_assets.reference.tables import ANY

TERMED = "termed_product_id"
_STRETCH = ("subscription_id", "usage_catalogue_id", "valid_from", "valid_to")


def subscription_catalogues(
    conditions: ir.Table, subscriptions: ir.Table, order_lines: ir.Table, accounts: ir.Table
) -> ir.Table:
    """subscription_id, usage_catalogue_id, valid_from, valid_to: local days on which all conditions hold.

    Stretches of one subscription and catalogue may overlap, where two termed services fit.
    """
    lasting = _lasting(conditions, subscriptions, accounts)
    asks_termed = conditions.filter(conditions.field == TERMED).select("usage_catalogue_id").distinct()
    stretches = lasting.anti_join(asks_termed, "usage_catalogue_id").select(_STRETCH)
    stretches = stretches.union(_termed(conditions, order_lines)).distinct()
    held = lasting.group_by("subscription_id", "usage_catalogue_id").aggregate(held=lasting.field.nunique())
    wanted = conditions.filter(conditions.field != TERMED).group_by("usage_catalogue_id")
    wanted = wanted.aggregate(wanted=conditions.field.nunique())
    judged = stretches.left_join(wanted, "usage_catalogue_id").drop("usage_catalogue_id_right")
    judged = judged.left_join(held, ["subscription_id", "usage_catalogue_id"])
    return judged.filter(judged.wanted.isnull() | (judged.wanted == judged.held)).select(_STRETCH)


def _lasting(conditions: ir.Table, subscriptions: ir.Table, accounts: ir.Table) -> ir.Table:
    """The conditions on what a subscription is, that hold: they do so on all its days."""
    owners = accounts.select("account_id", "classification")
    known = subscriptions.join(owners, "account_id")
    parts = []
    for field in ("subscription_type", "classification"):
        asked = conditions.filter(conditions.field == field).select("usage_catalogue_id", "field", "value")
        met = known.join(asked, known[field] == asked.value)
        parts.append(
            met.select(
                "subscription_id", "usage_catalogue_id", "field",
                valid_from=ibis.literal(ALWAYS).cast("date"), valid_to=ibis.literal(FOREVER).cast("date"),
            )
        )  # fmt: skip
    return ibis.union(*parts)


def _termed(conditions: ir.Table, order_lines: ir.Table) -> ir.Table:
    """The days on which subscriptions have a termed service that a catalogue asks for."""
    termed = order_lines.filter(order_lines.product_type == "termed_service")
    asked = conditions.filter(conditions.field == TERMED).select("usage_catalogue_id", "value")
    met = termed.join(asked, (termed.product_id == asked.value) | (asked.value == ANY))
    end = ibis.coalesce(met.end_date, ibis.literal(FOREVER).cast("date"))
    return met.select("subscription_id", "usage_catalogue_id", valid_from="start_date", valid_to=end)

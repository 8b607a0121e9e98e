"""May a subscription use this service on this day: what usage catalogues offer, and whom.

A catalogue offers a service on the days that lie both in one of its periods and in the window of an entry, if
it is effective. A service that no catalogue names is not restricted: catalogues say what may be ordered, and
what is metered anyway (a call) needs none. All days are local days of the account that uses the service.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import ALWAYS, FOREVER

NOT_IN_CATALOGUE = "NOT_IN_CATALOGUE"
CATALOGUE_NOT_IN_FORCE = "CATALOGUE_NOT_IN_FORCE"
NOT_ALLOWED_FOR_SUBSCRIPTION = "NOT_ALLOWED_FOR_SUBSCRIPTION"

_ASKED = ("subscription_id", "product_id", "local_day")


def listings(
    catalogues: ir.Table, periods: ir.Table, entries: ir.Table, conditions: ir.Table, products: ir.Table
) -> ir.Table:
    """One row per usage service, entry that names it, and period of its catalogue.

    Columns: usage_catalogue_id, product_id, effective, entry_from, entry_to, period_from, period_to,
    has_conditions, precision (0 an entry for the product, 1 for its family, 2 for its type), provisioning_id,
    providers, default_plan_id.
    """
    valid = periods.select("usage_catalogue_id", period_from="valid_from", period_to="valid_to")
    asking = conditions.select("usage_catalogue_id", has_conditions=ibis.literal(True)).distinct()
    dated = catalogues.left_join(valid, "usage_catalogue_id").drop("usage_catalogue_id_right")
    dated = dated.left_join(asking, "usage_catalogue_id").select(
        "usage_catalogue_id", "effective", "providers",
        udr_types=dated.udr_types.split("|"),
        default_plan_id=dated.price_plan_id,
        period_from=ibis.coalesce(dated.period_from, ibis.date(ALWAYS)),
        period_to=ibis.coalesce(dated.period_to, ibis.date(FOREVER)),
        has_conditions=asking.has_conditions.fill_null(False),
    )  # fmt: skip
    named = _named(entries, products)
    found = named.join(dated, "usage_catalogue_id")
    return found.filter(found.udr_types.isnull() | found.udr_types.contains(found.udr_type)).drop(
        "udr_types", "udr_type"
    )


def _named(entries: ir.Table, products: ir.Table) -> ir.Table:
    """The usage services that entries name, by themselves, by their family or by their type."""
    usage = products.filter(products.product_type == "usage_service")
    parts = []
    for precision, column in enumerate(("product_id", "product_family", "product_type")):
        own = entries.select("usage_catalogue_id", "provisioning_id", entry_from="valid_from", entry_to="valid_to",
                             wanted=column)  # fmt: skip
        met = own.join(usage, own.wanted == usage[column])
        parts.append(
            met.select(
                "usage_catalogue_id", "product_id", "udr_type", "entry_from", "entry_to",
                provisioning_id=ibis.coalesce(met.provisioning_id, met.product_id),
                precision=ibis.literal(precision, "int64"),
            )
        )  # fmt: skip
    return ibis.union(*parts)


def asked(judged: ir.Table) -> ir.Table:
    """What judged usage asks for: subscription_id, product_id, local_day of what is valid so far, each once."""
    valid = judged.filter(judged.reason.isnull(), ~judged.unassigned)
    return valid.select("subscription_id", product_id="product", local_day=valid.local_at.date()).distinct()


def listed(asked: ir.Table, listings: ir.Table) -> ir.Table:
    """What is asked for of services that catalogues name."""
    return asked.semi_join(listings, "product_id")


def answers(asked: ir.Table, listings: ir.Table, entitled: ir.Table) -> ir.Table:
    """What is asked for, with the catalogue that allows it, or the reason why none does.

    `entitled` as of orders.catalogues.subscription_catalogues. Reasons: NOT_IN_CATALOGUE,
    CATALOGUE_NOT_IN_FORCE, NOT_ALLOWED_FOR_SUBSCRIPTION. Of several catalogues the one that names the service
    most precisely counts, then the first by id. Columns: those asked for, reason, usage_catalogue_id,
    provisioning_id, providers, default_plan_id.
    """
    offers = listings.rename(listed_product="product_id")
    found = asked.left_join(offers, asked.product_id == offers.listed_product)
    found = found.mutate(
        in_force=found.effective
        & (found.local_day >= found.entry_from)
        & (found.local_day < found.entry_to)
        & (found.local_day >= found.period_from)
        & (found.local_day < found.period_to)
    )
    members = entitled.rename(member="subscription_id", member_of="usage_catalogue_id")
    met = found.left_join(
        members,
        [
            found.subscription_id == members.member,
            found.usage_catalogue_id == members.member_of,
            found.local_day >= members.valid_from,
            found.local_day < members.valid_to,
        ],
    )
    allowed = met.in_force & (~met.has_conditions | met.member.notnull())
    judged = met.mutate(
        reason=ibis.cases(
            (allowed, ibis.null("string")),
            (met.in_force, ibis.literal(NOT_ALLOWED_FOR_SUBSCRIPTION)),
            (met.listed_product.notnull(), ibis.literal(CATALOGUE_NOT_IN_FORCE)),
            else_=ibis.literal(NOT_IN_CATALOGUE),
        ),
        closeness=ibis.cases((allowed, 0), (met.in_force, 1), else_=2),
    )
    order = [judged.closeness, judged.precision, judged.usage_catalogue_id]
    place = ibis.row_number().over(group_by=[judged[c] for c in _ASKED], order_by=order)
    best = judged.mutate(place=place)
    return best.filter(best.place == 0).select(
        *_ASKED, "reason", "usage_catalogue_id", "provisioning_id", "providers", "default_plan_id"
    )


def answered(judged: ir.Table, answers: ir.Table) -> ir.Table:
    """Judged usage with the answers to what it asks for: their reason where there is none yet, and default rates.

    Adds usage_catalogue_id, provisioning_id and providers of the catalogue that allows it.
    """
    given = answers.rename(asked_subscription="subscription_id", asked_product="product_id", asked_day="local_day",
                           refused="reason")  # fmt: skip
    both = judged.left_join(
        given,
        [
            judged.subscription_id == given.asked_subscription,
            judged.product == given.asked_product,
            judged.local_at.date() == given.asked_day,
        ],
    )
    refused = both.reason.isnull() & both.refused.notnull()
    shown = both.product + ibis.literal(" on ") + both.asked_day.cast("string")
    return both.mutate(
        reason=ibis.coalesce(both.reason, both.refused),
        detail=ibis.ifelse(refused, shown, both.detail),
        price_plan_id=ibis.coalesce(both.price_plan_id, both.default_plan_id),
    )

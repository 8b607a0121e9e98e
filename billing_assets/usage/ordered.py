"""From usage orders to usage: a service that a subscription orders for a moment, now or later.

An order is usage that was announced. It is judged by the rules of usage (udrs.py, catalogues.py) when it comes
in, and becomes a record of raw usage on the day of its effective time. Here belongs what an order has and a
record has not: its subscription by name, its termed service, local times of its account, provisioning.
"""

from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.records import first_reason
from billing_assets.usage.mapping import from_local, iso_time

_TIMES = ("ordered_at", "effective_at")
_ATTRIBUTES = r"^[^=|]*[^=| ][^=|]*=[^|]*(\|[^=|]*[^=| ][^=|]*=[^|]*)*$"
_LAST_YEAR = 9999


def placed(orders: ir.Table, subscriptions: ir.Table, accounts: ir.Table, products: ir.Table) -> ir.Table:
    """Usage orders with the account of their subscription, the UDR type of their service, and their times.

    A time is an instant (`_exact`) where it has an offset, else a local one (`_local`) of the account.
    """
    s = subscriptions.select("account_id", known_subscription="subscription_id")
    a = accounts.select("time_zone", owner="account_id")
    usage = products.filter(products.product_type == "usage_service")
    p = usage.select(known_product="product_id", product_udr_type="udr_type")
    found = (
        orders.left_join(s, orders.subscription_id == s.known_subscription)
        .left_join(a, s.account_id == a.owner)
        .left_join(p, orders.product_id == p.known_product)
    )
    colon = ibis.literal(":")
    named = found.mutate(
        usage_order_id=found.source + colon + found.source_order_id + colon + found.source_line_id,
        effective_at=ibis.coalesce(found.effective_at, found.ordered_at),
    )
    for column in _TIMES:
        local, exact = iso_time(named[column])
        named = named.mutate(**{f"{column}_local": local, f"{column}_exact": exact})
    return named


def local_days(placed: ir.Table) -> ir.Table:
    """The (time zone, local day) pairs of local times. The last year has a day that none comes after."""
    days = [placed.select("time_zone", local_day=placed[f"{column}_local"].date()) for column in _TIMES]
    pairs = ibis.union(*days, distinct=True)
    return pairs.filter(pairs.time_zone.notnull(), pairs.local_day.year() < _LAST_YEAR)


def judged_orders(placed: ir.Table, offsets: pa.Table, services: ir.Table, first_day: date) -> ir.Table:
    """Usage orders with their times in UTC, service identifier, attributes by name, and reason, if any.

    `offsets` as of calendar.zoned_offsets. Usage is by the usage line of the subscription for the UDR type at
    the effective time: that of the product itself, else the first. Reasons: UNKNOWN_SUBSCRIPTION,
    UNKNOWN_PRODUCT, WRONG_UDR_TYPE, MALFORMED_ATTRIBUTES, INVALID_TIME, BEFORE_FIRST_DAY, NO_USAGE_LINE.
    """
    timed = placed
    for column in _TIMES:
        timed = from_local(timed, column, f"{column}_utc", ibis.memtable(offsets))
    typed = timed.mutate(event_day=timed.effective_at_utc.date(), well_formed=_well_formed(timed.attributes))
    found = _with_service(typed, services)
    judged = first_reason(
        found,
        (found.known_subscription.isnull(), "UNKNOWN_SUBSCRIPTION", "subscription_id", found.subscription_id),
        (found.known_product.isnull(), "UNKNOWN_PRODUCT", "product_id", found.product_id),
        (found.udr_type != found.product_udr_type, "WRONG_UDR_TYPE", "udr_type", found.udr_type),
        (~found.well_formed, "MALFORMED_ATTRIBUTES", "attributes", found.attributes),
        (found.ordered_at_utc.isnull(), "INVALID_TIME", "ordered_at", found.ordered_at),
        (found.effective_at_utc.isnull(), "INVALID_TIME", "effective_at", found.effective_at),
        (found.event_day < ibis.literal(first_day), "BEFORE_FIRST_DAY", "effective_at", found.effective_at),
        (found.identifier.isnull(), "NO_USAGE_LINE", "udr_type", found.product_udr_type),
    )
    return judged.mutate(
        udr_type=judged.product_udr_type,
        service_identifier=judged.identifier,
        ordered_at=judged.ordered_at_utc,
        effective_at=judged.effective_at_utc,
        attributes=_by_name(ibis.ifelse(judged.well_formed, judged.attributes, ibis.null("string"))),
    ).drop("time_zone", "identifier", "owner")


def _with_service(orders: ir.Table, services: ir.Table) -> ir.Table:
    s = services.select(
        "start_at", "end_at", of_subscription="subscription_id", of_type="udr_type", of_product="product_id",
        of_line="order_line_id", identifier="service_identifier",
    )  # fmt: skip
    found = orders.left_join(
        s,
        [
            orders.subscription_id == s.of_subscription,
            orders.product_udr_type == s.of_type,
            orders.effective_at_utc >= s.start_at,
            orders.effective_at_utc < ibis.coalesce(s.end_at, ibis.timestamp("9999-12-31 00:00:00")),
        ],
    )
    order = [(found.of_product == found.product_id).cast("int64").desc(), found.of_line]
    ranked = found.mutate(place=ibis.row_number().over(group_by=found.usage_order_id, order_by=order))
    return ranked.filter(ranked.place == 0).drop("start_at", "end_at", "place")


def _well_formed(attributes: ir.StringValue) -> ir.BooleanValue:
    names = _names(attributes)
    return attributes.isnull() | (attributes.re_search(_ATTRIBUTES) & (names.unique().length() == names.length()))


def _names(attributes: ir.StringValue) -> ir.ArrayValue:
    return attributes.split("|").map(lambda pair: pair.split("=")[0].strip())


def _by_name(attributes: ir.StringValue) -> ir.MapValue:
    values = attributes.split("|").map(lambda pair: pair.substr(pair.find("=") + 1).strip().nullif(""))
    nothing = ibis.literal({}, "map<string, string>")
    return ibis.ifelse(attributes.isnull(), nothing, ibis.map(_names(attributes), values))


def as_usage(orders: ir.Table) -> ir.Table:
    """Usage orders with the columns of raw usage; their record id is that of the order and its line."""
    nothing = ibis.null("string")
    return orders.mutate(
        load_day=orders.ordered_at.date(),
        event_day=orders.effective_at.date(),
        billing_effective_at=orders.effective_at,
        started_at=orders.effective_at,
        record_id=orders.source_order_id + ibis.literal(":") + orders.source_line_id,
        destination=nothing,
        amount=nothing,
        currency=nothing,
    )


def with_termed_service(judged: ir.Table, order_lines: ir.Table) -> ir.Table:
    """Judged usage orders, with the reason NO_TERMED_SERVICE where the termed service that they name is not theirs.

    It must be an order line of the subscription, on the local day of the effective time.
    """
    termed = order_lines.filter(order_lines.product_type == "termed_service")
    lines = termed.select("start_date", "end_date", line_subscription="subscription_id", line_product="product_id")
    local_day = judged.local_at.date()
    lacking = judged.filter(judged.termed_product_id.notnull()).anti_join(
        lines,
        [
            judged.subscription_id == lines.line_subscription,
            judged.termed_product_id == lines.line_product,
            local_day >= lines.start_date,
            lines.end_date.isnull() | (local_day < lines.end_date),
        ],
    )
    lacking = lacking.select(lacking="usage_order_id")
    marked = judged.left_join(lacking, judged.usage_order_id == lacking.lacking)
    lacks = marked.reason.isnull() & marked.lacking.notnull()
    shown = ibis.literal("termed_product_id '") + marked.termed_product_id + ibis.literal("'")
    return marked.mutate(
        reason=ibis.ifelse(lacks, "NO_TERMED_SERVICE", marked.reason), detail=ibis.ifelse(lacks, shown, marked.detail)
    )


def provisioning_requests(accepted: ir.Table) -> ir.Table:
    """A request for each accepted order and each provider of the catalogue that allows it."""
    return accepted.mutate(
        provider=accepted.providers.split("|").unnest(), quantity=accepted.units, unit=accepted.type_unit
    )

"""Order lines as they were ordered, and the versions of those that something was done to.

A version is what a line is from one day on. It ends where the next begins; what its action does not say stays as it
was in the version before.
"""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.exact import FEE_QUANTITY, integer
from billing_assets.item import digest
from billing_assets.orders.history import FREQUENCY, LINE, carried, changed, so_far, with_frequency
from billing_assets.orders.tables import NEW

LINE_KEY = ("source", "source_order_id", "source_line_id")
ORDER_LINE = "order_line"
PRICE_OF_PERIOD = "billing_period"
_TOTAL = dt.Decimal(38, 9)


def as_ordered(orders: ir.Table) -> ir.Table:
    """Typed orders, each the first version of itself, with the quantity that is fulfilled."""
    name = line_name(orders)
    return orders.mutate(
        line_key=digest(*(orders[c] for c in LINE_KEY)),
        order_line_id=name,
        ordered_line_id=name,
        subscription_id=ibis.coalesce(
            orders.subscription_id, orders.source + ibis.literal(":") + orders.source_order_id
        ),
        ordered_quantity=orders.quantity,
        quantity=ibis.least(orders.quantity, ibis.coalesce(orders.fulfilled_quantity, orders.quantity)),
        version=integer(1),
        action=ibis.literal(NEW),
        priced_on=orders.start_date,
        agreed_price=orders.unit_price,
        agreed_on=orders.ordered_on,
        below_floor=ibis.literal(False),
        aligned_from=orders.start_date,
        planned_end_date=orders.end_date,
        replaced_as=ibis.null("string"),
        is_gap=ibis.literal(False),
        is_unfulfilled=(orders.fulfilled_quantity == 0).fill_null(False),
    )


def with_versions(ordered: ir.Table, history: ir.Table, prices: str) -> ir.Table:
    """The ordered lines; those with a history (actions.judge_actions) as all their versions.

    `prices` says where the price of a version comes from that gives none: the asset line (what it was before) or
    the order line (its offer or plan on its first day).
    """
    named = _with_names(history)
    filled = _with_fulfilled(_with_prices(_with_choices(named), prices))
    lasting = filled.mutate(planned_end_date=filled.end_date, replaced_as=ibis.null("string"))
    versions = lasting.select(ordered.columns)
    return ordered.anti_join(history, LINE).union(versions)


def _with_names(history: ir.Table) -> ir.Table:
    is_first = history.action == NEW
    keys = [history[c] for c in LINE_KEY]
    return history.mutate(
        agreed_price=history.unit_price,
        agreed_on=history.ordered_on,
        below_floor=ibis.literal(False),
        version=history.place + 1,
        line_key=ibis.ifelse(is_first, digest(*keys), digest(history[LINE], *keys)),
        order_line_id=ibis.ifelse(is_first, history[LINE], history[LINE] + ibis.literal("/") + line_name(history)),
    )


def _with_choices(rows: ir.Table) -> ir.Table:
    """What stays until it is given anew; a plan also ends with the offer that it was chosen with."""
    own = ("offer_id", "product_id", "billing_rule", "service_identifier", "contract_id", "customer_reference")
    is_quantity = rows.quantity.notnull() & (rows.action != "fulfil")
    ends = rows.action.isin((NEW, "renew"))
    forever = ibis.date(FOREVER)
    filled = carried(
        with_frequency(rows),
        **{name: (rows[name], rows[name].notnull()) for name in own},
        ordered_quantity=(rows.quantity, is_quantity),
        end_date=(ibis.coalesce(rows.end_date, forever), ends | rows.end_date.notnull()),
    )
    filled = filled.mutate(end_date=filled.end_date.nullif(forever))
    return carried(
        filled, price_plan_id=(filled.price_plan_id, filled.price_plan_id.notnull() | changed(filled, "offer_id"))
    )


def _with_prices(rows: ir.Table, prices: str) -> ir.Table:
    """Where the price comes from, and the day whose rate counts.

    A price is of a product and an offer, and of a frequency unless its scheme says of which period it is the price.
    """
    of_frequency = ibis.coalesce(rows.scheme_price_period, PRICE_OF_PERIOD) == PRICE_OF_PERIOD
    anew = changed(rows, "product_id", "offer_id") | (changed(rows, *FREQUENCY) & of_frequency)
    if prices == ORDER_LINE:
        anew = anew | rows.action.isin(("amend", "renew", "swap"))
    chosen = anew | changed(rows, "price_plan_id")
    return carried(
        rows,
        unit_price=(rows.unit_price, anew | rows.unit_price.notnull()),
        priced_on=(rows.start_date, chosen),
        ordered_on=(rows.ordered_on, changed(rows, "product_id", "offer_id", "price_plan_id")),
    )


def _with_fulfilled(rows: ir.Table) -> ir.Table:
    """The quantity that is billed: all that is fulfilled so far, once for what is charged once."""
    none, rest = (ibis.literal(units).cast(_TOTAL) for units in (0, 10**FEE_QUANTITY.precision))
    first = ibis.coalesce(rows.fulfilled_quantity.cast(_TOTAL), none)
    ready = ibis.cases(
        (rows.action == NEW, first),
        (rows.action == "fulfil", ibis.coalesce(rows.quantity.cast(_TOTAL), rest)),
        else_=none,
    )
    summed = rows.mutate(ready=ready)
    summed = summed.mutate(upto=summed.ready.sum().over(so_far(summed)).cast(_TOTAL))
    whole = summed.ordered_quantity.cast(_TOTAL)
    billed = ibis.least(whole, summed.upto)
    once = (summed.price_type == "one_time") & (summed.action == "fulfil")
    earlier = ibis.ifelse(once, ibis.least(whole, summed.upto - summed.ready), none)
    in_parts = summed.fulfilled_quantity.notnull()
    quantity = ibis.ifelse(in_parts, billed - earlier, whole).cast(FEE_QUANTITY)
    counted = summed.mutate(quantity=quantity, is_unfulfilled=ibis.literal(False))
    return counted.mutate(is_gap=counted.is_gap | (in_parts & (counted.quantity == 0)))


def line_name(rows: ir.Table) -> ir.StringValue:
    """source:order:line, by which an ordered line is named."""
    return ibis.literal(":").join([rows[c] for c in LINE_KEY])

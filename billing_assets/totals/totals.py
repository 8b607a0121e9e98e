"""Totals of the month: what its events come to under a rate that prices them together.

Charges start from subscriptions, not from events: a rate without groups and windows has a total of 0
where nothing was used, because the flat amount of its first tier, or its minimum, may be due.
"""

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.exact import BILLION, QUANTITY, amount, exact_ratio, integer, quantity
from billing_assets.item import digest
from billing_assets.rating.tables import USAGE
from billing_assets.reference.legs import with_leg

_NOTHING = ibis.literal(0).cast(QUANTITY)
_OF_THE_CHARGE = (
    "month", "billing_cycle", "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id",
    "price_plan_id", "rate_id", "currency", "service_start", "service_end",
)  # fmt: skip

_KEY = (
    "component", "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id", "price_plan_id",
    "rate_id", "group_value", "tax_included", "currency",
)  # fmt: skip


def in_force(services: ir.Table, card: ir.Table, windows: ir.Table, legs: ir.Table | None = None) -> ir.Table:
    """The rates of the card that are in force for each usage service that lives in its payer's window.

    Of rates that follow each other within the month, the one on its last day. `legs` are those of payers
    (reference/legs.py).
    """
    periods = windows.select(
        "window_payer", "month", "billing_cycle", "service_start", "service_end", period_from="begin_at",
        period_to="end_at",
    )  # fmt: skip
    lived = services.join(periods, services.payer_account_id == periods.window_payer)
    lived = lived.filter(lived.start_at < lived.period_to, lived.end_at.isnull() | (lived.end_at > lived.period_from))
    rates = card.select("card_plan", "card_product", "rate_id", "card_from", "card_to", currency="rate_currency")
    found = lived.join(
        rates.distinct(),
        [
            lived.price_plan_id == rates.card_plan,
            lived.product_id == rates.card_product,
            lived.service_end > rates.card_from,
            lived.service_end <= rates.card_to,
        ],
    )
    used = with_leg(found.mutate(service_account_id=found.account_id), legs)
    return used.select(*_OF_THE_CHARGE).distinct()


def totals(
    measured: ir.Table, due: ir.Table, rates: ir.Table, price_plans: ir.Table, aggregations: Sequence[str]
) -> ir.Table:  # fmt: skip
    """One quantity per subscription, rate, group and window of the month.

    `measured` is the month's measured usage (rating/month.py), `due` what is due without usage (in_force),
    `rates` those that price by the month, `aggregations` the ones that they use.
    """
    terms = rates.select("rate_id", "aggregation", "aggregation_window", "group_attributes", rate_unit="measure")
    used = measured.join(terms, "rate_id")
    used = used.mutate(
        window_start=ibis.cases(
            (used.aggregation_window == "day", used.local_at.truncate("D")),
            (used.aggregation_window == "hour", used.local_at.truncate("h")),
            else_=ibis.null("timestamp"),
        ),
        unit=ibis.ifelse(used.rate_unit == "quantity", used.unit, used.rate_unit),
    )
    by = (*_OF_THE_CHARGE, "aggregation", "group_value", "window_start")
    weighted = [name for name in aggregations if name in _WEIGHTS]
    sums = used.group_by(*by).aggregate(
        events=used.count(),
        unit=used.unit.max(),
        **{name: _AGGREGATES[name](used) for name in aggregations},
        **{f"{name}_of": _WEIGHTS[name](used)[1].max() for name in weighted},
    )
    parts = ibis.cases(*((sums.aggregation == name, sums[name].cast("decimal(38, 9)")) for name in aggregations))
    whole = ibis.cases(*((sums.aggregation == name, sums[f"{name}_of"]) for name in weighted), (True, integer(1)))
    quantities = _divided(sums.mutate(parts=parts, whole=whole))
    found = quantities.select(*by, "events", "unit", "quantity", "remainder")
    always = terms.filter(terms.group_attributes.isnull(), terms.aggregation_window == "month")
    unused = due.join(always.select("rate_id", "aggregation"), "rate_id").anti_join(
        found, ["subscription_id", "rate_id", "product_id"]
    )
    nothing = unused.mutate(
        group_value=ibis.null("string"),
        window_start=ibis.null("timestamp"),
        events=integer(0),
        unit=ibis.null("string"),
        quantity=_NOTHING,
        remainder=_NOTHING,
    )
    said = rates.select("rate_id", "zone_id", "time_band_id", of_plan="price_plan_id")
    placed = found.union(nothing.select(found.columns)).join(said, "rate_id")
    plans = price_plans.select("tax_included", of_plan="price_plan_id")
    return with_keys(placed.join(plans, "of_plan").mutate(component=ibis.literal(USAGE)))


def with_keys(charges: ir.Table) -> ir.Table:
    """Charges of the month with their charge_key and usage_charge_id."""
    keyed = charges.mutate(charge_key=digest(*(charges[c] for c in _KEY)))
    return keyed.mutate(usage_charge_id=digest(keyed.charge_key, keyed.month, keyed.window_start))


def _divided(sums: ir.Table) -> ir.Table:
    """Add quantity, parts / whole, and remainder: what rounding took from it, in billionths of a unit."""
    # to a tenth with 10 decimals, so that the 9 of a quantity are rounded once
    tenth = exact_ratio(amount(sums.parts), 1, 10 * sums.whole)
    divided = sums.mutate(quantity=quantity((tenth * 10).cast("decimal(38, 9)")))
    rest = amount(divided.parts - divided.quantity.cast("decimal(38, 9)") * divided.whole)
    return divided.mutate(remainder=quantity(exact_ratio(rest, BILLION, divided.whole).cast("decimal(38, 9)")))


def _seconds(used: ir.Table) -> tuple[ir.IntegerValue, ir.IntegerValue]:
    end = used.end_at.epoch_seconds()
    return end - used.billing_effective_at.epoch_seconds(), end - used.begin_at.epoch_seconds()


def _days(used: ir.Table) -> tuple[ir.IntegerValue, ir.IntegerValue]:
    """The event's own day included."""
    left = used.service_end.delta(used.local_at.date(), unit="day")
    return left, used.service_end.delta(used.service_start, unit="day")


def _weighted(name: str) -> Callable[[ir.Table], ir.Value]:
    """The sum of the numbers by what was left of the period; what came before the period counts in full."""

    def parts(used: ir.Table) -> ir.DecimalValue:
        left, whole = _WEIGHTS[name](used)
        return (used.measured.cast("decimal(38, 9)") * ibis.least(left, whole)).sum()

    return parts


# What was left of the period when a number came, and the whole of it.
_WEIGHTS = {"weighted_sum": _seconds, "weighted_days": _days}
_AGGREGATES: dict[str, Callable[[ir.Table], ir.Value]] = {
    "sum": lambda used: used.measured.sum(),
    "count": lambda used: used.count(),
    "distinct_count": lambda used: used.counted_value.nunique(),
    "maximum": lambda used: used.measured.max(),
    "latest": lambda used: used.measured.last(order_by=[used.billing_effective_at, used.udr_id]),
    **{name: _weighted(name) for name in _WEIGHTS},
}

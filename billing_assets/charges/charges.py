"""Charges: totals of the month with their price, and monthly limits of events that are priced one by one.

A total is priced by the model of its rate, like an event. A negative total is the opposite of its
positive twin; a total of 0 is priced, because the flat amount of a first tier is due without usage.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.exact import QUANTITY, amount, quantity, total, total_count, zero
from billing_assets.item import digest
from billing_assets.pricing.models import charged_units, priced
from billing_assets.pricing.price_book import PriceBook
from billing_assets.pricing.tiers import TIER_COLUMNS, rate_terms, with_tier

_KEY = (
    "component", "leg", "payer_account_id", "service_account_id", "subscription_id", "product_id", "price_plan_id",
    "rate_id", "group_value", "tax_included", "currency",
)  # fmt: skip
# What a rate says of its charges beside the price.
_OF_RATE = ("rate_plan", "plan_version", "zone_id", "time_band_id", "tax_included")
# What prices a total, and is none of a limit.
_OF_A_TOTAL = (
    "aggregation", "group_value", "window_start", "quantity", "minimum_quantity", "increment", "billed_quantity",
    "unit", "packages", "unit_price", "price_per", *TIER_COLUMNS,
)  # fmt: skip


def priced_totals(totals: ir.Table, rates: ir.Table, book: PriceBook) -> ir.Table:
    """The usage charges of totals (totals.py); `rates` have the tax_included of their plan."""
    terms = rate_terms(rates.rename(rate_plan="price_plan_id"), *_OF_RATE)
    found = totals.join(terms, "rate_id")
    measured = found.mutate(component=ibis.literal("usage"), magnitude=found.quantity.abs())
    units = measured.mutate(billed_quantity=charged_units(measured))
    units = units.mutate(remainder=_remainder(units))
    made = priced(with_tier(units.mutate(level=units.billed_quantity), book.levels), book.models)
    below = made.quantity < 0
    turned = made.mutate(
        **{c: ibis.ifelse(below, amount(-made[c]), made[c]) for c in ("setup_fee", "unit_amount", "amount")},
        billed_quantity=ibis.ifelse(below, quantity(-made.billed_quantity), made.billed_quantity),
    )
    return _keyed(turned)


def _remainder(units: ir.Table) -> ir.DecimalValue:
    """The billionths of a unit that are charged beside the billed quantity: none where it was stepped or is packed."""
    as_it_is = (units.increment == 0) & (units.packages == "none") & (units.billed_quantity == units.magnitude)
    magnitude = ibis.ifelse(units.quantity < 0, quantity(-units.remainder), units.remainder)
    return ibis.ifelse(as_it_is, magnitude, ibis.literal(0).cast(QUANTITY))


def limits(rated: ir.Table, due: ir.Table, rates: ir.Table) -> ir.Table:
    """What the monthly minimum or maximum of a rate adds to its events of the month, or takes from them.

    `rated` are the month's rated items; `due` as for totals: a minimum is due without usage. `rates` have the
    tax_included of their plan.
    """
    limiting = rates.filter(rates.monthly_minimum.notnull() | rates.monthly_maximum.notnull())
    terms = limiting.rename(rate_plan="price_plan_id").select(
        "rate_id", "rate_model", "monthly_minimum", "monthly_maximum", *_OF_RATE
    )
    of_events = rated.drop("rate_model", *_OF_RATE).join(terms, "rate_id")
    unused = due.join(terms, "rate_id").mutate(amount=zero(), event=ibis.literal(0))
    by = [c for c in unused.columns if c not in ("amount", "event")]
    both = ibis.union(of_events.mutate(event=ibis.literal(1)).select(*by, "amount", "event"),
                      unused.select(*by, "amount", "event"))  # fmt: skip
    sums = both.group_by(*by).aggregate(unit_amount=total(both.amount), events=total_count(both.event))
    limit = ibis.cases(
        (sums.unit_amount < sums.monthly_minimum, "minimum"),
        (sums.unit_amount > sums.monthly_maximum, "maximum"),
        else_=ibis.null("string"),
    )
    limited = sums.mutate(limit_applied=limit).filter(limit.notnull())
    charged = ibis.ifelse(limited.limit_applied == "minimum", limited.monthly_minimum, limited.monthly_maximum)
    return _keyed(
        limited.mutate(
            **{name: ibis.null(USAGE_CHARGES.schema[name]) for name in _OF_A_TOTAL},
            component=ibis.literal("limit"),
            setup_fee=zero(),
            amount=amount(charged - limited.unit_amount),
        )
    )


def _keyed(rows: ir.Table) -> ir.Table:
    keyed = rows.mutate(charge_key=digest(*(rows[c] for c in _KEY)))
    return keyed.mutate(usage_charge_id=digest(keyed.charge_key, keyed.month, keyed.window_start))

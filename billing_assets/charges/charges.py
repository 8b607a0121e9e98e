"""Charges: totals of the month with their price, and monthly limits of events that are priced one by one.

A total is priced by the model of its rate, like an event, once bundles have taken their units from it (included.py). A
negative total is the opposite of its positive twin; a total of 0 is priced, because the flat amount of a first tier is
due without usage.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.charges import included
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.exact import QUANTITY, amount, quantity, total, total_count, zero
from billing_assets.pricing.models import charged_units, limited, with_unit_amount
from billing_assets.pricing.price_book import PriceBook
from billing_assets.pricing.tiers import TIER_COLUMNS, rate_terms, with_tier
from billing_assets.rating.tables import USAGE
from billing_assets.totals.totals import with_keys

# What a rate says of its charges beside the price.
_VERSION = ("rate_plan", "plan_version")
_OF_RATE = (*_VERSION, "zone_id", "time_band_id", "tax_included")
# What prices a total, and is none of a limit.
_OF_A_TOTAL = (
    "aggregation", "group_value", "window_start", "quantity", "covered_quantity", "covered_in_tiers", "covered_amount",
    "minimum_quantity", "increment", "billed_quantity", "unit", "packages", "unit_price", "price_per", *TIER_COLUMNS,
)  # fmt: skip


def priced_totals(
    totals: ir.Table, rates: ir.Table, book: PriceBook, of_units: ir.Table | None = None
) -> ir.Table:  # fmt: skip
    """The usage charges of totals with what bundles cover of them (included.py).

    `of_units` are the tiers without their flat amounts: None where no bundle counts in them.
    """
    found = totals.join(rate_terms(rates.rename(rate_plan="price_plan_id"), *_VERSION), "rate_id")
    measured = found.mutate(
        component=ibis.literal(USAGE),
        magnitude=quantity(found.quantity.abs() - (found.covered_quantity - found.covered_in_tiers)),
    )
    units = measured.mutate(billed_quantity=charged_units(measured))
    units = units.mutate(remainder=_remainder(units))
    made = with_unit_amount(with_tier(units.mutate(level=units.billed_quantity), book.levels), book.models)
    made = included.without_price(made) if of_units is None else included.taken_off(made, units, of_units, book.models)
    made = limited(made)
    below = made.quantity < 0
    turned = made.mutate(
        **{c: ibis.ifelse(below, amount(-made[c]), made[c]) for c in ("setup_fee", "unit_amount", "amount")},
        billed_quantity=ibis.ifelse(below, quantity(-made.billed_quantity), made.billed_quantity),
    )
    return with_keys(turned)


def _remainder(units: ir.Table) -> ir.DecimalValue:
    """The billionths of a unit that are charged beside the billed quantity: none where it was stepped or is packed."""
    as_it_is = (units.increment == 0) & (units.packages == "none") & (units.billed_quantity == units.magnitude)
    nothing = ibis.literal(0).cast(QUANTITY)
    all_covered = (units.magnitude == 0) & (units.covered_quantity > 0)
    magnitude = ibis.ifelse(units.quantity < 0, quantity(-units.remainder), units.remainder)
    return ibis.ifelse(as_it_is & ~all_covered, magnitude, nothing)


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
    reached = sums.mutate(limit_applied=limit).filter(limit.notnull())
    charged = ibis.ifelse(reached.limit_applied == "minimum", reached.monthly_minimum, reached.monthly_maximum)
    return with_keys(
        reached.mutate(
            **{name: ibis.null(USAGE_CHARGES.schema[name]) for name in _OF_A_TOTAL},
            component=ibis.literal("limit"),
            setup_fee=zero(),
            amount=amount(charged - reached.unit_amount),
        )
    )

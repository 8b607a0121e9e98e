"""What the lines of a quote come to over its term: fees by the billing schedule, usage by its rates.

These are the rules that bill it later. Bundles, discounts of subscriptions and tax are not in the estimate of usage.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import QUANTITY, amount, exact_ratio, quantity, total, total_count, total_quantity, zero
from billing_assets.pricing.ordered import priced_units
from billing_assets.pricing.price_book import PriceBook
from billing_assets.pricing.rate_card import ANY, at_place, in_force, of_plan
from billing_assets.pricing.tiers import rate_terms
from billing_assets.quotes.lines import LINE
from billing_assets.records import first_reason
from billing_assets.reference.price_rules import MOST_UNITS

_AMOUNTS = ("one_time_amount", "recurring_amount", "usage_amount")


def term_fees(details: ir.Table, priced: ir.Table, phases: ir.Table | None) -> ir.Table:
    """The fees of quote lines over their term: the details of their schedule, each with the phase that prices it."""
    fees = details.join(priced.select(*LINE, "order_line_id"), "order_line_id")
    if phases is None:
        return fees.mutate(phase=ibis.null("string"))
    known = phases.select("phase", "phase_from", "phase_to", phased_header="billing_header_id")
    return fees.left_join(
        known,
        [
            fees.billing_header_id == known.phased_header,
            fees.period_start >= known.phase_from,
            fees.period_start < known.phase_to,
        ],
    )


def judged_estimates(estimates: ir.Table, lines: ir.Table, card: ir.Table) -> ir.Table:
    """Estimates with the rate of their line, and reason and detail, where they cannot be priced.

    Reasons: NO_USAGE_LINE, INVALID_ESTIMATE, NO_RATE, NOT_ESTIMABLE.
    """
    usage = lines.filter(lines.price_type == "usage").select(
        *LINE, "applied_plan", "product_id", "currency", "start_date", usage_line="line_id"
    )
    found = estimates.left_join(usage, LINE).drop(*(f"{c}_right" for c in LINE))
    rates = card.filter(card.card_matrix == ANY).select(
        "card_plan", "card_product", "rate_currency", "card_zone", "card_band", "card_from", "card_to", "rate_id",
        "priced_by", "measure", "tier_by", "aggregation", "aggregation_window", "group_attributes", "tariff_id",
    )  # fmt: skip
    placed = found.mutate(
        of_zone=ibis.coalesce(found.zone_id, ibis.literal(ANY)), of_band=ibis.coalesce(found.time_band_id, ANY)
    )
    rated = placed.left_join(
        rates,
        [
            *of_plan(placed, rates, "applied_plan"),
            *at_place(placed, rates, "of_zone", "of_band"),
            *in_force(placed, rates, "start_date"),
            placed.currency == rates.rate_currency,
        ],
    )
    many = (rated.events > MOST_UNITS) | (rated.event_quantity > MOST_UNITS)
    absurd = (rated.events < 0) | (rated.event_quantity < 0) | many | (_units(rated) > MOST_UNITS)
    by_quantity = (rated.measure == "quantity") & (rated.tier_by == "measure") & rated.tariff_id.isnull()
    one_total = (rated.aggregation_window == "month") & rated.group_attributes.isnull()
    estimable = by_quantity & one_total & rated.aggregation.isin(tuple(_QUANTITIES))
    return first_reason(
        rated,
        (rated.usage_line.isnull(), "NO_USAGE_LINE", "line_id", rated.line_id),
        (absurd, "INVALID_ESTIMATE", "event_quantity", rated.event_quantity),
        (rated.rate_id.isnull(), "NO_RATE", "product_id", rated.product_id),
        (~estimable, "NOT_ESTIMABLE", "rate_id", rated.rate_id),
    )


def without_usage(lines: ir.Table, estimates: ir.Table) -> ir.Table:
    """An estimate of nothing for each usage line without one: what is due without usage is due."""
    nothing = lines.filter(lines.price_type == "usage").anti_join(estimates, LINE)
    integers = dict.fromkeys(("estimate", "events"), ibis.literal(0, "int64"))
    return nothing.mutate(
        **integers,
        zone_id=ibis.null("string"),
        time_band_id=ibis.null("string"),
        event_quantity=ibis.literal(0).cast(QUANTITY),
    ).select(estimates.columns)


def priced_usage(estimates: ir.Table, rates: ir.Table, book: PriceBook, months: ir.Table) -> ir.Table:
    """What the estimates of each line and rate come to in a month, and in the months of the line.

    `months` has the months of each line.
    """
    each = estimates.filter(estimates.priced_by == "event").select(
        *LINE, "rate_id", "currency", "events", times="events", magnitude="event_quantity",
        quantity=_used(estimates.filter(estimates.priced_by == "event")),
    )  # fmt: skip
    by_month = estimates.filter(estimates.priced_by == "month")
    sums = by_month.group_by(*LINE, "rate_id", "currency").aggregate(
        counted=total_count(by_month.events),
        **{f"of_{name}": of(by_month) for name, of in _QUANTITIES.items()},
        aggregation=by_month.aggregation.max(),
    )
    measured = ibis.cases(*((sums.aggregation == name, sums[f"of_{name}"]) for name in _QUANTITIES))
    totals = sums.select(
        *LINE, "rate_id", "currency", events="counted", times=ibis.literal(1, "int64"), magnitude=measured,
        quantity=measured,
    )  # fmt: skip
    terms = rate_terms(rates, "monthly_minimum", "monthly_maximum")
    made = priced_units(each.union(totals.select(each.columns)).join(terms, "rate_id"), book.levels, book.models)
    of_rate = made.mutate(priced=exact_ratio(made.amount, made.times, 1)).group_by(
        *LINE, "rate_id", "currency", "monthly_minimum", "monthly_maximum"
    )
    found = of_rate.aggregate(
        events=total_count(ibis._.events), quantity=total_quantity(ibis._.quantity), sum=total(ibis._.priced)
    )
    limited = ibis.cases(
        (found["sum"] < found.monthly_minimum, found.monthly_minimum),
        (found["sum"] > found.monthly_maximum, found.monthly_maximum),
        else_=found["sum"],
    )
    counted = found.mutate(month_amount=limited).join(months, LINE)
    return counted.mutate(amount=exact_ratio(counted.month_amount, counted.months, 1))


def _units(estimates: ir.Table) -> ir.DecimalValue:
    return estimates.event_quantity.cast("decimal(38, 9)") * estimates.events


def _used(estimates: ir.Table) -> ir.DecimalValue:
    return quantity(_units(estimates))


# How the estimates of a rate make the total of its month.
_QUANTITIES = {
    "sum": lambda rows: total_quantity(_used(rows)),
    "count": lambda rows: total_count(rows.events).cast(QUANTITY),
    "maximum": lambda rows: rows.event_quantity.max(),
}


def quote_prices(lines: ir.Table, fees: ir.Table, usage: ir.Table) -> ir.Table:
    """Priced lines with their amounts over the term."""
    used = usage.group_by(*LINE).aggregate(used_amount=total(usage.amount))
    sums = fees.group_by(*LINE).aggregate(
        charged=total(fees.fee_amount), periods=fees.billing_schedule_record_id.nunique()
    )
    found = lines.left_join(sums, LINE).drop(*(f"{c}_right" for c in LINE)).left_join(used, LINE)
    fee, nothing = ibis.coalesce(found.charged, zero()), zero()
    parts = found.mutate(
        periods=ibis.coalesce(found.periods, 0).cast("int64"),
        one_time_amount=ibis.ifelse(found.price_type == "one_time", fee, nothing),
        recurring_amount=ibis.ifelse(found.price_type == "recurring", fee, nothing),
        usage_amount=ibis.coalesce(found.used_amount, nothing),
        unit_price=ibis.ifelse(found.price_type == "usage", ibis.null(found.unit_price.type()), found.unit_price),
    )
    return parts.mutate(total_amount=amount(parts.one_time_amount + parts.recurring_amount + parts.usage_amount))


def quote_totals(prices: ir.Table) -> ir.Table:
    """The sums of each version's lines."""
    return prices.group_by("quote_id", "version", "currency", "tax_included").aggregate(
        lines=prices.count(), **{c: total(prices[c]) for c in (*_AMOUNTS, "total_amount")}
    )

"""Checks of the bundles stage: what is covered is counted, and months that carry units over fit together."""

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.cover import OWNER
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.carried import month_before_made, next_month_begins_with_it, those_who_stay
from billing_assets.exact import total_quantity
from billing_assets.quality import Check, differing, some
from billing_assets.reference.tables import BUNDLES
from billing_assets.run import Run
from billing_assets.totals.tables import USAGE_TOTALS


def covered_is_counted(run: Run) -> list[dict]:
    if run.is_empty(BUNDLE_COUNTERS):
        return []
    items, counters = run(BUNDLE_ITEMS), run(BUNDLE_COUNTERS)
    key = ["billing_cycle", "bundle_id"]
    of_events = items.filter(items["part"] == "included").select(*key, "covered_quantity")
    included = of_events.union(run(COVERED_TOTALS).select(of_events.columns))
    covered = included.group_by(*key).aggregate(covered_quantity=total_quantity(included.covered_quantity))
    some_counted = counters.filter(counters.effect == "include")
    counted = some_counted.group_by(*key).aggregate(covered_quantity=total_quantity(some_counted.covered_quantity))
    return some(run, differing(covered, counted, key, "covered_quantity"))


def units_within_limits(run: Run) -> list[dict]:
    counters = run(BUNDLE_COUNTERS)
    columns = ("covered_quantity", "remaining_quantity", "carried_quantity")
    below = ibis.or_(*(counters[c] < 0 for c in columns))
    above = counters.covered_quantity > counters.included_quantity
    more = counters.carried_quantity > counters.remaining_quantity
    wrong = counters.filter((below | above | more).fill_null(False))
    most = run(BUNDLES).filter(ibis._.rollover_maximum.notnull()).select("bundle_id", "rollover_maximum")
    owned = counters.join(most, "bundle_id").group_by("owner_id", "bundle_id", "rollover_maximum")
    carried = owned.aggregate(carried_quantity=total_quantity(ibis._.carried_quantity))
    found = some(run, wrong.select("owner_id", "bundle_id", "granted_month", *columns))
    return found + some(run, carried.filter(carried.carried_quantity > carried.rollover_maximum))


def covered_within_events(run: Run) -> list[dict]:
    items = run(BUNDLE_ITEMS)
    part, whole = items.covered_quantity, items.counted_quantity
    less = (ibis.least(part, whole - part) < 0) & (whole >= 0)
    more = (ibis.greatest(part, whole - part) > 0) & (whole < 0)
    return some(run, items.filter(less | more).select("udr_id", "bundle_id", "counted_quantity", "covered_quantity"))


def covered_within_totals(run: Run) -> list[dict]:
    covered, totals = run(COVERED_TOTALS), run(USAGE_TOTALS)
    part = covered.covered_quantity
    wrong = covered.filter((part <= 0) | (part > covered.counted_quantity))
    found = some(run, wrong.select("usage_charge_id", "bundle_id", "counted_quantity", "covered_quantity"))
    sums = covered.group_by("usage_charge_id").aggregate(covered_quantity=total_quantity(part))
    known = totals.select(total_id="usage_charge_id", total_quantity="quantity")
    both = sums.left_join(known, sums.usage_charge_id == known.total_id).drop("total_id")
    return found + some(run, both.filter((both.covered_quantity > both.total_quantity).fill_null(True)))


def _rolls_over(run: Run) -> bool:
    bundles = run(BUNDLES)
    return bool(run.rows(bundles.filter(bundles.rollover_months.notnull()).limit(1)))


def _of_earlier_months(counters: ir.Table) -> ir.DecimalValue:
    nothing = ibis.literal(0).cast(counters.included_quantity.type())
    return ibis.ifelse(counters.granted_month < counters.month, counters.included_quantity, nothing)


CHECKS = (
    Check(BUNDLE_COUNTERS, "covered_is_counted",
          "The units that are covered, of events and of totals, are those that the counters have spent.",
          covered_is_counted),
    Check(BUNDLE_COUNTERS, "units_within_limits",
          "No counter is below zero, covers more than it includes, or carries over more than is left or allowed.",
          units_within_limits),
    Check(BUNDLE_ITEMS, "covered_within_events", "What a bundle covers of an event is a part of it.",
          covered_within_events),
    Check(COVERED_TOTALS, "covered_within_totals", "What bundles cover of a total is a part of it.",
          covered_within_totals),
    month_before_made(BUNDLE_COUNTERS, _rolls_over),
    next_month_begins_with_it(BUNDLE_COUNTERS, OWNER, _of_earlier_months, "carried_quantity", those_who_stay),
)  # fmt: skip

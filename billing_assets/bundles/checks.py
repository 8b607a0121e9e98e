"""Checks of the bundles stage: what is covered is counted, and months that carry units over fit together."""

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.carried import month_before_made, next_month_begins_with_it
from billing_assets.exact import total_quantity
from billing_assets.quality import Check, differing, some
from billing_assets.reference.tables import BUNDLES
from billing_assets.run import Run


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
    month_before_made(BUNDLE_COUNTERS, _rolls_over),
    next_month_begins_with_it(BUNDLE_COUNTERS, _of_earlier_months),
)  # fmt: skip

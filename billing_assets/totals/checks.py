"""Checks of the totals stage: what was measured is in a total, once."""

from billing_assets.quality import Check, differing, some
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import MEASURED_USAGE
from billing_assets.reference.tables import ACCOUNTS
from billing_assets.run import Run
from billing_assets.totals.tables import USAGE_TOTALS


def events_in_totals(run: Run) -> list[dict]:
    measured = rated_in_month(run(MEASURED_USAGE), payer_windows(run(ACCOUNTS), run.windows))
    totals, key = run(USAGE_TOTALS), ["billing_cycle", "rate_id", "currency"]
    events_in = measured.group_by(*key).aggregate(events=measured.count())
    events_out = totals.group_by(*key).aggregate(events=totals.events.sum())
    return some(run, differing(events_in, events_out, key, "events"))


CHECKS = (
    Check(USAGE_TOTALS, "events_in_totals", "Every event that a total of the month prices is in one, once.",
          events_in_totals),
)  # fmt: skip

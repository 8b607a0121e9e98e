"""Checks of the fees stage: the months of a commitment's period fit together."""

from billing_assets.carried import month_before_made, next_month_begins_with_it
from billing_assets.fees.tables import COMMITMENT_COUNTERS
from billing_assets.reference.tables import COMMITMENTS
from billing_assets.run import Run


def _lasts_months(run: Run) -> bool:
    terms = run(COMMITMENTS)
    return bool(run.rows(terms.filter(terms.period_months > 1).limit(1)))


CHECKS = (
    month_before_made(COMMITMENT_COUNTERS, _lasts_months),
    next_month_begins_with_it(COMMITMENT_COUNTERS, lambda counters: counters.counted_before),
)

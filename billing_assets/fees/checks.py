"""Checks of the fees stage: commitments charge what was committed, and the months of their periods fit together."""

import ibis

from billing_assets.bundles.cover import OWNER
from billing_assets.carried import month_before_made, next_month_begins_with_it, those_who_stay
from billing_assets.fees.tables import COMMITMENT_COUNTERS, FOR_PERIOD
from billing_assets.quality import Check, some
from billing_assets.reference.tables import COMMITMENTS
from billing_assets.run import Run


def _lasts_months(run: Run) -> bool:
    terms = run(COMMITMENTS)
    return bool(run.rows(terms.filter(terms.period_months > 1).limit(1)))


def within_commitment(run: Run) -> list[dict]:
    counters = run(COMMITMENT_COUNTERS)
    below = ibis.or_(*(counters[part] < 0 for part in FOR_PERIOD))
    more = counters.advance > counters.committed_quantity
    came_to = counters.counted_before + counters.counted_quantity + counters.missing
    off = (counters.missing > 0) & (came_to != counters.committed_quantity)
    wrong = counters.filter(below | more | off)
    return some(run, wrong.select("owner_id", "bundle_id", "committed_quantity", *FOR_PERIOD))


CHECKS = (
    Check(COMMITMENT_COUNTERS, "within_commitment",
          "What is charged in advance, or is missing, is not below zero and no more than was committed.",
          within_commitment),
    month_before_made(COMMITMENT_COUNTERS, _lasts_months),
    next_month_begins_with_it(COMMITMENT_COUNTERS, OWNER, "counted_before", "carried_quantity", those_who_stay),
)  # fmt: skip

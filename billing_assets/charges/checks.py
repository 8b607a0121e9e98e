"""Checks of the charges stage: has a subscription used so much that it is to be billed early?"""

from billing_assets.charges.tables import REACHED_THRESHOLDS
from billing_assets.quality import Check, some
from billing_assets.run import Run


def none_reached(run: Run) -> list[dict]:
    reached = run(REACHED_THRESHOLDS)
    named = reached.select("subscription_id", "threshold", "value", "currency", "reached_at")
    return some(run, named.order_by("reached_at", "subscription_id"))


CHECKS = (
    Check(REACHED_THRESHOLDS, "none_reached", "No unbilled usage has reached a threshold of its billing term scheme.",
          none_reached, blocking=False),
)  # fmt: skip

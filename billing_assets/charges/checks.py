"""Checks of the charges stage: every total has its price; a subscription that used much is to be billed early."""

from billing_assets.bundles.tables import COVERED_TOTALS
from billing_assets.charges.tables import REACHED_THRESHOLDS, USAGE_CHARGES
from billing_assets.quality import Check, differing, some
from billing_assets.rating.tables import USAGE
from billing_assets.run import Run
from billing_assets.totals.tables import USAGE_TOTALS


def totals_priced(run: Run) -> list[dict]:
    totals, charges = run(USAGE_TOTALS), run(USAGE_CHARGES)
    priced = charges.filter(charges.component == USAGE)
    return some(run, totals.anti_join(priced, "usage_charge_id").select("usage_charge_id", "rate_id")) + some(
        run, differing(totals, priced, ["usage_charge_id"], "quantity")
    )


def included_units_taken_off(run: Run) -> list[dict]:
    charges = run(USAGE_CHARGES)
    of_units = charges.filter(charges.quantity >= 0)
    below = of_units.filter((of_units.billed_quantity < 0) | (of_units.covered_amount < 0))
    found = some(run, below.select("usage_charge_id", "billed_quantity", "covered_amount"))
    return found + some(run, differing(run(COVERED_TOTALS), charges.filter(charges.component == USAGE),
                                       ["usage_charge_id"], "covered_quantity"))  # fmt: skip


def none_reached(run: Run) -> list[dict]:
    reached = run(REACHED_THRESHOLDS)
    named = reached.select("subscription_id", "threshold", "value", "currency", "reached_at")
    return some(run, named.order_by("reached_at", "subscription_id"))


CHECKS = (
    Check(USAGE_CHARGES, "totals_priced", "Every total of the month has its price, of all of its units.",
          totals_priced),
    Check(USAGE_CHARGES, "included_units_taken_off",
          "What bundles cover of totals is taken off them, and leaves nothing below zero.", included_units_taken_off),
    Check(REACHED_THRESHOLDS, "none_reached", "No unbilled usage has reached a threshold of its billing term scheme.",
          none_reached, blocking=False),
)  # fmt: skip

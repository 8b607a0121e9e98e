"""Checks of the rating stage: each UDR is rated once, or said to have no rate."""

import ibis

from billing_assets.quality import Check, differing, some
from billing_assets.rating.tables import RATED_ITEMS, UNRATED_UDRS
from billing_assets.stage import Run
from billing_assets.usage.tables import UDRS


def events_balance(run: Run) -> list[dict]:
    udrs = run(UDRS)
    made = ibis.union(run(RATED_ITEMS).select("event_day"), run(UNRATED_UDRS).select("event_day"))
    counted_in = udrs.group_by("event_day").aggregate(events=udrs.count())
    counted_out = made.group_by("event_day").aggregate(events=made.count())
    return some(run, differing(counted_in, counted_out, ["event_day"], "events"))


def all_rated(run: Run) -> list[dict]:
    unrated = run(UNRATED_UDRS)
    return some(run, unrated.group_by("reason", "detail").aggregate(events=unrated.count()))


CHECKS = (
    Check(RATED_ITEMS, "events_balance", "Every UDR is rated once or has no rate.", events_balance),
    Check(UNRATED_UDRS, "all_rated", "Every UDR has a rate.", all_rated, blocking=False),
)

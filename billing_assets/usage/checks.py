"""Checks of the usage stage: no line and no record is lost on its way."""

import ibis

from billing_assets.quality import Check, differing, some
from billing_assets.run import Run
from billing_assets.usage.arrivals import all_arrivals, to_event_days
from billing_assets.usage.tables import (
    ACCEPTED_USAGE_ORDERS,
    LOAD_MANIFEST,
    RAW_USAGE,
    REJECTED_RAW_USAGE,
    REJECTED_UDRS,
    UDRS,
    USAGE_ARRIVALS,
)

MOST_REJECTED_PERCENT = 5


def lines_balance(run: Run) -> list[dict]:
    routed, rejected, arrivals = run(RAW_USAGE), run(REJECTED_RAW_USAGE), run(USAGE_ARRIVALS)
    kept = ibis.union(routed.select("load_day"), rejected.select("load_day"))
    out = kept.group_by("load_day").aggregate(records=kept.count())
    found = some(run, differing(run(LOAD_MANIFEST), out, ["load_day"], "records"))
    by_day = routed.group_by("load_day").aggregate(records=routed.count())
    return found + some(run, differing(arrivals, by_day, ["load_day"], "records"))


def records_balance(run: Run) -> list[dict]:
    arrived = to_event_days(all_arrivals(run.lake.read_all(USAGE_ARRIVALS), run(ACCEPTED_USAGE_ORDERS)), run.days)
    made = ibis.union(run(UDRS).select("event_day"), run(REJECTED_UDRS).select("event_day"))
    counted = made.group_by("event_day").aggregate(records=made.count())
    return some(run, differing(arrived, counted, ["event_day"], "records"))


def few_rejected(run: Run) -> list[dict]:
    valid = run(UDRS).select("event_day", rejected=ibis.literal(0))
    rejected = run(REJECTED_UDRS).filter(ibis._.reason != "DUPLICATE")
    both = ibis.union(valid, rejected.select("event_day", rejected=ibis.literal(1)))
    shares = both.group_by("event_day").aggregate(records=both.count(), rejected=both.rejected.sum())
    many = shares.filter(shares.rejected * 100 > shares.records * MOST_REJECTED_PERCENT)
    return some(run, many.order_by("event_day"))


LOAD_CHECKS = (
    Check(LOAD_MANIFEST, "lines_balance", "Lines of the files are routed or rejected, none is lost.", lines_balance),
)
UDR_CHECKS = (
    Check(UDRS, "records_balance", "Routed records and orders are UDRs or rejected, none is lost.", records_balance),
    Check(UDRS, "few_rejected", f"At most {MOST_REJECTED_PERCENT} % of a day's records are rejected, duplicates aside.",
          few_rejected, blocking=False),
)  # fmt: skip

"""Phases of a recurring price: what each stretch of a line's life costs, where that is not one price for all of it.

A trial comes first, whatever the price is then; after it come the steps of the price (price_steps.py), each up to the
next. A period that lies in several phases is cut by them.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER

_UNCUT = ("none", "full")


def price_phases(headers: ir.Table, trials: ir.Table, steps: Sequence[ir.Table]) -> ir.Table:
    """The phases of the lines with a trial (trials.py) or with steps (price_steps.py); no rows for any other line.

    Columns: billing_header_id, phase_from, phase_to, phase, rate_id, net_price.
    """
    named = (changed.select("billing_header_id") for changed in (trials, *steps))
    moving = headers.semi_join(ibis.union(*named), "billing_header_id")
    agreed = moving.select(
        "billing_header_id", step_from="start_date", phase=ibis.literal("agreed"), rate_id="rate_id",
        net_price="net_price",
    )  # fmt: skip
    taken = ibis.union(agreed, *steps)
    order = ibis.window(group_by=taken.billing_header_id, order_by=taken.step_from)
    lasting = taken.mutate(phase_to=ibis.coalesce(taken.step_from.lead().over(order), ibis.date(FOREVER)))
    ends = trials.select("trial_end", tried_header="billing_header_id")
    after = lasting.left_join(ends, lasting.billing_header_id == ends.tried_header)
    begun = after.mutate(phase_from=ibis.ifelse(after.trial_end > after.step_from, after.trial_end, after.step_from))
    columns = ("billing_header_id", "phase_from", "phase_to", "phase", "rate_id", "net_price")
    tried = trials.mutate(
        phase_from="start_date", phase_to="trial_end", phase=ibis.literal("trial"), rate_id=ibis.null("string")
    )
    return ibis.union(begun.filter(begun.phase_from < begun.phase_to).select(columns), tried.select(columns))


def in_phases(due: ir.Table, phases: ir.Table) -> ir.Table:
    """Due periods with rate_id and net_price of their phases, cut where one ends within them.

    Where a part of a period costs nothing or all of it (proration none, full), the first day has the price of all.
    """
    known = phases.select(
        "phase_from", "phase_to", phased_header="billing_header_id", phase_rate="rate_id", phase_price="net_price"
    )
    found = due.join(
        known,
        [
            due.billing_header_id == known.phased_header,
            due.period_start < known.phase_to,
            due.period_end > known.phase_from,
        ],
    )
    cut = ~found.proration.isin(_UNCUT)
    taken = found.filter(cut | (found.phase_from <= found.period_start))
    placed = taken.mutate(
        period_start=ibis.ifelse(cut, ibis.greatest(taken.period_start, taken.phase_from), taken.period_start),
        period_end=ibis.ifelse(cut, ibis.least(taken.period_end, taken.phase_to), taken.period_end),
        rate_id=taken.phase_rate,
        net_price=taken.phase_price,
    )
    others = due.anti_join(known, due.billing_header_id == known.phased_header)
    return others.union(placed.select(due.columns))

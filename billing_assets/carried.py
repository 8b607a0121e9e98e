"""Checks of monthly tables that carry something over to the next month: is the month before there, and the next stale?

A month is made of its own records and of what the month before carries over. So a month that is made again may leave
the next one as it was made of other numbers: then that one is to be billed again, and so on from there.
"""

from collections.abc import Callable

import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.contract import Table
from billing_assets.exact import total_quantity
from billing_assets.quality import Check, differing, some
from billing_assets.run import Run

_KEY = ["billing_cycle", "owner_id", "bundle_id"]


def month_before_made(table: Table, carries: Callable[[Run], bool]) -> Check:
    """The month before has been billed, where `carries` says that something of it counts in this one."""

    def find(run: Run) -> list[dict]:
        if not run.last_month or not carries(run):
            return []
        (before,) = run.last_month
        made = run.lake.cycles(table, before)
        return [{"month": before, "billing_cycle": cycle} for cycle in run.cycles if cycle not in made]

    return Check(table, "month_before_made", "The month whose units or counts go on into this one was billed.", find)


def next_month_begins_with_it(table: Table, opening: Callable[[ir.Table], ir.DecimalValue]) -> Check:
    """The next month, where it was billed already, begins with what this one carries over (carried_quantity)."""

    def find(run: Run) -> list[dict]:
        later = run.lake.read(table, [calendar.months_later(run.month, 1)], run.cycles)
        begun = later.mutate(opening=opening(later))
        begins = begun.group_by(*_KEY).aggregate(units=total_quantity(begun.opening))
        # who is no longer there in the next month has lost what was left
        left = run(table).semi_join(begins, _KEY)
        ends = left.group_by(*_KEY).aggregate(units=total_quantity(left.carried_quantity))
        return some(run, differing(begins, ends, _KEY, "units").order_by(_KEY))

    words = "What the next month began with is what this one carries over: otherwise bill the next month again."
    return Check(table, "next_month_begins_with_it", words, find, blocking=False)

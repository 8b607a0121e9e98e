"""Checks of monthly tables that carry something over to the next month: is the month before there, and the next stale?

A month is made of its own records and of what the month before carries over. So a month that is made again may leave
the next one as it was made of other numbers: then that one is to be billed again, and so on from there.
"""

from collections.abc import Callable, Sequence

import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.contract import Table
from billing_assets.quality import Check, differing, some
from billing_assets.run import Run

# Of the rows of a month and of the next one those that are compared by a key.
Compared = Callable[[ir.Table, ir.Table, Sequence[str]], tuple[ir.Table, ir.Table]]


def month_before_made(table: Table, carries: Callable[[Run], bool]) -> Check:
    """The month before has been billed, where `carries` says that something of it counts in this one."""

    def find(run: Run) -> list[dict]:
        if not run.last_month or not carries(run):
            return []
        (before,) = run.last_month
        made = run.lake.cycles(table, before)
        return [{"month": before, "billing_cycle": cycle} for cycle in run.cycles if cycle not in made]

    return Check(table, "month_before_made", "The month whose units or counts go on into this one was billed.", find)


def next_month_begins_with_it(
    table: Table, key: Sequence[str], opening: Callable[[ir.Table], ir.DecimalValue] | str, left: str,
    compared: Compared,
) -> Check:  # fmt: skip
    """The next month, where it was billed already, begins with what this one carries over.

    `opening` gives what a month began with, `left` is the column of what it leaves to the next.
    """

    def find(run: Run) -> list[dict]:
        following = calendar.months_later(run.month, 1)
        made = [cycle for cycle in run.cycles if cycle in run.lake.cycles(table, following)]
        now, later = (run.lake.read(table, [month], made) for month in (run.month, following))
        ends, begins = compared(now.select(*key, carried=left), later.select(*key, carried=opening), key)
        return some(run, differing(begins, ends, key, "carried").order_by(key))

    words = "What the next month began with is what this one carries over: otherwise bill the next month again."
    return Check(table, "next_month_begins_with_it", words, find, blocking=False)


def all_of_both(now: ir.Table, later: ir.Table, key: Sequence[str]) -> tuple[ir.Table, ir.Table]:
    """Where nothing is lost, and nothing begins by itself."""
    return now, later


def those_who_stay(now: ir.Table, later: ir.Table, key: Sequence[str]) -> tuple[ir.Table, ir.Table]:
    """Where who is no longer there in the next month has lost what was left."""
    return now.semi_join(later, key), later


def those_in_both(now: ir.Table, later: ir.Table, key: Sequence[str]) -> tuple[ir.Table, ir.Table]:
    """Where, besides, what is new in the next month begins with something of its own."""
    return now.semi_join(later, key), later.semi_join(now, key)

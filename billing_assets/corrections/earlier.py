"""The posted months that a month corrects: what their drafts say is due, and what the ledger has of them."""

from collections.abc import Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets.corrections.compare import as_posted, charges, correction_items, differing
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.item import CHARGE_TYPES
from billing_assets.items.carried import due_of
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, CHARGE_ITEMS
from billing_assets.ledger.tables import POSTED_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import ACCOUNTS
from billing_assets.run import Run

# What an earlier month charges and bills, as it is today.
DRAFTS = (CHARGE_ITEMS, CARRIED_ITEMS, CARRIED_AMOUNTS)


class Charges(NamedTuple):
    """Rows of charges that are due and that were posted, as of compare.charges."""

    due: ir.Table
    posted: ir.Table


def owed_corrections(run: Run) -> ir.Table:
    """The correction_items of the run's month; none where nothing was posted before it."""
    both = compared(run)
    if both is None:
        return CORRECTION_ITEMS.no_rows()
    found = run.cache(differing(*both))
    due, posted = (run.cache(rows.semi_join(found, "charge")) for rows in both)
    return correction_items(due, posted, payer_windows(run(ACCOUNTS), run.windows), payer_legs(run(ACCOUNTS), run.rows))


def compared(run: Run) -> Charges | None:
    """What posted months charge today and what was posted of them, of the payers of the run's cycles.

    None where nothing was posted in the months before that the settings let it correct.
    """
    first, postings = first_corrected(run), run.ledger.postings()
    places = [{"month": p.month, "billing_cycle": p.billing_cycle} for p in postings if first <= p.month < run.month]
    if not places:
        return None
    months = sorted({place["month"] for place in places})
    windows = payer_windows(run(ACCOUNTS), run.windows).select("window_payer", "billing_cycle")
    begin = min(first, _carried_since(run, months))
    posted = run.ledger.read(POSTED_ITEMS, [p for p in postings if begin <= p.month < run.month])
    posted = posted.filter(posted.item_type.isin(CHARGE_TYPES))
    posted = posted.semi_join(windows, posted.payer_account_id == windows.window_payer)
    due = due_of(*(run.lake.read(table, months, run.cycles) for table in DRAFTS))
    due = due.mutate(charged_month=ibis.coalesce(due.carried_from, due.month))
    both = Charges(charges(as_posted(_of_posted(due, posted, windows, places))), charges(posted))
    if begin == first:
        return both
    waiting = run(CARRIED_ITEMS)
    return comparable(*both, charges(as_posted(waiting.mutate(charged_month=waiting.carried_from))), first)


def first_corrected(run: Run) -> str:
    """The earliest month that the run's month corrects; the next month does not any more."""
    return run.inputs.settings.first_corrected(run.month)


def comparable(due: ir.Table, posted: ir.Table, waiting: ir.Table, first: str) -> Charges:
    """What is charged since the first month; before it what waited on, for a posted month or for the run's (`waiting`).

    Other charges of months before the first are not in the drafts of those after it, and stand as they were posted.
    """
    drafted = due.select("charge").union(waiting.select("charge"), distinct=True)
    before = posted.filter(posted.charged_month < first).semi_join(drafted, "charge")
    return Charges(due, posted.filter(posted.charged_month >= first).union(before))


def _carried_since(run: Run, months: Sequence[str]) -> str:
    """The earliest month of which anything waited for some months or the run's; the run's where nothing did."""
    place = [*months, run.month], run.cycles
    if not run.lake.count(CARRIED_ITEMS, *place):
        return run.month
    items = run.lake.read(CARRIED_ITEMS, *place)
    return min(run.column(items, "carried_from"))


def _of_posted(due: ir.Table, posted: ir.Table, windows: ir.Table, places: list[dict]) -> ir.Table:
    """What is due to payers whose cycle was posted in a month, or who have something posted there by another cycle."""
    cycles = ibis.memtable(places)
    payers = windows.join(cycles, "billing_cycle").select("month", payer_account_id="window_payer")
    known = payers.union(posted.select("month", "payer_account_id"), distinct=True)
    return due.semi_join(known, ["month", "payer_account_id"])

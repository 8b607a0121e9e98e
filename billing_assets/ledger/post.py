"""Posting: what makes the draft of a month final.

A month of a billing cycle is posted once, in the order of the months, after its window has ended, and only if every
check of it holds that guards money. What changes afterwards is a correction of a later month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import ibis
import pyarrow as pa

from billing_assets import calendar
from billing_assets.contract import Partition
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.documents.contents import Contents
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.items.tables import CARRIED_ITEMS, CHARGE_ITEMS
from billing_assets.ledger import posted
from billing_assets.ledger.drafts import draft_files
from billing_assets.ledger.frozen import frozen_documents
from billing_assets.ledger.tables import POSTED_DOCUMENTS, POSTED_INVOICES, POSTED_ITEMS, POSTED_USAGE
from billing_assets.quality import Check
from billing_assets.run import Run
from resources.ledger import AlreadyPosted
from resources.ledger_draft import Draft
from resources.postings import Posting

_NUMBERS = pa.schema([
    ("vendor_account_id", pa.string()), ("document_type", pa.string()), ("year", pa.int64()),
    ("last_number", pa.int64()),
])  # fmt: skip


class CannotPost(Exception):
    """A month cannot be posted as it is; the message says why in one sentence."""


@dataclass(frozen=True)
class Posted:
    """A billing cycle whose month is posted, now or before."""

    posting: Posting
    now: bool

    @property
    def words(self) -> str:
        when = f"on {self.posting.posted_at[:10]} by {self.posting.posted_by}"
        return f"posting {self.posting.posting_id}, {when}{'' if self.now else ', before this run'}"


def post(run: Run, checks: Sequence[Check], at: datetime, by: str) -> list[Posted]:
    """Post the run's month, a billing cycle at a time. What was posted before stays as it is.

    Raises CannotPost; the cycles before the one that cannot be posted are posted by then.
    """
    return [_post(_of_cycle(run, cycle), cycle, checks, at, by) for cycle in run.cycles]


def _of_cycle(run: Run, cycle: str) -> Run:
    return Run(run.lake, run.inputs, run.first_month, month=run.month, cycle=cycle)


def _post(run: Run, cycle: str, checks: Sequence[Check], at: datetime, by: str) -> Posted:
    with run:
        if (known := _known(run, cycle)) is not None:
            return Posted(known, now=False)
        _require_billed(run, cycle, at)
        _require_in_turn(run, cycle)
        judged = _draft(run, cycle, checks)
        _require_sound(run, cycle, checks)
        try:
            with run.ledger.posting(run.month, cycle, at, by, version("billing-assets")) as draft:
                # another month may have been posted, or this one billed again, since it was judged
                _require_in_turn(run, cycle)
                _write(run, cycle, draft)
                if _draft(run, cycle, checks) != judged:
                    raise CannotPost(f"{run.month} of {cycle} was billed again while it was being posted")
        except AlreadyPosted:
            # by somebody else, while this was getting ready
            return Posted(_known(run, cycle), now=False)
        return Posted(_known(run, cycle), now=True)


def _known(run: Run, cycle: str) -> Posting | None:
    found = [p for p in run.ledger.postings() if (p.month, p.billing_cycle) == (run.month, cycle)]
    return found[0] if found else None


def _draft(run: Run, cycle: str, checks: Sequence[Check]) -> dict[Path, int]:
    """The files that the checks look at, and when each was written."""
    tables = (check.table for check in checks)
    paths = {run.lake.file(table, run.month, cycle) for table in tables if table.partition is Partition.MONTH}
    return {path: path.stat().st_mtime_ns for path in paths if path.is_file()}


def _require_billed(run: Run, cycle: str, at: datetime) -> None:
    """The draft is there, and its window has ended."""
    if cycle not in run.lake.cycles(INVOICES, run.month):
        raise CannotPost(f"{run.month} of {cycle} was not billed yet")
    ends = max(row["end_at"] for row in run.window_rows.to_pylist())
    if at.astimezone(UTC).replace(tzinfo=None) < ends:
        raise CannotPost(f"{run.month} of {cycle} ends at {ends:%Y-%m-%d %H:%M} UTC: it cannot be posted before")


def _require_in_turn(run: Run, cycle: str) -> None:
    """No month of the cycle is missing before it."""
    before = [p.month for p in run.ledger.postings() if p.billing_cycle == cycle]
    following = calendar.months_later(max(before), 1) if before else run.month
    if run.month != following:
        raise CannotPost(f"{run.month} of {cycle} cannot be posted now: {following} comes after {max(before)}")


def _require_sound(run: Run, cycle: str, checks: Sequence[Check]) -> None:
    for check in checks:
        found = check.find(run)
        if found:
            told = ", ".join(f"{name} {value}" for name, value in found[0].items())
            raise CannotPost(
                f"{run.month} of {cycle} cannot be posted: the check {check.table.name}.{check.name} found {told}"
            )


def _write(run: Run, cycle: str, draft: Draft) -> None:
    settings = run.inputs.settings
    numbers = ibis.memtable(pa.Table.from_pylist(draft.last_numbers(), _NUMBERS))
    prefixes = settings.invoice_prefix, settings.credit_note_prefix
    numbered = posted.posted_invoices(run(INVOICES), numbers, *prefixes, draft.posting_id)
    invoices = draft.write(POSTED_INVOICES, numbered)
    charged = ibis.union(run(CHARGE_ITEMS), run(CARRIED_ITEMS).drop("carried_from"))
    items = posted.posted_items(run(BILLED_ITEMS), run(INVOICE_LINES), charged, run(CORRECTION_ITEMS), draft.posting_id)
    draft.write(POSTED_ITEMS, items)
    draft.keep(run.lake, draft_files(run))
    with Contents(run.lake, run.month, [cycle]) as contents:
        draft.write_batches(POSTED_DOCUMENTS, frozen_documents(contents, invoices))
        usage = contents.long_usage()
        draft.write(POSTED_USAGE, POSTED_USAGE.no_rows() if usage is None else usage)
    # last, so that whoever reads a store on SQLite waits for the shortest time
    draft.keep_invoices(invoices)

"""Whether the ledger is as it was posted: its files, its chain of hashes, and what the store has of its invoices."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa

from resources.ledger_draft import last_places
from resources.postings import DRAFTS, FIRST_HASH, STAGING, Posting, draft_folder, place, posting_hash, sha256_of
from resources.store import NUMBER_SERIES, POSTED_FILES, POSTED_INVOICES, Store

_BATCH = 20_000


class Audit:
    """One walk through the postings of a ledger."""

    def __init__(self, root: Path, store: Store, postings: Sequence[Posting]):
        self._root = root
        self._store = store
        self._postings = postings
        self._last: dict[tuple, int] = {}
        self._all_invoices = True

    def findings(self) -> Iterator[str]:
        """A sentence for each file, posting, or row of the store that is not as it was posted."""
        previous, expected, known = FIRST_HASH, 1, set()
        for posting in self._postings:
            name = f"posting {posting.posting_id} ({posting.month} of {posting.billing_cycle})"
            files = self._files(posting)
            known |= files.keys()
            for file, sha256 in files.items():
                yield from (f"{name}: {found}" for found in self._of_file(posting, file, sha256))
            if posting.posting_id > expected:
                yield f"posting {expected} is missing before {name}"
            elif posting.previous_hash != previous:
                yield f"{name} does not follow the posting before it"
            if posting.hash != posting_hash(asdict(posting), files):
                yield f"{name}: its row in the store was changed"
            previous, expected = posting.hash, posting.posting_id + 1
        yield from self._strays(known)
        if self._all_invoices:
            yield from self._series()

    def _files(self, posting: Posting) -> dict[str, str]:
        rows = self._store.rows(sa.select(POSTED_FILES).where(POSTED_FILES.c.posting_id == posting.posting_id))
        return {row["file"]: row["sha256"] for row in rows}

    def _of_file(self, posting: Posting, file: str, sha256: str) -> Iterator[str]:
        is_there = (self._root / file).is_file()
        has_invoices = file == place(POSTED_INVOICES.name, posting.month, posting.billing_cycle).as_posix()
        if is_there and sha256_of(self._root / file) == sha256:
            if has_invoices:
                yield from self._of_invoices(posting, self._root / file)
        else:
            self._all_invoices &= not has_invoices
            yield f"{file} {'was changed' if is_there else 'is missing'}"

    def _of_invoices(self, posting: Posting, path: Path) -> Iterator[str]:
        """The first invoice of a posting that the store has otherwise than its file. Both are in the same order."""
        columns = [sa.cast(column, sa.Text) for column in POSTED_INVOICES.columns]
        of_posting = sa.select(*columns).where(POSTED_INVOICES.c.posting_id == posting.posting_id)
        stored = map(tuple, self._store.each(of_posting.order_by(POSTED_INVOICES.c.invoice_id)))
        first = None
        for pair in zip_longest(stored, self._posted(path)):
            if first is None and pair[0] != pair[1]:
                first = min(row[0] for row in pair if row)
        if first is not None:
            yield f"the store has the invoice {first} otherwise than it was posted"

    def _posted(self, path: Path) -> Iterator[tuple[str, ...]]:
        names = POSTED_INVOICES.columns.keys()
        for batch in pq.ParquetFile(path).iter_batches(_BATCH):
            self._last |= last_places(batch, self._last)
            for row in batch.select(names).to_pylist():
                yield tuple(_as_text(row[name]) for name in names)

    def _strays(self, known: set[str]) -> Iterator[str]:
        """What is of no posting: files, and rows of the store. A whole draft is named once, whatever is in it."""
        ids = [posting.posting_id for posting in self._postings]
        found = (path.relative_to(self._root) for path in self._root.rglob("*.parquet"))
        strays = [path for path in found if path.parts[0] != STAGING and path.as_posix() not in known]
        own = {draft_folder(posting_id) for posting_id in ids}
        yield from (f"{path} is of no posting" for path in sorted({_whole(path, own) for path in strays}))
        for table in (POSTED_FILES, POSTED_INVOICES):
            of_none = sa.select(table.c.posting_id).where(table.c.posting_id.not_in(ids)).distinct()
            for row in self._store.rows(of_none.order_by(table.c.posting_id)):
                yield f"the store has {table.name.replace('_', ' ')} of posting {row['posting_id']}, which is missing"

    def _series(self) -> Iterator[str]:
        """The series whose last number is not that of the last invoice."""
        stored = {tuple(row)[:-1]: row.last_number for row in self._store.each(sa.select(NUMBER_SERIES))}
        for key in sorted(stored.keys() | self._last.keys()):
            if stored.get(key) != self._last.get(key):
                vendor, kind, year = key
                counted, posted = stored.get(key, "none"), self._last.get(key, "none")
                which = f"the last {kind.replace('_', ' ')} of {vendor} in {year}"
                yield f"the place of {which} is {posted}, in the store {counted}"


def _whole(path: Path, drafts: set[Path]) -> Path:
    """The draft that a file is in, where that is none of some; else the file."""
    folder = Path(*path.parts[:2])
    return folder if path.parts[0] == DRAFTS and folder not in drafts else path


def _as_text(value: object) -> str:
    """A value as the store gives it as text."""
    return f"{value:.10f}" if isinstance(value, Decimal) else str(value)

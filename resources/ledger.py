"""The ledger: what was posted, which nobody edits. Files that are written once, and a store that knows each of them.

A posting is of a month and a billing cycle. Its tables are Parquet files under `LEDGER/TABLE/month=…/CYCLE.parquet`,
the draft that it was made of is a lake of its own under `LEDGER/drafts/POSTING`. The store has the SHA-256 of every
file, the numbers of invoices, and a chain of hashes: each posting's hash is of what it posted and of the hash before
it, so that no posting can be changed, left out or put in between without being seen.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq
import sqlalchemy as sa

from billing_assets.contract import Table
from resources.engine import Engine
from resources.lake import Lake, staging_folder, sweep_orphans
from resources.ledger_audit import Audit
from resources.ledger_draft import Draft
from resources.postings import (
    DRAFTS,
    FIRST_HASH,
    STAGING,
    BrokenLedger,
    Posting,
    draft_folder,
    place,
    posting_hash,
)
from resources.store import POSTED_INVOICES, POSTINGS, Store


class AlreadyPosted(Exception):
    """A month of a billing cycle is posted once."""


class Ledger:
    """The postings of a company."""

    def __init__(self, root: Path, engine: Engine, store: Store):
        self.root = root
        self._engine = engine
        self._store = store

    @classmethod
    def of(cls, lake: Lake) -> "Ledger":
        """The ledger of a lake: beside it, or where BILLING_LEDGER and BILLING_STORE say."""
        root = Path(os.environ.get("BILLING_LEDGER") or beside(lake.root)).resolve()
        url = os.environ.get("BILLING_STORE") or f"sqlite:///{root / 'store.sqlite'}"
        return cls(root, lake.engine, Store(url))

    def postings(self) -> list[Posting]:
        """All postings, in their order."""
        rows = self._store.rows(sa.select(POSTINGS).order_by(POSTINGS.c.posting_id))
        return [Posting(**row) for row in rows]

    def invoices(self, column: str, values: Sequence[str]) -> list[dict]:
        """The posted invoices with one of some values."""
        found = sa.select(POSTED_INVOICES).where(POSTED_INVOICES.c[column].in_(values))
        return self._store.rows(found.order_by(POSTED_INVOICES.c.invoice_id))

    def read(self, table: Table, postings: Sequence[Posting]) -> ir.Table:
        """What some postings have of a table. Columns that it did not have then are empty.

        Raises BrokenLedger where a file is missing.
        """
        by_columns: dict[tuple[str, ...], list[Path]] = {}
        for posting in postings:
            path = self.root / place(table.name, posting.month, posting.billing_cycle)
            if not path.is_file():
                raise BrokenLedger(f"{path} of posting {posting.posting_id} is missing")
            by_columns.setdefault(tuple(pq.read_schema(path).names), []).append(path)
        read = (self._engine.read(alike) for alike in by_columns.values())
        return ibis.union(*(_complete(rows, table) for rows in read)) if postings else table.no_rows()

    def rows(self, expression: ir.Table) -> list[dict]:
        """A small expression's rows as Python values."""
        return self._engine.execute(expression).to_pylist()

    def draft(self, posting: Posting) -> Lake:
        """The lake of the draft that was posted."""
        return Lake(self.root / draft_folder(posting.posting_id), self._engine)

    @contextmanager
    def posting(self, month: str, billing_cycle: str, at: datetime, by: str, code_version: str) -> Iterator[Draft]:
        """Post a month of a billing cycle: all that is written through the Draft, or nothing.

        Raises AlreadyPosted. Whoever else posts waits until this is done.
        """
        staging = self.root / STAGING
        with self._store.writing() as connection:
            rows = connection.execute(sa.select(POSTINGS).order_by(POSTINGS.c.posting_id)).mappings()
            before = [Posting(**row) for row in rows]
            for known in before:
                if (known.month, known.billing_cycle) == (month, billing_cycle):
                    raise AlreadyPosted(f"{month} of {billing_cycle} was posted on {known.posted_at[:10]}")
            posting = Posting(
                posting_id=before[-1].posting_id + 1 if before else 1,
                month=month,
                billing_cycle=billing_cycle,
                posted_at=at.astimezone(UTC).isoformat(timespec="seconds"),
                posted_by=by,
                code_version=code_version,
                previous_hash=before[-1].hash if before else FIRST_HASH,
                hash="",
            )
            connection.execute(POSTINGS.insert().values(asdict(posting)))
            if staging.is_dir():
                sweep_orphans(staging)
            with staging_folder(staging) as folder:
                draft = Draft(self._engine, connection, posting, folder)
                yield draft
                draft.keep_files()
                digest = posting_hash(asdict(posting), draft.files)
                same = POSTINGS.c.posting_id == posting.posting_id
                connection.execute(POSTINGS.update().where(same).values(hash=digest))
                draft.move(self.root)

    def require_whole(self) -> None:
        """Raise BrokenLedger where anything is not as it was posted."""
        postings = self.postings()
        broken = list(Audit(self.root, self._store, postings).findings())
        if broken and self.postings() != postings:
            # somebody has posted meanwhile
            self.require_whole()
        elif broken:
            raise BrokenLedger("; ".join(broken))


def beside(lake: Path) -> Path:
    """Where the ledger of a lake is when nothing else is said; that of a posted draft is the one that it is in."""
    return lake.parent.parent if lake.parent.name == DRAFTS else lake.with_name(f"{lake.name}-ledger")


def _complete(rows: ir.Table, table: Table) -> ir.Table:
    missing = {name: ibis.null(dtype) for name, dtype in table.schema.items() if name not in rows.columns}
    return table.shape(rows.mutate(**missing))

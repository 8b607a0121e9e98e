"""Documents of posted invoices: they are in the ledger, and say today what they said when they were posted."""

import json
from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.documents.contents import Contents
from billing_assets.invoices.tables import INVOICES
from billing_assets.ledger.tables import POSTED_DOCUMENTS, POSTED_INVOICES, POSTED_USAGE
from resources.lake import Lake
from resources.ledger import Ledger
from resources.postings import Posting


class PostedContents:
    """The invoices of some postings of a month, or one of them: the same to ask as Contents."""

    def __init__(self, lake: Lake, month: str, postings: Sequence[Posting], invoice_id: str | None = None):
        self.engine = lake.engine
        self.month = month
        self._ledger = Ledger.of(lake)
        self._postings = postings
        self._invoice_id = invoice_id
        self.invoice_ids = self._rows(self._of(POSTED_INVOICES).select("invoice_id"), "invoice_id")

    def __enter__(self) -> "PostedContents":
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing is kept that would have to be given back."""

    def documents(self, invoice_ids: Sequence[str]) -> Iterator[dict]:
        documents = self._of(POSTED_DOCUMENTS)
        found = documents.filter(documents.invoice_id.isin(invoice_ids))
        yield from map(json.loads, self._rows(found.select("invoice_id", "document"), "document"))

    def long_usage(self) -> ir.Table | None:
        usage = self._of(POSTED_USAGE)
        return usage if self._rows(usage.select("invoice_id").limit(1), "invoice_id") else None

    def _of(self, table: Table) -> ir.Table:
        rows = self._ledger.read(table, self._postings)
        return rows if self._invoice_id is None else rows.filter(rows.invoice_id == self._invoice_id)

    def _rows(self, rows: ir.Table, column: str) -> list[str]:
        return self.engine.execute(rows.order_by("invoice_id"))[column].to_pylist()


def month_contents(
    lake: Lake, month: str, cycles: Sequence[str] | None = None, invoice_id: str | None = None
) -> Iterator[Contents | PostedContents]:
    """The invoices of a month: those that were posted as they were posted, the others as drafts."""
    postings = {p.billing_cycle: p for p in Ledger.of(lake).postings() if p.month == month}
    wanted = sorted({*lake.cycles(INVOICES, month), *postings} if cycles is None else cycles)
    final = [postings[cycle] for cycle in wanted if cycle in postings]
    drafts = [cycle for cycle in wanted if cycle not in postings]
    if final:
        yield PostedContents(lake, month, final, invoice_id)
    if drafts:
        yield Contents(lake, month, drafts, invoice_id)

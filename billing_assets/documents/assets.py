"""Documents as an asset: the files of a month's invoices, and a table of what was written and what was not.

It has a job of its own, because nothing else of a month waits for its documents.
"""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.documents.contents import READ
from billing_assets.documents.month import folder_of, remove_others, write_month
from billing_assets.documents.posted import month_contents
from billing_assets.documents.tables import INVOICE_DOCUMENTS
from billing_assets.run import Run
from billing_assets.stage import stage


@stage(INVOICE_DOCUMENTS, reads=READ)
def invoice_documents(run: Run) -> Iterator[ir.Table]:
    """The invoices of the month as JSON, HTML, PDF and e-invoice."""
    folder = folder_of(run.lake)
    contents = month_contents(run.lake, run.month, run.cycles)
    written = write_month(contents, folder, run.inputs.settings.document_formats)
    remove_others(folder, run.month, run.cycle, written)
    yield ibis.memtable(written)

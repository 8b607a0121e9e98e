"""Documents as they were posted: made once, from the draft, with their final number."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from billing_assets.documents.contents import Contents
from billing_assets.documents.document import final
from billing_assets.ledger.tables import POSTED_DOCUMENTS

_BATCH = 200


def frozen_documents(contents: Contents, invoices: Path) -> Iterator[pa.RecordBatch]:
    """Rows of POSTED_DOCUMENTS for a file of posted invoices, in the order of their ids."""
    for batch in pq.ParquetFile(invoices).iter_batches(_BATCH, columns=["invoice_id", "invoice_number"]):
        numbers = dict(zip(*(batch[name].to_pylist() for name in ("invoice_id", "invoice_number")), strict=True))
        drafts = contents.documents(list(numbers))
        rows = [_row(final(draft, numbers[draft["document"]["invoice_id"]])) for draft in drafts]
        yield pa.RecordBatch.from_pylist(rows, POSTED_DOCUMENTS.arrow_schema)


def _row(document: dict) -> dict:
    head = document["document"]
    return {
        "month": head["month"], "billing_cycle": head["billing_cycle"], "invoice_id": head["invoice_id"],
        "invoice_number": head["number"], "document": json.dumps(document, ensure_ascii=False),
    }  # fmt: skip

"""Postings of hand-made invoices. As a program: one that is killed on its way, or slow while another one posts."""

import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from sample_rows import sample

from billing_assets.ledger.tables import POSTED_INVOICES
from resources.engine import Engine
from resources.ledger import AlreadyPosted, Ledger
from resources.ledger_draft import Draft
from resources.store import Store

AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
invoice = sample(
    POSTED_INVOICES, billing_cycle="first", year=2026, document_type="invoice", vendor_account_id="VENDOR",
    issue_date="2026-02-01", due_date="2026-03-03", net_amount="20.82", tax_amount="4.16", gross_amount="24.98",
    currency="EUR",
)  # fmt: skip


def ledger_of(root: Path, url: str, engine: Engine | None = None) -> Ledger:
    return Ledger(root, engine, Store(url))


def hand_post(ledger: Ledger, month: str, *payers: str, killed: str = "", seconds: float = 0) -> None:
    """Post an invoice of 24.98 for each payer; `killed` is where the process ends: writing, or moved."""
    with ledger.posting(month, "first", AT, "tests", "1.0") as draft:
        before = sum(row["last_number"] for row in draft.last_numbers())
        rows = [
            invoice(
                month=month,
                posting_id=draft.posting_id,
                invoice_id=f"{month}-{payer}-EUR",
                payer_account_id=payer,
                place=before + place,
                invoice_number=f"INV-2026-{before + place:06}",
            )
            for place, payer in enumerate(sorted(payers), start=1)
        ]
        batch = pa.RecordBatch.from_pylist(rows, POSTED_INVOICES.arrow_schema)
        path = draft.write_batches(POSTED_INVOICES, iter([batch]))
        time.sleep(seconds)
        if killed == "writing":
            os.kill(os.getpid(), signal.SIGKILL)
        draft.keep_invoices(path)
        if killed == "moved":
            draft.move = lambda root: (Draft.move(draft, root), os.kill(os.getpid(), signal.SIGKILL))


if __name__ == "__main__":
    root, url, month, killed, seconds = sys.argv[1:]
    try:
        hand_post(ledger_of(Path(root), url), month, "ANNA", "BEN", killed=killed, seconds=float(seconds))
        print("posted")
    except AlreadyPosted as error:
        print(error)

"""Documents of invoices from the command line: of a whole month, or of one of its invoices."""

from collections.abc import Sequence
from pathlib import Path

from billing_assets.documents.month import folder_of, write_month
from billing_assets.documents.posted import month_contents
from billing_assets.documents.tables import FAILED
from jobs.explain import Unknown
from resources.lake import Lake

_MOST_TOLD = 20


class DocumentsFailed(Exception):
    """Some documents could not be made; the message tells of each, or of the first."""


def write_invoices(
    lake: Lake, month: str, formats: Sequence[str], invoice_id: str | None = None, folder: Path | None = None
) -> list[Path]:
    """Write documents under a folder, that of the lake when none is given. Returns the files.

    Raises Unknown when there is no such invoice, DocumentsFailed when there are documents that cannot be made; the
    others are written all the same.
    """
    folder = folder or folder_of(lake)
    rows = write_month(month_contents(lake, month, invoice_id=invoice_id), folder, formats).to_pylist()
    if not rows:
        raise Unknown(f"there is no invoice {invoice_id} of {month}" if invoice_id else f"no invoice is of {month}")
    failed = [row for row in rows if row["state"] == FAILED]
    if failed:
        told = [f"{row['invoice_id']}, {row['format']}: {row['failure_detail']}" for row in failed[:_MOST_TOLD]]
        rest = ["…"] if len(failed) > _MOST_TOLD else []
        raise DocumentsFailed("\n".join([f"{len(failed)} of {len(rows)} documents could not be made", *told, *rest]))
    return [folder / row["file"] for row in rows]

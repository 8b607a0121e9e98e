"""All events of invoices that have more than a document lists: a CSV file beside each, written as it is read."""

import csv
import hashlib
import io
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pyarrow.parquet as pq

from billing_assets.documents.contents import Contents
from billing_assets.documents.files import file_name, replacing
from billing_assets.documents.parts import plain
from billing_assets.documents.posted import PostedContents

FORM = "csv"
_AT_ONCE = 10_000
# As in details.usage.records of the JSON document.
_FIELDS = (
    "line", "label", "subscription_id", "local_at", "destination", "zone_id", "quantity", "unit", "amount",
)  # fmt: skip


def write_usage_files(contents: Contents | PostedContents, folder: Path) -> Iterator[dict]:
    """Write the files, and tell of each."""
    usage = contents.long_usage()
    if usage is None:
        return
    with tempfile.TemporaryDirectory(prefix="billing-") as work:
        path = Path(work) / "usage.parquet"
        contents.engine.write(usage.order_by("invoice_id", "place"), path)
        batches = pq.ParquetFile(path).iter_batches(_AT_ONCE)
        events = (event for batch in batches for event in batch.to_pylist())
        for (cycle, number), own in groupby(events, key=itemgetter("billing_cycle", "invoice_id")):
            name = file_name(contents.month, cycle, number, ".csv")
            _write(own, folder / name)
            yield {
                "month": contents.month, "billing_cycle": cycle, "invoice_id": number, "format": FORM,
                "state": "written", "file": name, **_of_file(folder / name),
            }  # fmt: skip


def _write(events: Iterable[dict], path: Path) -> None:
    with replacing(path) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_FIELDS)
        writer.writerows(map(_record, events))


def _record(event: dict) -> tuple:
    return (
        event["line_number"], event["label"], event["subscription_id"], event["local_at"].isoformat(),
        event["destination"], event["zone_id"], plain(event["billed_quantity"]), event["unit"], plain(event["amount"]),
    )  # fmt: skip


def _of_file(path: Path) -> dict:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}

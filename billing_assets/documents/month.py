"""The documents of a month: read batch by batch, written by a pool of processes."""

import json
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pyarrow as pa

from billing_assets.documents import usage_files
from billing_assets.documents.contents import Contents
from billing_assets.documents.files import FORMS, cycle_folder, month_folder, write_documents
from billing_assets.documents.posted import PostedContents
from billing_assets.documents.tables import INVOICE_DOCUMENTS
from resources.lake import Lake

_BATCH = 50
# A process takes seconds to start: few documents are written sooner without.
_WORTH_A_PROCESS = 100


def folder_of(lake: Lake) -> Path:
    """The folder of a lake that documents lie in."""
    return lake.root / "documents"


def write_month(contents: Iterable[Contents | PostedContents], folder: Path, formats: Sequence[str]) -> pa.Table:
    """Write the documents of a month's invoices; rows of INVOICE_DOCUMENTS, one for each file or failure."""
    written = []
    for source in contents:
        with source as opened:
            written.append(_write(opened, folder, formats))
    return pa.concat_tables(written) if written else INVOICE_DOCUMENTS.arrow_schema.empty_table()


def _write(contents: Contents | PostedContents, folder: Path, formats: Sequence[str]) -> pa.Table:
    made = [form for form in formats if form in FORMS]
    written = _written(contents, partial(write_documents, folder=folder, formats=made)) if made else ()
    listed = [list(usage_files.write_usage_files(contents, folder))] if usage_files.FORM in formats else []
    batches = [pa.RecordBatch.from_pylist(rows, INVOICE_DOCUMENTS.arrow_schema) for rows in (*written, *listed)]
    return pa.Table.from_batches(batches, INVOICE_DOCUMENTS.arrow_schema)


def _written(contents: Contents | PostedContents, write: partial) -> Iterator[list[dict]]:
    ids = contents.invoice_ids
    batches = (json.dumps(list(contents.documents(ids[n : n + _BATCH]))).encode() for n in range(0, len(ids), _BATCH))
    workers = min(_cores(), len(ids) // _WORTH_A_PROCESS)
    if workers < 2:
        yield from map(write, batches)
        return
    # spawned, because the threads of an engine do not survive a fork
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        # no more than a few batches at a time are in memory
        ahead: deque[Future[list[dict]]] = deque()
        for batch in batches:
            ahead.append(pool.submit(write, batch))
            if len(ahead) > 2 * workers:
                yield ahead.popleft().result()
        yield from (future.result() for future in ahead)


def remove_others(folder: Path, month: str, cycle: str | None, kept: pa.Table) -> None:
    """Remove the files of a month, or of one billing cycle of it, that are not among those that were written."""
    names = {name for name in kept["file"].to_pylist() if name}
    place = month_folder(month) + "/*" if cycle is None else cycle_folder(month, cycle)
    for path in folder.glob(f"{place}/*"):
        if path.relative_to(folder).as_posix() not in names:
            path.unlink()


def _cores() -> int:
    return int(os.environ.get("BILLING_THREADS") or 0) or os.cpu_count() or 1

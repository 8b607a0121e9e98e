"""The files of a document, in every form that is wanted: this is what the processes of a pool do.

It must not import what is slow to start, or what reads the lake: a process gets its documents as JSON.
"""

import filecmp
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from billing_assets.documents.failure import CannotBeMade
from billing_assets.documents.html import as_html
from billing_assets.documents.pdf import as_pdf
from billing_assets.documents.totals import READERS
from billing_assets.documents.ubl import as_ubl


def as_json(document: dict) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


FORMS: dict[str, tuple[str, Callable[[dict], bytes]]] = {
    "json": (".json", as_json),
    "html": (".html", as_html),
    "pdf": (".pdf", as_pdf),
    "ubl": (".xml", as_ubl),
}


def month_folder(month: str) -> str:
    """Where the documents of a month lie, relative to the folder of all."""
    return f"month={month}"


def cycle_folder(month: str, billing_cycle: str) -> str:
    """Where those of one of its billing cycles lie."""
    return f"{month_folder(month)}/{quote(billing_cycle, safe='')}"


def file_name(month: str, billing_cycle: str, invoice_id: str, suffix: str) -> str:
    """The file of an invoice, relative to the folder of all documents."""
    return f"{cycle_folder(month, billing_cycle)}/{quote(invoice_id, safe='+ ')}{suffix}"


def write_documents(documents: bytes, folder: Path, formats: Sequence[str]) -> list[dict]:
    """Write some documents (a JSON list) under the folder, and tell of each file; one that fails stops no other."""
    return [_written(document, folder, form) for document in json.loads(documents) for form in formats]


def _written(document: dict, folder: Path, form: str) -> dict:
    suffix, make = FORMS[form]
    head = document["document"]
    name = file_name(head["month"], head["billing_cycle"], head["number"], suffix)
    row = {name: head[name] for name in ("month", "billing_cycle", "invoice_id")} | {"format": form}
    path = folder / name
    try:
        content = make(document)
        totals = READERS[form](content) if form in READERS else {}
    except CannotBeMade as failure:
        return row | _failed(path, failure.code, str(failure))
    except Exception as error:  # whatever is wrong with one document, the others are made
        return row | _failed(path, "RENDERING_FAILED", f"{type(error).__name__}: {error}")
    replace(path, content)
    digest = hashlib.sha256(content).hexdigest()
    return row | {"state": "written", "file": name, "bytes": len(content), "sha256": digest} | totals


def _failed(path: Path, code: str, sentence: str) -> dict:
    # that of an earlier run would say something else
    path.unlink(missing_ok=True)
    return {"state": "failed", "failure": code, "failure_detail": sentence}


def replace(path: Path, content: bytes) -> None:
    """Put a whole file into its place at once; a file that has these bytes stays as it is."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which is put into its place when it is whole; one that has the same bytes stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        if path.is_file() and filecmp.cmp(name, path, shallow=False):
            os.unlink(name)
        else:
            os.chmod(name, 0o644)
            os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

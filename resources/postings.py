"""A posting as the store knows it: what it says, the place of its files, and its hash with that of the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FIRST_HASH = "0" * 64
DRAFTS = "drafts"
STAGING = ".staging"
_HASHED = ("posting_id", "month", "billing_cycle", "posted_at", "posted_by", "code_version", "previous_hash")


class BrokenLedger(Exception):
    """The ledger is not as it was posted; the message names the files and postings."""


@dataclass(frozen=True)
class Posting:
    """What the store knows of a posting."""

    posting_id: int
    month: str
    billing_cycle: str
    posted_at: str
    posted_by: str
    code_version: str
    previous_hash: str
    hash: str


def place(table: str, month: str, billing_cycle: str) -> Path:
    """Where a ledger has a table of a posting."""
    return Path(table) / f"month={month}" / f"{billing_cycle}.parquet"


def draft_folder(posting_id: int) -> Path:
    """Where a ledger has the draft that a posting is of."""
    return Path(DRAFTS) / str(posting_id)


def posting_hash(posting: Mapping[str, object], files: Mapping[str, str]) -> str:
    """The hash of a posting: of what it says, of the SHA-256 of its files, and of the hash before it."""
    said = {name: posting[name] for name in _HASHED} | {"files": dict(files)}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

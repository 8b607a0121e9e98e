"""What was posted is explained from the draft that was posted, whatever the draft of its month is by now."""

from collections.abc import Iterator
from dataclasses import dataclass

from billing_assets.ledger.tables import POSTED_ITEMS
from jobs.explain import Unknown
from jobs.explain_item import is_item
from resources.lake import Lake
from resources.ledger import Ledger, Posting


@dataclass(frozen=True)
class AsPosted:
    """The draft that something was posted with, and what it is called there."""

    draft: Lake
    name: str
    words: str


def as_posted(lake: Lake, what: str) -> AsPosted | None:
    """The posting of an invoice, by its number or draft number, or of an item; None where it was not posted.

    Raises Unknown where several vendors have an invoice of that number.
    """
    ledger = Ledger.of(lake)
    postings = {posting.posting_id: posting for posting in ledger.postings()}
    if not postings:
        return None
    found = list(_item(ledger, postings, what) if is_item(what) else _invoices(ledger, what))
    if len(found) > 1:
        names = ", ".join(name for _, name, _ in found)
        raise Unknown(f"several vendors have an invoice {what}: {names}")
    for posting_id, name, number in found:
        posting = postings[posting_id]
        said = f"{number}, posting {posting_id} on {posting.posted_at[:10]} by {posting.posted_by}"
        return AsPosted(ledger.draft(posting), name, said)
    return None


def _invoices(ledger: Ledger, what: str) -> Iterator[tuple[int, str, str]]:
    for column in ("invoice_id", "invoice_number"):
        for row in ledger.invoices(column, [what]):
            yield row["posting_id"], row["invoice_id"], f"{row['invoice_number']} ({row['invoice_id']})"


def _item(ledger: Ledger, postings: dict[int, Posting], item_id: str) -> Iterator[tuple[int, str, str]]:
    items = ledger.read(POSTED_ITEMS, list(postings.values()))
    for row in ledger.rows(items.filter(items.item_id == item_id).select("posting_id", "invoice_id")):
        (invoice,) = ledger.invoices("invoice_id", [row["invoice_id"]])
        yield row["posting_id"], item_id, f"on {invoice['invoice_number']} ({row['invoice_id']})"

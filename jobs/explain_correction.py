"""Why is there a correction? What was posted of a charge, what is due of it today, and what that is made of."""

from collections.abc import Iterator
from decimal import Decimal

import ibis.expr.types as ir

from billing_assets.corrections.compare import as_posted, charge_of
from billing_assets.corrections.tables import ADDED, CHANGED, CORRECTION_ITEMS, EXTENDED, SHORTENED, WITHDRAWN
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.ledger.tables import POSTED_ITEMS
from jobs.made_of import MadeOf
from resources.lake import Lake
from resources.ledger import Ledger

_WHY = {
    ADDED: "nothing was billed of it",
    WITHDRAWN: "nothing is due of it in that month",
    CHANGED: "it comes to something else",
    SHORTENED: "its period ends earlier",
    EXTENDED: "its period ends later",
}


def explain_correction(lake: Lake, item: dict) -> Iterator[str]:
    """The lines of text that tell what a billed item corrects."""
    month = item["corrects_month"]
    made = lake.read(CORRECTION_ITEMS, [item["month"]])
    made = made.filter(made.item_id == item["item_id"]).rename(charged_month="corrects_month")
    (correction,) = _rows(lake, made.mutate(charge=charge_of(made)))
    kind, charge, takes_back = correction["correction"], correction["charge"], correction["tax_regime"] is not None
    yield f"corrects {month}: {_WHY[kind]} by now"
    if takes_back or kind != CHANGED:
        yield from _told_posted(_posted(lake, item, charge))
    if not takes_back or kind == SHORTENED:
        yield from _told_due(lake, month, _due(lake, month, charge))


def _told_posted(rows: list[dict]) -> Iterator[str]:
    for row in rows:
        yield f"{row['amount']:f}  posted on {row['number']} for {row['service_start']} to {row['service_end']}"


def _told_due(lake: Lake, month: str, rows: list[dict]) -> Iterator[str]:
    """What is due of a charge, each item back to the file that it came from."""
    yield f"{sum((row['amount'] for row in rows), Decimal(0)):f}  due today, made of"
    for row in rows:
        yield from (f"  {text}" for text in MadeOf(lake, month).item(row))


def _posted(lake: Lake, item: dict, charge: str) -> list[dict]:
    """What the ledger had of a charge when it was corrected, in the order in which it was posted."""
    ledger = Ledger.of(lake)
    postings = [p for p in ledger.postings() if item["corrects_month"] <= p.month < item["month"]]
    items = ledger.read(POSTED_ITEMS, postings)
    found = _rows(lake, items.filter(charge_of(items) == charge).order_by("posting_id", "amount", "item_id"))
    invoices = ledger.invoices("invoice_id", sorted({row["invoice_id"] for row in found}))
    numbers = {row["invoice_id"]: row["invoice_number"] for row in invoices}
    return [row | {"number": numbers[row["invoice_id"]]} for row in found]


def _due(lake: Lake, month: str, charge: str) -> list[dict]:
    """The items of a charge in the draft of its month as it is today."""
    items = lake.read(CHARGE_ITEMS, [month])
    items = as_posted(items.mutate(charged_month=items.month))
    return _rows(lake, items.filter(charge_of(items) == charge).order_by("item_id"))


def _rows(lake: Lake, rows: ir.Table) -> list[dict]:
    return lake.engine.execute(rows).to_pylist()

"""Why is there no invoice? What waits for the next month because it is below the minimum."""

from collections.abc import Iterator

from billing_assets.contract import Table
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, CHARGE_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES
from jobs.arithmetic import money
from resources.lake import Lake


def is_waiting(lake: Lake, name: str) -> bool:
    """Whether a name is the draft number of an invoice that was not billed in its month."""
    return any(row["waits"] for row in _rows(lake, CARRIED_AMOUNTS, name[:7], invoice_id=name))


def explain_waiting(lake: Lake, invoice_id: str) -> Iterator[str]:
    """The lines of text that tell what an invoice below its minimum would have had."""
    month = invoice_id[:7]
    (row,) = _rows(lake, CARRIED_AMOUNTS, month, invoice_id=invoice_id)
    currency = row["currency"]
    minimum, waiting = (money(row[name], currency) for name in ("minimum_amount", "carried_amount"))
    yield f"no invoice {invoice_id}: {waiting} is below the minimum of {minimum}, and waits for the next month"
    place = {name: row[name] for name in ("payer_account_id", "invoice_part", "currency")}
    for table in (CHARGE_ITEMS, CARRIED_ITEMS):
        for item in sorted(_rows(lake, table, month, **place), key=lambda item: (item["label"], item["item_id"])):
            if item["source_table"] != ACCOUNT_FEES.name:
                since = f", carried over from {item['carried_from']}" if table is CARRIED_ITEMS else ""
                yield (
                    f"  {item['amount']:f}  {item['label']}, {item['subscription_id'] or 'account'}, "
                    f"{item['service_start']} to {item['service_end']} (exclusive){since}"
                )


def _rows(lake: Lake, table: Table, month: str, **values: str | None) -> list[dict]:
    rows = lake.read(table, [month])
    alike = rows.filter([rows[c].identical_to(value) for c, value in values.items()])
    return lake.engine.execute(alike).to_pylist()

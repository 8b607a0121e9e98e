"""Usage details: the events behind the lines of an invoice, in the order in which they happened."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.rating.tables import RATED_ITEMS

# More are no reading matter; the lines have them all.
MOST_RECORDS = 1000
_COLUMNS = (
    "invoice_id", "invoice_line_id", "local_at", "udr_id", "component", "split", "zone_id", "billed_quantity", "unit",
    "amount",
)  # fmt: skip


def usage_records(invoices: ir.Table, items: ir.Table, rated: ir.Table, udrs: ir.Table) -> ir.Table:
    """The first events of each invoice that were priced one by one, with destination, and `place` from 1.

    The total of a month has no events that have a price: it is a line by itself. What resellers pay for without a
    subscription is what their customers did, and stays between those two.
    """
    usage = items.filter(items.source_table == RATED_ITEMS.name, items.subscription_id.notnull())
    charged = usage.select("invoice_id", "invoice_line_id", charge="source_id")
    windows = invoices.select("usage_from", "usage_to", window_of="invoice_id")
    owed = charged.join(windows, charged.invoice_id == windows.window_of)
    events = rated.join(
        owed,
        [
            rated.charge_key == owed.charge,
            rated.billing_effective_at >= owed.usage_from,
            rated.billing_effective_at < owed.usage_to,
        ],
    )
    order = [events[c] for c in ("local_at", "udr_id", "component", "split")]
    placed = events.mutate(
        place=ibis.row_number().over(ibis.window(group_by=events.invoice_id, order_by=order)) + 1,
        events_in_all=events.count().over(ibis.window(group_by=events.invoice_id)),
    )
    listed = placed.filter(placed.place <= MOST_RECORDS)
    called = udrs.select("destination", called_id="udr_id", called_on="event_day")
    found = listed.left_join(called, [listed.udr_id == called.called_id, listed.event_day == called.called_on])
    return found.select("place", "events_in_all", "destination", *_COLUMNS)


def days_of(rows: Sequence[dict], days: Sequence[str]) -> list[str]:
    """The event days that some invoices take their usage from."""
    if not rows:
        return []
    first, end = min(row["usage_from"] for row in rows), max(row["usage_to"] for row in rows)
    return [day for day in days if first.date().isoformat() <= day <= end.date().isoformat()]

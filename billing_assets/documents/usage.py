"""Usage details: the events behind the lines of an invoice, in the order in which they happened.

Those of the month's total have no price: it is a line by itself.
"""

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from billing_assets.items.invoice_parts import number_in
from billing_assets.rating.tables import RATED_ITEMS

# More are no reading matter: a file beside the invoice has them all.
MOST_RECORDS = 1000
_COLUMNS = (
    "invoice_id", "invoice_line_id", "local_at", "udr_id", "component", "split", "zone_id", "billed_quantity", "unit",
    "amount",
)  # fmt: skip


def usage_records(windows: ir.Table, items: ir.Table, rated: ir.Table, udrs: ir.Table) -> ir.Table:
    """The first events of each invoice that were priced one by one, with destination, and `place` from 1.

    `windows` have usage_from and usage_to of each invoice, and of those of earlier months whose items waited for it.
    """
    placed = _placed(windows, items, rated)
    return _with_destination(placed.filter(placed.place <= MOST_RECORDS), udrs)


def long_usage(windows: ir.Table, items: ir.Table, rated: ir.Table, udrs: ir.Table) -> ir.Table:
    """All events of the invoices that have more."""
    return _with_destination(unlisted(_placed(windows, items, rated)), udrs)


def unlisted(records: ir.Table) -> ir.Table:
    """The records of invoices that have more events than a document lists."""
    return records.filter(records.events_in_all > MOST_RECORDS)


def _placed(windows: ir.Table, items: ir.Table, rated: ir.Table) -> ir.Table:
    now = items.filter(items.corrects_month.isnull())
    usage = now.filter(now.source_table == RATED_ITEMS.name, now.subscription_id.notnull())
    then = ibis.coalesce(number_in(usage.carried_from, usage.invoice_id), usage.invoice_id)
    charged = usage.select("invoice_id", "invoice_line_id", charge="source_id", taken_by=then)
    taken = windows.select("usage_from", "usage_to", window_of="invoice_id")
    owed = charged.join(taken, charged.taken_by == taken.window_of)
    events = rated.join(
        owed,
        [
            rated.charge_key == owed.charge,
            rated.billing_effective_at >= owed.usage_from,
            rated.billing_effective_at < owed.usage_to,
        ],
    )
    order = [events[c] for c in ("local_at", "udr_id", "component", "split")]
    return events.mutate(
        place=ibis.row_number().over(ibis.window(group_by=events.invoice_id, order_by=order)) + 1,
        events_in_all=events.count().over(ibis.window(group_by=events.invoice_id)),
    )


def _with_destination(listed: ir.Table, udrs: ir.Table) -> ir.Table:
    called = udrs.select("destination", called_id="udr_id", called_on="event_day")
    found = listed.left_join(called, [listed.udr_id == called.called_id, listed.event_day == called.called_on])
    return found.select("place", "events_in_all", "destination", *_COLUMNS)


def days_between(first: datetime | None, end: datetime | None, days: Sequence[str]) -> list[str]:
    """The event days between two instants, if there are any."""
    return [day for day in days if first and end and first.date().isoformat() <= day <= end.date().isoformat()]

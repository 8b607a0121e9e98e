"""What has become of schedule records: the state that the schedule gives them, and what the ledger has of their period.

A record is invoiced when its period was posted. One that was replaced by an amendment is superseded, posted or not; one
that was cancelled is an invoice cancelled where days after the end were posted, and else just cancelled.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.headers import PREFIX
from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.exact import total, zero
from billing_assets.ledger.tables import BILLING_SCHEDULE_STATES

# The name of a detail: its header without the prefix, its first day, its category.
_DETAIL = r"^BSD-(.*):(\d{4}-\d{2}-\d{2}):[a-z]+$"


def schedule_states(records: ir.Table, headers: ir.Table, posted: ir.Table) -> ir.Table:
    """The states of a month's schedule records; `posted` are posted items."""
    ends = headers.select("billing_header_id", "end_date")
    planned = records.join(ends, "billing_header_id")
    billed = _billed(posted.filter(posted.source_table == BILLING_SCHEDULE_DETAILS.name))
    found = planned.left_join(
        billed,
        [
            planned.billing_header_id == billed.of_header,
            planned.period_start <= billed.first_day,
            planned.period_end > billed.first_day,
        ],
    )
    record = [c for c in records.columns if c in BILLING_SCHEDULE_STATES.schema.names]
    sums = found.group_by(*record, "status", "end_date").aggregate(
        posted_amount=total(found.posted).fill_null(zero()),
        invoice_id=found.invoice_id.min(),
        posted_until=found.posted_until.max(),
    )
    was_posted = sums.invoice_id.notnull()
    taken_back = was_posted & (sums.posted_until > sums.end_date).fill_null(False)
    state = ibis.cases(
        ((sums.status == "pending_invoice") & was_posted, "invoiced"),
        ((sums.status == "cancelled") & taken_back, "invoice_cancelled"),
        else_=sums.status,
    )
    return BILLING_SCHEDULE_STATES.shape(sums.mutate(state=state))


def _billed(posted: ir.Table) -> ir.Table:
    """What was posted of each detail: its header and first day, how far it once went, and the invoice."""
    named = posted.mutate(
        of_header=ibis.literal(PREFIX) + posted.source_id.re_extract(_DETAIL, 1),
        first_day=posted.source_id.re_extract(_DETAIL, 2).cast("date"),
    )
    return named.group_by("of_header", "first_day").aggregate(
        posted=total(named.amount), posted_until=named.service_end.max(), invoice_id=named.invoice_id.min()
    )

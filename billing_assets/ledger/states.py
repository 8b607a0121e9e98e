"""What has become of schedule records: the state that the schedule gives them, and what the ledger has of their period.

A record is invoiced when its period was posted. One that was replaced by an amendment is superseded, posted or not;
one that was cancelled is an invoice cancelled where days after the end were posted, and else just cancelled. The
schedule has no record of periods after the one in which a line ended: those that were posted are found in the ledger.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.headers import PREFIX
from billing_assets.billing_schedule.schedule import of_header
from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.exact import total, zero
from billing_assets.ledger.tables import BILLING_SCHEDULE_STATES

# The name of a detail: its header without the prefix, its first day, its category.
_DETAIL = r"^BSD-(.*):(\d{4}-\d{2}-\d{2}):[a-z]+$"
_PENDING, _INVOICED, _SUPERSEDED = "pending_invoice", "invoiced", "superseded"
_CANCELLED, _INVOICE_CANCELLED = "cancelled", "invoice_cancelled"


def schedule_states(records: ir.Table, headers: ir.Table, posted: ir.Table) -> ir.Table:
    """The states of a month's schedule records; `posted` are the posted items that the month charged."""
    billed = _billed(posted.filter(posted.source_table == BILLING_SCHEDULE_DETAILS.name))
    kept = _kept(records, headers, billed)
    gone = _gone(records, headers, billed)
    return BILLING_SCHEDULE_STATES.shape(kept).union(BILLING_SCHEDULE_STATES.shape(gone))


def header_of(detail_id: ir.StringValue) -> ir.StringValue:
    """The billing header of a schedule detail."""
    return ibis.literal(PREFIX) + detail_id.re_extract(_DETAIL, 1)


def _kept(records: ir.Table, headers: ir.Table, billed: ir.Table) -> ir.Table:
    """The records that the schedule has.

    Of a period that was cut short the one that is left has what was posted; of one that is gone, the replaced one.
    """
    planned = records.join(headers.select("billing_header_id", "end_date"), "billing_header_id")
    found = planned.left_join(
        billed,
        [
            planned.billing_header_id == billed.of_header,
            planned.period_start <= billed.first_day,
            planned.period_end > billed.first_day,
        ],
    )
    record = [c for c in records.columns if c in BILLING_SCHEDULE_STATES.schema.names]
    sums = found.group_by(*record, "period_start", "status", "end_date").aggregate(
        posted=total(found.posted), posted_with=found.posted_with.min(), posted_until=found.posted_until.max()
    )
    is_left = sums.status == _PENDING
    of_period = ibis.window(group_by=[sums.billing_header_id, sums.period_start])
    has_it = is_left | (is_left.cast("int64").max().over(of_period) == 0)
    too_far = (sums.posted_until > sums.end_date).fill_null(False)
    state = ibis.cases(
        (is_left & sums.posted_with.notnull(), _INVOICED),
        ((sums.status == _CANCELLED) & too_far, _INVOICE_CANCELLED),
        else_=sums.status,
    )
    return sums.mutate(
        state=state,
        invoice_id=sums.posted_with,
        posted_amount=ibis.ifelse(has_it, ibis.coalesce(sums.posted, zero()), zero()),
    )


def _gone(records: ir.Table, headers: ir.Table, billed: ir.Table) -> ir.Table:
    """What was posted of periods that the schedule has no more."""
    planned = records.select("period_start", "period_end", planned_header="billing_header_id")
    without = billed.anti_join(
        planned,
        [
            billed.of_header == planned.planned_header,
            billed.first_day >= planned.period_start,
            billed.first_day < planned.period_end,
        ],
    )
    found = without.left_join(
        headers.select("billing_header_id", "replaced_as"), without.of_header == headers.billing_header_id
    )
    replaced = ibis.coalesce(found.replaced_as, ibis.literal(_CANCELLED))
    named = found.mutate(billing_header_id=found.of_header, period_start=found.first_day)
    return named.mutate(
        billing_schedule_record_id=of_header("BSR-", named) + ibis.literal(":") + replaced,
        state=ibis.ifelse(replaced == _SUPERSEDED, _SUPERSEDED, _INVOICE_CANCELLED),
        invoice_id=named.posted_with,
        posted_amount=named.posted,
    )


def _billed(posted: ir.Table) -> ir.Table:
    """What was posted of each detail: its header and first day, how far it once went, and the first invoice."""
    named = posted.mutate(
        of_header=header_of(posted.source_id),
        first_day=posted.source_id.re_extract(_DETAIL, 2).cast("date"),
    )
    return named.group_by("of_header", "first_day", "currency", month="charged_month").aggregate(
        posted=total(named.amount),
        posted_until=named.service_end.max(),
        posted_with=named.invoice_id.min(),
        billing_cycle=named.billing_cycle.max(),
    )

"""The ledger as assets: what was posted, and what has become of the schedule's records.

Posting is a job of its own, and no other stage waits for it: whoever needs the ledger reads it through the run. So the
posted tables have no checks after them; those of the draft are asked again before anything is posted.
"""

import getpass
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg
import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_RECORDS
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.ledger.post import post
from billing_assets.ledger.states import schedule_states
from billing_assets.ledger.tables import (
    BILLING_SCHEDULE_STATES,
    POSTED_DOCUMENTS,
    POSTED_INVOICES,
    POSTED_ITEMS,
    POSTED_USAGE,
)
from billing_assets.partitions import CYCLE_TAG, Partitions
from billing_assets.quality import Check
from billing_assets.run import Run
from billing_assets.stage import asset_spec, code_version, stage

POSTED = (POSTED_INVOICES, POSTED_ITEMS, POSTED_DOCUMENTS, POSTED_USAGE)
BY_TAG = "billing/posted_by"


def posting(partitions: Partitions, checks: Sequence[Check]) -> dg.AssetsDefinition:
    """The asset step that posts a month; `checks` must hold of its draft."""
    reads = (INVOICES, INVOICE_LINES, BILLED_ITEMS, CORRECTION_ITEMS)

    @dg.multi_asset(
        name="posting",
        specs=[
            asset_spec(table, [partitions.dep(read, table) for read in reads], code_version(post)) for table in POSTED
        ],
        partitions_def=partitions.months,
        required_resource_keys={"lake", "inputs"},
        description="Makes the drafts of a month final: numbers, documents, and items that nobody edits.",
    )
    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        lake, inputs = context.resources.lake.opened, context.resources.inputs.opened
        cycle, by = context.run.tags.get(CYCLE_TAG), context.run.tags.get(BY_TAG) or _user()
        with Run(lake, inputs, partitions.first_month, month=context.partition_key, cycle=cycle) as run:
            done = post(run, checks, datetime.now(UTC), by)
            for table in POSTED:
                rows = run.ledger.read(table, [d.posting for d in done])
                facts = {
                    "dagster/row_count": run.rows(rows.aggregate(rows=rows.count()))[0]["rows"],
                    "ledger/location": dg.MetadataValue.path(str(run.ledger.root / table.name)),
                }
                told = {each.posting.billing_cycle: each.words for each in done}
                yield dg.MaterializeResult(table.name, metadata=facts | told)

    return compute


@stage(BILLING_SCHEDULE_STATES, reads=(BILLING_SCHEDULE_RECORDS, BILLING_HEADERS, POSTED_ITEMS))
def billing_schedule_states(run: Run) -> Iterator[ir.Table]:
    """What has become of the month's schedule records."""
    postings = [p for p in run.ledger.postings() if p.month >= run.month and p.billing_cycle in run.cycles]
    posted = run.ledger.read(POSTED_ITEMS, postings).filter(ibis._.charged_month == run.month)
    yield schedule_states(run(BILLING_SCHEDULE_RECORDS), run(BILLING_HEADERS), posted)


def _user() -> str:
    """The user of the system; by number where it has no name, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"

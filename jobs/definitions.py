"""The jobs: which assets a run makes together.

snapshot reads the company's data; load_usage takes files in by load day; rate_usage makes event days;
billing_cycle bills a month, post makes it final, write_documents writes the documents of its invoices: of all billing
cycles, or of the one in the run tag billing/cycle. recompute makes a posted month again, as far as it is charged, so
that the next billing_cycle corrects it.
"""

from collections.abc import Iterable
from itertools import takewhile

import dagster as dg

from billing_assets.contract import Partition, Table
from billing_assets.corrections.assets import corrections
from billing_assets.documents.tables import INVOICE_DOCUMENTS
from billing_assets.ledger.assets import POSTED
from billing_assets.ledger.tables import BILLING_SCHEDULE_STATES
from billing_assets.stage import Stage
from billing_assets.stages import STAGES


def _tables(partition: Partition, stages: Iterable[Stage] = STAGES) -> dg.AssetSelection:
    tables = [table for stage in stages if stage.partition is partition for table in stage.tables]
    return _selected(*(table for table in tables if table is not INVOICE_DOCUMENTS))


def _selected(*tables: Table) -> dg.AssetSelection:
    return dg.AssetSelection.assets(*(table.name for table in tables))


SNAPSHOT = "snapshot"
LOAD_USAGE = "load_usage"
RATE_USAGE = "rate_usage"
BILLING_CYCLE = "billing_cycle"
WRITE_DOCUMENTS = "write_documents"
RECOMPUTE = "recompute"
POST = "post"

JOBS = [
    dg.define_asset_job(SNAPSHOT, _tables(Partition.NONE), description="Accounts, catalogues, rates and orders."),
    dg.define_asset_job(LOAD_USAGE, _tables(Partition.LOAD_DAY), description="Usage files of the load days."),
    dg.define_asset_job(RATE_USAGE, _tables(Partition.EVENT_DAY), description="UDRs and rated items of event days."),
    dg.define_asset_job(BILLING_CYCLE, _tables(Partition.MONTH), description="A month, from schedule to invoices."),
    dg.define_asset_job(
        RECOMPUTE,
        _tables(Partition.MONTH, takewhile(lambda stage: stage is not corrections, STAGES))
        | _selected(BILLING_SCHEDULE_STATES),
        description="A posted month as it would be charged today, for the corrections of the months after it.",
    ),
    dg.define_asset_job(
        POST, _selected(*POSTED, BILLING_SCHEDULE_STATES), description="Makes the drafts of a month final."
    ),
    dg.define_asset_job(WRITE_DOCUMENTS, _selected(INVOICE_DOCUMENTS), description="A month's invoices as documents."),
]

"""The jobs: which assets a run makes together.

snapshot reads the company's data; load_usage takes files in by load day; rate_usage makes event days;
billing_cycle bills a month, write_documents writes the documents of its invoices: of all billing cycles, or of the one
in the run tag billing/cycle.
"""

import dagster as dg

from billing_assets.contract import Partition
from billing_assets.documents.tables import INVOICE_DOCUMENTS
from billing_assets.stages import STAGES


def _tables(partition: Partition) -> dg.AssetSelection:
    tables = [table for stage in STAGES if stage.partition is partition for table in stage.tables]
    return dg.AssetSelection.assets(*(table.name for table in tables if table is not INVOICE_DOCUMENTS))


SNAPSHOT = "snapshot"
LOAD_USAGE = "load_usage"
RATE_USAGE = "rate_usage"
BILLING_CYCLE = "billing_cycle"
WRITE_DOCUMENTS = "write_documents"

JOBS = [
    dg.define_asset_job(SNAPSHOT, _tables(Partition.NONE), description="Accounts, catalogues, rates and orders."),
    dg.define_asset_job(LOAD_USAGE, _tables(Partition.LOAD_DAY), description="Usage files of the load days."),
    dg.define_asset_job(RATE_USAGE, _tables(Partition.EVENT_DAY), description="UDRs and rated items of event days."),
    dg.define_asset_job(BILLING_CYCLE, _tables(Partition.MONTH), description="A month, from schedule to invoices."),
    dg.define_asset_job(
        WRITE_DOCUMENTS,
        dg.AssetSelection.assets(INVOICE_DOCUMENTS.name),
        description="A month's invoices as documents.",
    ),
]

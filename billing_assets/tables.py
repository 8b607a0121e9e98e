"""Every table of the lake, in the order in which data flows."""

from billing_assets.billing_schedule import tables as billing_schedule
from billing_assets.bundles import tables as bundles
from billing_assets.charges import tables as charges
from billing_assets.contract import InputTable, Table
from billing_assets.corrections import tables as corrections
from billing_assets.crm import tables as crm
from billing_assets.discounts import tables as discounts
from billing_assets.documents import tables as documents
from billing_assets.fees import tables as fees
from billing_assets.invoices import tables as invoices
from billing_assets.items import tables as items
from billing_assets.ledger import tables as ledger
from billing_assets.orders import tables as orders
from billing_assets.prepaid import tables as prepaid
from billing_assets.quotes import tables as quotes
from billing_assets.rating import tables as rating
from billing_assets.reference import tables as reference
from billing_assets.reports import tables as reports
from billing_assets.taxes import tables as taxes
from billing_assets.totals import tables as totals
from billing_assets.usage import tables as usage

STAGES = (
    crm, reference, quotes, orders, billing_schedule, usage, rating, totals, bundles, charges, fees, discounts, items,
    corrections, taxes, invoices, prepaid, reports, documents, ledger,
)  # fmt: skip

TABLES: dict[str, Table] = {
    value.name: value for stage in STAGES for value in vars(stage).values() if isinstance(value, Table)
}
TABLES = {name: table for stage in STAGES for name, table in TABLES.items() if table.group == stage.GROUP}

INPUT_TABLES: tuple[InputTable, ...] = tuple(t for t in TABLES.values() if isinstance(t, InputTable))

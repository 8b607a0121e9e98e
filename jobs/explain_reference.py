"""What has become of an order, asset, contract, opportunity or subscription, down to what is billed of it."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_HEADERS
from billing_assets.orders.tables import ORDER_LINES
from jobs.explain import Unknown
from jobs.explain_schedule import Schedule
from jobs.month_rows import rows_with
from resources.lake import Lake

_NAMES = (
    "order_line_id", "ordered_line_id", "source_order_id", "subscription_id", "asset_id", "contract_id",
    "opportunity_id", "customer_reference",
)  # fmt: skip


def explain_reference(lake: Lake, reference: str) -> Iterator[str]:
    """The lines of text that tell everything about what a reference names."""
    lines = _lines(lake, reference)
    if not lines:
        raise Unknown(f"there is no invoice {reference}, nor an order, asset, contract, opportunity or subscription")
    names = [line["order_line_id"] for line in lines]
    headers = rows_with(lake, BILLING_HEADERS, "order_line_id", names)
    schedule = Schedule(lake, [header["billing_header_id"] for header in headers])
    yield f"{reference}: {len(lines)} order {'line' if len(lines) == 1 else 'lines'}"
    for line in lines:
        until = f" to {line['end_date']} (exclusive)" if line["end_date"] else ""
        yield (
            f"{line['product_id']} for {line['account_id']} from {line['start_date']}{until}: order line "
            f"{line['order_line_id']} ({line['action']}), {line['source_file']}:{line['source_line']}"
        )
        if line["price_type"] == "usage":
            yield f"  usage of {line['subscription_id']}, by plan {line['applied_plan']}"
        for header in headers:
            if header["order_line_id"] == line["order_line_id"]:
                yield from (f"  {text}" for text in schedule.header(header))


def _lines(lake: Lake, reference: str) -> list[dict]:
    """The order lines that a reference names, by one of their references or by their header."""
    rows = lake.read(ORDER_LINES)
    headed = lake.read(BILLING_HEADERS)
    of_header = headed.filter(headed.billing_header_id == reference).select("order_line_id")
    order = rows.source + ibis.literal(":") + rows.source_order_id == reference
    named = rows.filter(ibis.or_(order, *(rows[c] == reference for c in _NAMES)))
    found = _rows(lake, named) or _rows(lake, rows.semi_join(of_header, "order_line_id"))
    return sorted(found, key=lambda row: (row["ordered_line_id"], row["version"]))


def _rows(lake: Lake, rows: ir.Table) -> list[dict]:
    return lake.engine.execute(rows).to_pylist()

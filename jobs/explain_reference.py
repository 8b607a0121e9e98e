"""What has become of an order, asset, contract, opportunity or subscription: from its lines to what is billed of them.

Headers, the schedule records of the months that were billed with their details and items, and what is left to be billed
after the last of them are read from the tables. The records that are pending billing are no rows of a table: they are
worked out here, by the rules that will bill them.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.billing_schedule.scheduled import pending_records
from billing_assets.billing_schedule.tables import (
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
    UNBILLED_AMOUNTS,
)
from billing_assets.contract import Table
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.run import Run
from jobs.arithmetic import plain
from jobs.explain import Unknown
from resources.inputs import Inputs
from resources.lake import Lake

# How far ahead records are told.
_MONTHS_AHEAD = 12
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
    headers = _found(lake, BILLING_HEADERS, "order_line_id", names)
    schedule = _Schedule(lake, [header["billing_header_id"] for header in headers])
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


class _Schedule:
    """The schedule of some headers: records, details and items of the months that were billed, and what is left."""

    def __init__(self, lake: Lake, headers: Sequence[str]):
        self.records, self.details, self.left = (
            _found(lake, table, "billing_header_id", headers)
            for table in (BILLING_SCHEDULE_RECORDS, BILLING_SCHEDULE_DETAILS, UNBILLED_AMOUNTS)
        )
        named = [detail["billing_schedule_detail_id"] for detail in self.details]
        self.items = {item["source_id"]: item for item in _found(lake, BILLED_ITEMS, "source_id", named)}
        self.last = _last_months(lake)
        self.pending = list(_pending(lake, headers, self.last))

    def header(self, header: dict) -> Iterator[str]:
        """A header, its records, and the sums of what is billed and of what is not yet."""
        name, currency = header["billing_header_id"], header["currency"]
        part = f", part {header['split_part']}" if header["split_part"] else ""
        yield (
            f"{name}: {_money(header['net_price'])} {currency} {_of(header)}, {_words(header['billing_rule'])}{part}; "
            f"{header['payer_account_id']} pays"
        )
        records = [row for row in self.records if row["billing_header_id"] == name]
        for record in sorted(records, key=lambda r: (r["month"], r["period_start"], r["billing_schedule_record_id"])):
            yield from (f"  {text}" for text in self._record(record))
        last = self.last.get(header["billing_cycle"])
        if last:
            billed = sum((record["fee_amount"] for record in records), Decimal(0))
            yield f"  {_money(billed)} {currency} billed up to {last}; {self._left(header)}"
        for record in self.pending:
            if record["billing_header_id"] == name:
                yield f"  {_record(record)}"

    def _record(self, record: dict) -> Iterator[str]:
        yield f"{record['month']} {_record(record)}"
        for detail in self.details:
            if record["fee_amount"] and detail["billing_schedule_record_id"] == record["billing_schedule_record_id"]:
                whole = f" of {_money(detail['undivided_amount'])}" if detail["undivided_amount"] is not None else ""
                item = self.items.get(detail["billing_schedule_detail_id"])
                billed = f"item {item['item_id']} of {item['invoice_id']}" if item else "no item yet"
                yield f"  {_money(detail['fee_amount'])}{whole} from {detail['period_start']} on: {billed}"

    def _left(self, header: dict) -> str:
        """What is not billed yet: nothing is known of a line that has no end."""
        name = header["billing_header_id"]
        for row in self.left:
            if (row["month"], row["billing_header_id"]) == (self.last[row["billing_cycle"]], name):
                return f"{_money(row['unbilled_amount'])} to be billed, next on {row['next_ready_date']}"
        ends = header["end_date"] is not None or header["price_type"] == "one_time"
        return "nothing is left to be billed" if ends else "no end is known"


def _last_months(lake: Lake) -> dict[str, str]:
    """The last month that was billed of each cycle."""
    months = lake.keys(BILLING_SCHEDULE_RECORDS)
    return {cycle: month for month in months for cycle in lake.cycles(BILLING_SCHEDULE_RECORDS, month)}


def _pending(lake: Lake, headers: Sequence[str], last: dict[str, str]) -> Iterator[dict]:
    """The records of headers that become ready after the last month of their cycle; before any, from their begin on."""
    known = lake.read(BILLING_HEADERS)
    known = known.filter(known.billing_header_id.isin(headers))
    for header in _rows(lake, known.group_by("billing_cycle").aggregate(first=known.start_date.min())):
        cycle = header["billing_cycle"]
        month = last.get(cycle) or calendar.months_later(calendar.month_of(header["first"]), -2)
        with Run(lake, Inputs(lake.root, ()), month, month=month, cycle=cycle) as run:
            of_cycle = known.filter(known.billing_cycle == cycle)
            found = pending_records(run, of_cycle, _MONTHS_AHEAD)
            yield from run.rows(found.order_by("period_start", "billing_schedule_record_id"))


def _record(record: dict) -> str:
    return (
        f"{_words(record['status'])}: {record['period_start']} to {record['period_end']} (exclusive), ready on "
        f"{record['ready_for_invoice_date']}: {_money(record['fee_amount'])}"
    )


def _lines(lake: Lake, reference: str) -> list[dict]:
    """The order lines that a reference names, by one of their references or by their header."""
    rows = lake.read(ORDER_LINES)
    headed = lake.read(BILLING_HEADERS)
    of_header = headed.filter(headed.billing_header_id == reference).select("order_line_id")
    order = rows.source + ibis.literal(":") + rows.source_order_id == reference
    named = rows.filter(ibis.or_(order, *(rows[c] == reference for c in _NAMES)))
    found = _rows(lake, named) or _rows(lake, rows.semi_join(of_header, "order_line_id"))
    return sorted(found, key=lambda row: (row["ordered_line_id"], row["version"]))


def _found(lake: Lake, table: Table, column: str, values: Sequence[str]) -> list[dict]:
    rows = lake.read_all(table)
    return _rows(lake, rows.filter(rows[column].isin(values)).order_by(column)) if values else []


def _rows(lake: Lake, rows: ir.Table) -> list[dict]:
    return lake.engine.execute(rows).to_pylist()


def _of(header: dict) -> str:
    """What a price is the price of."""
    if header["price_type"] == "one_time":
        return "once"
    period = header["price_period"]
    if (period, header["billing_frequency"]) == ("billing_period", "custom"):
        return f"every {header['period_length']} {header['period_unit']}s"
    return _words(header["billing_frequency"]) if period == "billing_period" else f"for a {_words(period)}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _money(value: Decimal) -> str:
    return plain(value, at_least=2)

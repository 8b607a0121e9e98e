"""The schedule of some billing headers: the records of the months that were billed, and what is left to be billed.

Records with their states, details, items and corrections are read from the tables, numbers of invoices from the ledger.
The records that are pending billing are no rows of a table: they are worked out here, by the rules that will bill them.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from billing_assets import calendar
from billing_assets.billing_schedule.scheduled import pending_records
from billing_assets.billing_schedule.tables import (
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
    UNBILLED_AMOUNTS,
)
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.ledger.states import header_of
from billing_assets.ledger.tables import BILLING_SCHEDULE_STATES
from billing_assets.run import Run
from jobs.arithmetic import plain
from jobs.month_rows import rows_with
from resources.inputs import Inputs
from resources.lake import Lake
from resources.ledger import Ledger

# How far ahead records are told.
_MONTHS_AHEAD = 12


class Schedule:
    """What is known of the schedule of some headers."""

    def __init__(self, lake: Lake, headers: Sequence[str]):
        self._records, self._details, self._left, states = (
            rows_with(lake, table, "billing_header_id", headers)
            for table in (BILLING_SCHEDULE_RECORDS, BILLING_SCHEDULE_DETAILS, UNBILLED_AMOUNTS, BILLING_SCHEDULE_STATES)
        )
        self._states = {(row["month"], row["billing_schedule_record_id"]): row for row in states}
        items = _items(lake, headers)
        self._items = {item["source_id"]: item for item in items if item["corrects_month"] is None}
        self._corrections = [item for item in items if item["corrects_month"] is not None]
        named = sorted({row["invoice_id"] for row in (*items, *states) if row["invoice_id"] is not None})
        posted = Ledger.of(lake).invoices("invoice_id", named)
        self._numbers = {row["invoice_id"]: f"{row['invoice_number']} ({row['invoice_id']})" for row in posted}
        self._last = _last_months(lake)
        self._pending = list(_pending(lake, headers, self._last))

    def header(self, header: dict) -> Iterator[str]:
        """A header, its records, and the sums of what is billed and of what is not yet."""
        name, currency = header["billing_header_id"], header["currency"]
        part = f", part {header['split_part']}" if header["split_part"] else ""
        yield (
            f"{name}: {_money(header['net_price'])} {currency} {_of(header)}, {_words(header['billing_rule'])}{part}; "
            f"{header['payer_account_id']} pays"
        )
        records = [row for row in self._records if row["billing_header_id"] == name]
        for record in sorted(records, key=lambda r: (r["month"], r["period_start"], r["billing_schedule_record_id"])):
            yield from (f"  {text}" for text in self._record(record))
        known = {(row["month"], row["billing_schedule_record_id"]) for row in records}
        for place, state in sorted(self._states.items()):
            if state["billing_header_id"] == name and place not in known:
                yield (
                    f"  {state['month']} {_words(state['state'])}: {_money(state['posted_amount'])} posted with "
                    f"{self._invoice(state['invoice_id'])}; no longer in the schedule"
                )
        for item in self._corrections:
            if item["header"] == name:
                yield (
                    f"  {item['month']} corrects {item['corrects_month']}: {_money(item['amount'])} for "
                    f"{item['service_start']} to {item['service_end']} (exclusive): {self._item(item)}"
                )
        last = self._last.get(header["billing_cycle"])
        if last:
            billed = sum((record["fee_amount"] for record in records), Decimal(0))
            yield f"  {_money(billed)} {currency} billed up to {last}; {self._left_of(header)}"
        for record in self._pending:
            if record["billing_header_id"] == name:
                yield f"  {_record(record, record['status'])}"

    def _record(self, record: dict) -> Iterator[str]:
        known = self._states.get((record["month"], record["billing_schedule_record_id"]))
        yield f"{record['month']} {_record(record, known['state'] if known else record['status'])}"
        for detail in self._details:
            if record["fee_amount"] and detail["billing_schedule_record_id"] == record["billing_schedule_record_id"]:
                whole = f" of {_money(detail['undivided_amount'])}" if detail["undivided_amount"] is not None else ""
                item = self._items.get(detail["billing_schedule_detail_id"])
                billed = self._item(item) if item else "no item yet"
                yield f"  {_money(detail['fee_amount'])}{whole} from {detail['period_start']} on: {billed}"

    def _item(self, item: dict) -> str:
        return f"item {item['item_id']} of {self._invoice(item['invoice_id'])}"

    def _invoice(self, invoice_id: str) -> str:
        return self._numbers.get(invoice_id, invoice_id)

    def _left_of(self, header: dict) -> str:
        """What is not billed yet: nothing is known of a line that has no end."""
        name = header["billing_header_id"]
        for row in self._left:
            if (row["month"], row["billing_header_id"]) == (self._last[row["billing_cycle"]], name):
                return f"{_money(row['unbilled_amount'])} to be billed, next on {row['next_ready_date']}"
        ends = header["end_date"] is not None or header["price_type"] == "one_time"
        return "nothing is left to be billed" if ends else "no end is known"


def _items(lake: Lake, headers: Sequence[str]) -> list[dict]:
    """The billed items of fees of headers, with header, in their order."""
    items = lake.read_all(BILLED_ITEMS)
    fees = items.filter(items.source_table == BILLING_SCHEDULE_DETAILS.name)
    fees = fees.mutate(header=header_of(fees.source_id))
    found = fees.filter(fees.header.isin(headers))
    return lake.engine.execute(found.order_by("month", "service_start", "amount", "item_id")).to_pylist()


def _last_months(lake: Lake) -> dict[str, str]:
    """The last month that was billed of each cycle."""
    months = lake.keys(BILLING_SCHEDULE_RECORDS)
    return {cycle: month for month in months for cycle in lake.cycles(BILLING_SCHEDULE_RECORDS, month)}


def _pending(lake: Lake, headers: Sequence[str], last: dict[str, str]) -> Iterator[dict]:
    """The records of headers that become ready after the last month of their cycle; before any, from their begin on."""
    known = lake.read(BILLING_HEADERS)
    known = known.filter(known.billing_header_id.isin(headers))
    begins = known.group_by("billing_cycle").aggregate(first=known.start_date.min())
    for header in lake.engine.execute(begins).to_pylist():
        cycle = header["billing_cycle"]
        month = last.get(cycle) or calendar.months_later(calendar.month_of(header["first"]), -2)
        with Run(lake, Inputs(lake.root, ()), month, month=month, cycle=cycle) as run:
            of_cycle = known.filter(known.billing_cycle == cycle)
            found = pending_records(run, of_cycle, _MONTHS_AHEAD)
            yield from run.rows(found.order_by("period_start", "billing_schedule_record_id"))


def _record(record: dict, state: str) -> str:
    return (
        f"{_words(state)}: {record['period_start']} to {record['period_end']} (exclusive), ready on "
        f"{record['ready_for_invoice_date']}: {_money(record['fee_amount'])}"
    )


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

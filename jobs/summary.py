"""What a billing run prints at its end: counts and totals per stage, rejections, times, where to look."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import ibis
from rich.console import RenderableType
from rich.table import Table as Grid
from rich.text import Text

from billing_assets.contract import Table
from billing_assets.crm.tables import REJECTED_CRM_RECORDS
from billing_assets.discounts.tables import REJECTED_DISCOUNTS
from billing_assets.invoices.tables import INVOICES
from billing_assets.ledger.tables import POSTED_INVOICES
from billing_assets.orders.tables import REJECTED_ORDERS
from billing_assets.rating.tables import UNRATED_UDRS
from billing_assets.reference.tables import CURRENCIES, REJECTED_ACCOUNTS, REJECTED_CONTACTS
from billing_assets.reports.tables import CYCLE_REPORT
from billing_assets.usage.tables import (
    ACCEPTED_USAGE_ORDERS,
    REJECTED_RAW_USAGE,
    REJECTED_UDRS,
    REJECTED_USAGE_ORDERS,
    UDR_DAYS,
)
from jobs.billing_run import RunReport
from resources.lake import Lake
from resources.ledger import Ledger

_REJECTIONS = (
    REJECTED_CRM_RECORDS, REJECTED_ACCOUNTS, REJECTED_CONTACTS, REJECTED_ORDERS, REJECTED_DISCOUNTS,
    REJECTED_USAGE_ORDERS, REJECTED_RAW_USAGE, REJECTED_UDRS, UNRATED_UDRS,
)  # fmt: skip


_AMOUNTS = ("net_amount", "tax_amount", "gross_amount")
_NUMBERS = ("rows", "seconds", "CPU", "rows written", "count", "net", "tax", "gross")


def of_run(lake: Lake, months: Sequence[str], report: RunReport) -> Iterator[RenderableType]:
    """The parts of the summary, in the order in which they are read."""
    yield _totals(lake, months)
    yield from _waiting(lake)
    yield _rejections(lake)
    yield _seconds(report)
    if report.failed_checks:
        yield _warnings(report)


def _totals(lake: Lake, months: Sequence[str]) -> Grid:
    grid = _grid("Stages", "stage", "measure", "", *months)
    report = lake.read(CYCLE_REPORT, months)
    # usage is counted for the days of each cycle's window: adding cycles up would count it twice
    counts = report.filter(report.stage != "usage") if len(_cycles(lake, months)) > 1 else report
    sums = counts.group_by("month", "stage", "measure", "currency").aggregate(value=counts.value.sum())
    digits = _digits(lake)
    values: dict[tuple[str, str, str], dict[str, Decimal]] = {}
    for row in lake.engine.execute(sums).to_pylist():
        values.setdefault((row["stage"], row["measure"], row["currency"]), {})[row["month"]] = row["value"]
    order = {name: place for place, name in enumerate(("usage", "rating", "bundles", "fees", "discounts", "items",
                                                       "taxes", "invoices"))}  # fmt: skip
    for stage, measure, currency in sorted(values, key=lambda key: (order[key[0]], key[2] != "-", key[1:])):
        of_month = values[stage, measure, currency]
        shown = [f"{of_month.get(month, Decimal(0)):,.{digits.get(currency, 0)}f}" for month in months]
        grid.add_row(stage, measure, "" if currency == "-" else currency, *shown)
    return grid


def _digits(lake: Lake) -> dict[str, int]:
    """The digits of each currency."""
    return {row["currency"]: row["digits"] for row in lake.engine.execute(lake.read(CURRENCIES)).to_pylist()}


def _cycles(lake: Lake, months: Sequence[str]) -> set[str]:
    return {cycle for month in months for cycle in lake.cycles(CYCLE_REPORT, month)}


def _waiting(lake: Lake) -> Iterator[Text]:
    orders = lake.engine.execute(lake.read(ACCEPTED_USAGE_ORDERS).select("event_day"))["event_day"].to_pylist()
    made = set(lake.keys(UDR_DAYS))
    later = [day for day in orders if day.isoformat() not in made]
    if later:
        yield Text(
            f"{len(later):,} of {len(orders):,} accepted usage orders wait for their day, the first {min(later)}."
        )


def _rejections(lake: Lake) -> Grid:
    grid = _grid("Rejected records", "table", "reason", "rows", "for example")
    for table in _REJECTIONS:
        for row in lake.engine.execute(_by_reason(lake, table)).to_pylist():
            grid.add_row(table.name, row["reason"], f"{row['rows']:,}", row["example"])
    return grid


def _by_reason(lake: Lake, table: Table) -> ibis.expr.types.Table:
    rows = lake.read_all(table)
    place = rows.source_file + ibis.literal(":") + rows.source_line.cast("string")
    counted = rows.group_by("reason").aggregate(rows=rows.count(), example=place.min())
    return counted.order_by(counted["rows"].desc(), "reason")


def _seconds(report: RunReport) -> Grid:
    grid = _grid("Seconds", "stage", "seconds", "CPU", "rows written")
    sums: dict[str, list[float]] = {}
    for step in report.steps:
        rows = sum(w.rows for files in step.written.values() for w in files)
        entry = sums.setdefault(step.name, [0.0, 0.0, 0.0])
        for place, value in enumerate((step.seconds, step.cpu_seconds, rows)):
            entry[place] += value
    for name, (seconds, cpu, rows) in sums.items():
        grid.add_row(name, f"{seconds:.1f}", f"{cpu:.1f}", f"{rows:,.0f}")
    return grid


def _warnings(report: RunReport) -> Grid:
    grid = _grid("Checks that found something", "table", "check", "found")
    for check in report.failed_checks:
        grid.add_row(check.table, check.name, "\n".join(check.found))
    return grid


def of_ledger(lake: Lake, month: str | None = None) -> Grid:
    """The postings of a month, or all, with what their invoices come to."""
    ledger = Ledger.of(lake)
    columns = ("posting", "month", "cycle", "posted", "by", "documents", "count", "net", "tax", "gross", "")
    grid = _grid("Ledger", *columns)
    postings = [posting for posting in ledger.postings() if month in (None, posting.month)]
    invoices = ledger.read(POSTED_INVOICES, postings)
    sums = {name: invoices[name].sum() for name in _AMOUNTS}
    found = invoices.group_by("posting_id", "document_type", "currency").aggregate(invoices=invoices.count(), **sums)
    totals: dict[int, list[dict]] = {}
    for row in lake.engine.execute(found.order_by("posting_id", "document_type", "currency")).to_pylist():
        totals.setdefault(row["posting_id"], []).append(row)
    digits = _digits(lake)
    for posting in postings:
        head = str(posting.posting_id), posting.month, posting.billing_cycle, posting.posted_at[:10]
        for row in totals.get(posting.posting_id, [{}]):
            grid.add_row(*head, posting.posted_by, *_invoiced(row, digits))
    return grid


def _invoiced(row: dict, digits: dict[str, int]) -> tuple[str, ...]:
    if not row:
        return ("none",)
    amounts = (f"{row[name]:,.{digits.get(row['currency'], 2)}f}" for name in _AMOUNTS)
    return f"{row['document_type'].replace('_', ' ')}s", f"{row['invoices']:,}", *amounts, row["currency"]


def an_invoice(lake: Lake, month: str) -> str | None:
    """The draft number of one of the month's invoices, for the user to look at."""
    rows = lake.read(INVOICES, [month])
    found = lake.engine.execute(rows.order_by(rows["lines"].desc(), "invoice_id").limit(1)).to_pylist()
    return found[0]["invoice_id"] if found else None


def where_next(lake: Path, invoice: str | None, seconds: float) -> Text:
    """What to do with the result."""
    lines = [f"Billed in {seconds:.0f} s. The tables are Parquet files under {lake}/TABLE/."]
    if invoice:
        lines.append(f"Why is an invoice what it is?  billing explain {invoice} --lake {lake}")
        lines.append(f"Down to events and files:      billing explain {invoice} --lake {lake} --line 1")
    return Text("\n".join(lines))


def _grid(title: str, *columns: str) -> Grid:
    grid = Grid(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        numeric = column in _NUMBERS or column[:2].isdigit()
        grid.add_column(column, justify="right" if numeric else "left", overflow="fold")
    return grid

"""The draft that a posting is of: every table that explains its items, as it was.

A draft is made again when usage is late or an order changes, and reference tables are replaced every night. So a
posting keeps the files of its month, of the months that wait in it or that it corrects, of their event days, and of
all that is not cut by time. Files that stay as they are need no space: the lake replaces files, and never writes in
them.
"""

from collections.abc import Iterator
from pathlib import Path

from billing_assets import calendar
from billing_assets.contract import Partition
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.run import Run
from billing_assets.tables import TABLES


def draft_files(run: Run) -> Iterator[Path]:
    """The files of the lake that the draft of a run's month and cycles is made of."""
    months = _months(run)
    days = sorted({day for month in months for day in _event_days(run, month)})
    keys = {Partition.NONE: [""], Partition.EVENT_DAY: days, Partition.MONTH: months, Partition.LOAD_DAY: []}
    for table in TABLES.values():
        cycles = run.cycles if table.has_cycles else ["all"]
        files = (run.lake.file(table, key, cycle) for key in keys[table.partition] for cycle in cycles)
        yield from (path for path in files if path.is_file())


def _months(run: Run) -> list[str]:
    """The month, and those of its items that waited for it or are corrected."""
    items = run(BILLED_ITEMS)
    earlier = (run.column(items, name) for name in ("carried_from", "corrects_month"))
    return sorted({run.month, *(month for months in earlier for month in months if month is not None)})


def _event_days(run: Run, month: str) -> list[str]:
    windows = calendar.windows(month, run.anchor_days, run.time_zones, run.first_month)
    return [day.isoformat() for day in calendar.event_days(windows)]

"""The rows that an explanation looks up: of a month one value at a time, or of all."""

from collections.abc import Sequence

from billing_assets.contract import Table
from resources.lake import Lake


def rows_with(lake: Lake, table: Table, column: str, values: Sequence[str]) -> list[dict]:
    """The rows of all partitions with one of some values."""
    rows = lake.read_all(table)
    found = rows.filter(rows[column].isin(values)).order_by(column)
    return lake.engine.execute(found).to_pylist() if values else []


class MonthRows:
    """The tables of a lake, those that are cut by month as of one."""

    def __init__(self, lake: Lake, month: str):
        self.lake = lake
        self.month = month

    def of(self, table: Table, column: str, value: str) -> list[dict]:
        """The month's rows with a value."""
        rows = self.lake.read(table, [self.month])
        return self.lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()

    def one(self, table: Table, column: str, value: str) -> dict:
        """The row with a value of a table that is not cut by month."""
        rows = self.lake.read(table)
        return self.lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()[0]

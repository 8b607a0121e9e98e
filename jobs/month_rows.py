"""The rows of a month that an explanation looks up, one value at a time."""

from billing_assets.contract import Table
from resources.lake import Lake


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

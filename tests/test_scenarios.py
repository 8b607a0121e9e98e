"""Whole small companies, billed through the real graph: each folder of scenarios/ is one test.

A folder has inputs/, what the tables must be in expected/NAME.csv (any subset of the columns, rows in any
order), and a README.md that works the amounts out. expected/rejected.csv stands for every table of
rejected rows together. All months are billed from first_month to the last one in expected/invoices.csv.
Files in later/ arrive after that; then the months are billed once more. Every invoice is an e-invoice that keeps the
official rules.
"""

import csv
import shutil
import tomllib
from pathlib import Path

import pytest
from e_invoices import wrong_e_invoices
from tests_support import SCENARIOS, as_text, rejected_rows

from billing_assets.calendar import month_range
from billing_assets.contract import Table
from billing_assets.tables import TABLES
from resources.lake import Lake

# Many months, or months billed again: a minute each.
LONG = ("billing_terms", "fees_over_life", "order_lifecycle", "two_cycles")


@pytest.mark.parametrize(
    "folder",
    [pytest.param(f, id=f.name, marks=pytest.mark.long if f.name in LONG else ()) for f in SCENARIOS],
)
def test_scenario(folder, tmp_path, bill, lake):
    inputs = shutil.copytree(folder / "inputs", tmp_path / "inputs")
    months = _months(folder)
    bill(inputs, *months)
    if (folder / "later").is_dir():
        shutil.copytree(folder / "later", inputs, dirs_exist_ok=True)
        bill(inputs, *months)
    for path in sorted((folder / "expected").glob("*.csv")):
        if path.stem != "rejected":
            expected, columns = _expected(path, TABLES[path.stem])
            assert _found(lake, TABLES[path.stem], columns) == expected, path.name
    assert _rejected(lake, folder) == _expected_rejected(folder)
    assert wrong_e_invoices(lake) == {}


def _months(folder: Path) -> list[str]:
    with (folder / "expected" / "invoices.csv").open(newline="") as stream:
        billed = [row["month"] for row in csv.DictReader(stream)]
    first = tomllib.loads((folder / "inputs" / "billing.toml").read_text())["first_month"]
    return month_range(first, max([first, *billed]))


def _expected(path: Path, table: Table) -> tuple[list[dict], list[str]]:
    with path.open(newline="") as stream:
        reader = csv.DictReader(stream)
        rows = [{c: as_text(value, table.schema[c]) for c, value in row.items()} for row in reader]
    return sorted(rows, key=str), list(reader.fieldnames)


def _found(lake: Lake, table: Table, columns: list[str]) -> list[dict]:
    rows = lake.engine.execute(lake.read_all(table).select(*columns)).to_pylist()
    return sorted(({c: as_text(row[c], table.schema[c]) for c in columns} for row in rows), key=str)


def _expected_rejected(folder: Path) -> list[dict]:
    path = folder / "expected" / "rejected.csv"
    if not path.is_file():
        return []
    with path.open(newline="") as stream:
        return sorted(csv.DictReader(stream), key=str)


def _rejected(lake: Lake, folder: Path) -> list[dict]:
    expected = _expected_rejected(folder)
    columns = list(expected[0]) if expected else ["table", "reason", "source_file", "source_line"]
    return sorted(({c: row[c] for c in columns} for row in rejected_rows(lake)), key=str)

"""From usage files to records of one shape: lines in are rows out."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sample_rows import Row

from billing_assets.usage.raw import read_source
from resources.inputs import UsageFile
from resources.settings import UsageSource

COLUMNS = {"service_identifier": "caller", "started_at": "start", "quantity": "seconds"}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Row]]:
    """The rows of a file as a source reads it, in the order of their lines."""

    def run(content: str, **source: object) -> list[Row]:
        path = tmp_path / "calls.csv"
        path.write_text(content)
        file = UsageFile("switch", "usage/switch/calls.csv", path, None)
        described = UsageSource(**({"columns": COLUMNS, "constants": {"udr_type": "voice"}} | source))
        rows = read_source([(file, date(2026, 1, 16))], described).read_all().to_pylist()
        return sorted(rows, key=lambda row: row["source_line"])

    return run


def test_columns_and_constants_become_fields(read):
    (row,) = read("start,caller,seconds,other\n2026-01-15 10:00, 33611 ,65,x\n")
    assert {name: value for name, value in row.items() if value is not None} == {
        "load_day": date(2026, 1, 16), "source": "switch", "source_file": "usage/switch/calls.csv", "source_line": 2,
        "service_identifier": "33611", "started_at": "2026-01-15 10:00", "quantity": "65", "udr_type": "voice",
    }  # fmt: skip


def test_blank_fields_are_missing(read):
    (row,) = read("start,caller,seconds\n  ,,0\n")
    assert (row["started_at"], row["service_identifier"], row["quantity"]) == (None, None, "0")


def test_attributes_have_columns_of_their_own(read):
    (row,) = read("start,caller,seconds,cell id\n1,2,3,A7\n", attributes={"cell": "cell id"})
    assert row["attribute:cell"] == "A7"


def test_a_decimal_comma_is_one_of_numbers_only(read):
    """12,5 seconds for 0,07 EUR; the caller's name keeps its comma."""
    columns = COLUMNS | {"amount": "price"}
    content = "start;caller;seconds;price\n1;Miller, A.;12,5;0,07\n"
    (row,) = read(content, delimiter=";", decimal_mark=",", columns=columns)
    assert (row["service_identifier"], row["quantity"], row["amount"]) == ("Miller, A.", "12.5", "0.07")


def test_one_column_may_be_two_fields(read):
    (row,) = read("start,caller,seconds\n1,33611,3\n", columns=COLUMNS | {"record_id": "caller"})
    assert (row["record_id"], row["service_identifier"]) == ("33611", "33611")


def test_a_broken_line_is_a_row_with_its_reason(read):
    rows = read("start,caller,seconds\n1,2,3\nbroken\n4,5,6\n")
    assert [(row["source_line"], row["broken_reason"], row["record"]) for row in rows] == [
        (2, None, None), (3, "MALFORMED_LINE", "broken"), (4, None, None),
    ]  # fmt: skip
    assert rows[1]["broken_detail"] == "1 columns instead of 3"
    assert rows[1]["started_at"] is None


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        ("start,caller\n1,2\n", "MISSING_COLUMN", "the column 'seconds' is missing"),
        ("start,caller,caller,seconds\n1,2,2,3\n", "DUPLICATE_COLUMN", "the column 'caller' occurs more than once"),
        ("", "EMPTY_FILE", "the file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_row(read, content, reason, detail):
    (row,) = read(content)
    assert (row["source_line"], row["broken_reason"], row["broken_detail"]) == (1, reason, detail)


def test_a_file_without_records_has_no_rows(read):
    assert read("start,caller,seconds\n") == []

"""Which usage arrived when, and the manifest of the files."""

from datetime import date

import pytest
from sample_rows import raw_usage, sample

from billing_assets.usage import arrivals
from billing_assets.usage.tables import LOAD_MANIFEST, RAW_USAGE, REJECTED_RAW_USAGE, USAGE_ARRIVALS

rejected = sample(
    REJECTED_RAW_USAGE, load_day="2026-01-16", source="switch", source_file="a.csv", reason="INVALID_TIME"
)
loaded = sample(
    LOAD_MANIFEST, load_day="2026-01-16", source="switch", source_file="a.csv", sha256="a1", mapping="m1", bytes=100,
    records=3, rejected=1,
)  # fmt: skip
arrival = sample(USAGE_ARRIVALS, load_day="2026-01-16", event_day="2026-01-15", records=10)


@pytest.fixture(scope="module")
def raw(table):
    """Two records of 15 January and one of 14 January from one file, one of 15 January from another day."""
    return table(
        RAW_USAGE,
        raw_usage(source_file="a.csv", source_line=2),
        raw_usage(source_file="a.csv", source_line=3),
        raw_usage(source_file="a.csv", source_line=4, event_day="2026-01-14"),
        raw_usage(source_file="b.csv", source_line=2, load_day="2026-01-17"),
    )


def test_records_are_counted_by_load_day_and_event_day(rows, raw):
    found = rows(arrivals.usage_arrivals(raw).order_by("load_day", "event_day"))
    assert [(row["load_day"].day, row["event_day"].day, row["records"]) for row in found] == [
        (16, 14, 1), (16, 15, 2), (17, 15, 1),
    ]  # fmt: skip


def test_the_manifest_counts_routed_and_rejected_records(rows, table, raw):
    """Of a file without records, too."""
    files = table(LOAD_MANIFEST, loaded(), loaded(source_file="b.csv"), loaded(source_file="empty.csv"))
    refused = table(REJECTED_RAW_USAGE, rejected(), rejected(source_line=9), rejected(source_file="b.csv"))
    listed = files.drop("records", "rejected")
    found = rows(arrivals.load_manifest(listed, raw, refused))
    assert {row["source_file"]: (row["records"], row["rejected"]) for row in found} == {
        "a.csv": (5, 2), "b.csv": (2, 1), "empty.csv": (0, 0),
    }  # fmt: skip


def test_a_file_that_has_vanished_keeps_its_records(rows, table, raw):
    """Raw usage is evidence: a.csv is no longer among the inputs, b.csv is."""
    manifest = table(LOAD_MANIFEST, loaded(), loaded(source_file="b.csv"))
    gone = arrivals.files_gone(manifest, ["b.csv", "new.csv"])
    assert [row["source_file"] for row in rows(gone)] == ["a.csv"]
    assert [row["source_line"] for row in rows(arrivals.of_files(raw, gone).order_by("source_line"))] == [2, 3, 4]
    assert len(rows(arrivals.files_gone(manifest, []))) == 2


def test_rows_of_some_event_days(rows, raw):
    assert len(rows(arrivals.to_event_days(raw, ["2026-01-15", "2026-01-13"]))) == 3
    assert len(rows(arrivals.to_event_days(raw, ["2026-01-13", "2026-01-16"]))) == 0


def test_records_of_an_event_day_come_from_all_load_days(rows, table):
    given = table(USAGE_ARRIVALS, arrival(), arrival(load_day="2026-01-17", records=5), arrival(event_day="2026-01-20"))
    assert rows(arrivals.by_event_day(given, ["2026-01-15"])) == [{"event_day": date(2026, 1, 15), "records": 15}]

"""The documents of a month: written whole, in parallel, the same each time, and none stops another."""

import csv
import json
from decimal import Decimal

import pytest
from invoiced import write_invoices
from tests_support import ENGINES, lake_files

from billing_assets.documents import files, month, usage
from billing_assets.documents.files import FORMS
from billing_assets.documents.html import as_html
from billing_assets.documents.month import folder_of, remove_others, write_month
from billing_assets.documents.posted import month_contents
from jobs import cli

FORMATS = tuple(FORMS)


@pytest.fixture
def write(lake):
    """Write the documents of January, and tell of each."""

    def run(formats: tuple[str, ...] = FORMATS) -> list[dict]:
        return write_month(month_contents(lake, "2026-01"), folder_of(lake), formats).to_pylist()

    return run


def test_each_invoice_has_a_file_of_each_format(lake, table, write):
    write_invoices(lake, table, "ANNA", "BEN/1")
    rows = write()
    assert [(row["invoice_id"], row["format"]) for row in rows] == [
        (f"2026-01-{payer}-EUR", form) for payer in ("ANNA", "BEN/1") for form in FORMATS
    ]
    found = {path.relative_to(folder_of(lake)).as_posix() for path in folder_of(lake).rglob("*.*") if path.is_file()}
    assert found == {row["file"] for row in rows}
    assert "month=2026-01/first/2026-01-BEN%2F1-EUR.xml" in found
    path = folder_of(lake) / rows[0]["file"]
    assert json.loads(path.read_bytes())["document"]["number"] == "2026-01-ANNA-EUR"
    assert rows[0]["bytes"] == path.stat().st_size
    totals = {(row["net_amount"], row["tax_amount"], row["gross_amount"]) for row in rows if row["format"] != "pdf"}
    assert totals == {(Decimal("20.82"), Decimal("4.16"), Decimal("24.98"))}


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_more_events_than_are_listed_have_a_file_of_their_own(lake, table, write, monkeypatch):
    write_invoices(lake, table, "ANNA", "BEN")
    assert write(("csv",)) == []
    monkeypatch.setattr(usage, "MOST_RECORDS", 3)
    rows = write(("json", "csv"))
    names = [f"month=2026-01/first/2026-01-{payer}-EUR.csv" for payer in ("ANNA", "BEN")]
    assert [row["file"] for row in rows if row["format"] == "csv"] == names
    with (folder_of(lake) / names[0]).open(newline="", encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    assert [row["local_at"] for row in listed] == [f"2026-01-15T13:00:0{second}" for second in range(7)]
    document = json.loads((folder_of(lake) / names[0]).with_suffix(".json").read_bytes())
    records = document["details"]["usage"]["records"]
    assert [{name: str(value or "") for name, value in row.items()} for row in records] == listed[:3]
    before = lake_files(folder_of(lake))
    assert write(("json", "csv")) == rows and lake_files(folder_of(lake)) == before


def test_writing_twice_changes_no_file(lake, table, write):
    write_invoices(lake, table, "ANNA")
    first, before = write(), lake_files(folder_of(lake))
    assert (write(), lake_files(folder_of(lake))) == (first, before)


def test_one_that_fails_stops_no_other_and_leaves_no_old_file(lake, table, write, monkeypatch):
    write_invoices(lake, table, "ANNA", "BEN")
    write()

    def breaks(document: dict) -> bytes:
        if document["document"]["number"] == "2026-01-ANNA-EUR":
            raise ValueError("no ink")
        return as_html(document)

    monkeypatch.setitem(files.FORMS, "html", (".html", breaks))
    rows = write()
    failed = [row for row in rows if row["state"] == "failed"]
    assert [(row["invoice_id"], row["format"], row["failure"], row["failure_detail"]) for row in failed] == [
        ("2026-01-ANNA-EUR", "html", "RENDERING_FAILED", "ValueError: no ink")
    ]
    assert len(rows) == 8
    assert [path.name for path in folder_of(lake).rglob("*.html")] == ["2026-01-BEN-EUR.html"]


def test_what_an_account_lacks_is_in_the_result(lake, table, write):
    write_invoices(lake, table, "ANNA", endpoint_id=None)
    assert [(row["format"], row["failure"], row["failure_detail"]) for row in write() if row["failure"]] == [
        ("ubl", "MISSING_BUYER_DATA", "account ANNA lacks endpoint_id")
    ]


def test_a_pool_of_processes_writes_the_same(lake, table, write, monkeypatch):
    write_invoices(lake, table, "ANNA", "BEN", "CARL")
    alone, before = write(), lake_files(folder_of(lake))
    monkeypatch.setenv("BILLING_THREADS", "2")
    monkeypatch.setattr(month, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(month, "_BATCH", 1)
    for path in folder_of(lake).rglob("*.pdf"):
        path.unlink()
    assert write() == alone
    assert {name: digest for name, (_, digest) in lake_files(folder_of(lake)).items()} == {
        name: digest for name, (_, digest) in before.items()
    }


def test_files_of_invoices_that_are_no_more_are_removed(lake, table, write):
    write_invoices(lake, table, "ANNA", "BEN")
    write()
    write_invoices(lake, table, "ANNA")
    kept = write_month(month_contents(lake, "2026-01"), folder_of(lake), ("json",))
    remove_others(folder_of(lake), "2026-01", "second", kept)
    assert len(list(folder_of(lake).rglob("*.pdf"))) == 2
    remove_others(folder_of(lake), "2026-01", None, kept)
    assert [path.name for path in folder_of(lake).rglob("*.*") if path.is_file()] == ["2026-01-ANNA-EUR.json"]


def test_the_command_writes_what_it_is_asked_for(lake, table, tmp_path, capsys):
    write_invoices(lake, table, "ANNA", "BEN")
    to, place = tmp_path / "out", ["--lake", str(lake.root)]
    some = ["documents", "2026-01", "--invoice", "2026-01-BEN-EUR", "--format", "json,pdf", "--to", str(to)]
    assert cli.main([*some, *place]) == 0
    folder = to / "month=2026-01" / "first"
    assert capsys.readouterr().out == f"2 documents in {folder}\n"
    assert sorted(path.name for path in folder.iterdir()) == ["2026-01-BEN-EUR.json", "2026-01-BEN-EUR.pdf"]
    assert cli.main(["documents", "2026-01", *place]) == 0
    assert len(list(folder_of(lake).rglob("*.xml"))) == 2


def test_the_command_says_what_it_cannot_write(lake, table, capsys):
    write_invoices(lake, table, "ANNA", endpoint_id=None)
    place = ["--lake", str(lake.root)]
    assert cli.main(["documents", "2026-01", *place]) == 1
    assert capsys.readouterr().err == (
        "billing: 1 of 4 documents could not be made\n2026-01-ANNA-EUR, ubl: account ANNA lacks endpoint_id\n"
    )
    assert len(list(folder_of(lake).rglob("*.pdf"))) == 1
    assert cli.main(["documents", "2026-01", "--invoice", "X", *place]) == 1
    assert capsys.readouterr().err == "billing: there is no invoice X of 2026-01\n"
    assert cli.main(["documents", "2026-02", *place]) == 1
    assert capsys.readouterr().err == "billing: no invoice is of 2026-02\n"
    with pytest.raises(SystemExit):
        cli.main(["documents", "2026-01", "--format", "doc", *place])

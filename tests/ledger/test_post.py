"""A month of a real company is posted: when it can be, what it says from then on, and a posting that is killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from e_invoices import e_invoices
from tests_support import lake_contents, lake_files, post

from billing_assets.invoices.tables import INVOICES
from billing_assets.ledger import assets
from billing_assets.ledger.post import CannotPost
from billing_assets.ledger.post import post as post_month
from billing_assets.ledger.tables import POSTED_DOCUMENTS
from billing_assets.quality import Check
from billing_assets.run import Run
from billing_assets.tables import INPUT_TABLES
from jobs import cli
from resources.inputs import Inputs
from resources.lake import Lake
from resources.ledger import Ledger, beside

INVOICE = "2026-01-ANNA-EUR"
AFTER = datetime(2026, 2, 3, tzinfo=UTC)
# Ends itself when its files are in place, and nothing is posted yet.
KILLED = """
import os, signal, sys
from jobs.cli import main
from resources.ledger_draft import Draft
move = Draft.move
Draft.move = lambda draft, root: (move(draft, root), os.kill(os.getpid(), signal.SIGKILL))
main(sys.argv[1:])
"""


def _copy(billed: Path, folder: Path) -> Path:
    for part in ("inputs", "lake"):
        shutil.copytree(billed / part, folder / part)
    return folder


@pytest.fixture
def copied(billed, tmp_path) -> Path:
    """The billed company, as a copy that a test may post."""
    return _copy(billed, tmp_path / "copy")


@pytest.fixture(scope="module")
def posted(billed, tmp_path_factory) -> Path:
    """The billed company, January posted. To change it, copy it."""
    folder = _copy(billed, tmp_path_factory.mktemp("posted"))
    post(folder / "inputs", folder / "lake", "2026-01")
    return folder


@pytest.fixture
def refused(copied, engine) -> Callable[..., str]:
    """The sentence that says why a month cannot be posted; nothing is posted then."""

    def run(month: str, at: datetime = AFTER, checks: tuple[Check, ...] = ()) -> str:
        lake = Lake(copied / "lake", engine)
        before = Ledger.of(lake).postings()
        with (
            Run(lake, Inputs(copied / "inputs", INPUT_TABLES), "2026-01", month=month) as run,
            pytest.raises(CannotPost) as raised,
        ):
            post_month(run, checks, at, "tests")
        assert Ledger.of(lake).postings() == before
        return str(raised.value)

    return run


def test_a_month_that_was_not_billed(refused):
    assert refused("2026-02") == "2026-02 of first was not billed yet"


@pytest.mark.parametrize("at", [datetime(2026, 1, 31, 22, 59, tzinfo=UTC),
                                datetime(2026, 2, 1, 3, 59, tzinfo=timezone(timedelta(hours=5)))])  # fmt: skip
def test_a_month_that_has_not_ended(refused, at):
    """January in Paris, wherever the clock is that is asked."""
    assert refused("2026-01", at) == "2026-01 of first ends at 2026-01-31 23:00 UTC: it cannot be posted before"


def test_a_month_that_a_check_finds_something_in(refused):
    check = Check(INVOICES, "adds_up", "It adds up.", lambda run: [{"invoice_id": INVOICE, "net": 1}])
    told = f"the check invoices.adds_up found invoice_id {INVOICE}, net 1"
    assert refused("2026-01", checks=(check,)) == f"2026-01 of first cannot be posted: {told}"


def test_a_month_that_is_billed_meanwhile(refused, copied, monkeypatch):
    check = Check(INVOICES, "adds_up", "It adds up.", lambda run: [])
    monkeypatch.setattr(
        "billing_assets.ledger.post._write",
        lambda run, cycle, draft: os.utime(run.lake.file(INVOICES, run.month, cycle)),
    )
    assert refused("2026-01", checks=(check,)) == "2026-01 of first was billed again while it was being posted"


def test_a_month_out_of_turn(posted, tmp_path, refused, copied):
    """Of drafts that are January's: only their place counts here."""
    shutil.copytree(beside(posted / "lake"), beside(copied / "lake"))
    for month in ("2026-02", "2026-03"):
        for path in (copied / "lake").glob("*/month=2026-01"):
            shutil.copytree(path, path.with_name(f"month={month}"))
    at = datetime(2026, 5, 1, tzinfo=UTC)
    assert refused("2026-03", at) == "2026-03 of first cannot be posted now: 2026-02 comes after 2026-01"
    assert refused("2025-12", at) == "2025-12 of first was not billed yet"


def _documents(folder: Path, to: Path, *arguments: str) -> None:
    lake = str(folder / "lake")
    assert cli.main(["documents", "2026-01", "--lake", lake, "--to", str(to), *arguments]) == 0


def test_its_documents_are_final_and_stay(posted, tmp_path, capsys, engine):
    """Also after the draft is another one; the tables of the draft have nothing to do with them any more."""
    folder = _copy(posted, tmp_path / "copy")
    shutil.copytree(beside(posted / "lake"), beside(folder / "lake"))
    _documents(folder, tmp_path / "before", "--format", "json,html")
    document = json.loads(next((tmp_path / "before").rglob("*.json")).read_bytes())
    named = {name: document["document"][name] for name in ("number", "invoice_id", "draft")}
    assert named == {"number": "INV-2026-000001", "invoice_id": INVOICE, "draft": False}
    html = next((tmp_path / "before").rglob("*.html")).read_text()
    assert "INV-2026-000001" in html and "draft" not in html.lower().partition("<body")[2]
    lake = Lake(folder / "lake", engine)
    rows = lake.read(INVOICES, ["2026-01"])
    lake.write_month(INVOICES, rows.mutate(net_amount=rows.tax_amount), "2026-01", ["first"], True)
    for name in ("accounts", "invoice_lines", "billed_items"):
        shutil.rmtree(folder / "lake" / name)
    _documents(folder, tmp_path / "after", "--format", "json,html")
    files = [{p.relative_to(root): p.read_bytes() for p in root.rglob("*.*")} for root in
             (tmp_path / "before", tmp_path / "after")]  # fmt: skip
    assert files[0] == files[1]


def test_its_e_invoice_keeps_the_rules(posted, engine):
    found = e_invoices(Lake(posted / "lake", engine))
    assert (found.kept, found.wrong, found.skipped) == (1, {}, {})


def test_documents_of_a_lake_without_ledger_are_drafts(billed, tmp_path):
    _documents(billed, tmp_path, "--format", "json")
    document = json.loads(next(tmp_path.rglob("*.json")).read_bytes())
    assert (document["document"]["number"], document["document"]["draft"]) == (INVOICE, True)
    assert not beside(billed / "lake").exists()


def _command(folder: Path, month: str = "2026-01") -> list[str]:
    return ["post", month, "--inputs", str(folder / "inputs"), "--lake", str(folder / "lake"), "--by", "tests"]


def test_one_that_is_killed_is_made_good_by_the_next(posted, copied, tmp_path, postgres, monkeypatch, capsys):
    """From the command line, elsewhere. It is what was posted in one go, and posting once more changes nothing."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("BILLING_LEDGER", str(elsewhere))
    monkeypatch.setenv("BILLING_STORE", postgres.database("killed"))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", KILLED, *_command(copied)], env=environment)
    assert killed.returncode == -signal.SIGKILL
    assert cli.main(_command(copied)) == 0
    assert ", before this run" not in capsys.readouterr().out
    before = lake_files(elsewhere)
    assert lake_contents(elsewhere) == lake_contents(beside(posted / "lake"))
    assert cli.main(_command(copied)) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("2026-01 of first: posting 1, on ") and ", before this run" in printed
    assert lake_files(elsewhere) == before and not beside(copied / "lake").exists()
    assert cli.main(["ledger", "--lake", str(copied / "lake")]) == 0


def test_who_has_no_name_is_known_by_number(monkeypatch):
    """As in many containers."""

    def fails() -> str:
        raise OSError

    monkeypatch.setattr("getpass.getuser", fails)
    assert assets._user() == f"uid {os.getuid()}"


def test_what_was_posted_is_told(posted, capsys):
    assert cli.main(["ledger", "--lake", str(posted / "lake")]) == 0
    printed = capsys.readouterr().out
    (row,) = [line.split() for line in printed.splitlines() if "2026-01" in line]
    assert row[:3] == ["1", "2026-01", "first"] and row[4:7] == ["tests", "invoices", "1"] and row[-1] == "EUR"
    assert printed.splitlines()[-1].startswith("All is as it was posted. Posting 1 has the hash ")


def test_a_broken_ledger_is_told_in_one_sentence(posted, tmp_path, capsys):
    folder = _copy(posted, tmp_path / "copy")
    shutil.copytree(beside(posted / "lake"), beside(folder / "lake"))
    path = beside(folder / "lake") / POSTED_DOCUMENTS.name / "month=2026-01" / "first.parquet"
    path.write_bytes(path.read_bytes()[::-1])
    assert cli.main(["ledger", "--lake", str(folder / "lake")]) == 1
    sentence = "posting 1 (2026-01 of first): posted_documents/month=2026-01/first.parquet was changed"
    assert capsys.readouterr().err == f"billing: {sentence}\n"

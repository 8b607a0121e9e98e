"""The ledger: a posting is whole or not there, numbers have no gap, and nothing changes without being seen."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import hand_posted
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hand_posted import AT, hand_post, invoice, ledger_of
from invoiced import invoice as draft_invoice
from tests_support import lake_contents

from billing_assets.contract import Table, text
from billing_assets.invoices.tables import INVOICES
from billing_assets.ledger.posted import posted_invoices
from billing_assets.ledger.tables import POSTED_INVOICES
from resources.lake import Lake
from resources.ledger import AlreadyPosted, Ledger
from resources.postings import BrokenLedger
from resources.store import NUMBER_SERIES, Store

FILE = "posted_invoices/month=2026-{:02}/first.parquet"


@pytest.fixture
def ledger(tmp_path, store_url, engine) -> Ledger:
    """A ledger without postings."""
    return ledger_of(tmp_path / "ledger", store_url, engine)


def _program(root: Path, url: str, killed: str = "", seconds: float = 0) -> subprocess.Popen:
    """A process that posts January for Anna and Ben."""
    command = [sys.executable, hand_posted.__file__, str(root), url, "2026-01", killed, str(seconds)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _rows(ledger: Ledger, engine) -> list[dict]:
    return engine.execute(ledger.read(POSTED_INVOICES, ledger.postings()).order_by("invoice_id")).to_pylist()


def _numbers(url: str) -> dict[tuple, int]:
    return {tuple(row)[:-1]: row.last_number for row in Store(url).each(sa.select(NUMBER_SERIES))}


def test_numbers_are_counted_without_a_gap(ledger, store_url, engine, table):
    """Per vendor, kind and year, in the order of the draft numbers, over two postings."""
    given = {
        "2025-12": [
            {"invoice_id": "2025-12-B-EUR"}, {"invoice_id": "2025-12-a-EUR"}, {"invoice_id": "2025-12-É-EUR"},
            {"invoice_id": "2025-12-C-EUR", "document_type": "credit_note"},
            {"invoice_id": "2025-12-D-EUR", "vendor_account_id": "OTHER"},
            {"invoice_id": "2025-12-E-EUR", "issue_date": "2025-12-31"},
        ],
        "2026-01": [
            {"invoice_id": "2026-01-A-EUR"}, {"invoice_id": "2026-01-B-EUR", "document_type": "credit_note"},
            {"invoice_id": "2026-01-C-EUR", "vendor_account_id": "OTHER"}, {"invoice_id": "2026-01-D-EUR"},
        ],
    }  # fmt: skip
    series = ("vendor_account_id", "document_type", "year", "last_number")
    types = dict(zip(series, ("string", "string", "int64", "int64"), strict=True))
    for month, invoices in given.items():
        with ledger.posting(month, "first", AT, "tests", "1.0") as draft:
            last = Table("last", "tests", "", "", tuple(text(name, "") for name in series))
            rows = [{name: str(row[name]) for name in series} for row in draft.last_numbers()]
            numbers = table(last, *rows).cast(types)
            drafts = table(INVOICES, *(draft_invoice(month=month, **row) for row in invoices))
            draft.keep_invoices(
                draft.write(POSTED_INVOICES, posted_invoices(drafts, numbers, "F", "CN", draft.posting_id))
            )
    found = {row["invoice_id"]: (row["invoice_number"], row["posting_id"]) for row in _rows(ledger, engine)}
    assert found == {
        "2025-12-B-EUR": ("F2026-000001", 1), "2025-12-a-EUR": ("F2026-000002", 1),
        "2025-12-É-EUR": ("F2026-000003", 1), "2025-12-C-EUR": ("CN2026-000001", 1),
        "2025-12-D-EUR": ("F2026-000001", 1), "2025-12-E-EUR": ("F2025-000001", 1),
        "2026-01-A-EUR": ("F2026-000004", 2), "2026-01-B-EUR": ("CN2026-000002", 2),
        "2026-01-C-EUR": ("F2026-000002", 2), "2026-01-D-EUR": ("F2026-000005", 2),
    }  # fmt: skip
    assert _numbers(store_url) == {
        ("VENDOR", "invoice", 2026): 5, ("VENDOR", "credit_note", 2026): 2, ("VENDOR", "invoice", 2025): 1,
        ("OTHER", "invoice", 2026): 2,
    }  # fmt: skip
    ledger.require_whole()


def test_a_month_is_posted_once(ledger):
    hand_post(ledger, "2026-01", "ANNA")
    with pytest.raises(AlreadyPosted, match="2026-01 of first was posted on 2026-02-03"):
        hand_post(ledger, "2026-01", "BEN")
    assert [(p.posting_id, p.posted_at) for p in ledger.postings()] == [(1, "2026-02-03T04:05:06+00:00")]
    ledger.require_whole()


def test_the_hash_is_of_all_that_was_posted(embedded, tmp_path):
    """By hand, as docs/ledger.md tells it."""
    hand_post(embedded, "2026-01", "ANNA")
    hand_post(embedded, "2026-02", "ANNA", "BEN")
    first, second = embedded.postings()
    assert (first.previous_hash, second.previous_hash) == ("0" * 64, first.hash)
    digest = hashlib.sha256((tmp_path / "ledger" / FILE.format(2)).read_bytes()).hexdigest()
    told = (
        '{"billing_cycle": "first", "code_version": "1.0", "files": {"posted_invoices/month=2026-02/first.parquet": "'
        + digest
        + '"}, '
        '"month": "2026-02", "posted_at": "2026-02-03T04:05:06+00:00", "posted_by": "tests", "posting_id": 2, '
        '"previous_hash": "' + first.hash + '"}'
    )
    assert second.hash == hashlib.sha256(told.encode()).hexdigest()


def test_a_draft_is_kept_as_it_was(embedded, tmp_path):
    """The lake has another file by now. What is added to the draft, or to the drafts, is seen."""
    lake, file = Lake(tmp_path / "lake", None), tmp_path / "lake" / "invoices" / "month=2026-01" / "first.parquet"
    other = tmp_path / "other.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table({"amount": [1]}), file)
    pq.write_table(pa.table({"amount": [2]}), other)
    with embedded.posting("2026-01", "first", AT, "tests", "1.0") as draft:
        draft.keep(lake, [file])
    os.replace(other, file)
    (posting,) = embedded.postings()
    kept = embedded.draft(posting).root / "invoices" / "month=2026-01" / "first.parquet"
    assert pq.read_table(kept)["amount"].to_pylist() == [1]
    embedded.require_whole()
    drafts = tmp_path / "ledger" / "drafts"
    shutil.copytree(drafts / "1", drafts / "7")
    shutil.copy(kept, kept.with_name("second.parquet"))
    shutil.copy(file, kept)
    with pytest.raises(BrokenLedger) as raised:
        embedded.require_whole()
    assert str(raised.value).split("; ") == [
        "posting 1 (2026-01 of first): drafts/1/invoices/month=2026-01/first.parquet was changed",
        "drafts/1/invoices/month=2026-01/second.parquet is of no posting", "drafts/7 is of no posting",
    ]  # fmt: skip


def test_one_that_fails_leaves_nothing(ledger, tmp_path, engine, monkeypatch):
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("resources.ledger_draft.Draft.keep_invoices", fails)
        with pytest.raises(ZeroDivisionError):
            hand_post(ledger, "2026-01", "ANNA")
    assert ledger.postings() == []
    assert [path for path in (tmp_path / "ledger").rglob("*.parquet")] == []
    ledger.require_whole()
    hand_post(ledger, "2026-01", "BEN")
    assert [row["invoice_number"] for row in _rows(ledger, engine)] == ["INV-2026-000001"]


@pytest.mark.parametrize(
    ("store_url", "killed"),
    [("sqlite", "writing"), ("sqlite", "moved"), ("postgresql", "moved")],
    indirect=["store_url"],
)
def test_one_that_is_killed_leaves_nothing_posted(ledger, tmp_path, store_url, killed):
    """Killed while files are written, or when all is in place but the last word. The next attempt is like the first."""
    other = ledger_of(tmp_path / "other", f"sqlite:///{tmp_path / 'other.sqlite'}")
    hand_post(other, "2026-01", "ANNA", "BEN")
    process = _program(tmp_path / "ledger", store_url, killed)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert ledger.postings() == [] and _numbers(store_url) == {}
    hand_post(ledger, "2026-01", "ANNA", "BEN")
    assert ledger.postings() == other.postings()
    assert lake_contents(tmp_path / "ledger") == lake_contents(tmp_path / "other")
    assert list((tmp_path / "ledger" / ".staging").iterdir()) == []
    ledger.require_whole()


def test_of_two_at_once_one_posts(ledger, tmp_path, store_url):
    processes = [_program(tmp_path / "ledger", store_url, seconds=0.5) for _ in range(2)]
    said = sorted(process.communicate(timeout=60) for process in processes)
    assert said == [("2026-01 of first was posted on 2026-02-03\n", ""), ("posted\n", "")]
    ledger.require_whole()


def test_who_has_lost_the_store_moves_nothing(tmp_path, postgres, engine):
    """Its lock is gone, too: somebody else may have posted by then."""
    url = postgres.database("lost")
    ledger, other = (ledger_of(tmp_path / "ledger", url, engine) for _ in range(2))
    lose = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'"
    with pytest.raises(sa.exc.OperationalError), ledger.posting("2026-01", "first", AT, "tests", "1.0") as draft:
        draft.write(POSTED_INVOICES, POSTED_INVOICES.no_rows())
        postgres.execute(lose)
        hand_post(other, "2026-01", "ANNA")
    assert [row["payer_account_id"] for row in _rows(other, engine)] == ["ANNA"]
    other.require_whole()


def test_a_file_in_place_is_not_replaced_by_another(ledger, tmp_path):
    """As of a store that is not that of the files."""
    hand_post(ledger, "2026-01", "ANNA")
    before = lake_contents(tmp_path / "ledger")
    wrong = ledger_of(tmp_path / "ledger", f"sqlite:///{tmp_path / 'wrong.sqlite'}")
    with pytest.raises(BrokenLedger, match=r"first.parquet is of no posting in the store, and another file than the"):
        hand_post(wrong, "2026-01", "BEN")
    assert wrong.postings() == [] and lake_contents(tmp_path / "ledger") == before
    with pytest.raises(BrokenLedger, match=r"^posted_invoices/month=2026-01/first.parquet is of no posting$"):
        wrong.require_whole()


def _file(month: int, change: Callable[[Path], object]) -> Callable[[Path, sa.Connection], object]:
    return lambda root, store: change(root / FILE.format(month))


def _sql(statement: str) -> Callable[[Path, sa.Connection], object]:
    return lambda root, store: [store.exec_driver_sql(one) for one in statement.split(";")]


def _swap(root: Path, store: sa.Connection) -> None:
    first, second = (root / FILE.format(month) for month in (1, 2))
    shutil.move(first, root / "aside")
    shutil.move(second, first)
    shutil.move(root / "aside", second)


def _forget(root: Path, store: sa.Connection) -> None:
    """Take the last posting out of the store, and its file away."""
    for name in ("posted_invoices", "posted_files", "postings"):
        store.exec_driver_sql(f"DELETE FROM {name} WHERE posting_id = 3")
    (root / FILE.format(3)).unlink()


NAMED = "posting {0} (2026-0{0} of first)"
CHANGED = NAMED + ": posted_invoices/month=2026-0{0}/first.parquet was changed"
ROW_CHANGED = NAMED + ": its row in the store was changed"
INVOICE = NAMED + ": the store has the invoice 2026-0{0}-{1}-EUR otherwise than it was posted"
DAMAGES = {
    "a changed file": (_file(2, lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\0")), CHANGED.format(2)),
    "a missing file": (
        _file(3, Path.unlink), NAMED.format(3) + ": posted_invoices/month=2026-03/first.parquet is missing"
    ),
    "swapped files": (_swap, f"{CHANGED.format(1)}; {CHANGED.format(2)}"),
    "a file of its own": (
        _file(9, lambda path: (path.parent.mkdir(), path.touch())),
        "posted_invoices/month=2026-09/first.parquet is of no posting",
    ),
    "another name": (_sql("UPDATE postings SET posted_by = 'x' WHERE posting_id = 2"), ROW_CHANGED.format(2)),
    "another day": (_sql("UPDATE postings SET posted_at = '2026-02-04' WHERE posting_id = 1"), ROW_CHANGED.format(1)),
    "a file that is forgotten": (
        _sql("DELETE FROM posted_files WHERE posting_id = 2"),
        ROW_CHANGED.format(2) + "; posted_invoices/month=2026-02/first.parquet is of no posting",
    ),
    "another chain": (
        _sql("UPDATE postings SET previous_hash = hash WHERE posting_id = 2"),
        NAMED.format(2) + " does not follow the posting before it; " + ROW_CHANGED.format(2),
    ),
    "a deleted posting": (
        _sql("DELETE FROM posted_invoices WHERE posting_id = 2;DELETE FROM posted_files WHERE posting_id = 2;"
             "DELETE FROM postings WHERE posting_id = 2"),
        "posting 2 is missing before posting 3 (2026-03 of first); "
        "posted_invoices/month=2026-02/first.parquet is of no posting",
    ),
    "the last one deleted": (_forget, "the place of the last invoice of VENDOR in 2026 is 4, in the store 6"),
    "an edited amount": (
        _sql("UPDATE posted_invoices SET net_amount = '20.8200000001' WHERE invoice_id = '2026-02-BEN-EUR'"),
        INVOICE.format(2, "BEN"),
    ),
    "an edited payer": (
        _sql("UPDATE posted_invoices SET payer_account_id = 'BEN' WHERE invoice_id = '2026-01-ANNA-EUR'"),
        INVOICE.format(1, "ANNA"),
    ),
    "a deleted invoice": (
        _sql("DELETE FROM posted_invoices WHERE invoice_id = '2026-01-ANNA-EUR'"), INVOICE.format(1, "ANNA")
    ),
    "an invoice of another posting": (
        _sql("UPDATE posted_invoices SET posting_id = 3 WHERE invoice_id = '2026-02-BEN-EUR'"),
        INVOICE.format(2, "BEN") + "; posting 3 (2026-03 of first): the store has the invoice 2026-02-BEN-EUR "
        "otherwise than it was posted",
    ),
    "another last number": (
        _sql("UPDATE number_series SET last_number = 7"),
        "the place of the last invoice of VENDOR in 2026 is 6, in the store 7",
    ),
    "no last number": (
        _sql("DELETE FROM number_series"), "the place of the last invoice of VENDOR in 2026 is 6, in the store none"
    ),
}  # fmt: skip


@pytest.fixture
def three(ledger) -> Ledger:
    """Three months are posted, each with an invoice for Anna and one for Ben."""
    for month in ("2026-01", "2026-02", "2026-03"):
        hand_post(ledger, month, "ANNA", "BEN")
    ledger.require_whole()
    return ledger


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_not_as_it_was_posted_is_named(three, tmp_path, store_url, damage):
    change, sentence = DAMAGES[damage]
    with Store(store_url).writing() as connection:
        change(tmp_path / "ledger", connection)
    with pytest.raises(BrokenLedger) as raised:
        three.require_whole()
    assert str(raised.value) == sentence


def test_a_missing_file_is_named_to_who_reads(three, tmp_path):
    (tmp_path / "ledger" / FILE.format(2)).unlink()
    with pytest.raises(BrokenLedger, match=r"month=2026-02/first.parquet of posting 2 is missing"):
        three.read(POSTED_INVOICES, three.postings())


@pytest.fixture
def embedded(tmp_path, engine) -> Ledger:
    """A ledger without postings, with its store inside."""
    return ledger_of(tmp_path / "ledger", f"sqlite:///{tmp_path / 'ledger' / 'store.sqlite'}", engine)


def test_columns_that_a_file_lacks_are_empty(embedded, tmp_path, engine):
    for month in ("2026-01", "2026-02"):
        hand_post(embedded, month, "ANNA")
    path = tmp_path / "ledger" / FILE.format(1)
    pq.write_table(pq.read_table(path).drop_columns(["due_date", "tax_amount"]), path)
    found = _rows(embedded, engine)
    assert [(row["month"], row["due_date"] and str(row["due_date"]), row["tax_amount"]) for row in found] == [
        ("2026-01", None, None), ("2026-02", "2026-03-03", Decimal("4.16")),
    ]  # fmt: skip
    schema = embedded.read(POSTED_INVOICES, embedded.postings()).schema()
    assert schema.to_pyarrow() == POSTED_INVOICES.arrow_schema


def test_reading_where_there_is_none_makes_none(embedded, tmp_path, engine):
    assert embedded.postings() == []
    assert _rows(embedded, engine) == []
    embedded.require_whole()
    assert list(tmp_path.iterdir()) == []


def test_an_invoice_of_the_largest_amount_is_whole(embedded, engine, table):
    """All 28 digits of an amount, in the file and in the store."""
    largest = Decimal("999999999999999999.9999999999")
    with embedded.posting("2026-01", "first", AT, "tests", "1.0") as draft:
        row = invoice(
            month="2026-01", invoice_id="X", posting_id=1, invoice_number="1", place=1, payer_account_id="ANNA",
            net_amount=largest, tax_amount=-largest, gross_amount=largest,
        )  # fmt: skip
        draft.keep_invoices(draft.write(POSTED_INVOICES, table(POSTED_INVOICES, row)))
    embedded.require_whole()
    assert [row["net_amount"] for row in _rows(embedded, engine)] == [largest]

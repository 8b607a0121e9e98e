"""The operations store: its migrations, exact amounts, writers beside each other, and where it may be."""

import threading
import time
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from billing_assets.contract import ConfigurationError
from resources.store import METADATA, NUMBER_SERIES, POSTED_INVOICES, POSTINGS, Store

LARGEST = Decimal("9999999999999999999999999999.9999999999")
POSTING = {
    "posting_id": 1, "month": "2026-01", "billing_cycle": "first", "posted_at": "2026-02-03T04:05:06+00:00",
    "posted_by": "tests", "code_version": "1", "previous_hash": "0" * 64, "hash": "1" * 64,
}  # fmt: skip
INVOICE = {
    "invoice_id": "2026-01-ANNA-EUR", "posting_id": 1, "invoice_number": "INV-2026-000001",
    "document_type": "invoice", "vendor_account_id": "VENDOR", "payer_account_id": "ANNA",
    "issue_date": date(2026, 2, 1), "due_date": date(2026, 3, 3), "currency": "EUR",
}  # fmt: skip


def _series(place: int) -> sa.Insert:
    return NUMBER_SERIES.insert().values(
        vendor_account_id="VENDOR", document_type="invoice", year=2026, last_number=place
    )


def test_migrations_make_the_tables(store_url):
    with Store(store_url).writing() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": METADATA, "compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_amounts_are_exact(store_url):
    store = Store(store_url)
    amounts = {"net_amount": LARGEST, "tax_amount": LARGEST.copy_negate(), "gross_amount": Decimal("0.1")}
    with store.writing() as connection:
        connection.execute(POSTINGS.insert().values(POSTING))
        connection.execute(POSTED_INVOICES.insert().values(INVOICE | amounts))
    assert store.rows(sa.select(POSTED_INVOICES)) == [INVOICE | amounts]
    assert store.rows(sa.select(POSTED_INVOICES.c.net_amount).where(POSTED_INVOICES.c.net_amount == LARGEST))


def test_a_month_of_a_cycle_has_one_posting(store_url):
    store = Store(store_url)
    with pytest.raises(sa.exc.IntegrityError), store.writing() as connection:
        connection.execute(POSTINGS.insert(), [POSTING, POSTING | {"posting_id": 2}])
    assert store.rows(sa.select(POSTINGS)) == []


def test_where_there_is_none_reading_makes_none(tmp_path):
    assert Store(f"sqlite:///{tmp_path / 'ledger' / 'store.sqlite'}").rows(sa.select(POSTINGS)) == []
    assert list(tmp_path.iterdir()) == []


def test_nor_in_an_empty_database(postgres):
    assert Store(postgres.database("empty")).rows(sa.select(POSTINGS)) == []
    assert postgres.execute("SELECT * FROM pg_tables WHERE schemaname = 'empty'") == []


def test_writers_wait_for_each_other_and_readers_do_not(store_url):
    store = Store(store_url)
    with store.writing() as connection:
        connection.execute(_series(1))
    begun, done = threading.Event(), []

    def first() -> None:
        with Store(store_url).writing() as connection:
            begun.set()
            connection.execute(NUMBER_SERIES.update().values(last_number=2))
            time.sleep(0.3)
        done.append("first")

    def second() -> None:
        with Store(store_url).writing() as connection:
            # it sees what the first one has written
            connection.execute(NUMBER_SERIES.update().values(last_number=NUMBER_SERIES.c.last_number * 10))
        done.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    begun.wait()
    threads[1].start()
    assert [row["last_number"] for row in store.rows(sa.select(NUMBER_SERIES))] == [1]
    assert done == []
    for thread in threads:
        thread.join()
    assert done == ["first", "second"]
    assert [row["last_number"] for row in store.rows(sa.select(NUMBER_SERIES))] == [20]


def test_no_connection_stays_open(postgres):
    store = Store(postgres.database("counted"))
    with store.writing() as connection:
        connection.execute(_series(1))
    others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted'"
    for _ in range(3):
        store.rows(sa.select(NUMBER_SERIES))
    deadline = time.monotonic() + 10
    # a server process ends a moment after its connection
    while postgres.execute(others) != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nowhere", "BILLING_STORE 'nowhere' is no address of a database"),
        ("sqlite://", "BILLING_STORE 'sqlite://' names no file"),
        ("mysql://host/billing", "BILLING_STORE is of sqlite or postgresql, not mysql"),
    ],
)
def test_what_is_no_store(url, sentence):
    with pytest.raises(ConfigurationError) as raised:
        Store(url)
    assert str(raised.value) == sentence


def test_a_store_that_does_not_answer(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        Store(f"postgresql://billing:secret@/billing?host={tmp_path}").rows(sa.select(POSTINGS))
    assert "cannot be opened: connection to server" in str(raised.value)
    assert "secret" not in str(raised.value)

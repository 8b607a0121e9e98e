"""The CRM is copied from files, a database and an API: what is read, when, and what a repetition changes."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crm_server import CrmServer, crm_server
from tests_support import lake_files

from billing_assets.contract import ConfigurationError, Table
from billing_assets.crm import assets
from billing_assets.crm.history import changes_of_accounts
from billing_assets.crm.tables import (
    ACCOUNT_HISTORY,
    CRM_ACCOUNTS,
    CRM_CONTACTS,
    CRM_READS,
    REJECTED_CRM_RECORDS,
)
from billing_assets.run import Selection
from billing_assets.tables import INPUT_TABLES
from resources.inputs import Inputs
from resources.lake import Lake

FIELDS = """
[crm.accounts.columns]
account_id = "id"
name = "display.name"
role = "kind"
bill_to_account_id = "pays"

[crm.accounts.constants]
country = "FR"
currency = "EUR"
time_zone = "Europe/Paris"

[crm.accounts.values.role]
Client = "customer"
"""
API = (
    """
first_month = "2026-01"

[crm]
kind = "api"
url = "env:CRM_URL"

[crm.api]
token = "env:CRM_TOKEN"
{pages}
changed_since_parameter = "changed_since"
records_at = "data"
retries = 3
backoff_seconds = 0

[crm.accounts]
source = "accounts"
changed_at = "updated"
changed_by = "user.login"

[crm.contacts]
source = "/contacts"
columns = {{contact_id = "id", account_id = "account", name = "name", email = "mail"}}
"""
    + FIELDS
)
BY_NUMBER = 'pages = "number"'
BY_CURSOR = 'pages = "cursor"\npage_parameter = "cursor"\nnext_at = "meta.next"'


def record(account: str, updated: str = "2026-01-10T10:00:00", **values: object) -> dict:
    return {"id": account, "display": {"name": account.title()}, "kind": "Client", "updated": updated,
            "user": {"login": "vera"}} | values  # fmt: skip


@pytest.fixture
def server(monkeypatch):
    with crm_server() as running:
        running.records["accounts"] = [record(name) for name in ("ANNA", "BEN", "CLEO")]
        running.records["contacts"] = [{"id": 1, "account": "ANNA", "name": "Anna Roux", "mail": "anna@example.org"}]
        monkeypatch.setenv("CRM_URL", running.url)
        monkeypatch.setenv("CRM_TOKEN", "secret")
        yield running


@pytest.fixture
def read_on(monkeypatch):
    """Let a day be today."""

    class Clock(datetime):
        today_is = datetime(2026, 2, 1, 8, tzinfo=UTC)

        @classmethod
        def now(cls, tz=None):
            return cls.today_is

    monkeypatch.setattr(assets, "datetime", Clock)
    return lambda text: setattr(Clock, "today_is", datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture
def copy(lake: Lake, tmp_path: Path, read_on):
    """Copy the CRM that a billing.toml describes: `copy(text)`."""

    def run(text: str) -> None:
        (tmp_path / "billing.toml").write_text(text)
        assets.crm.materialize(lake, Inputs(tmp_path, INPUT_TABLES), "2026-01", Selection())

    return run


@pytest.fixture
def found(lake: Lake, rows):
    """The rows of a table in the order of its key, without what it is not asked for."""

    def run(table: Table, *columns: str) -> list[tuple]:
        ordered = lake.read(table).order_by(table.keys or list(columns))
        return [tuple(row[c] for c in columns) for row in rows(ordered)]

    return run


@pytest.mark.parametrize("pages", [BY_NUMBER, BY_CURSOR])
def test_every_page_of_an_api_is_copied(copy, found, server, pages):
    copy(API.format(pages=pages))
    assert found(CRM_ACCOUNTS, "account_id", "name", "role", "country", "source_file", "source_line") == [
        ("ANNA", "Anna", "customer", "FR", "crm:accounts page 1", 1),
        ("BEN", "Ben", "customer", "FR", "crm:accounts page 1", 2),
        ("CLEO", "Cleo", "customer", "FR", "crm:accounts page 2", 1),
    ]
    assert found(CRM_CONTACTS, "contact_id", "email") == [("1", "anna@example.org")]
    assert found(CRM_READS, "changed_up_to") == [(datetime(2026, 1, 10, 10),)]
    assert server.token == "Bearer secret"


def test_what_changed_is_in_the_history_with_who_and_when(copy, found, server):
    copy(API.format(pages=BY_NUMBER))
    server.records["accounts"][1] = record("BEN", "2026-02-01T07:00:00", pays="ANNA", user={"login": "paul"})
    server.asked.clear()
    copy(API.format(pages=BY_NUMBER))
    # asked for from a quarter of an hour before the latest change on, until there are no more
    assert [(q["page"], q.get("changed_since")) for q in server.asked if q["path"] == "accounts"] == [
        ("1", "2026-01-10T09:45:00+00:00"), ("2", "2026-01-10T09:45:00+00:00"), ("3", "2026-01-10T09:45:00+00:00"),
    ]  # fmt: skip
    history = found(ACCOUNT_HISTORY, "account_id", "version", "field", "old_value", "new_value", "changed_by")
    assert [row for row in history if row[0] == "BEN" and row[1] > 1] == [
        ("BEN", 2, "bill_to_account_id", None, "ANNA", "paul")
    ]
    assert found(CRM_ACCOUNTS, "account_id", "bill_to_account_id", "version", "changed_at") == [
        ("ANNA", None, 1, datetime(2026, 1, 10, 10)),
        ("BEN", "ANNA", 2, datetime(2026, 2, 1, 7)),
        ("CLEO", None, 1, datetime(2026, 1, 10, 10)),
    ]


def test_a_full_read_closes_what_has_vanished_and_opens_what_has_come_back(copy, found, server, read_on):
    copy(API.format(pages=BY_NUMBER))
    gone = server.records["accounts"].pop(0)
    copy(API.format(pages=BY_NUMBER))
    assert found(CRM_ACCOUNTS, "account_id", "closed_on")[0] == ("ANNA", None)
    # the next day everything is read again
    read_on("2026-02-02 08:00")
    copy(API.format(pages=BY_NUMBER))
    assert found(CRM_ACCOUNTS, "account_id", "name", "closed_on")[0] == ("ANNA", "Anna", "2026-02-02")
    server.records["accounts"].append(gone)
    read_on("2026-02-03 08:00")
    copy(API.format(pages=BY_NUMBER))
    assert found(CRM_ACCOUNTS, "account_id", "closed_on")[0] == ("ANNA", None)
    history = found(ACCOUNT_HISTORY, "account_id", "version", "old_value", "new_value", "field", "source_line")
    assert [row[1:] for row in history if row[0] == "ANNA" and row[1] > 1] == [
        (2, None, "2026-02-02", "closed_on", 0),
        (3, "2026-02-02", None, "closed_on", 1),
    ]


def test_reading_again_changes_nothing(copy, lake, server):
    copy(API.format(pages=BY_NUMBER))
    before = {name: content for name, (_, content) in lake_files(lake.root).items()}
    copy(API.format(pages=BY_CURSOR))
    assert {name: content for name, (_, content) in lake_files(lake.root).items()} == before


@pytest.mark.parametrize("table", [ACCOUNT_HISTORY, CRM_ACCOUNTS, CRM_READS])
def test_a_run_that_is_killed_is_made_good_by_the_next(copy, lake, tmp_path, server, monkeypatch, read_on, table):
    """Killed before it writes one of the tables, with a change and a vanished account read: the same bytes after."""

    def killed(self, written, rows):
        if written.name == table.name:
            raise KeyboardInterrupt
        return write(self, written, rows)

    copy(API.format(pages=BY_NUMBER))
    server.records["accounts"] = [record("BEN", "2026-02-01T21:00:00", pays="ANNA"), record("CLEO")]
    read_on("2026-02-02 08:00")
    write = Lake.write
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            copy(API.format(pages=BY_NUMBER))
    copy(API.format(pages=BY_NUMBER))
    made_good = {name: content for name, (_, content) in lake_files(lake.root).items()}
    copy(API.format(pages=BY_NUMBER))
    assert {name: content for name, (_, content) in lake_files(lake.root).items()} == made_good
    assert [(r["account_id"], r["closed_on"]) for r in lake.engine.execute(lake.read(CRM_ACCOUNTS)).to_pylist()] == [
        ("ANNA", "2026-02-02"), ("BEN", None), ("CLEO", None),
    ]  # fmt: skip


def test_a_busy_server_is_asked_again(copy, found, server):
    server.failures = [429, 500, 503]
    copy(API.format(pages=BY_NUMBER))
    assert len(found(CRM_ACCOUNTS, "account_id")) == 3


def _down(server: CrmServer) -> None:
    server.failures = [500] * 99


def _empty(server: CrmServer) -> None:
    server.records["accounts"] = []


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        (_down, "/v1/accounts answers 500 Internal Server Error; nothing is copied"),
        (_empty, "crm:accounts: the CRM has no account at all; nothing is copied"),
    ],
)
def test_a_crm_that_cannot_be_read_changes_no_table(copy, lake, server, read_on, breaks, sentence):
    copy(API.format(pages=BY_NUMBER))
    before = lake_files(lake.root)
    read_on("2026-02-02 08:00")
    breaks(server)
    with pytest.raises(ConfigurationError) as caught:
        copy(API.format(pages=BY_NUMBER))
    assert sentence in str(caught.value)
    assert lake_files(lake.root) == before


def test_a_server_that_is_not_there(copy, server, monkeypatch):
    monkeypatch.setenv("CRM_URL", "http://127.0.0.1:1")
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1:1/accounts cannot be reached"):
        copy(API.format(pages=BY_NUMBER))


def test_a_server_that_knows_no_pages_is_not_asked_for_ever(copy, server):
    text = API.format(pages=BY_NUMBER + '\npage_parameter = "p"')
    with pytest.raises(ConfigurationError, match="gives the same page again for p 2"):
        copy(text)


def test_a_change_date_in_the_future_hides_nothing(copy, found, server):
    server.records["accounts"].append(record("DORA", "2027-01-01T00:00:00"))
    copy(API.format(pages=BY_NUMBER))
    assert found(CRM_READS, "changed_up_to") == [(datetime(2026, 2, 1, 8),)]


def test_another_mapping_is_a_full_read(copy, found, server):
    copy(API.format(pages=BY_NUMBER))
    copy(API.format(pages=BY_NUMBER).replace('country = "FR"', 'country = "DE"'))
    assert found(CRM_ACCOUNTS, "country", "version") == [("DE", 2)] * 3


SQL = (
    """
first_month = "2026-01"

[crm]
kind = "sql"
url = "sqlite:///crm.db"

[crm.accounts]
source = '''SELECT id, name AS "display.name", kind, pays, changed, changed_by FROM customers
WHERE changed >= :changed_since ORDER BY id'''
changed_at = "changed"
changed_by = "changed_by"
"""
    + FIELDS
)


def test_a_database_is_read_by_change_date(copy, found, tmp_path):
    database = sqlite3.connect(tmp_path / "crm.db")
    database.execute("CREATE TABLE customers (id, name, kind, pays, changed, changed_by)")
    database.executemany("INSERT INTO customers VALUES (?, ?, 'Client', NULL, ?, 'vera')", [
        ("ANNA", "Anna", "2026-01-10 10:00:00"), ("BEN", "Ben", "2026-01-31 10:00:00"),
    ])  # fmt: skip
    database.commit()
    copy(SQL)
    # a name that changes without a change date is found by the next full read only
    database.execute("UPDATE customers SET name = 'Anna Roux' WHERE id = 'ANNA'")
    database.execute("UPDATE customers SET pays = 'ANNA', changed = '2026-02-01 07:00:00' WHERE id = 'BEN'")
    database.commit()
    copy(SQL)
    assert found(CRM_ACCOUNTS, "account_id", "name", "bill_to_account_id", "version", "source_line") == [
        ("ANNA", "Anna", None, 1, 1), ("BEN", "Ben", "ANNA", 2, 1),
    ]  # fmt: skip


FILES = """
first_month = "2026-01"

[crm]
kind = "files"
url = "export"

[crm.accounts]
source = "customers.csv"
changed_by = "who"
""" + FIELDS.replace('"display.name"', '"name"')
HEADER = "id,name,kind,pays,who,unknown\n"


def test_a_file_is_read_whole_every_time(copy, found, tmp_path, read_on):
    path = tmp_path / "export" / "customers.csv"
    path.parent.mkdir()
    path.write_text(HEADER + "ANNA,Anna,Client,,vera,x\nBEN,Ben,Client,,vera,x\nBEN,Benno,Client,,vera,x\n,,,,vera,x\n")
    copy(FILES)
    assert found(REJECTED_CRM_RECORDS, "account_id", "reason", "source_file", "source_line") == [
        ("BEN", "DUPLICATE_KEY", "customers.csv", 4), (None, "MISSING_VALUE", "customers.csv", 5),
    ]  # fmt: skip
    read_on("2026-02-05 08:00")
    path.write_text(HEADER + "ANNA,Anna Roux,Client,,paul,x\n")
    copy(FILES)
    assert found(CRM_ACCOUNTS, "account_id", "name", "closed_on", "changed_at", "changed_by") == [
        ("ANNA", "Anna Roux", None, datetime(2026, 2, 5), "paul"),
        ("BEN", "Ben", "2026-02-05", datetime(2026, 2, 5), None),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (API.format(pages='token = "abc"').replace('token = "env:CRM_TOKEN"', ""), "does not belong into a file"),
        (API.format(pages='pages = "cursor"'), "next_at is missing"),
        (API.format(pages=BY_NUMBER).replace('changed_at = "updated"', ""), "accounts.changed_at is missing"),
        (API.format(pages=BY_NUMBER).replace('country = "FR"', ""), "'country' is neither a column nor a constant"),
        (API.format(pages=BY_NUMBER).replace('country = "FR"', 'land = "FR"'), "'land' is none of"),
        (API.format(pages=BY_NUMBER).replace('"data"', '"items"'), "no list of records under 'items'"),
        (FILES, "customers.csv: there is no such file"),
    ],
)
def test_settings_that_cannot_work(copy, server, text, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        copy(text)


def test_a_token_that_is_not_set(copy, server, monkeypatch):
    monkeypatch.delenv("CRM_TOKEN")
    with pytest.raises(ConfigurationError, match=r"crm.api.token: the environment variable CRM_TOKEN is not set"):
        copy(API.format(pages=BY_NUMBER))


def test_what_an_account_was_before_is_an_account_change(rows, table):
    """Of two changes on one day the first counts: it knows what was there until the day before."""
    changed = {"account_id": "ANNA", "field": "classification", "source_file": "crm", "source_line": 1}
    history = table(
        ACCOUNT_HISTORY,
        changed | {"version": 1, "new_value": "VIP", "changed_at": datetime(2026, 1, 1)},
        changed | {"version": 2, "old_value": "VIP", "new_value": "gold", "changed_at": datetime(2026, 3, 1, 9)},
        changed | {"version": 3, "old_value": "gold", "new_value": "standard", "changed_at": datetime(2026, 3, 1, 10)},
        changed | {"field": "name", "version": 4, "old_value": "A", "changed_at": datetime(2026, 4, 1)},
    )
    (made,) = rows(changes_of_accounts(history, ["classification"]))
    assert (made["changed_on"], made["old_value"]) == ("2026-03-01", "VIP")

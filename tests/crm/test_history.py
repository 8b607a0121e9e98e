"""What a read adds to the history of accounts, and what accounts the history makes."""

from datetime import date, datetime

import ibis
import pyarrow as pa
import pytest
from tests_support import ENGINES

from billing_assets.crm import history as rules
from billing_assets.crm.tables import ACCOUNT_HISTORY

pytestmark = pytest.mark.parametrize("engine", ENGINES, indirect=True)

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in rules.FIELDS),
        ("changed_at", pa.timestamp("us")), ("changed_by", pa.string()),
        ("place", pa.int64()), ("source_file", pa.string()), ("source_line", pa.int64()),
    ]
)  # fmt: skip
TODAY = date(2026, 2, 1)


def _records(*given: dict) -> ibis.Table:
    rows = [
        {"source_file": "crm:accounts page 1", "source_line": place + 1, "place": place, **row}
        for place, row in enumerate(given)
    ]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=SCHEMA))


def _changes(rows, history, *given: dict) -> list[tuple]:
    added = rules.changes(rules.current(history), rules.copied(rules.judged_records(_records(*given))), TODAY)
    return sorted(
        ((r["account_id"], r["version"], r["field"], r["old_value"], r["new_value"], r["changed_at"])
         for r in rows(added)), key=str,
    )  # fmt: skip


def test_a_change_is_a_version_and_what_is_as_before_adds_nothing(rows, table):
    then, now = datetime(2026, 1, 1, 9), datetime(2026, 1, 20, 9)
    given = {"version": 1, "changed_at": then, "source_file": "f", "source_line": 1, "account_id": "ANNA"}
    values = {"account_id": "ANNA", "name": "Anna", "vat_id": "FR1"}
    history = table(ACCOUNT_HISTORY, *({**given, "field": f, "new_value": v} for f, v in values.items()))
    assert _changes(rows, history, values | {"changed_at": now}) == []
    assert _changes(rows, history, values | {"name": "Anna Roux", "vat_id": None, "changed_at": now}) == [
        ("ANNA", 2, "name", "Anna", "Anna Roux", now),
        ("ANNA", 2, "vat_id", "FR1", None, now),
    ]
    # without a change date it is the day of the read
    assert _changes(rows, history, {"account_id": "BEN"}) == [
        ("BEN", 1, "account_id", None, "BEN", datetime(2026, 2, 1))
    ]


def test_of_an_account_that_moved_between_pages_the_latest_change_counts(rows):
    early, late = datetime(2026, 1, 1), datetime(2026, 1, 2)
    judged = rules.judged_records(
        _records(
            {"account_id": "A", "name": "new", "changed_at": late},
            {"account_id": "A", "name": "old", "changed_at": early},
            {"account_id": "A", "name": "new", "changed_at": late},
            {"account_id": "A", "name": "other", "changed_at": late},
            {"name": "nobody"},
        )
    )
    assert [row["name"] for row in rows(rules.copied(judged))] == ["new"]
    refused = rows(rules.rejected(judged).order_by("source_line"))
    assert [(row["reason"], row["source_line"]) for row in refused] == [("DUPLICATE_KEY", 4), ("MISSING_VALUE", 5)]


def test_the_latest_version_of_each_field_makes_the_account(rows, table):
    given = {"account_id": "ANNA", "source_file": "f", "source_line": 1}
    first, later = given | {"version": 1, "changed_at": datetime(2026, 1, 3)}, given | {"version": 2}
    history = table(
        ACCOUNT_HISTORY,
        first | {"field": "account_id", "new_value": "ANNA"},
        first | {"field": "name", "new_value": "Zoe"},
        first | {"field": "country", "new_value": "FR"},
        # found later, though the CRM gives an earlier date
        later | {"field": "name", "old_value": "Zoe", "new_value": "Anna", "changed_at": datetime(2026, 1, 1)},
    )
    (anna,) = rows(rules.current(history))
    assert (anna["name"], anna["country"], anna["version"], anna["changed_at"]) == (
        "Anna",
        "FR",
        2,
        datetime(2026, 1, 1),
    )
    closed = rows(rules.closings(rules.current(history), _records({"account_id": "BEN"}), TODAY, "crm:accounts"))
    assert [(row["account_id"], row["version"], row["new_value"]) for row in closed] == [("ANNA", 3, "2026-02-01")]

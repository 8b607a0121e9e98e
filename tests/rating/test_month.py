"""Which rated events belong to a billing month: those in the window of who pays, to the second."""

import ibis
import pytest
from sample_rows import account, rated_item

from billing_assets import calendar
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS


@pytest.fixture
def windows(table):
    """January 2026 of ANNA in Paris, cycle of day 1, and of NICK in New York, cycle of day 15."""
    accounts = table(
        ACCOUNTS, account(), account(account_id="NICK", time_zone="America/New_York", billing_cycle="middle"),
        account(account_id="GROUP", role="linked", billing_cycle=None),
    )  # fmt: skip
    anchors, zones = {"first": 1, "middle": 15}, ["Europe/Paris", "America/New_York"]
    return payer_windows(accounts, ibis.memtable(calendar.windows("2026-01", anchors, zones, "2025-01")))


def test_each_payer_has_one_window(rows, windows):
    found = {row["window_payer"]: (f"{row['start_at']}", f"{row['end_at']}") for row in rows(windows)}
    assert found == {
        "ANNA": ("2025-12-31 23:00:00", "2026-01-31 23:00:00"),
        "NICK": ("2026-01-15 05:00:00", "2026-02-15 05:00:00"),
    }


def test_a_window_is_half_open(rows, table, windows):
    """The payer decides, whoever used it; and the effective time, not the start."""
    times = {
        "ANNA": ("2025-12-31T22:59:59", "2025-12-31T23:00:00", "2026-01-31T22:59:59", "2026-01-31T23:00:00"),
        "NICK": ("2026-01-15T04:59:59", "2026-01-15T05:00:00", "2026-02-15T04:59:59", "2026-02-15T05:00:00"),
    }
    items = table(
        RATED_ITEMS,
        *(
            rated_item(udr_id=f"{payer} {place}", payer_account_id=payer, billing_effective_at=time)
            for payer, at in times.items()
            for place, time in zip(("before", "first", "last", "after"), at, strict=True)
        ),
    )
    found = {row["udr_id"]: row for row in rows(rated_in_month(items, windows))}
    assert set(found) == {"ANNA first", "ANNA last", "NICK first", "NICK last"}
    assert (found["NICK first"]["month"], found["NICK first"]["billing_cycle"]) == ("2026-01", "middle")
    assert (f"{found['NICK first']['service_start']}", f"{found['NICK first']['service_end']}") == (
        "2026-01-15", "2026-02-15",
    )  # fmt: skip

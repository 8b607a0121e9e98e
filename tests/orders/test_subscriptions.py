"""From order lines to subscriptions, and to the services that usage is recognised by."""

from datetime import date, datetime

import ibis
import pytest
from sample_rows import Row, account, order_line

from billing_assets import calendar
from billing_assets.orders import subscriptions as rules
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.reference.tables import ACCOUNTS

USAGE = {"price_type": "usage", "product_id": "CALLS", "udr_type": "voice", "service_identifier": "33611"}


@pytest.fixture
def services(rows, table):
    """The usage services of order lines; ANNA is in Paris and paid for by BOSS, NICK in New York."""

    def run(*lines: Row) -> list[Row]:
        accounts = table(
            ACCOUNTS, account(payer_account_id="BOSS"), account(account_id="NICK", time_zone="America/New_York")
        )
        usage = rules.usage_lines(table(ORDER_LINES, *lines), accounts)
        limits = [(row["time_zone"], row["local_day"]) for row in rows(rules.life_limits(usage))]
        midnights = ibis.memtable(calendar.local_midnights(limits))
        return rows(rules.subscription_services(usage, midnights).order_by("source_line"))

    return run


def test_a_subscription_lives_from_its_first_start_to_its_last_end(rows, table):
    lines = table(
        ORDER_LINES,
        order_line(start_date="2026-02-01", end_date="2026-05-01"),
        order_line(start_date="2026-01-15", end_date="2026-03-01", price_plan_id="PLAN"),
        order_line(subscription_id="OPEN", start_date="2026-01-01", end_date="2026-02-01"),
        order_line(subscription_id="OPEN", start_date="2026-03-01"),
    )
    found = rows(rules.subscriptions(lines).order_by("subscription_id"))
    wanted = ["subscription_id", "account_id", "price_plan_id", "start_date", "end_date", "order_lines"]
    assert [[row[name] for name in wanted] for row in found] == [
        ["OPEN", "ANNA", None, date(2026, 1, 1), None, 2],
        ["SUB", "ANNA", "PLAN", date(2026, 1, 15), date(2026, 5, 1), 2],
    ]


def test_a_service_lives_from_midnight_to_midnight_of_its_account(services):
    """1 March begins at 23:00 UTC in Paris, 1 April (daylight saving time) at 22:00 UTC."""
    (service,) = services(order_line(**USAGE, start_date="2026-03-01", end_date="2026-04-01"))
    assert (service["start_at"], service["end_at"]) == (datetime(2026, 2, 28, 23), datetime(2026, 3, 31, 22))
    assert (service["time_zone"], service["payer_account_id"]) == ("Europe/Paris", "BOSS")


def test_a_service_may_be_open(services):
    (service,) = services(order_line(**USAGE, account_id="NICK", start_date="2026-01-01"))
    assert (service["start_at"], service["end_at"]) == (datetime(2026, 1, 1, 5), None)


def test_only_usage_lines_are_services(services):
    once = order_line(price_type="one_time", source_line=4)
    lines = [order_line(**USAGE, source_line=2), order_line(source_line=3), once]
    assert [row["source_line"] for row in services(*lines)] == [2]

"""Usage orders: their times, service and attributes, why one is refused, and the usage that it becomes."""

from collections.abc import Callable
from datetime import date, datetime

import ibis
import pyarrow as pa
import pytest
from sample_rows import Row, account, order_line, ordered, product, service, subscription, usage_order

from billing_assets import calendar
from billing_assets.orders.tables import ORDER_LINES, SUBSCRIPTION_SERVICES, SUBSCRIPTIONS
from billing_assets.reference.tables import ACCOUNTS, PRODUCTS
from billing_assets.usage import ordered as rules
from billing_assets.usage.tables import ACCEPTED_USAGE_ORDERS, RAW_USAGE, USAGE_ORDERS

SERVICES = (service(),)


@pytest.fixture(scope="module")
def judged(rows, table, engine) -> Callable[..., list[Row]]:
    """Usage orders of SUB, whose account is in Paris, and of TOKYO, as they are judged by themselves."""

    def run(*orders: Row, services: tuple[Row, ...] = SERVICES) -> list[Row]:
        placed = engine.cache(
            rules.placed(
                table(USAGE_ORDERS, *orders),
                table(SUBSCRIPTIONS, subscription(), subscription(subscription_id="TOKYO", account_id="TARO")),
                table(ACCOUNTS, account(), account(account_id="TARO", time_zone="Asia/Tokyo")),
                table(PRODUCTS, product(), product(product_id="VIDEO"), product(product_id="DATA", udr_type="data"),
                      product(product_id="MOBILE", product_type="termed_service", udr_type=None)),
            )
        )  # fmt: skip
        days = [(row["time_zone"], row["local_day"]) for row in rows(rules.local_days(placed))]
        known = table(SUBSCRIPTION_SERVICES, *services)
        found = rules.judged_orders(placed, calendar.zoned_offsets(days), known, date(2025, 12, 1))
        return rows(found.order_by("source_line"))

    return run


def lines(*values: Row) -> list[Row]:
    """Usage orders on lines from 2 on."""
    return [ordered(**(row | {"source_line_id": str(n), "source_line": n})) for n, row in enumerate(values, start=2)]


def test_an_order_has_a_service_and_times_in_utc(judged):
    """10:00 in Paris is 09:00 UTC. It is for the time at which it was made, where it says nothing else."""
    (found,) = judged(ordered(attributes="device=tv|format = HD"))
    assert (found["reason"], found["usage_order_id"], found["account_id"]) == (None, "shop:U1:1", "ANNA")
    assert (found["udr_type"], found["service_identifier"], found["quantity"]) == ("voice", "33611", "1")
    assert found["ordered_at"] == found["effective_at"] == datetime(2026, 1, 15, 9)
    assert found["event_day"] == date(2026, 1, 15)
    assert found["attributes"] == [("device", "tv"), ("format", "HD")]


def test_times_are_local_to_the_account_unless_they_have_an_offset(judged):
    tokyo = (*SERVICES, service(order_line_id="cpq:O2:1", subscription_id="TOKYO", service_identifier="81"))
    found = judged(
        *lines(
            {"effective_at": "2026-07-01 00:30"},
            {"effective_at": "2026-07-01T00:30:00Z"},
            {"effective_at": "2026-07-01 00:30+09:00"},
            {"effective_at": "2026-07-01"},
            {"effective_at": "2026-07-01 00:30", "subscription_id": "TOKYO"},
            # clocks go back: 02:30 occurs twice, and the first is meant
            {"effective_at": "2026-10-25 02:30"},
        ),
        services=tokyo,
    )
    assert [row["effective_at"] for row in found] == [
        datetime(2026, 6, 30, 22, 30), datetime(2026, 7, 1, 0, 30), datetime(2026, 6, 30, 15, 30),
        datetime(2026, 6, 30, 22), datetime(2026, 6, 30, 15, 30), datetime(2026, 10, 25, 0, 30),
    ]  # fmt: skip
    assert [row["event_day"].day for row in found] == [30, 1, 30, 30, 30, 25]


def test_why_an_order_is_refused(judged):
    faults = {
        "UNKNOWN_SUBSCRIPTION subscription_id 'GONE'": {"subscription_id": "GONE"},
        "UNKNOWN_PRODUCT product_id 'FAX'": {"product_id": "FAX"},
        "UNKNOWN_PRODUCT product_id 'MOBILE'": {"product_id": "MOBILE"},
        "WRONG_UDR_TYPE udr_type 'data'": {"udr_type": "data"},
        "MALFORMED_ATTRIBUTES attributes 'tv'": {"attributes": "tv"},
        "MALFORMED_ATTRIBUTES attributes 'device=tv|'": {"attributes": "device=tv|"},
        "MALFORMED_ATTRIBUTES attributes '=tv'": {"attributes": "=tv"},
        "MALFORMED_ATTRIBUTES attributes 'a=1|a =2'": {"attributes": "a=1|a =2"},
        "INVALID_TIME ordered_at 'noon'": {"ordered_at": "noon"},
        "INVALID_TIME ordered_at '2026-03-29 02:30'": {"ordered_at": "2026-03-29 02:30"},
        "INVALID_TIME effective_at '2026-02-30'": {"effective_at": "2026-02-30"},
        "INVALID_TIME effective_at '9999-12-31'": {"effective_at": "9999-12-31"},
        "BEFORE_FIRST_DAY effective_at '2025-12-01 00:59'": {"effective_at": "2025-12-01 00:59"},
        "NO_USAGE_LINE udr_type 'data'": {"product_id": "DATA"},
        "NO_USAGE_LINE udr_type 'voice'": {"effective_at": "2026-01-09 23:59:59"},
    }
    found = [f"{row['reason']} {row['detail']}" for row in judged(*lines(*faults.values()))]
    assert found == list(faults)


def test_attributes_by_name(judged):
    """A value may be empty and may contain an equals sign; several orders do not mix."""
    given = ("formula=a=b|device=", "device=tv", None, "one=1|two=2|three=3")
    found = judged(*lines(*({"attributes": text} for text in given)))
    assert [row["attributes"] for row in found] == [
        [("formula", "a=b"), ("device", None)], [("device", "tv")], [], [("one", "1"), ("two", "2"), ("three", "3")],
    ]  # fmt: skip


def test_usage_is_by_the_line_of_the_product_else_by_the_first(judged):
    """Among those of the subscription that have begun and not ended at that time."""
    services = (
        service(order_line_id="A", service_identifier="ended", end_at="2026-01-15T09:00:00"),
        service(order_line_id="B", service_identifier="first"),
        service(order_line_id="C", service_identifier="video", product_id="VIDEO"),
        service(order_line_id="D", service_identifier="other type", udr_type="data"),
        service(order_line_id="0", service_identifier="another's", subscription_id="TOKYO"),
    )
    calls, video = judged(*lines({}, {"product_id": "VIDEO"}), services=services)
    assert (calls["service_identifier"], video["service_identifier"]) == ("first", "video")
    (before,) = judged(ordered(effective_at="2026-01-15 09:59:59"), services=services)
    assert before["service_identifier"] == "ended"


def test_the_usage_that_an_order_becomes(rows, table):
    orders = table(ACCEPTED_USAGE_ORDERS, usage_order(attributes={"device": "tv"}, quantity="2", unit="min",
                                                      ordered_at="2026-01-03T08:00:00"))  # fmt: skip
    (found,) = rows(RAW_USAGE.shape(rules.as_usage(orders)))
    assert found == {
        "load_day": date(2026, 1, 3), "source": "shop", "source_file": "accepted_usage_orders.csv", "source_line": 2,
        "event_day": date(2026, 1, 15), "billing_effective_at": datetime(2026, 1, 15, 9),
        "started_at": datetime(2026, 1, 15, 9), "record_id": "U1:1", "udr_type": "voice",
        "service_identifier": "33611", "product_id": "CALLS", "quantity": "2", "unit": "min", "destination": None,
        "amount": None, "currency": None, "attributes": [("device", "tv")],
    }  # fmt: skip


@pytest.fixture
def reasons(rows, table) -> Callable[..., list[str | None]]:
    """The reasons of judged orders, once their termed service was looked for."""

    def run(*given: tuple[str | None, str], reason: str | None = None) -> list[str | None]:
        judged = ibis.memtable(
            pa.table(
                {
                    "usage_order_id": [str(n) for n in range(len(given))],
                    "subscription_id": ["SUB"] * len(given),
                    "termed_product_id": pa.array([termed for termed, _ in given], pa.string()),
                    "local_at": pa.array([datetime.fromisoformat(at) for _, at in given], pa.timestamp("us")),
                    "reason": pa.array([reason] * len(given), pa.string()),
                    "detail": pa.array([None] * len(given), pa.string()),
                }
            )
        )
        order_lines = table(
            ORDER_LINES,
            order_line(product_id="OTT", start_date="2026-01-10", end_date="2026-01-20"),
            order_line(product_id="OPEN", start_date="2026-01-10"),
            order_line(product_id="SIM", product_type="physical_good"),
            order_line(product_id="SPORT", subscription_id="OTHER"),
        )
        found = rules.with_termed_service(judged, order_lines)
        return [row["reason"] for row in rows(found.order_by("usage_order_id"))]

    return run


def test_the_termed_service_is_one_of_the_subscription_on_that_local_day(reasons):
    days = ("2026-01-09 23:59:59", "2026-01-10 00:00:00", "2026-01-19 23:59:59", "2026-01-20 00:00:00")
    lacks = "NO_TERMED_SERVICE"
    assert reasons(*(("OTT", day) for day in days)) == [lacks, None, None, lacks]
    assert reasons(("OPEN", days[3]), ("SIM", days[3]), ("SPORT", days[3]), (None, days[3])) == [
        None,
        lacks,
        lacks,
        None,
    ]
    assert reasons(("SPORT", days[0]), reason="MISSING_ATTRIBUTE") == ["MISSING_ATTRIBUTE"]

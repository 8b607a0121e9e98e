"""Which subscriptions meet the conditions of usage catalogues, and on which days."""

from collections.abc import Callable

import pytest
from sample_rows import Row, account, catalogue_condition, order_line, sample, subscription

from billing_assets.orders.catalogues import subscription_catalogues
from billing_assets.orders.tables import ORDER_LINES, SUBSCRIPTIONS
from billing_assets.reference.tables import ACCOUNTS, SEGMENTS, USAGE_CATALOGUE_CONDITIONS

ALWAYS = ("1900-01-01", "9999-12-31")
SUBSCRIPTIONS_GIVEN = (
    subscription(subscription_type="prepaid"),
    subscription(subscription_id="VIP", subscription_type="normal", account_id="VERA"),
    subscription(subscription_id="OLD"),
)
SEGMENTS_GIVEN = (
    sample(SEGMENTS, segment_id="starters", field="subscription_type", allowed_values="prepaid")(),
    sample(SEGMENTS, segment_id="starters", field="classification", allowed_values="standard")(),
)
LINES = (
    order_line(product_id="OTT", start_date="2026-01-10", end_date="2026-02-01"),
    order_line(product_id="SPORT", start_date="2026-03-01"),
    order_line(subscription_id="VIP", product_id="OTT", start_date="2026-01-01"),
    order_line(subscription_id="OLD", product_id="SIM", product_type="physical_good"),
)


@pytest.fixture
def met(rows, table) -> Callable[..., dict[str, list[tuple[str, str]]]]:
    """The stretches of days of each subscription for which conditions hold."""

    def run(*conditions: Row) -> dict[str, list[tuple[str, str]]]:
        found = subscription_catalogues(
            table(USAGE_CATALOGUE_CONDITIONS, *conditions), table(SEGMENTS, *SEGMENTS_GIVEN),
            table(SUBSCRIPTIONS, *SUBSCRIPTIONS_GIVEN),
            table(ORDER_LINES, *LINES), table(ACCOUNTS, account(), account(account_id="VERA", classification="VIP")),
        )  # fmt: skip
        stretches: dict[str, list[tuple[str, str]]] = {}
        for row in rows(found.order_by("subscription_id", "valid_from")):
            days = (row["valid_from"].isoformat(), row["valid_to"].isoformat())
            stretches.setdefault(row["subscription_id"], []).append(days)
        return stretches

    return run


def condition(field: str, values: str) -> Row:
    return catalogue_condition(field=field, allowed_values=values)


def test_the_type_of_the_subscription(met):
    """One that has no type is of none that is asked for."""
    assert met(condition("subscription_type", "prepaid")) == {"SUB": [ALWAYS]}


def test_the_classification_of_the_account(met):
    assert met(condition("classification", "VIP")) == {"VIP": [ALWAYS]}
    assert met(condition("classification", "staff")) == {}


def test_a_termed_service_counts_on_the_days_of_its_line(met):
    assert met(condition("termed_product_id", "OTT")) == {
        "SUB": [("2026-01-10", "2026-02-01")], "VIP": [("2026-01-01", "9999-12-31")],
    }  # fmt: skip


def test_any_termed_service(met):
    """A SIM card is none."""
    assert met(condition("termed_product_id", "*")) == {
        "SUB": [("2026-01-10", "2026-02-01"), ("2026-03-01", "9999-12-31")], "VIP": [("2026-01-01", "9999-12-31")],
    }  # fmt: skip


def test_values_of_a_field_are_alternatives(met):
    assert met(condition("subscription_type", "prepaid|normal")) == {"SUB": [ALWAYS], "VIP": [ALWAYS]}
    assert met(condition("termed_product_id", "OTT|*"))["VIP"] == [("2026-01-01", "9999-12-31")]
    assert met(condition("termed_product_id", "OTT|SPORT"))["SUB"] == [
        ("2026-01-10", "2026-02-01"), ("2026-03-01", "9999-12-31"),
    ]  # fmt: skip


def test_a_segment_of_subscriptions(met):
    """Prepaid subscriptions of standard accounts."""
    assert met(condition("segment", "students|starters")) == {"SUB": [ALWAYS]}


def test_different_fields_must_all_hold(met):
    vip, ott = condition("classification", "VIP"), condition("termed_product_id", "OTT")
    assert met(vip, ott) == {"VIP": [("2026-01-01", "9999-12-31")]}
    assert met(vip, condition("subscription_type", "normal")) == {"VIP": [ALWAYS]}
    assert met(vip, condition("subscription_type", "prepaid")) == {}
    assert met(vip, ott, condition("subscription_type", "prepaid")) == {}


def test_each_catalogue_has_its_own_conditions(rows, table):
    other = catalogue_condition(usage_catalogue_id="SPORT", field="subscription_type", allowed_values="prepaid")
    found = subscription_catalogues(
        table(USAGE_CATALOGUE_CONDITIONS, catalogue_condition(), other), table(SEGMENTS),
        table(SUBSCRIPTIONS, subscription(subscription_type="prepaid")), table(ORDER_LINES),
        table(ACCOUNTS, account(classification="VIP")),
    )  # fmt: skip
    assert sorted(row["usage_catalogue_id"] for row in rows(found)) == ["FILMS", "SPORT"]

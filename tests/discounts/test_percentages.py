"""Discounts: a percentage off what a subscription is charged in the month, before tax."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import ibis
import pytest
from sample_rows import Row, account, bundle_item, discount, item, product, rated_item, sample, scheme

from billing_assets import calendar
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.discounts import percentages as rules
from billing_assets.discounts.tables import SUBSCRIPTION_DISCOUNTS
from billing_assets.fees.tables import FEE_ITEMS
from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, BILLING_TERM_SCHEMES, PRODUCTS

subscription = sample(SUBSCRIPTIONS, subscription_id="SUB", account_id="ANNA", start_date="2026-01-01", order_lines=1)


@pytest.fixture(scope="module")
def judged(rows, table) -> Callable[..., tuple[set[str], dict[str, tuple[str, str]]]]:
    """The discounts that are given, and {discount: (reason, detail)} of the others."""

    def run(*discounts: Row) -> tuple[set[str], dict[str, tuple[str, str]]]:
        subscriptions = table(
            SUBSCRIPTIONS, subscription(), subscription(subscription_id="SUB2", billing_term_scheme_id="FLEXIBLE"),
            subscription(subscription_id="FIXED", billing_term_scheme_id="FIXED"),
        )  # fmt: skip
        schemes = table(BILLING_TERM_SCHEMES, scheme(billing_term_scheme_id="FLEXIBLE"),
                        scheme(billing_term_scheme_id="FIXED", discount_option="none"))  # fmt: skip
        given, refused = rules.judge_discounts(table(SUBSCRIPTION_DISCOUNTS, *discounts), subscriptions, schemes)
        reasons = {row["discount_id"]: (row["reason"], row["detail"]) for row in rows(refused)}
        return {row["discount_id"] for row in rows(given)}, reasons

    return run


def test_why_a_discount_is_refused(judged):
    given, refused = judged(
        discount(discount_id="subscription", subscription_id="X"),
        discount(discount_id="scheme", subscription_id="FIXED"),
        discount(discount_id="nothing", percent="0"),
        discount(discount_id="negative", percent="-1"),
        discount(discount_id="too much", percent="100.000001"),
        discount(discount_id="never", valid_from="2026-02-01", valid_to="2026-02-01"),
        discount(discount_id="all", percent="100"),
        discount(discount_id="least", percent="0.000001", subscription_id="SUB2"),
    )
    assert given == {"all", "least"}
    assert refused == {
        "subscription": ("UNKNOWN_SUBSCRIPTION", "subscription_id 'X'"),
        "scheme": ("DISCOUNT_NOT_ALLOWED", "billing_term_scheme_id 'FIXED'"),
        "nothing": ("PERCENT_OUT_OF_RANGE", "percent '0.000000'"),
        "negative": ("PERCENT_OUT_OF_RANGE", "percent '-1.000000'"),
        "too much": ("PERCENT_OUT_OF_RANGE", "percent '100.000001'"),
        "never": ("END_BEFORE_START", "valid_to '2026-02-01'"),
    }


def test_a_subscription_has_one_discount_at_a_time(judged):
    """The one that began first stays; one that begins when it ends, or of another subscription, is given."""
    given, refused = judged(
        discount(discount_id="first", valid_from="2026-01-01", valid_to="2026-03-01"),
        discount(discount_id="meets", valid_from="2026-03-01", valid_to="2026-04-01"),
        discount(discount_id="overlaps", valid_from="2026-02-28", valid_to="2026-03-01"),
        discount(discount_id="other", valid_from="2026-01-01", subscription_id="SUB2"),
    )
    assert given == {"first", "meets", "other"}
    assert refused == {"overlaps": ("OVERLAPPING_DISCOUNT", "valid_from '2026-02-28'")}


def test_a_refused_discount_stands_in_nobodys_way(judged):
    given, _ = judged(discount(discount_id="refused", percent="0"), discount(discount_id="given", source_line=3))
    assert given == {"given"}


@pytest.fixture(scope="module")
def items(rows, table) -> Callable[..., list[Row]]:
    """The discount items of January, for usage, what bundles took back of it, and fees."""

    def run(
        *discounts: Row, rated: tuple[Row, ...] = (), covered: tuple[Row, ...] = (), fees: tuple[Row, ...] = ()
    ) -> list[Row]:
        windows = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2026-01"))
        payers = payer_windows(table(ACCOUNTS, account()), windows)
        products = table(PRODUCTS, product(), product(product_id="DATA"), product(product_id="MOBILE"))
        given = table(SUBSCRIPTION_DISCOUNTS, *discounts)
        base = ibis.union(
            rules.event_base(rated_in_month(table(RATED_ITEMS, *rated), payers), given, products),
            rules.event_base(table(BUNDLE_ITEMS, *covered), given, products),
            rules.period_base(table(FEE_ITEMS, *fees).drop("label"), given),
        )
        return rows(rules.discount_items(base))

    return run


@pytest.fixture(scope="module")
def taken_off(items) -> Callable[..., dict[tuple[str, str], Decimal]]:
    """{(discount, product): amount} of the same, where no product has two service periods."""

    def run(*discounts: Row, **given: tuple[Row, ...]) -> dict[tuple[str, str], Decimal]:
        made = [((row["source_id"], row["product_id"]), row["amount"]) for row in items(*discounts, **given)]
        assert len(dict(made)) == len(made)
        return dict(made)

    return run


def test_usage_bundles_and_fees_are_reduced(taken_off):
    """10 % of 2.52 + 0.63 - 0.63 of calls, 0.30 of data and 20.00 of fees."""
    found = taken_off(
        discount(),
        rated=(rated_item(amount="2.52"), rated_item(amount="0.63"), rated_item(amount="0.30", product_id="DATA")),
        covered=(bundle_item(amount="-0.63", local_at="2026-01-15T13:00:00"),),
        fees=(item(amount="20"),),
    )
    assert found == {
        ("D1", "CALLS"): Decimal("-0.252"), ("D1", "DATA"): Decimal("-0.03"), ("D1", "MOBILE"): Decimal(-2),
    }  # fmt: skip


def test_a_percentage_is_rounded_once(taken_off):
    """33.333333 % of three times 0.0000000001: of the sum, 0.0000000003, it is 0.0000000001."""
    events = tuple(rated_item(udr_id=f"U{n}", amount="0.0000000001") for n in range(3))
    assert taken_off(discount(percent="33.333333"), rated=events) == {("D1", "CALLS"): Decimal("-0.0000000001")}


def test_everything_off_leaves_nothing(taken_off):
    found = taken_off(discount(percent="100"), fees=(item(amount="14.1935483871"), item(amount="20")))
    assert found == {("D1", "MOBILE"): Decimal("-34.1935483871")}


def test_a_credit_is_reduced_as_well(taken_off):
    """A reversed event of -5.00 had been discounted: its discount is taken back."""
    assert taken_off(discount(), rated=(rated_item(amount="-5"),)) == {("D1", "CALLS"): Decimal("0.5")}


def test_the_local_day_of_an_event_counts(taken_off):
    """Valid on 15 January: from its first second to its last, in the time zone of who used it."""
    times = {"CALLS": "2026-01-14T23:59:59", "DATA": "2026-01-15T00:00:00", "MOBILE": "2026-01-16T00:00:00"}
    events = tuple(rated_item(product_id=product_id, amount="10", local_at=at) for product_id, at in times.items())
    day = discount(valid_from="2026-01-15", valid_to="2026-01-16")
    assert taken_off(day, rated=events) == {("D1", "DATA"): Decimal(-1)}
    covered = tuple(bundle_item(product_id=product_id, amount="-10", local_at=at) for product_id, at in times.items())
    assert taken_off(day, covered=covered) == {("D1", "DATA"): Decimal(1)}


def test_the_first_day_of_the_period_of_a_fee_counts(taken_off):
    """A discount that ends on 1 February takes nothing off the fee of February."""
    fees = (
        item(amount="10", service_start="2026-01-31", service_end="2026-02-01"),
        item(amount="20", service_start="2026-02-01", service_end="2026-03-01"),
    )
    assert taken_off(discount(valid_to="2026-02-01"), fees=fees) == {("D1", "MOBILE"): Decimal(-1)}
    assert taken_off(discount(valid_from="2026-02-01"), fees=fees) == {("D1", "MOBILE"): Decimal(-2)}


def test_two_discounts_that_follow_each_other(taken_off):
    january = discount(valid_to="2026-01-16")
    rest = discount(discount_id="D2", percent="50", valid_from="2026-01-16")
    events = (rated_item(amount="10"), rated_item(amount="10", local_at="2026-01-16T00:00:00"))
    assert taken_off(january, rest, rated=events) == {("D1", "CALLS"): Decimal(-1), ("D2", "CALLS"): Decimal(-5)}


def test_only_the_discounted_subscription_is_reduced(taken_off):
    other = {"subscription_id": "SUB2"}
    assert taken_off(discount(), rated=(rated_item(**other),), fees=(item(**other),)) == {}


def test_each_user_product_and_currency_has_a_discount_of_its_own(items):
    events = (rated_item(), rated_item(service_account_id="SON"), rated_item(currency="USD"))
    made = items(discount(), rated=events)
    assert {(row["service_account_id"], row["currency"]) for row in made} == {
        ("ANNA", "EUR"), ("SON", "EUR"), ("ANNA", "USD"),
    }  # fmt: skip
    assert len({row["item_id"] for row in made}) == 3


def test_a_discount_has_the_service_period_of_what_it_reduces(items):
    """So that it is taxed at the same rate: usage of January, the rest of January's fee, and February's fee."""
    fees = (
        item(amount="14", service_start="2026-01-10", service_end="2026-02-01"),
        item(amount="20", service_start="2026-02-01", service_end="2026-03-01"),
    )
    made = items(discount(), rated=(rated_item(amount="5"),), fees=fees)
    assert {(row["service_start"], row["service_end"]): row["amount"] for row in made} == {
        (date(2026, 1, 1), date(2026, 2, 1)): Decimal("-0.5"),
        (date(2026, 1, 10), date(2026, 2, 1)): Decimal("-1.4"),
        (date(2026, 2, 1), date(2026, 3, 1)): Decimal(-2),
    }
    assert len({row["item_key"] for row in made}) == 3


def test_a_discount_says_where_it_comes_from(items):
    (made,) = items(discount(), fees=(item(),))
    assert (made["item_type"], made["label"], made["events"], made["quantity"]) == ("discount", "Ten off", 0, None)
    assert (made["source_table"], made["source_id"]) == ("subscription_discounts", "D1")

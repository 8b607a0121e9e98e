"""From imported orders to order lines: price, plan and currency resolved, and why a line is refused."""

from datetime import date
from decimal import Decimal

import pytest
from sample_rows import (
    Row,
    account,
    currency,
    offer,
    offer_product,
    order,
    price_plan,
    product,
    sample,
    vendor,
    vendor_currency,
)

from billing_assets.orders.lines import judge_order_lines
from billing_assets.orders.plans import READS, Plans
from billing_assets.orders.tables import IMPORTED_ORDERS
from billing_assets.orders.versions import as_ordered
from billing_assets.reference.tables import (
    ACCOUNTS,
    CURRENCIES,
    OFFER_PRODUCTS,
    OFFERS,
    PRICE_PLAN_CONDITIONS,
    PRICE_PLANS,
    PRODUCTS,
    VENDOR_CURRENCIES,
)

USAGE = {"product_id": "CALLS", "price_type": "usage", "unit_price": None, "service_identifier": "33611"}

FOR_PREPAID = sample(PRICE_PLAN_CONDITIONS)(
    price_plan_id="PREPAID", purpose="apply", field="subscription_type", allowed_values="prepaid"
)


@pytest.fixture
def judged(rows, table, engine):
    """Order lines and refused ones, each by source_line_id."""

    def run(*orders: Row) -> tuple[dict[str, Row], dict[str, Row]]:
        plans = {
            PRICE_PLANS: [price_plan(), price_plan(price_plan_id="OTHER", tax_included="true"),
                          price_plan(price_plan_id="PREPAID", plan_type="conditional", base_plan_id="OTHER")],
            PRICE_PLAN_CONDITIONS: [FOR_PREPAID],
        }  # fmt: skip
        lines, refused = judge_order_lines(
            as_ordered(table(IMPORTED_ORDERS, *orders)),
            table(ACCOUNTS, vendor(), account(), account(account_id="GROUP", role="linked"),
                  account(account_id="YUKI", currency="JPY")),
            table(PRODUCTS, product(), product(product_id="MOBILE", product_type="termed_service", udr_type=None)),
            table(OFFERS, offer(valid_from="2026-01-01", valid_to="2026-02-01"),
                  offer(offer_id="GROSS", tax_included="true")),
            table(OFFER_PRODUCTS, offer_product(), offer_product(currency="JPY", unit_price="3000"),
                  offer_product(price_type="one_time", unit_price="5")),
            table(CURRENCIES, currency(), currency(currency="JPY", digits=0), currency(currency="GBP")),
            table(VENDOR_CURRENCIES, vendor_currency(), vendor_currency(currency="JPY")),
            Plans(*(table(contract, *plans.get(contract, ())) for contract in READS)),
            None, None, None, engine.cache, rows,
        )  # fmt: skip
        return tuple({row["source_line_id"]: row for row in rows(made)} for made in (lines, refused))

    return run


def test_an_order_line_has_price_plan_and_subscription(judged):
    """2.5 units at 19.99 are 49.975."""
    lines, refused = judged(order(quantity="2.5", unit_price="19.99", subscription_id="SUB", billing_day=15))
    assert refused == {}
    assert lines["1"] == {
        "order_line_id": "cpq:O1:1", "ordered_line_id": "cpq:O1:1", "version": 1, "action": "new",
        "source": "cpq", "source_order_id": "O1", "source_line_id": "1",
        "ordered_on": date(2026, 1, 1), "account_id": "ANNA", "subscription_id": "SUB",
        "subscription_type": None, "offer_id": None,
        "product_id": "MOBILE", "product_type": "termed_service", "udr_type": None, "tax_code": "STANDARD",
        "price_plan_id": None, "applied_plan": None, "rate_id": None,
        "price_type": "recurring", "billing_term_scheme_id": None, "billing_rule": "in_advance",
        "billing_frequency": "monthly", "frequency_count": None, "frequency_unit": None, "billing_day": 15,
        "ready_date": None,
        "quantity": Decimal("2.5"), "unit_price": Decimal("19.99"), "net_price": Decimal("49.975"),
        "tax_included": False, "pricing_source": "order_line", "currency": "EUR", "start_date": date(2026, 1, 10),
        "end_date": None, "service_identifier": None, "aligned_from": date(2026, 1, 10),
        "planned_end_date": None, "replaced_as": None, "asset_id": None, "contract_id": None,
        "opportunity_id": None, "customer_reference": None, "source_file": "imported_orders.csv", "source_line": 2,
    }  # fmt: skip


def test_lines_without_a_subscription_share_that_of_their_order(judged):
    lines, _ = judged(order(), order(source_line_id="2"), order(source_order_id="O2", source_line_id="3"))
    found = {line: row["subscription_id"] for line, row in lines.items()}
    assert found == {"1": "cpq:O1", "2": "cpq:O1", "3": "cpq:O2"}


def test_where_the_price_comes_from(judged):
    """The line's own price, else the offer's for the product, the way it is charged, and the currency."""
    offered = {"offer_id": "OFFER", "unit_price": None}
    lines, _ = judged(
        order(source_line_id="own", offer_id="OFFER", unit_price="7"),
        order(source_line_id="listed", **offered),
        order(source_line_id="once", **offered, price_type="one_time"),
        order(source_line_id="yen", **offered, account_id="YUKI", source_order_id="O2"),
        order(source_line_id="asked", **offered, account_id="YUKI", source_order_id="O2", currency="EUR"),
        order(source_line_id="usage", **(USAGE | {"offer_id": "OFFER"})),
    )
    found = {line: (row["net_price"], row["currency"], row["pricing_source"]) for line, row in lines.items()}
    assert found == {
        "own": (Decimal(7), "EUR", "order_line"),
        "listed": (Decimal(20), "EUR", "offer"),
        "once": (Decimal(5), "EUR", "offer"),
        "yen": (Decimal(3000), "JPY", "offer"),
        "asked": (Decimal(20), "EUR", "offer"),
        "usage": (Decimal(0), "EUR", "usage"),
    }


def test_whether_a_price_includes_tax(judged):
    """As the offer says, else the plan that prices the line; OTHER has prices with tax."""
    lines, _ = judged(
        order(source_line_id="neither"),
        order(source_line_id="plan", price_plan_id="OTHER"),
        order(source_line_id="offer", price_plan_id="OTHER", offer_id="OFFER"),
        order(source_line_id="gross", price_plan_id="PLAN", offer_id="GROSS"),
        order(source_line_id="base", price_plan_id="PREPAID"),
        order(source_line_id="conditional", price_plan_id="PREPAID", subscription_type="prepaid", subscription_id="P"),
    )
    assert {line for line, row in lines.items() if row["tax_included"]} == {"plan", "gross", "base"}
    assert len(lines) == 6


def test_where_the_plan_comes_from(judged):
    lines, _ = judged(
        order(source_line_id="own", offer_id="OFFER", price_plan_id="OTHER"),
        order(source_line_id="offer", offer_id="OFFER"),
        order(source_line_id="none"),
    )
    found = {line: row["price_plan_id"] for line, row in lines.items()}
    assert found == {"own": "OTHER", "offer": "PLAN", "none": None}


def test_why_order_lines_are_refused(judged):
    faults = {
        "ACCOUNT": {"account_id": "NOBODY"},
        "PRODUCT": {"product_id": "X"},
        "LINKED": {"account_id": "GROUP"},
        "VENDOR": {"account_id": "VENDOR"},
        "OFFER": {"offer_id": "X"},
        "EARLY": {"offer_id": "OFFER", "ordered_on": "2025-12-31"},
        "LATE": {"offer_id": "OFFER", "ordered_on": "2026-02-01"},
        "PLAN": {"price_plan_id": "X"},
        "CURRENCY": {"currency": "X"},
        "POUNDS": {"currency": "GBP"},
        "CALLS-MONTHLY": {"product_id": "CALLS"},
        "MOBILE-USAGE": {"price_type": "usage"},
        "NO-IDENTIFIER": USAGE | {"service_identifier": None},
        "NO-PRICE": {"unit_price": None},
        "NOT-LISTED": {"unit_price": None, "offer_id": "OFFER", "account_id": "YUKI", "price_type": "one_time"},
        "EMPTY-LIFE": {"end_date": "2026-01-10"},
        "DAY-0": {"billing_day": 0},
        "DAY-32": {"billing_day": 32},
    }
    lines, refused = judged(*(order(source_line_id=name, **values) for name, values in faults.items()))
    assert lines == {}
    assert {name: (row["reason"], row["detail"]) for name, row in refused.items()} == {
        "ACCOUNT": ("UNKNOWN_ACCOUNT", "account_id 'NOBODY'"),
        "PRODUCT": ("UNKNOWN_PRODUCT", "product_id 'X'"),
        "LINKED": ("ACCOUNT_NOT_BILLED", "account_id 'GROUP'"),
        "VENDOR": ("ACCOUNT_NOT_BILLED", "account_id 'VENDOR'"),
        "OFFER": ("UNKNOWN_OFFER", "offer_id 'X'"),
        "EARLY": ("OFFER_NOT_AVAILABLE", "ordered_on '2025-12-31'"),
        "LATE": ("OFFER_NOT_AVAILABLE", "ordered_on '2026-02-01'"),
        "PLAN": ("UNKNOWN_PRICE_PLAN", "price_plan_id 'X'"),
        "CURRENCY": ("UNKNOWN_CURRENCY", "currency 'X'"),
        "POUNDS": ("CURRENCY_NOT_BILLED", "currency 'GBP'"),
        "CALLS-MONTHLY": ("WRONG_PRICE_TYPE", "price_type 'recurring'"),
        "MOBILE-USAGE": ("WRONG_PRICE_TYPE", "price_type 'usage'"),
        "NO-IDENTIFIER": ("MISSING_SERVICE_IDENTIFIER", "service_identifier is missing"),
        "NO-PRICE": ("MISSING_PRICE", "unit_price is missing"),
        "NOT-LISTED": ("MISSING_PRICE", "unit_price is missing"),
        "EMPTY-LIFE": ("END_BEFORE_START", "end_date '2026-01-10'"),
        "DAY-0": ("INVALID_BILLING_DAY", "billing_day '0'"),
        "DAY-32": ("INVALID_BILLING_DAY", "billing_day '32'"),
    }


def test_limits_that_are_still_valid(judged):
    """The first and last day of an offer, a life of one day, billing days 1 and 31, a price of nothing."""
    good = {
        "FIRST": {"offer_id": "OFFER", "ordered_on": "2026-01-01"},
        "LAST": {"offer_id": "OFFER", "ordered_on": "2026-01-31"},
        "ONE-DAY": {"end_date": "2026-01-11"},
        "DAY-1": {"billing_day": 1},
        "DAY-31": {"billing_day": 31},
        "FREE": {"unit_price": "0"},
        "CREDIT": {"unit_price": "-5"},
    }
    lines, refused = judged(*(order(source_line_id=name, **values) for name, values in good.items()))
    assert (set(lines), refused) == (set(good), {})


def test_a_subscription_has_one_account(judged):
    """That of its first line, in the order of files and lines, which can itself be billed."""
    lines, refused = judged(
        order(source_line_id="refused", subscription_id="SUB", account_id="NOBODY", source_line=2),
        order(source_line_id="yuki", subscription_id="SUB", account_id="YUKI", source_line=3),
        order(source_line_id="anna", subscription_id="SUB", source_line=4),
        order(source_line_id="yuki again", subscription_id="SUB", account_id="YUKI", source_line=5),
    )
    assert set(lines) == {"yuki", "yuki again"}
    assert refused["anna"]["reason"] == "SUBSCRIPTION_OF_ANOTHER_ACCOUNT"
    assert refused["anna"]["detail"] == "subscription_id 'SUB'"


def test_an_identifier_belongs_to_one_line_at_a_time(judged):
    """A line that begins while an earlier one of the identifier is open is refused, and a later line is not."""
    lines, refused = judged(
        order(**USAGE, source_line_id="first", start_date="2026-01-01", end_date="2026-02-01", source_line=2),
        order(**USAGE, source_line_id="meets", start_date="2026-02-01", end_date="2026-03-01", source_line=3),
        order(**USAGE, source_line_id="overlaps", start_date="2026-02-28", end_date="2026-03-02", source_line=4),
        order(**USAGE, source_line_id="later", start_date="2026-03-02", source_line=5),
        order(**USAGE, source_line_id="after an open one", start_date="2030-01-01", source_line=6),
        order(**(USAGE | {"service_identifier": "33699"}), source_line_id="other", source_line=7),
    )
    assert set(lines) == {"first", "meets", "later", "other"}
    assert {line: (row["reason"], row["detail"]) for line, row in refused.items()} == {
        "overlaps": ("OVERLAPPING_SERVICE", "service_identifier '33611'"),
        "after an open one": ("OVERLAPPING_SERVICE", "service_identifier '33611'"),
    }


def test_of_lines_that_begin_on_the_same_day_the_first_in_the_file_is_kept(judged):
    lines, refused = judged(
        order(**USAGE, source_line_id="third", source_line=4), order(**USAGE, source_line_id="second", source_line=3)
    )
    assert (set(lines), set(refused)) == ({"second"}, {"third"})


def test_a_refused_line_takes_no_identifier(judged):
    lines, _ = judged(
        order(**USAGE, source_line_id="refused", account_id="NOBODY"),
        order(**USAGE, source_line_id="kept", source_line=3),
    )
    assert set(lines) == {"kept"}


def test_a_subscription_has_one_type(judged):
    """What its first line says that says anything; other lines have it too, or are refused."""
    lines, refused = judged(
        order(source_line_id="says nothing", subscription_id="SUB", source_line=2),
        order(source_line_id="of yuki", subscription_id="SUB", subscription_type="free", account_id="YUKI",
              source_line=3),
        order(source_line_id="first", subscription_id="SUB", subscription_type="prepaid", source_line=4),
        order(source_line_id="other", subscription_id="SUB", subscription_type="normal", source_line=5),
    )  # fmt: skip
    assert {line: row["subscription_type"] for line, row in lines.items()} == {
        "says nothing": "prepaid", "first": "prepaid",
    }  # fmt: skip
    assert {line: (row["reason"], row["detail"]) for line, row in refused.items()} == {
        "of yuki": ("SUBSCRIPTION_OF_ANOTHER_ACCOUNT", "subscription_id 'SUB'"),
        "other": ("SUBSCRIPTION_OF_ANOTHER_TYPE", "subscription_type 'normal'"),
    }


def test_a_plan_may_be_for_subscriptions_of_a_type(judged):
    """The type that another line of the subscription gives counts, too."""
    usage = USAGE | {"price_plan_id": "PREPAID"}
    lines, _ = judged(
        order(source_line_id="fee", subscription_id="SUB", subscription_type="prepaid", source_line=2),
        order(**usage, source_line_id="prepaid", subscription_id="SUB", source_line=3),
        order(
            **(usage | {"service_identifier": "33622"}), source_line_id="other", subscription_id="OWN", source_line=4
        ),
    )
    assert (lines["prepaid"]["applied_plan"], lines["other"]["applied_plan"]) == ("PREPAID", "OTHER")

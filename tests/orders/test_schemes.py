"""Billing terms of order lines: the line's own, else those of its scheme; and what a scheme does not allow."""

import pytest
from sample_rows import Row, account, currency, offer, order, price_plan, product, scheme, scheme_plan

from billing_assets.orders.lines import judge_order_lines
from billing_assets.orders.plans import READS, Plans
from billing_assets.orders.schemes import Schemes
from billing_assets.orders.tables import IMPORTED_ORDERS
from billing_assets.orders.versions import as_ordered
from billing_assets.reference.tables import (
    ACCOUNTS,
    BILLING_TERM_SCHEME_PLANS,
    BILLING_TERM_SCHEMES,
    CURRENCIES,
    OFFER_PRODUCTS,
    OFFERS,
    PRICE_PLANS,
    PRODUCTS,
    VENDOR_CURRENCIES,
)


@pytest.fixture(scope="module")
def judged(rows, table, engine):
    """Order lines, and (reason, detail) of refused ones, each by source_line_id."""

    def run(*orders: Row) -> tuple[dict[str, Row], dict[str, tuple[str, str]]]:
        plans = (
            price_plan(), price_plan(price_plan_id="OTHER"),
            price_plan(price_plan_id="VIP", plan_type="conditional", base_plan_id="PLAN"),
            price_plan(price_plan_id="OTHER-VIP", plan_type="conditional", base_plan_id="OTHER"),
        )  # fmt: skip
        schemes = Schemes(
            table(BILLING_TERM_SCHEMES, scheme(billing_term_scheme_id="YEARLY", billing_frequency="yearly",
                                               billing_rule="in_arrears", default_price_plan_id="PLAN",
                                               valid_from="2026-01-01", valid_to="2026-02-01"),
                  scheme(billing_term_scheme_id="OPEN", price_period="month"),
                  scheme(billing_term_scheme_id="PREPAID", kind="prepaid"),
                  scheme(billing_term_scheme_id="CALENDAR", alignment="calendar"),
                  scheme(billing_term_scheme_id="FORTNIGHT", **every(14, "day"))),
            table(BILLING_TERM_SCHEME_PLANS, scheme_plan(billing_term_scheme_id="YEARLY")),
        )  # fmt: skip
        lines, refused = judge_order_lines(
            as_ordered(table(IMPORTED_ORDERS, *orders)), table(ACCOUNTS, account()),
            table(PRODUCTS, product(), product(product_id="MOBILE", product_type="termed_service", udr_type=None)),
            table(OFFERS, offer(price_plan_id="OTHER")), table(OFFER_PRODUCTS), table(CURRENCIES, currency()),
            table(VENDOR_CURRENCIES), Plans(table(PRICE_PLANS, *plans), *(table(contract) for contract in READS[1:])),
            None, schemes, None, engine.cache, rows,
        )  # fmt: skip
        reasons = {row["source_line_id"]: (row["reason"], row["detail"]) for row in rows(refused)}
        return {row["source_line_id"]: row for row in rows(lines)}, reasons

    return run


def every(count: int | None, unit: str | None) -> dict:
    return {"billing_frequency": "custom", "frequency_count": count, "frequency_unit": unit}


def line(name: str, scheme_id: str | None = "YEARLY", **values: object) -> Row:
    """An order line of a subscription of its own."""
    own = {"subscription_id": name, "source_line_id": name, "billing_term_scheme_id": scheme_id}
    return order(**own | values)


def test_a_line_has_the_terms_of_its_scheme_but_for_its_own(judged):
    lines, refused = judged(
        line("schemes"), line("own", billing_rule="in_advance", billing_frequency="quarterly", price_plan_id="VIP"),
        line("none", None), line("once", price_type="one_time"),
        line("usage", price_type="usage", product_id="CALLS", unit_price=None, service_identifier="33611"),
    )  # fmt: skip
    assert refused == {}
    terms = ("billing_term_scheme_id", "billing_rule", "billing_frequency", "price_plan_id")
    assert {name: tuple(row[term] for term in terms) for name, row in lines.items()} == {
        "schemes": ("YEARLY", "in_arrears", "yearly", "PLAN"),
        "own": ("YEARLY", "in_advance", "quarterly", "VIP"),
        "none": (None, "in_advance", "monthly", None),
        "once": ("YEARLY", "in_arrears", "one_time", "PLAN"),
        "usage": ("YEARLY", "in_arrears", None, "PLAN"),
    }


def test_a_line_may_have_a_frequency_of_its_own_length(judged):
    """It goes before that of its scheme, as another frequency does; with the calendar where it divides a year."""
    lines, refused = judged(
        line("own", "FORTNIGHT", **every(5, "month")), line("schemes", "FORTNIGHT"),
        line("monthly", "FORTNIGHT", billing_frequency="monthly"), line("none", None, **every(10, "day")),
        line("calendar", "CALENDAR", **every(2, "month")),
        line("day", "CALENDAR", **every(5, "month"), billing_day=3), line("months", "OPEN", **every(5, "month")),
    )  # fmt: skip
    assert refused == {}
    found = {name: (row["frequency_count"], row["frequency_unit"]) for name, row in lines.items()}
    assert found == {
        "own": (5, "month"), "schemes": (14, "day"), "monthly": (None, None), "none": (10, "day"),
        "calendar": (2, "month"), "day": (5, "month"), "months": (5, "month"),
    }  # fmt: skip


def test_a_subscription_has_one_scheme(judged):
    """That of its first line which names one: of those that name none, too."""
    lines, refused = judged(
        line("first", None, subscription_id="SUB", source_line=2),
        line("second", "OPEN", subscription_id="SUB", source_line=3),
        line("third", "YEARLY", subscription_id="SUB", source_line=4),
    )
    assert {name: row["billing_term_scheme_id"] for name, row in lines.items()} == {"first": "OPEN", "second": "OPEN"}
    assert refused == {"third": ("SUBSCRIPTION_OF_ANOTHER_SCHEME", "billing_term_scheme_id 'YEARLY'")}


def test_plans_of_a_scheme(judged):
    """The listed plan and the conditional one on top of it; any, where nothing is listed."""
    lines, refused = judged(
        line("listed", price_plan_id="PLAN"), line("on top", price_plan_id="VIP"),
        line("other", price_plan_id="OTHER"), line("other on top", price_plan_id="OTHER-VIP"),
        line("of the offer", offer_id="OFFER"), line("any", "OPEN", price_plan_id="OTHER"),
    )  # fmt: skip
    assert set(lines) == {"listed", "on top", "any"}
    assert refused == {
        "other": ("PLAN_NOT_IN_SCHEME", "price_plan_id 'OTHER'"),
        "other on top": ("PLAN_NOT_IN_SCHEME", "price_plan_id 'OTHER-VIP'"),
        "of the offer": ("PLAN_NOT_IN_SCHEME", "price_plan_id 'OTHER'"),
    }


def test_why_a_line_cannot_have_its_terms(judged):
    lines, refused = judged(
        line("unknown", "X"), line("early", ordered_on="2025-12-31"), line("late", ordered_on="2026-02-01"),
        line("arrears", "PREPAID", billing_rule="in_arrears"), line("ready", "PREPAID", billing_rule="on_ready_date"),
        line("weekly", "OPEN", billing_frequency="weekly"),
        line("day of a week", None, billing_frequency="weekly", billing_day=5),
        line("no length", **every(None, "day")), line("no unit", **every(3, None)), line("none", **every(0, "day")),
        line("length", None, frequency_count=3), line("days", "OPEN", **every(30, "day")),
        line("uneven", "CALENDAR", **every(5, "month")), line("fortnight", "CALENDAR", **every(2, "week")),
    )  # fmt: skip
    assert lines == {}
    assert refused == {
        "unknown": ("UNKNOWN_BILLING_TERM_SCHEME", "billing_term_scheme_id 'X'"),
        "early": ("SCHEME_NOT_AVAILABLE", "ordered_on '2025-12-31'"),
        "late": ("SCHEME_NOT_AVAILABLE", "ordered_on '2026-02-01'"),
        "arrears": ("RULE_NOT_ALLOWED", "billing_rule 'in_arrears'"),
        "ready": ("RULE_NOT_ALLOWED", "billing_rule 'on_ready_date'"),
        "weekly": ("FREQUENCY_NOT_ALLOWED", "billing_frequency 'weekly'"),
        "day of a week": ("INVALID_BILLING_DAY", "billing_day '5'"),
        "no length": ("INVALID_FREQUENCY", "frequency_count ''"),
        "no unit": ("INVALID_FREQUENCY", "frequency_unit ''"),
        "none": ("INVALID_FREQUENCY", "frequency_count '0'"),
        "length": ("INVALID_FREQUENCY", "frequency_count '3'"),
        **dict.fromkeys(("days", "uneven", "fortnight"), ("FREQUENCY_NOT_ALLOWED", "billing_frequency 'custom'")),
    }

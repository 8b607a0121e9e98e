"""What a recurring fee costs over its life: trials, new rates of its plan, indexes, and leaving a binding period."""

from datetime import date
from decimal import Decimal

import pytest
from billing_schedules import Schedules
from sample_rows import offer_term, order_line, price_index, price_plan, product, rate, rate_tier, scheme

from billing_assets.billing_schedule import maturity
from billing_assets.billing_schedule.agreed_terms import agreed_terms
from billing_assets.billing_schedule.maturity import Aging
from billing_assets.billing_schedule.phases import in_phases, price_phases
from billing_assets.billing_schedule.price_steps import index_steps, new_rates
from billing_assets.billing_schedule.tables import PRICE_PHASES
from billing_assets.billing_schedule.termination import termination_headers
from billing_assets.billing_schedule.trials import trials
from billing_assets.calendar import month_range
from billing_assets.orders.tables import ORDER_LINES, ORDER_TERMS
from billing_assets.pricing.price_book import price_book
from billing_assets.reference.tables import (
    BILLING_TERM_SCHEMES,
    OFFER_TERMS,
    PRICE_INDEXES,
    PRICE_PLANS,
    PRODUCTS,
    RATE_TIERS,
    RATES,
    SCHEME_TERMS,
)

FREE = Decimal(0)


class Life:
    """Some order lines, the terms of their offer, and what moves their prices."""

    def __init__(self, table, rows, cache, lines, term=None, terms=None, indexes=(), rates=(), aging=None):
        named = {"offer_id": "OFFER"} | ({"billing_term_scheme_id": "SCHEME"} if terms is not None else {})
        self.lines = [order_line(**{"order_line_id": str(n), **named, **line}) for n, line in enumerate(lines)]
        self.schedules = Schedules(table, rows, (scheme(**terms or {}),))
        self.table, self.rows = table, rows
        self.headers = cache(self.schedules.headers(*self.lines))
        orders = table(ORDER_LINES, *self.lines)
        schemes = table(BILLING_TERM_SCHEMES, *self.schedules.schemes)
        steps = []
        if rates:
            sold = product(product_id="MOBILE", product_type="termed_service")
            plans, products = table(PRICE_PLANS, price_plan()), table(PRODUCTS, sold)
            known = {"rates": table(RATES, *rates), "price_plans": plans, "products": products}
            book = price_book(lambda t: known.get(t.name, t.no_rows()), rows, cache)
            steps.append(new_rates(self.headers, orders, schemes, book))
        if indexes:
            steps.append(index_steps(self.headers, schemes, table(PRICE_INDEXES, *indexes), RATES.no_rows()))
        offered = table(OFFER_TERMS, *([offer_term(**term)] if term else []))
        terms = agreed_terms(orders, ORDER_TERMS.no_rows(), offered, SCHEME_TERMS.no_rows())
        ended = trials(self.headers, terms)
        self.phases = cache(PRICE_PHASES.shape(price_phases(self.headers, ended, steps)))
        fee = table(PRODUCTS, product(product_id="LEAVING", tax_code="REDUCED"))
        self.leaving = termination_headers(self.headers, terms, fee, self.phases, aging)

    def details(self, first: str, last: str) -> list[tuple]:
        """(begin, full price, fee) of the details that become due in some months."""
        due = self.schedules.due(month_range(first, last), *self.lines, first=first)
        found = self.rows(self.schedules.priced(maturity.with_net_price(in_phases(due, self.phases))))
        return sorted((row["period_start"], row["full_price"], row["fee_amount"]) for row in found)

    def prices(self) -> list[tuple]:
        """(begin, phase, price) of the phases."""
        return sorted((str(p["phase_from"]), p["phase"], p["net_price"]) for p in self.rows(self.phases))

    def fees(self) -> list[tuple]:
        """(day, line, product, tax code, fee) of the fees for leaving."""
        names = ("start_date", "order_line_id", "product_id", "tax_code", "net_price")
        return [tuple(row[name] for name in names) for row in self.rows(self.leaving)]


@pytest.fixture(scope="module")
def life(engine, table, rows):
    return lambda *lines, **given: Life(table, rows, engine.cache, lines, **given)


def test_three_days_free(life):
    """Lago: 1.00 a month in arrears with three days free from 1 January on: 28 of 31 days, 0.90322581."""
    lago = life(
        {"start_date": "2022-01-01", "billing_rule": "in_arrears", "net_price": "1"},
        term={"trial_length": 3, "trial_unit": "day"},
    )
    assert lago.details("2022-01", "2022-01") == [
        (date(2022, 1, 1), FREE, FREE), (date(2022, 1, 4), Decimal(1), Decimal("0.9032258065")),
    ]  # fmt: skip


def test_months_at_a_trial_price(life):
    """Two months from 31 January end on 31 March, the last day of a shorter month on the way: 3 pieces at 5.00."""
    trial = life(
        {"start_date": "2026-01-31", "billing_day": 31, "quantity": "3", "net_price": "60"},
        term={"trial_length": 2, "trial_unit": "month", "trial_price": "5"},
    )
    assert trial.prices() == [("2026-01-31", "trial", Decimal(15)), ("2026-03-31", "agreed", Decimal(60))]
    assert [fee for _, _, fee in trial.details("2026-01", "2026-03")] == [Decimal(15), Decimal(15), Decimal(60)]


@pytest.mark.parametrize(
    ("terms", "start", "end"),
    [
        ({}, "2026-01-10", "2026-03-01"),
        ({}, "2026-01-01", "2026-02-01"),
        ({"alignment": "anniversary", "billing_frequency": "quarterly"}, "2026-01-31", "2026-04-30"),
        ({"alignment": "calendar", "billing_frequency": "yearly"}, "2026-03-05", "2028-01-01"),
        ({"alignment": "calendar", "billing_frequency": "weekly"}, "2026-01-07", "2026-01-19"),
    ],
)
def test_a_billing_period_free(life, terms, start, end):
    """The first full period, and the part before it."""
    line = {"start_date": start, "billing_frequency": terms.get("billing_frequency", "monthly")}
    found = life(line, terms=terms, term={"trial_length": 1, "trial_unit": "billing_period"})
    assert [(day, phase) for day, phase, _ in found.prices()] == [(start, "trial"), (end, "agreed")]


def test_a_trial_belongs_to_the_product(life):
    """A second line of the product, from the 20th on, has what is left of the month: to 10 February."""
    found = life(
        {"start_date": "2026-01-10", "end_date": "2026-01-20"},
        {"start_date": "2026-01-20", "end_date": "2026-03-10"},
        {"start_date": "2026-03-10"},
        term={"trial_length": 1, "trial_unit": "month"},
    )
    assert [(day, phase) for day, phase, _ in found.prices()] == [
        ("2026-01-10", "trial"), ("2026-01-20", "trial"), ("2026-02-10", "agreed"), ("2026-02-10", "agreed"),
    ]  # fmt: skip


@pytest.mark.parametrize(("proration", "fees"), [("full", [0, 100]), ("none", [100])])
def test_without_parts_the_first_day_has_the_price(life, proration, fees):
    """31 January is free, and a part: not billed, or in full at the free price. February costs 100."""
    found = life(
        {"start_date": "2026-01-31", "end_date": "2026-03-01"}, terms={"proration": proration},
        term={"trial_length": 1, "trial_unit": "day"},
    )  # fmt: skip
    assert [fee for _, _, fee in found.details("2026-01", "2026-02")] == [Decimal(fee) for fee in fees]


PLANNED = {"applied_plan": "PLAN", "pricing_source": "price_plan", "rate_id": "OLD", "quantity": "2", "net_price": "40"}
RATED = (
    rate(rate_id="OLD", product_id="MOBILE", unit_price="20", valid_to="2026-03-11"),
    rate(rate_id="NEW", product_id="MOBILE", unit_price="25", valid_from="2026-03-11"),
)


def test_a_price_follows_its_plan(life):
    """2 pieces at 20.00, from 11 March on at 25.00: March is 40 * 10 / 31 and 50 * 21 / 31."""
    found = life(PLANNED, terms={"plan_prices": "follows"}, rates=RATED)
    assert found.prices() == [("2026-01-01", "agreed", Decimal(40)), ("2026-03-11", "new_rate", Decimal(50))]
    assert [fee for day, _, fee in found.details("2026-01", "2026-03") if day.month == 3] == [
        Decimal("12.9032258065"), Decimal("33.8709677419"),
    ]  # fmt: skip


@pytest.mark.parametrize(("line", "terms"), [({}, {}), ({"pricing_source": "offer"}, {"plan_prices": "follows"})])
def test_other_prices_stay(life, line, terms):
    assert life(PLANNED | line, terms=terms, rates=RATED).prices() == []


VALUES = tuple(
    price_index(published_on=day, value=value)
    for day, value in (("2025-12-01", "120"), ("2026-07-01", "123"), ("2026-11-01", "126"), ("2027-02-01", "129"))
)


@pytest.mark.parametrize(
    ("month", "steps"),
    [
        # 50 * 126 / 120 on the first anniversary: the value of July is passed by that of November; 50 * 129 / 120
        (None, [("2027-01-15", "52.5"), ("2028-01-15", "53.75")]),
        # each 1 July: the value of that day; then that of February
        (7, [("2026-07-01", "51.25"), ("2027-07-01", "53.75")]),
    ],
)
def test_a_price_follows_its_index(life, month, steps):
    line = {"start_date": "2026-01-15", "net_price": "50"}
    found = life(line, terms={"price_index_id": "CPI", "index_month": month}, indexes=VALUES)
    assert found.prices() == [
        ("2026-01-15", "agreed", Decimal(50)), *((day, "indexed", Decimal(price)) for day, price in steps),
    ]  # fmt: skip


def test_a_line_from_before_the_first_value_has_it_as_its_base(life):
    """50 * 123 / 120, from the anniversary in 2027 on; 2026's has no later value."""
    line = {"start_date": "2025-08-15", "net_price": "50"}
    found = life(line, terms={"price_index_id": "CPI"}, indexes=VALUES[:2])
    assert found.prices()[1:] == [("2026-08-15", "indexed", Decimal("51.25"))]


def test_a_price_that_follows_its_plan_has_no_index(life):
    terms = {"plan_prices": "follows", "price_index_id": "CPI"}
    assert [phase for _, phase, _ in life(PLANNED, terms=terms, rates=RATED, indexes=VALUES).prices()] == [
        "agreed", "new_rate",
    ]  # fmt: skip


def test_a_step_in_a_trial_is_the_price_after_it(life):
    """A trial of 13 months passes the first anniversary: the indexed price comes after it, the agreed one never."""
    found = life(
        {"start_date": "2026-01-15", "net_price": "50"}, terms={"price_index_id": "CPI"}, indexes=VALUES[:3],
        term={"trial_length": 13, "trial_unit": "month"},
    )  # fmt: skip
    assert found.prices() == [("2026-01-15", "trial", FREE), ("2027-02-15", "indexed", Decimal("52.5"))]


BOUND = {"binding_months": 12, "termination_product_id": "LEAVING"}
HALF = BOUND | {"termination_percent": "50"}


def leaving(day: str, fee: str, line: str = "0") -> list[tuple]:
    return [(date.fromisoformat(day), line, "LEAVING", "REDUCED", Decimal(fee))]


def test_leaving_early_costs_a_fee(life):
    line = {"start_date": "2026-01-10", "end_date": "2026-07-20"}
    assert life(line, term=BOUND | {"termination_amount": "99"}).fees() == leaving("2026-07-20", "99")


@pytest.mark.parametrize(
    ("line", "terms", "fee"),
    [
        # 20 July is in month 7: six of twelve are left. 6 * 100 * 50 %
        ({"end_date": "2026-07-20"}, {}, "300"),
        # a month begins on the 10th
        ({"end_date": "2026-07-10"}, {}, "300"),
        ({"end_date": "2026-07-09"}, {}, "350"),
        ({"end_date": "2027-01-09"}, {}, "50"),
        # 100 a quarter: 6 / 3 of it
        ({"end_date": "2026-07-20"}, {"price_period": "quarter"}, "100"),
        # 70 a week are 300 in 30 days: 6 * 300 * 50 %
        ({"end_date": "2026-07-20", "net_price": "70", "billing_frequency": "weekly"}, {"alignment": "anniversary"},
         "900"),
    ],
)  # fmt: skip
def test_a_fee_by_the_months_that_are_left(life, line, terms, fee):
    found = life({"start_date": "2026-01-10"} | line, terms=terms, term=HALF)
    assert found.fees() == leaving(str(line["end_date"]), fee)


@pytest.mark.parametrize("end", [None, "2027-01-10", "2027-02-01"])
def test_who_stays_pays_none(life, end):
    assert life({"start_date": "2026-01-10", "end_date": end}, term=HALF).fees() == []


def test_only_the_last_line_of_a_product_ends_it(life):
    """Amended on 1 March: no fee. Ended on 20 July: one, counted from the first line on, at the price of the second."""
    first = {"start_date": "2026-01-10", "end_date": "2026-03-01"}
    assert life(first, {"start_date": "2026-03-01"}, term=HALF).fees() == []
    second = {"start_date": "2026-03-01", "end_date": "2026-07-20", "net_price": "200"}
    assert life(first, second, term=HALF).fees() == leaving("2026-07-20", "600", "1")


def test_what_is_left_is_at_the_last_price_that_is_none_of_a_trial(life):
    line = {"start_date": "2026-01-15", "end_date": "2027-06-15", "net_price": "50"}
    terms = {"price_index_id": "CPI"}
    trial = HALF | {"binding_months": 24}
    # 7 * 52.5 * 50 %: the price of the second year; in the trial, 11 * 50 * 50 %, that of what would have come
    assert life(line, terms=terms, indexes=VALUES, term=trial).fees() == leaving("2027-06-15", "183.75")
    tried = {"start_date": "2026-01-15", "end_date": "2026-02-15", "net_price": "50"}
    in_trial = life(tried, term=HALF | {"trial_length": 2, "trial_unit": "month"})
    assert in_trial.fees() == leaving("2026-02-15", "275")


def test_by_maturity_the_months_that_are_left_have_their_own_prices(life, table):
    """Gold is free for three months, then 20.00. Left on 10 February, in month 2: two free ones and nine at 20.00 are
    180.00; by quarters, a third of each price: 60.00. In month 11: two at 20.00.
    """
    gold = rate(rate_id="GOLD", product_id="MOBILE", rate_model="tiered", tier_by="maturity", unit_price=None)
    levels = rate_tier(rate_id="GOLD", up_to="3", unit_price="0"), rate_tier(rate_id="GOLD", above="3", unit_price="20")
    aging = Aging(table(RATES, gold), table(RATE_TIERS, *levels), ["tiered"])
    line = {"start_date": "2026-01-10", "net_price": "0", "unit_price": None, "rate_id": "GOLD"}

    def fee(end: str, **terms: str) -> list[tuple]:
        return life(line | {"end_date": end}, term=BOUND | {"termination_percent": "100"}, terms=terms,
                    aging=aging).fees()  # fmt: skip

    assert fee("2026-02-10") == leaving("2026-02-10", "180")
    assert fee("2026-02-10", price_period="quarter") == leaving("2026-02-10", "60")
    assert fee("2026-11-20") == leaving("2026-11-20", "40")

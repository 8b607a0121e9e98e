"""Prices of orders that are below the floor: which need an approval, and which approvals count."""

import pytest
from order_lives import action
from sample_rows import account, billing_cycle, order, role, sample, service_job, user

from billing_assets.orders.actions import judge_actions
from billing_assets.orders.floors import judge_approvals, with_floors
from billing_assets.orders.service_jobs import as_orders
from billing_assets.orders.tables import IMPORTED_ORDERS, ORDER_ACTIONS, SERVICE_JOBS
from billing_assets.orders.versions import as_ordered, line_name, with_versions
from billing_assets.quotes.tables import ACCEPTED_QUOTES, APPROVALS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES, FLOOR_PRICES, ROLES, USERS

floor = sample(FLOOR_PRICES, floor_price_id="F", product_id="MOBILE", price_type="recurring", currency="EUR")
FLOORS = (
    floor(floor_price="12", valid_to="2026-03-01"),
    floor(floor_price="14", valid_from="2026-03-01"),
    floor(floor_price="15", offer_id="OFFER"),
    floor(floor_price="50", product_id="REPAIR", price_type="one_time"),
)
approval = sample(
    APPROVALS, object_type="order_line", object_id="cpq:O1:1", object_version=1, approver_id="mia",
    decided_on="2026-01-02", decision="approved", approved_price="1",
)  # fmt: skip
PEOPLE = (
    user(), user(user_id="mia", role="manager"), user(user_id="noa", role="manager", organisational_unit="north"),
    user(user_id="dan", role="manager", organisational_unit=None), user(user_id="max"),
)  # fmt: skip


class Judged:
    """Lines, actions and jobs that are below the floor, and the approvals that do not count."""

    def __init__(self, table, rows, engine):
        self.table, self.rows, self.engine = table, rows, engine

    def __call__(self, orders, actions=(), jobs=(), approvals=(), accepted=()) -> tuple[set[str], dict[str, str]]:
        table, cache = self.table, self.engine.cache
        ordered = table(IMPORTED_ORDERS, *orders).union(as_orders(table(SERVICE_JOBS, *jobs)))
        ordered = cache(as_ordered(ordered))
        accounts = table(ACCOUNTS, account())
        terms = table(BILLING_CYCLES, billing_cycle()), table(BILLING_TERM_SCHEMES)
        history, _ = judge_actions(table(ORDER_ACTIONS, *actions), ordered, accounts, *terms, cache)
        versions = cache(with_versions(ordered, cache(history), "asset_line"))
        roles = table(ROLES, role(), role(role="manager", approves_below_floor=True))
        approved, refused = judge_approvals(table(APPROVALS, *approvals), versions, table(USERS, *PEOPLE), roles)
        quotes = table(ACCEPTED_QUOTES, *({"quote_id": name} for name in accepted))
        found = with_floors(versions, table(FLOOR_PRICES, *FLOORS), accounts, quotes, approved)
        low = found.filter(found.below_floor)
        why = {row["detail"]: row["reason"] for row in self.rows(refused)}
        return {row["name"] for row in self.rows(low.select(name=line_name(low)))}, why


@pytest.fixture(scope="module")
def judged(table, rows, engine):
    return Judged(table, rows, engine)


def test_a_price_is_held_against_the_floor_of_its_day(judged):
    """12 for any offer, 14 from March on, 15 in the offer; what is bought in other ways, or at list price, has none."""
    lines = {
        "12": {"unit_price": "12"}, "11.99": {"unit_price": "11.99"},
        "march": {"unit_price": "12", "ordered_on": "2026-03-01"}, "offer": {"unit_price": "14", "offer_id": "OFFER"},
        "list": {"unit_price": None, "offer_id": "OFFER"}, "once": {"unit_price": "1", "price_type": "one_time"},
        "yen": {"unit_price": "1", "currency": "JPY"},
    }  # fmt: skip
    low, _ = judged([order(source_line_id=name, **line) for name, line in lines.items()])
    assert low == {"cpq:O1:11.99", "cpq:O1:march", "cpq:O1:offer"}


def test_so_are_jobs_and_actions_that_give_a_price(judged):
    """An action that gives none keeps the price that was judged before."""
    lower = action(start_date="2026-02-01", unit_price="11")
    more = action(source_order_id="A2", start_date="2026-02-10", quantity="3")
    job = service_job(unit_price="49", source_file="service_jobs.csv")
    assert judged([order()], [lower, more], [job])[0] == {"cpq:A1:1", "service_job:J1:1"}


def test_what_an_accepted_quote_ordered_was_approved_with_it(judged):
    quoted = {"source": "quote", "unit_price": "1"}
    lines = [order(source_order_id="Q1", **quoted), order(source_order_id="Q2", **quoted)]
    lower = action(source="quote", source_order_id="Q1", source_line_id="2", amends_order_id="Q1", unit_price="2",
                   start_date="2026-02-01")  # fmt: skip
    assert judged(lines, [lower], accepted=["Q1"])[0] == {"quote:Q2:1", "quote:Q1:2"}


def test_the_last_approval_that_counts_decides(judged):
    """Of somebody who may, in the unit or in none, who did not ask; and it is known who did."""
    names = ("mia", "noa", "dan", "sam", "max", "eve", "twice", "unasked")
    by = {name: name for name in names} | {"twice": "mia", "unasked": "dan"}
    lines = [
        order(source_line_id=name, unit_price="1", requester_id=None if name == "unasked" else "sam") for name in names
    ]
    decisions = [approval(object_id=f"cpq:O1:{name}", approver_id=by[name]) for name in names]
    decisions += [
        approval(object_id="cpq:O1:twice", decision="declined", decided_on="2026-01-03"),
        approval(object_id="cpq:O1:none"),
        approval(object_id="cpq:O1:mia", object_version=2),
        approval(object_id="cpq:O1:max", approver_id="dan", approved_price=None),
    ]
    low, refused = judged(lines, approvals=decisions)
    assert low == {f"cpq:O1:{name}" for name in names if name not in ("mia", "dan")}
    assert refused == {
        "approver_id 'noa'": "OTHER_UNIT", "approver_id 'sam'": "SELF_APPROVAL", "approver_id 'max'": "NOT_PRIVILEGED",
        "approver_id 'eve'": "UNKNOWN_USER", "requester_id ''": "UNKNOWN_USER",
        "object_id 'cpq:O1:none'": "UNKNOWN_ORDER_LINE", "object_id 'cpq:O1:mia'": "UNKNOWN_ORDER_LINE",
        "approved_price is missing": "MISSING_APPROVED_PRICE",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("approved", "low"),
    [
        (["11"], {"cpq:O1:1"}),
        (["11", "10.5"], set()),
        (["10.5", "11"], {"cpq:O1:1"}),
        (["10.51"], {"cpq:O1:1"}),
        (["10.5"], set()),
    ],
)
def test_an_approval_covers_no_lower_price_than_it_says(judged, approved, low):
    """The floor is 12: an order of 10.50. The last of several decisions is the one that counts."""
    line = order(unit_price="10.5", requester_id="sam")
    decided = [
        approval(approved_price=price, decided_on=f"2026-01-0{day}") for day, price in enumerate(approved, start=2)
    ]
    assert judged([line], approvals=decided)[0] == low


def test_what_amends_a_line_under_its_name_needs_an_approval_as_low(judged):
    """11 is approved for the line: amended to 11.50 it is covered still, and to 10 it is not, nor again to 10.99."""
    line = order(unit_price="11", requester_id="sam")
    prices = {"2026-02-01": "11.5", "2026-02-10": "10", "2026-03-10": "10.99"}
    amended = [
        action(source_order_id="O1", start_date=day, unit_price=price, requester_id="sam", source_line=number)
        for number, (day, price) in enumerate(prices.items(), start=2)
    ]
    low = {}
    for price in ("11", "10"):
        decided = [approval(approved_price=price)]
        low[price] = [judged([line], [one], approvals=decided)[0] for one in amended]
    assert low == {"11": [set(), {"cpq:O1:1"}, {"cpq:O1:1"}], "10": [set(), set(), set()]}


def test_who_approved_a_line_does_not_amend_it_under_its_name(judged):
    """Sam's line at 11 is approved by Dan, whose own 11.50 is below the floor of 12 like any other's."""
    line = order(unit_price="11", requester_id="sam")
    amended = action(source_order_id="O1", start_date="2026-02-01", unit_price="11.5", requester_id="dan")
    decided = [approval(approver_id="dan", approved_price="11")]
    assert judged([line], approvals=decided) == (set(), {})
    assert judged([line], [amended], approvals=decided) == ({"cpq:O1:1"}, {"approver_id 'dan'": "SELF_APPROVAL"})


def test_an_approval_of_a_job_is_of_its_price_too(judged):
    """The floor is 50."""
    job = service_job(unit_price="49", requester_id="sam", source_file="service_jobs.csv")
    low = {}
    for price in ("49.5", "49"):
        decided = [approval(object_id="service_job:J1:1", approved_price=price)]
        low[price] = judged([], jobs=[job], approvals=decided)[0]
    assert low == {"49.5": {"service_job:J1:1"}, "49": set()}

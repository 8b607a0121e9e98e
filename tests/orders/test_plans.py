"""Which plan prices an order line: by conditions to select it, to apply it, and by what it falls back to."""

import ibis
import pytest
from sample_rows import Row, account, price_plan

from billing_assets.orders.plans import with_applied_plan
from billing_assets.reference.tables import ACCOUNTS, PRICE_PLAN_CONDITIONS, PRICE_PLANS, SEGMENTS

PEOPLE = (
    account(),
    account(account_id="VIC", classification="VIP"),
    account(account_id="GERD", country="DE", classification="VIP"),
    account(account_id="NORA", organisational_unit="NORTH"),
)
LINE = ("line_key", "account_id", "type_of_subscription", "plan", "line_currency")
TYPES = {"NORA": "prepaid"}
VIP = price_plan(price_plan_id="VIP", plan_type="conditional", base_plan_id="PLAN")


def condition(purpose: str, field: str, values: str) -> Row:
    return {"price_plan_id": "VIP", "purpose": purpose, "field": field, "allowed_values": values}


def segment(field: str, values: str) -> Row:
    return {"segment_id": "GOOD", "field": field, "allowed_values": values}


@pytest.fixture
def applied(rows, table):
    """{account: (whether the plan VIP is allowed, the plan that applies)}."""

    def run(*conditions: Row, plan: str | None = "VIP", plans=(VIP,), segments=()) -> dict[str, tuple[bool, str]]:
        lines = ibis.memtable(
            [(person["account_id"], person["account_id"], TYPES.get(person["account_id"]), plan, "EUR")
             for person in PEOPLE],
            schema=dict.fromkeys(LINE, "string"),
        )  # fmt: skip
        made = with_applied_plan(
            lines, table(ACCOUNTS, *PEOPLE), table(PRICE_PLANS, price_plan(), *plans),
            table(PRICE_PLAN_CONDITIONS, *conditions), table(SEGMENTS, *segments),
        )  # fmt: skip
        return {row["account_id"]: (row["plan_allowed"], row["applied_plan"]) for row in rows(made)}

    return run


def test_a_plan_for_vips_falls_back_to_its_base_plan(applied):
    """Published: a plan with rate 0 for accounts classified VIP; anyone else falls back."""
    found = applied(condition("apply", "classification", "VIP|board"))
    assert {person: plan for person, (_, plan) in found.items()} == {
        "ANNA": "PLAN", "VIC": "VIP", "GERD": "VIP", "NORA": "PLAN",
    }  # fmt: skip


def test_all_conditions_must_hold(applied):
    found = applied(condition("apply", "classification", "VIP"), condition("apply", "country", "FR|IT"))
    assert {person for person, (_, plan) in found.items() if plan == "VIP"} == {"VIC"}


def test_a_conditional_plan_without_conditions_equals_its_base_plan(applied):
    assert set(applied().values()) == {(True, "PLAN")}


def test_who_may_choose_a_plan(applied):
    """Chosen once, a plan that has no conditions to apply it applies."""
    found = applied(condition("select", "country", "DE"))
    assert found == {"ANNA": (False, "VIP"), "VIC": (False, "VIP"), "GERD": (True, "VIP"), "NORA": (False, "VIP")}


def test_a_condition_on_the_type_of_the_subscription(applied):
    """One that has no type meets none."""
    found = applied(condition("apply", "subscription_type", "prepaid|normal"))
    assert {person for person, (_, plan) in found.items() if plan == "VIP"} == {"NORA"}


def test_a_condition_on_a_segment(applied):
    found = applied(condition("apply", "segment", "GOOD"), segments=[segment("country", "DE")])
    assert {person for person, (_, plan) in found.items() if plan == "VIP"} == {"GERD"}


def test_units_that_may_sell_a_plan(applied):
    plan = price_plan(price_plan_id="UNITS", allowed_units="NORTH|EAST")
    found = applied(plan="UNITS", plans=[plan])
    assert {person: allowed for person, (allowed, _) in found.items()} == {
        "ANNA": False, "VIC": False, "GERD": False, "NORA": True,
    }  # fmt: skip


def test_a_line_without_a_plan_has_the_global_one_of_its_currency(applied):
    plans = [price_plan(price_plan_id="G", plan_type="global"),
             price_plan(price_plan_id="YEN", plan_type="global", currency="JPY")]  # fmt: skip
    assert set(applied(plan=None, plans=plans).values()) == {(True, "G")}
    assert set(applied(plan=None).values()) == {(True, None)}

"""Which plan prices an order line: by conditions to select it, to apply it, and by what it falls back to."""

from datetime import date

import ibis
import pytest
from sample_rows import Row, account, account_change, price_plan, product_attribute

from billing_assets.orders.plans import READS, Plans, with_applied_plan
from billing_assets.reference.tables import (
    ACCOUNT_CHANGES,
    ACCOUNTS,
    PRICE_PLAN_CONDITIONS,
    PRICE_PLANS,
    PRODUCT_ATTRIBUTES,
    SEGMENTS,
)

PEOPLE = (
    account(),
    account(account_id="VIC", classification="VIP"),
    account(account_id="GERD", country="DE", classification="VIP"),
    account(account_id="NORA", organisational_unit="NORTH"),
)
LINE = dict.fromkeys(
    ("line_key", "ordered_line_id", "account_id", "type_of_subscription", "plan", "line_currency", "product_id",
     "product_type", "product_family"), "string",
) | {"ordered_on": "date", "start_date": "date"}  # fmt: skip
# Each orders on a day, and begins on another.
DAYS = {
    "ANNA": ("2025-12-31", "2026-01-01"), "VIC": ("2026-01-01", "2026-02-01"), "GERD": ("2026-03-31", "2026-04-01"),
    "NORA": ("2026-04-01", "2026-04-01"),
}  # fmt: skip
PRODUCTS = {"ANNA": "FIBRE", "VIC": "DSL"}
TYPES = {"NORA": "prepaid"}
VIP = price_plan(price_plan_id="VIP", plan_type="conditional", base_plan_id="PLAN")


def condition(purpose: str, field: str, values: str) -> Row:
    return {"price_plan_id": "VIP", "purpose": purpose, "field": field, "allowed_values": values}


def segment(field: str, values: str) -> Row:
    return {"segment_id": "GOOD", "field": field, "allowed_values": values}


@pytest.fixture
def applied(rows, table):
    """{account: (whether the plan VIP is allowed, the plan that applies)}."""

    def run(
        *conditions: Row, plan: str | None = "VIP", plans=(VIP,), segments=(), attributes=(), changes=()
    ) -> dict[str, tuple[bool, str]]:
        lines = ibis.memtable(
            [(name, name, name, TYPES.get(name), plan, "EUR", PRODUCTS.get(name, "CALLS"), "termed_service", "net",
              *map(date.fromisoformat, days)) for name, days in DAYS.items()],
            schema=LINE,
        )  # fmt: skip
        given = {
            PRICE_PLANS: [price_plan(), *plans], PRICE_PLAN_CONDITIONS: conditions, SEGMENTS: segments,
            PRODUCT_ATTRIBUTES: attributes, ACCOUNT_CHANGES: changes,
        }  # fmt: skip
        made = with_applied_plan(
            lines, table(ACCOUNTS, *PEOPLE), Plans(*(table(contract, *given[contract]) for contract in READS))
        )
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


def has_plan(found: dict[str, tuple[bool, str]]) -> set[str]:
    return {person for person, (_, plan) in found.items() if plan == "VIP"}


def may_choose(found: dict[str, tuple[bool, str]]) -> set[str]:
    return {person for person, (allowed, _) in found.items() if allowed}


def test_conditions_on_the_product(applied):
    attributes = [product_attribute(product_id="FIBRE", value="1000"),
                  product_attribute(product_id="DSL", value="50"),
                  product_attribute(product_id="DSL", attribute="colour", value="1000")]  # fmt: skip
    fast = condition("apply", "product_attribute:speed", "500|1000")
    assert has_plan(applied(fast, attributes=attributes)) == {"ANNA"}
    assert has_plan(applied(condition("apply", "product_id", "DSL|CALLS"))) == {"VIC", "GERD", "NORA"}
    assert has_plan(applied(condition("apply", "product_type", "expense"))) == set()
    everyone = [condition("apply", "product_type", "termed_service"), condition("apply", "product_family", "net")]
    assert has_plan(applied(*everyone)) == {"ANNA", "VIC", "GERD", "NORA"}


def test_conditions_on_days_of_the_order(applied):
    """The first quarter: its first day belongs to it, the day of its end does not."""
    quarter = "2026-01-01..2026-04-01"
    assert may_choose(applied(condition("select", "ordered_on", quarter))) == {"VIC", "GERD"}
    assert has_plan(applied(condition("apply", "ordered_on", quarter))) == {"VIC", "GERD"}
    assert has_plan(applied(condition("apply", "start_date", quarter))) == {"ANNA", "VIC"}
    assert has_plan(applied(condition("apply", "ordered_on", "..2026-01-01|2026-04-01.."))) == {"ANNA", "NORA"}
    both = [condition("apply", "ordered_on", quarter), condition("apply", "country", "DE")]
    assert has_plan(applied(*both)) == {"GERD"}


def test_a_plan_stays_chosen_when_the_account_changes(applied):
    """Anna was a VIP when she ordered, on 31 December, and Vic became one after he had ordered, on 1 January.

    What applies is asked of what they are now.
    """
    changes = [
        account_change(changed_on="2026-01-01", old_value="VIP"),
        account_change(changed_on="2026-03-01", old_value="VVIP"),
        account_change(account_id="VIC", changed_on="2026-01-02", old_value="standard"),
        account_change(account_id="GERD", changed_on="2026-03-31", old_value="standard"),
    ]
    vips = "classification", "VIP"
    assert may_choose(applied(condition("select", *vips), changes=changes)) == {"ANNA", "GERD"}
    assert has_plan(applied(condition("apply", *vips), changes=changes)) == {"VIC", "GERD"}
    good = [segment(*vips)]
    chosen = applied(condition("select", "segment", "GOOD"), changes=changes, segments=good)
    assert may_choose(chosen) == {"ANNA", "GERD"}


def test_a_plan_stays_sold_when_the_account_changes_its_unit(applied):
    """Nora was looked after by nobody when she ordered, and Anna by a unit that may sell the plan."""
    plan = price_plan(price_plan_id="UNITS", allowed_units="NORTH")
    changes = [account_change(account_id="NORA", field="organisational_unit", changed_on="2026-05-01", old_value=None),
               account_change(field="organisational_unit", changed_on="2026-05-01", old_value="NORTH")]  # fmt: skip
    assert may_choose(applied(plan="UNITS", plans=[plan], changes=changes)) == {"ANNA"}


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

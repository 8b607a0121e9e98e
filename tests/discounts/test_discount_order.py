"""Which discount goes first, what is left for the next, and what amounts are spread over: never more than there is."""

from decimal import Decimal

import pytest
from month_of_discounts import SCHEDULED, detail, header
from sample_rows import criterion, discount, item, product, rated_item, service_job

AMOUNT = {"discount_type": "amount", "currency": "EUR"}


JOBS = ("J1", "J2")
TWO_JOBS = {
    "jobs": tuple(service_job(job_id=job) for job in JOBS),
    "headers": (*(header(billing_header_id=job, ordered_line_id=f"service_job:{job}:1") for job in JOBS), header()),
    "details": (*(detail(billing_schedule_detail_id=job, billing_header_id=job) for job in JOBS), detail()),
    "fees": (*(item(source_id=job, amount="100") for job in JOBS), item(source_id="BSD-1", amount="30")),
}  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "target", "taken"),
    [
        (AMOUNT | {"value": "20"}, "J1", [(100, -20)]),
        ({"value": "50"}, "J1", [(100, -50)]),
        ({"value": "50"}, "J2", [(100, -50)]),
        ({"value": "50"}, "SUB", [(30, -15)]),
        (AMOUNT | {"value": "60"}, "SUB", [(30, -30)]),
    ],
)
def test_a_service_job_and_its_subscription_have_discounts_of_their_own(items, terms, target, taken):
    """One subscription: two installations for 100.00 each on one day, and a fee of 30.00."""
    kind = "service_job" if target in JOBS else "subscription"
    made = items(discount(**terms, target=kind, target_id=target), **TWO_JOBS)
    assert [(row["base_amount"], row["amount"]) for row in made] == taken
    assert {row["whole_amount"] for row in made} <= {None, taken[-1][0]}


def test_an_amount_is_spread_over_charges_in_proportion_to_the_last_decimal(taken_off):
    """1.00 off 3.33, 3.33 and 3.34, as Meteroid has it: 0.33, 0.33 and 0.34 in cents; 0.333, 0.333, 0.334 exactly."""
    events = [rated_item(product_id=name, amount=amount) for name, amount in (("CALLS", "3.33"), ("DATA", "3.33"))]
    found = taken_off(discount(**AMOUNT, value="1"), rated=tuple(events), fees=(item(amount="3.34"),))
    assert found == {("D1", "CALLS"): Decimal("-0.333"), ("D1", "DATA"): Decimal("-0.333"),
                     ("D1", "MOBILE"): Decimal("-0.334")}  # fmt: skip


def test_parts_of_an_amount_add_up_to_it(taken_off):
    """10 off three times 7: the thirds of 10 lose a last decimal together."""
    names = ("CALLS", "DATA", "MOBILE")
    found = taken_off(discount(**AMOUNT, value="10"), rated=tuple(rated_item(product_id=n, amount="7") for n in names))
    assert sum(found.values()) == -10
    assert {abs(amount) for amount in found.values()} <= {Decimal("3.3333333333"), Decimal("3.3333333334")}


def test_an_amount_takes_no_more_than_there_is(items):
    """100 off 30 and 70, as Flexprice has it; and never anything of a credit."""
    made = items(discount(**AMOUNT, value="150"), fees=(item(amount="30"),),
                 rated=(rated_item(amount="70"), rated_item(product_id="DATA", amount="-20")))  # fmt: skip
    assert {row["product_id"]: row["amount"] for row in made} == {"MOBILE": -30, "CALLS": -70}
    assert {row["whole_amount"] for row in made} == {100}


def test_an_amount_is_given_in_the_billing_months_that_it_is_for(taken_off):
    fees = (item(amount="20", service_start="2026-02-01", service_end="2026-03-01"),)
    february = discount(**AMOUNT, value="5", valid_from="2026-02-01", valid_to="2026-03-01")
    assert taken_off(february, fees=fees) == {}
    january = discount(**AMOUNT, value="5", valid_from="2026-01-31", valid_to="2026-02-01")
    assert taken_off(january, fees=fees) == {("D1", "MOBILE"): Decimal(-5)}
    assert taken_off(discount(**AMOUNT, value="5"), fees=(item(currency="USD"),)) == {}


def test_the_order_of_discounts(items):
    """The coupons of Lago (lago-coupon-breakdown), all of the account: of some metrics, of a plan, of everything."""
    fees = {f"bm{n}": (plan, amount) for n, (plan, amount) in enumerate(
        ((plan, amount) for plan in ("P1", "P2") for amount in ("10", "20", "30", "40")), start=1)}  # fmt: skip
    events = tuple(
        rated_item(udr_id=name, product_id=name, subscription_id=plan, price_plan_id=plan, amount=amount)
        for name, (plan, amount) in fees.items()
    )
    criteria = (
        criterion(discount_definition_id="metrics", field="product_id", allowed_values="bm1|bm2"),
        criterion(discount_definition_id="plan", field="price_plan_id", allowed_values="P2"),
    )
    given = [
        discount(**AMOUNT, discount_id=name, discount_definition_id=name, subscription_id=plan, target="account",
                 target_id="ANNA", value=value)
        for name, value in (("all", "5"), ("metrics", "20"), ("plan", "10")) for plan in ("P1", "P2")
    ]  # fmt: skip
    together: dict[str, Decimal] = {}
    products = tuple(product(product_id=name) for name in fees)
    for row in items(*given, rated=events, criteria=criteria, products=products):
        name = row["product_id"]
        together[name] = together.get(name, Decimal(0)) - row["amount"]
    assert {name: round(amount, 4) for name, amount in together.items()} == {
        "bm1": Decimal("6.7647"), "bm2": Decimal("13.5294"), "bm3": Decimal("0.8824"),
        "bm4": Decimal("1.1765"), "bm5": Decimal("1.2647"), "bm6": Decimal("2.5294"),
        "bm7": Decimal("3.7941"), "bm8": Decimal("5.0588"),
    }  # fmt: skip


def test_an_amount_that_covers_everything(taken_off):
    """100.00 off 50.00 and 50.00 (Flexprice, fp-wf-max): nothing is left that a prepaid credit would pay."""
    fees = (item(amount="50"), item(product_id="DATA", amount="50"))
    assert taken_off(discount(**AMOUNT, value="100"), fees=fees) == {("D1", "MOBILE"): -50, ("D1", "DATA"): -50}


ORDERED = {
    "percentages before amounts, whatever their priority: 10 % of 100, then 20":
        ({}, AMOUNT | {"value": "20", "priority": -1}, {"one": -10, "other": -20}),
    "each of what is left: 10 % of 100, 50 % of 90":
        ({}, {"value": "50", "priority": 1}, {"one": -10, "other": -45}),
    "the lower priority first": ({"priority": 1}, {"value": "50"}, {"one": -5, "other": -50}),
    "else the definition": ({}, {"value": "50", "discount_definition_id": "A"}, {"one": -5, "other": -50}),
    "that of an account after that of a subscription":
        ({"target": "account", "target_id": "ANNA"}, {"value": "50", "priority": 9}, {"one": -5, "other": -50}),
    "what is for some products before what is for all":
        ({}, {"value": "50", "priority": 9, "discount_definition_id": "PRODUCT"}, {"one": -5, "other": -50}),
    "what is for a plan before what is for a subscription":
        ({}, {"value": "50", "priority": 9, "discount_definition_id": "PLAN", "target": "account"},
         {"one": -5, "other": -50}),
    "and what is for some products before it":
        ({"discount_definition_id": "PLAN"}, {"value": "50", "priority": 9, "discount_definition_id": "PRODUCT"},
         {"one": -5, "other": -50}),
    "nothing is left": ({"value": "100"}, AMOUNT | {"value": "20"}, {"one": -100}),
}  # fmt: skip


def test_which_goes_first(items):
    limits = (
        criterion(discount_definition_id="PRODUCT", field="product_id", allowed_values="MOBILE"),
        criterion(discount_definition_id="PLAN", field="price_plan_id", allowed_values="PLAN"),
    )
    given, fees = [], []
    for name, (one, other, _) in ORDERED.items():
        of = {"subscription_id": name}
        given.append(discount(**of | {"discount_id": "one", "target_id": name} | one))
        given.append(
            discount(**of | {"discount_id": "other", "target_id": name, "discount_definition_id": "ZEN"} | other)
        )
        fees.append(item(**of, amount="100", source_id="BSD-1"))
    found = {(row["subscription_id"], row["source_id"]): row["amount"]
             for row in items(*given, fees=tuple(fees), criteria=limits, **SCHEDULED)}  # fmt: skip
    assert found == {(name, key): amount for name, (*_, taken) in ORDERED.items() for key, amount in taken.items()}


def test_two_of_one_definition_that_follow_each_other_in_a_month(items):
    """Two amounts for January: both are given, one after the other."""
    first = discount(**AMOUNT, value="60", valid_from="2026-01-01", valid_to="2026-01-10")
    second = discount(**AMOUNT, value="60", valid_from="2026-01-10", valid_to="2026-02-01", discount_id="D2")
    made = items(first, second, fees=(item(amount="100"),))
    taken = {row["source_id"]: (row["base_amount"], row["amount"]) for row in made}
    assert taken == {"D1": (100, -60), "D2": (40, -40)}

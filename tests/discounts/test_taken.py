"""What discounts take off in a month: of which charges, in which order, and never more than there is."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from month_of_discounts import discount_items
from sample_rows import (
    Row,
    bundle_item,
    criterion,
    discount,
    item,
    order_line,
    product,
    rated_item,
    sample,
    service_job,
)

from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
)
from billing_assets.charges.tables import USAGE_CHARGES

detail = sample(
    BILLING_SCHEDULE_DETAILS, billing_schedule_detail_id="BSD-1", billing_header_id="BH-1",
    billing_schedule_record_id="BSR-1",
)  # fmt: skip
record = sample(
    BILLING_SCHEDULE_RECORDS, billing_schedule_record_id="BSR-1", period_start="2026-01-31", period_end="2026-02-28"
)
header = sample(
    BILLING_HEADERS, billing_header_id="BH-1", order_line_id="cpq:O1:1", price_type="recurring",
    billing_frequency="monthly",
)  # fmt: skip
charged_total = sample(
    USAGE_CHARGES, month="2026-01", billing_cycle="first", usage_charge_id="T1", charge_key="T", component="usage",
    leg="vendor_to_customer", payer_account_id="ANNA", service_account_id="ANNA", subscription_id="SUB",
    product_id="DATA", service_start="2026-01-01", service_end="2026-02-01", events=1, unit="MB", billed_quantity="30",
    tax_included=False, amount="6", currency="EUR",
)  # fmt: skip
SCHEDULED = {
    "details": (detail(),), "records": (record(),), "headers": (header(),), "lines": (order_line(applied_plan="PLAN"),)
}  # fmt: skip


@pytest.fixture(scope="module")
def items(engine, table) -> Callable[..., list[Row]]:
    return lambda *discounts, **made: discount_items(table, engine, discounts, **made)


@pytest.fixture(scope="module")
def taken_off(items) -> Callable[..., dict[tuple[str, str], Decimal]]:
    """{(discount, product): amount} of the same, where no product has two service periods."""

    def run(*discounts: Row, **made: tuple[Row, ...]) -> dict[tuple[str, str], Decimal]:
        found = [((row["source_id"], row["product_id"]), row["amount"]) for row in items(*discounts, **made)]
        assert len(dict(found)) == len(found)
        return dict(found)

    return run


def test_commitments_are_reduced_by_discounts_that_say_so(taken_off):
    """60.00 are used and 40.00 missing: 10 % of all of it is 10.00; of usage alone it is 6.00."""
    calls, missing = rated_item(amount="60"), item(item_type="commitment", product_id="COMMITMENT", amount="40")
    made = {"rated": (calls,), "commitments": (missing, missing | {"subscription_id": None})}
    whole = taken_off(discount(reduces_commitments=True), **made)
    assert whole == {("D1", "CALLS"): -6, ("D1", "COMMITMENT"): -4}
    assert taken_off(discount(), **made) == {("D1", "CALLS"): -6}
    only = criterion(field="product_id", allowed_values="COMMITMENT")
    amount = discount(reduces_commitments=True, discount_type="amount", value="50", currency="EUR")
    assert taken_off(amount, criteria=(only,), **made) == {("D1", "COMMITMENT"): -40}


def test_what_was_charged_in_advance_and_taken_back_is_reduced_alike(taken_off):
    """100.00 in advance, 60.00 used: 10 % of 100 + 60 - 60."""
    parts = [item(item_type="commitment", product_id="COMMITMENT", amount=amount) for amount in ("100", "-60")]
    found = taken_off(discount(reduces_commitments=True), rated=(rated_item(amount="60"),), commitments=tuple(parts))
    assert found == {("D1", "CALLS"): -6, ("D1", "COMMITMENT"): -4}


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
    assert taken_off(discount(value="33.333333"), rated=events) == {("D1", "CALLS"): Decimal("-0.0000000001")}


def test_everything_off_leaves_nothing(taken_off):
    found = taken_off(discount(value="100"), fees=(item(amount="14.1935483871"), item(amount="20")))
    assert found == {("D1", "MOBILE"): Decimal("-34.1935483871")}


def test_a_credit_is_reduced_as_well(taken_off):
    """A reversed event of -5.00 had been discounted: its discount is taken back."""
    assert taken_off(discount(), rated=(rated_item(amount="-5"),)) == {("D1", "CALLS"): Decimal("0.5")}


def test_the_local_day_of_an_event_counts(taken_off):
    """Given on 15 January: from its first second to its last, in the time zone of who used it."""
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
    rest = discount(discount_id="D2", value="50", valid_from="2026-01-16")
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


def test_a_discount_says_where_it_comes_from_and_what_it_was_made_of(items):
    (made,) = items(discount(), fees=(item(),))
    assert (made["item_type"], made["label"], made["events"], made["quantity"]) == ("discount", "Ten off", 0, None)
    assert (made["source_table"], made["source_id"]) == ("discounts", "D1")
    assert (made["discount_type"], made["value"], made["base_amount"]) == ("percentage", 10, 10)


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


REDUCED = {
    ("product_id", "DATA|MOBILE"): {"DATA", "MOBILE"},
    ("product_type", "usage_service"): {"CALLS", "DATA"},
    ("udr_type", "voice"): {"CALLS", "DATA"},
    ("price_type", "recurring"): {"MOBILE"},
    ("price_type", "usage"): {"CALLS", "DATA"},
    ("price_plan_id", "OTHER"): {"DATA"},
    ("price_plan_id", "PLAN|X"): {"CALLS", "MOBILE"},
    ("billing_frequency", "monthly"): {"MOBILE"},
    ("billing_frequency", "yearly"): set(),
    ("billed_months", "1|12"): {"MOBILE"},
    ("billed_months", "12"): set(),
}


def test_criteria_of_what_is_reduced(taken_off):
    usage = (rated_item(amount="10"), rated_item(amount="10", product_id="DATA", price_plan_id="OTHER"))
    names = {f"{field} {values}": products for (field, values), products in REDUCED.items()}
    wanted = tuple(criterion(discount_definition_id=name, field=field, allowed_values=values)
                   for name, (field, values) in zip(names, REDUCED, strict=True))  # fmt: skip
    given = [discount(discount_id=name, discount_definition_id=name) for name in names]
    found = taken_off(*given, criteria=wanted, rated=usage, fees=(item(),), **SCHEDULED)
    assert set(found) == {(name, product) for name, products in names.items() for product in products}


def test_all_criteria_must_hold(taken_off):
    wanted = tuple(criterion(field=field, allowed_values=values)
                   for field, values in (("product_type", "usage_service"), ("price_plan_id", "OTHER")))  # fmt: skip
    usage = (rated_item(amount="10"), rated_item(amount="10", product_id="DATA", price_plan_id="OTHER"))
    assert taken_off(discount(), criteria=wanted, rated=usage) == {("D1", "DATA"): Decimal(-1)}


FREE = {"discount_type": "free_period"}


MONTHS = {
    "three of the twelve months that are billed at once, 20.00 each: 180.00 are left":
        (("240", "2026-01-01", "2027-01-01"), ("2026-01-01", "2026-04-01"), 60),
    "a part of a month, by its days": (("28", "2026-02-01", "2026-03-01"), ("2026-01-10", "2026-02-10"), 9),
    "all of a first part": (("14", "2026-01-10", "2026-02-01"), ("2026-01-10", "2026-02-10"), 14),
    "the period began before": (("62", "2026-01-01", "2026-03-01"), ("2026-02-01", "2026-05-01"), 31),
    "it begins later": (("31", "2026-02-01", "2026-03-01"), ("2026-01-01", "2026-02-01"), None),
}  # fmt: skip


def test_free_months(items):
    given, fees = [], []
    for name, ((amount, start, end), (first, last), _) in MONTHS.items():
        fees.append(item(amount=amount, service_start=start, service_end=end, subscription_id=name))
        given.append(discount(**FREE, value="1", valid_from=first, valid_to=last, subscription_id=name, target_id=name))
    found = {row["subscription_id"]: -row["amount"] for row in items(*given, fees=tuple(fees), **SCHEDULED)}
    assert found == {name: taken for name, (*_, taken) in MONTHS.items() if taken}


PURCHASE = sample(
    ADVANCE_PURCHASES, billing_header_id="YEAR", whole_header="BH-1", request_id="R1", bought_from="2026-02-01",
    bought_to="2027-02-01", months=12,
)  # fmt: skip
BEGUN = {
    "with the discount": ({"valid_to": "2026-02-01"}, {"MOBILE": 31}),
    "with the service: MOBILE's on 1 January, DATA's on 1 February":
        ({"starts_on": "service_start"}, {"MOBILE": 31, "DATA": 28}),
    "or later, with the discount":
        ({"starts_on": "service_start", "valid_from": "2026-02-01"}, {"MOBILE": 28, "DATA": 28}),
    "with the agreement: DATA's was on 20 January":
        ({"starts_on": "agreement"}, {"MOBILE": 31, "DATA": 19}),
    "only on the days of the discount":
        ({"starts_on": "service_start", "valid_to": "2026-02-01"}, {"MOBILE": 31}),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "taken"), BEGUN.values(), ids=BEGUN)
def test_when_free_months_begin(items, terms, taken):
    """A month is free of fees of 1.00 a day, for January and for February; DATA is there from February on."""
    ordered = (("MOBILE", "2026-01-01", "2025-12-10"), ("DATA", "2026-02-01", "2026-01-20"))
    scheduled = {
        "headers": tuple(header(billing_header_id=name, product_id=name, order_line_id=name, service_start=start,
                                subscription_id="SUB") for name, start, _ in ordered),
        "lines": tuple(order_line(order_line_id=name, product_id=name, ordered_on=day) for name, _, day in ordered),
        "details": tuple(detail(billing_schedule_detail_id=name, billing_header_id=name) for name, *_ in ordered),
        "records": (record(),),
    }  # fmt: skip
    january = item(source_id="MOBILE", amount="31", service_start="2026-01-01", service_end="2026-02-01")
    february = {"amount": "28", "service_start": "2026-02-01", "service_end": "2026-03-01"}
    fees = (january, item(source_id="MOBILE", **february), item(source_id="DATA", product_id="DATA", **february))
    found = items(discount(**FREE | {"value": "1", "valid_from": "2026-01-01"} | terms), fees=fees, **scheduled)
    together: dict[str, Decimal] = {}
    for row in found:
        together[row["product_id"]] = together.get(row["product_id"], Decimal(0)) - row["amount"]
    assert together == taken


def test_free_months_of_what_is_bought_in_advance_begin_with_it(items):
    """A year for 240.00 from February on, of a service from January on; the next one has no more of them."""
    months = {"JANUARY": ("20", "2026-01-01", "2026-02-01"), "YEAR": ("240", "2026-02-01", "2027-02-01"),
              "NEXT": ("240", "2027-02-01", "2028-02-01")}  # fmt: skip
    scheduled = {
        "headers": tuple(header(billing_header_id=name, subscription_id="SUB", product_id="MOBILE",
                                service_start="2026-01-01") for name in months),
        "details": tuple(detail(billing_schedule_detail_id=name, billing_header_id=name) for name in months),
        "purchases": (PURCHASE(), PURCHASE(billing_header_id="NEXT", bought_from="2027-02-01")),
        "lines": (order_line(ordered_on="2025-12-10"),), "records": (record(),),
    }  # fmt: skip
    fees = tuple(item(source_id=name, amount=amount, service_start=start, service_end=end)
                 for name, (amount, start, end) in months.items())  # fmt: skip
    bought = (criterion(field="advance_months", allowed_values="12"),)
    for starts_on in ("service_start", "agreement"):
        free = discount(**FREE, value="3", starts_on=starts_on, valid_from="2025-12-10", valid_to="2030-01-01")
        (made,) = items(free, fees=fees, criteria=bought, **scheduled)
        assert (made["base_amount"], made["amount"]) == (240, -60)
    half_a_year = (criterion(field="advance_months", allowed_values="6"),)
    assert items(free, fees=fees, criteria=half_a_year, **scheduled) == []


def test_what_is_charged_once_or_by_usage_is_in_no_free_month(taken_off):
    once = SCHEDULED | {"headers": (header(price_type="one_time"),)}
    assert taken_off(discount(**FREE, value="1"), fees=(item(),), rated=(rated_item(),), **once) == {}


UNITS = {"discount_type": "free_usage", "unit": "s"}


def test_free_units_are_the_same_share_of_all_usage(items):
    """30 of 120 s: a quarter of 4.00 and of 2.00, the latter with 20 of 40 s covered by a bundle already."""
    made = items(
        discount(**UNITS, value="30"), totals=(charged_total(),),
        rated=(rated_item(billed_quantity="100", amount="4"),
               rated_item(product_id="DATA", billed_quantity="40", amount="4", udr_id="U2")),
        covered=(bundle_item(product_id="DATA", local_at="2026-01-15T13:00:00", covered_quantity="20", amount="-2"),),
    )  # fmt: skip
    assert {row["product_id"]: (row["base_amount"], row["amount"]) for row in made} == {
        "CALLS": (4, -1), "DATA": (2, Decimal("-0.5")),
    }  # fmt: skip
    assert {row["whole_quantity"] for row in made} == {120}


def test_more_free_units_than_were_used(taken_off):
    event = rated_item(billed_quantity="10", amount="4")
    assert taken_off(discount(**UNITS, value="30"), rated=(event,)) == {("D1", "CALLS"): Decimal(-4)}
    back = rated_item(billed_quantity="-10", amount="-4")
    assert taken_off(discount(**UNITS, value="30"), rated=(back,)) == {}


def test_free_units_of_a_total(taken_off):
    """15 of 30 MB are half of 6.00."""
    given = discount(**UNITS | {"unit": "MB"}, value="15")
    assert taken_off(given, totals=(charged_total(),), rated=(rated_item(),)) == {("D1", "DATA"): Decimal(-3)}

"""What discounts take off in a month: of which charges, by their days, and by their criteria."""

from datetime import date
from decimal import Decimal

from month_of_discounts import SCHEDULED
from sample_rows import bundle_item, criterion, discount, item, rated_item


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

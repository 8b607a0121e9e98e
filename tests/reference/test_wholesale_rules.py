"""What wholesale plans may not be, and what their bundles may not."""

from collections.abc import Callable

import pytest
from configuration import VALID
from sample_rows import Row, account, bundle, price_plan, product, reseller, vendor, vendor_currency, wholesale_plan

from billing_assets.reference import tables as contracts
from billing_assets.reference.broken import problems
from billing_assets.reference.wholesale_rules import wholesale_rules

PAID = {"bill_to_account_id": "HEAD", "payer_account_id": "HEAD"}
FOR_ALL = {"price_plan_id": "WHOLESALE", "scope": "payer"}
NO_BUNDLE = "is not for the bundle of a wholesale plan"


@pytest.fixture(scope="module")
def said(table, rows) -> Callable[..., list[tuple]]:
    """What the rules say of wholesale plans: (file, line, problem)."""

    def run(*plans: Row, resellers=(), plan_type="base", bundles=(), currencies=()) -> list[tuple]:
        accounts = (vendor(), account(), *(resellers or (reseller(),)))
        given = {
            "wholesale_plans": plans, "accounts": accounts, "bundles": bundles, "vendor_currencies": currencies,
            "price_plans": (price_plan(), price_plan(price_plan_id="WHOLESALE", plan_type=plan_type)),
            "products": (product(), product(product_id="SIM", product_type="physical_good", product_family="goods"),
                         product(product_id="DATA", product_family="internet")),
        }  # fmt: skip
        tables = {name: table(getattr(contracts, name.upper()), *made) for name, made in given.items()}
        found = [row for part in problems(wholesale_rules(tables)) for row in rows(part)]
        return [(row["source_file"], row["source_line"], row["problem"]) for row in found]

    return run


def test_plans_for_all_for_a_family_and_for_a_product_go_together(said):
    plans = (wholesale_plan(), wholesale_plan(product_family="internet"), wholesale_plan(product_id="DATA"))
    assert said(*plans, bundles=(bundle(), bundle(**FOR_ALL))) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"reseller_account_id": "NOBODY"}, "reseller_account_id 'NOBODY' is no known reseller"),
        ({"reseller_account_id": "ANNA"}, "reseller_account_id 'ANNA' is no known reseller"),
        ({"price_plan_id": "X"}, "price_plan_id 'X' is no known price_plan_id"),
        ({"product_id": "SIM"}, "product_id 'SIM' is no known usage service"),
        ({"product_family": "goods"}, "product_family 'goods' is no known family of usage services"),
        (
            {"product_id": "DATA", "product_family": "internet"},
            "product_family 'internet' and product_id do not go together",
        ),
        ({"valid_to": "1900-01-01"}, "valid_to '1900-01-01' is not after valid_from"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else "",
)
def test_a_broken_row(said, values, problem):
    assert said(wholesale_plan(**values)) == [("wholesale_plans.csv", 2, problem)]


def test_two_rows_that_fit_equally(said):
    again = wholesale_plan(valid_from="2026-01-01", source_line=3)
    words = "its validity overlaps that of line 2 for reseller_account_id BIG product_family * product_id *"
    assert said(wholesale_plan(), again) == [("wholesale_plans.csv", 3, words)]
    assert said(wholesale_plan(valid_to="2026-01-01"), again) == []


def test_a_currency_that_the_vendor_does_not_bill(said):
    billed = vendor_currency(currency="USD")
    words = "price_plan_id 'WHOLESALE' is in 'EUR' which is none that vendor 'VENDOR' bills"
    assert said(wholesale_plan(), currencies=(billed,)) == [("wholesale_plans.csv", 2, words)]
    # that of a reseller's own customers is another matter
    assert said(wholesale_plan(), currencies=(vendor_currency(vendor_account_id="BIG", currency="USD"),)) == []


def test_a_conditional_plan(said):
    words = "price_plan_id 'WHOLESALE' is conditional, and its conditions are those of subscriptions"
    assert said(wholesale_plan(), plan_type="conditional") == [("wholesale_plans.csv", 2, words)]


@pytest.mark.parametrize(
    ("head", "is_right"),
    [
        (reseller(account_id="HEAD", payer_account_id="HEAD"), True),
        (reseller(account_id="HEAD", payer_account_id="HEAD", vendor_account_id="OTHER"), False),
        (account(account_id="HEAD", payer_account_id="HEAD"), False),
    ],
    ids=["a reseller of the same vendor", "of another vendor", "a customer"],
)
def test_who_pays_for_a_reseller(said, head, is_right):
    words = "reseller_account_id 'BIG' is paid for by 'HEAD' which is no reseller of vendor 'VENDOR'"
    found = said(wholesale_plan(), resellers=(reseller(**PAID), head))
    assert found == ([] if is_right else [("wholesale_plans.csv", 2, words)])


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"scope": "subscription"}, f"scope 'subscription' {NO_BUNDLE}"),
        ({"effect": "commit"}, f"effect 'commit' {NO_BUNDLE}"),
        ({"proration": "calendar_days"}, f"proration 'calendar_days' {NO_BUNDLE}"),
        ({"rollover_months": 1}, f"rollover_months '1' {NO_BUNDLE}"),
    ],
)
def test_what_is_counted_by_subscriptions_or_their_days(said, values, problem):
    assert said(wholesale_plan(), bundles=(bundle(**FOR_ALL | values),)) == [("bundles.csv", 2, problem)]


def test_a_run_stops_at_a_broken_wholesale_plan(sentence):
    assert sentence(wholesale_plans=[wholesale_plan()], accounts=VALID["accounts"]) == (
        "wholesale_plans.csv, line 2: reseller_account_id 'BIG' is no known reseller"
    )

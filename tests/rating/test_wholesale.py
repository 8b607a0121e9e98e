"""What resellers are charged for: by which plan, for whose events, and with what of them."""

from collections.abc import Callable
from datetime import date

import pytest
from sample_rows import Row, account, product, rated_item, reseller, udr, vendor, wholesale_plan

from billing_assets.rating.checks import events_balance
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.rating.wholesale import READS, resold, wholesale
from billing_assets.reference.tables import ACCOUNTS, PRODUCTS, WHOLESALE_PLANS
from billing_assets.run import Run
from billing_assets.usage.tables import UDRS

SMALL = reseller(account_id="SMALL", vendor_account_id="BIG", payer_account_id="SMALL")
BEN = account(account_id="BEN", vendor_account_id="BIG", payer_account_id="BEN")
CAT = account(account_id="CAT", vendor_account_id="SMALL", payer_account_id="CAT")
USED_BY = {name: {"service_account_id": name, "payer_account_id": name} for name in ("ANNA", "BEN", "CAT", "SMALL")}


@pytest.fixture(scope="module")
def charged(table, rows) -> Callable[..., list[Row]]:
    """The events that resellers are charged for, those of the lowest step first."""

    def run(*events: Row, plans: tuple[Row, ...], resellers: tuple[Row, ...] = (reseller(), SMALL)) -> list[Row]:
        products = (product(), product(product_id="DATA", product_family="internet"), product(product_id="FILM"))
        given = {
            WHOLESALE_PLANS: plans, ACCOUNTS: (vendor(), account(), BEN, CAT, *resellers), PRODUCTS: products,
        }  # fmt: skip
        book = wholesale(lambda contract: table(contract, *given[contract]), rows, lambda made: made)
        return sorted(rows(resold(table(UDRS, *events), book)), key=lambda row: (row["udr_id"], row["step"]))

    return run


def payers(events: list[Row]) -> list[tuple]:
    return [(row["payer_account_id"], row["price_plan_id"]) for row in events]


def test_an_event_keeps_who_used_it_and_has_no_subscription_and_no_amount_of_its_source(charged):
    (event,) = charged(
        udr(**USED_BY["BEN"], prerated_amount="1.50", prerated_currency="EUR"), plans=(wholesale_plan(),)
    )
    assert (event["service_account_id"], event["payer_account_id"], event["price_plan_id"]) == (
        "BEN",
        "BIG",
        "WHOLESALE",
    )
    assert {event[name] for name in ("subscription_id", "prerated_amount", "prerated_currency")} == {None}
    assert (event["udr_id"], event["quantity"], event["step"]) == ("U1", 60, 1)


def test_every_reseller_on_the_way_is_charged_by_its_own_plan(charged):
    plans = (wholesale_plan(), wholesale_plan(reseller_account_id="SMALL", price_plan_id="SECOND"))
    assert payers(charged(udr(**USED_BY["CAT"]), plans=plans)) == [("SMALL", "SECOND"), ("BIG", "WHOLESALE")]
    # one without a plan is passed over
    assert payers(charged(udr(**USED_BY["CAT"]), plans=plans[:1])) == [("BIG", "WHOLESALE")]


def test_what_a_vendor_sells_itself_is_not_resold(charged):
    assert charged(udr(**USED_BY["ANNA"]), plans=(wholesale_plan(),)) == []


def test_what_a_reseller_uses_itself_is_resold_by_those_above_it_only(charged):
    plans = (wholesale_plan(), wholesale_plan(reseller_account_id="SMALL"))
    assert payers(charged(udr(**USED_BY["SMALL"]), plans=plans)) == [("BIG", "WHOLESALE")]


def test_another_reseller_may_pay(charged):
    head = reseller(account_id="HEAD", payer_account_id="HEAD")
    paid_for = reseller(payer_account_id="HEAD", bill_to_account_id="HEAD")
    found = charged(udr(**USED_BY["BEN"]), plans=(wholesale_plan(),), resellers=(head, paid_for))
    assert payers(found) == [("HEAD", "WHOLESALE")]


@pytest.fixture(scope="module")
def plan_of(charged) -> dict[str, str | None]:
    """The plan of events of some products on 15 January: one for the product, one for its family, one for any."""
    plans = (
        wholesale_plan(price_plan_id="ANY"),
        wholesale_plan(price_plan_id="INTERNET", product_family="internet"),
        wholesale_plan(price_plan_id="FILM", product_id="FILM"),
    )
    events = (udr(udr_id=name, product_id=name, **USED_BY["BEN"]) for name in ("CALLS", "DATA", "FILM"))
    return {row["product_id"]: row["price_plan_id"] for row in charged(*events, plans=plans)}


@pytest.mark.parametrize(("product_id", "plan"), [("CALLS", "ANY"), ("DATA", "INTERNET"), ("FILM", "FILM")])
def test_the_nearest_plan_counts(plan_of, product_id, plan):
    assert plan_of[product_id] == plan


def test_a_plan_counts_on_the_local_days_on_which_it_is_valid(charged):
    """The one for calls from 10 to 20 January, that for any product until February, and none from then on."""
    plans = (
        wholesale_plan(price_plan_id="ANY", valid_to=date(2026, 2, 1)),
        wholesale_plan(
            price_plan_id="CALLS", product_id="CALLS", valid_from=date(2026, 1, 10), valid_to=date(2026, 1, 20)
        ),
    )
    days = ("2026-01-09T23:59:59", "2026-01-10T00:00:00", "2026-01-20T00:00:00", "2026-02-01T00:00:00")
    found = charged(*(udr(udr_id=day, local_at=day, **USED_BY["BEN"]) for day in days), plans=plans)
    assert [row["price_plan_id"] for row in found] == ["ANY", "CALLS", "ANY"]


def test_without_wholesale_plans_there_is_no_book(table, rows):
    assert wholesale(lambda contract: table(contract), rows, lambda made: made) is None
    assert WHOLESALE_PLANS in READS


@pytest.fixture
def balance(lake, table) -> Callable[..., list[Row]]:
    """What the check of rated events finds: BEN's event is rated for him and for these others."""

    def run(*payers: str, plans: tuple[Row, ...] = (wholesale_plan(),)) -> list[Row]:
        rated = [rated_item(payer_account_id=name) for name in ("BEN", *payers)]
        given = {
            PRODUCTS: [product()], ACCOUNTS: [vendor(), BEN, reseller()], WHOLESALE_PLANS: plans,
            UDRS: [udr(**USED_BY["BEN"])], RATED_ITEMS: rated,
        }  # fmt: skip
        for contract, made in given.items():
            if contract.partition.is_daily:
                lake.write_days(contract, table(contract, *made), ["2026-01-15"])
            else:
                lake.write(contract, table(contract, *made))
        with Run(lake, None, "2026-01", days=["2026-01-15"]) as made:
            return events_balance(made)

    return run


def test_an_event_is_rated_for_each_who_pays(balance):
    assert balance("BIG") == []
    assert balance() != []
    assert balance(plans=()) == []
    assert balance("BIG", plans=()) != []

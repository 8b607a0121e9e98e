"""May a subscription use a service on a day: what catalogues offer, to whom, and why not."""

from collections.abc import Callable
from datetime import date, datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from sample_rows import (
    Row,
    catalogue_condition,
    catalogue_entry,
    catalogue_period,
    entitlement,
    product,
    usage_catalogue,
)

from billing_assets.orders.tables import SUBSCRIPTION_CATALOGUES
from billing_assets.reference import tables as reference
from billing_assets.usage import catalogues as rules

PRODUCTS = (
    product(product_id="FILM", product_family="films", udr_type="view"),
    product(product_id="SHORT", product_family="films", udr_type="clip"),
    product(),
    product(product_id="OTT", product_type="termed_service", product_family="films", udr_type=None),
)
JUDGED = pa.schema(
    [
        *((name, pa.string()) for name in ("subscription_id", "product", "price_plan_id", "reason", "detail")),
        ("local_at", pa.timestamp("us")), ("unassigned", pa.bool_()),
    ]
)  # fmt: skip
FILM = catalogue_entry(product_id="FILM")
FAMILY = catalogue_entry(entry_id="E2", product_id=None, product_family="films")
TYPE = catalogue_entry(entry_id="E3", product_id=None, product_type="usage_service")


@pytest.fixture(scope="module")
def listings(table) -> Callable[..., ir.Table]:
    """What catalogues offer: one that is called FILMS where nothing else is given."""

    def run(
        *entries: Row, catalogues: tuple = (usage_catalogue(),), periods: tuple = (), conditions: tuple = ()
    ) -> ir.Table:
        return rules.listings(
            table(reference.USAGE_CATALOGUES, *catalogues), table(reference.USAGE_CATALOGUE_PERIODS, *periods),
            table(reference.USAGE_CATALOGUE_ENTRIES, *entries),
            table(reference.USAGE_CATALOGUE_CONDITIONS, *conditions), table(reference.PRODUCTS, *PRODUCTS),
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def answer(rows, table, listings) -> Callable[..., Row]:
    """The answer to one subscription that asks for one service on one day."""

    def run(*entries: Row, service: str = "FILM", day: str = "2026-01-15", entitled: tuple = (), **given: tuple) -> Row:
        wanted = {"subscription_id": ["SUB"], "product_id": [service], "local_day": [date.fromisoformat(day)]}
        members = table(SUBSCRIPTION_CATALOGUES, *entitled)
        (found,) = rows(rules.answers(ibis.memtable(pa.table(wanted)), listings(*entries, **given), members))
        return found

    return run


def test_an_entry_names_a_product_a_family_or_a_type(rows, listings):
    """Usage services only, in the order in which they count."""
    found = rows(listings(FILM, FAMILY, TYPE).order_by("precision", "product_id"))
    assert [(row["precision"], row["product_id"]) for row in found] == [
        (0, "FILM"), (1, "FILM"), (1, "SHORT"), (2, "CALLS"), (2, "FILM"), (2, "SHORT"),
    ]  # fmt: skip


def test_a_catalogue_offers_products_of_the_udr_types_that_it_allows(rows, listings):
    found = rows(listings(FAMILY, catalogues=(usage_catalogue(udr_types="clip|voice"),)))
    assert [row["product_id"] for row in found] == ["SHORT"]


def test_a_catalogue_without_periods_and_conditions_is_open_to_all_always(answer):
    assert answer(FILM) == {
        "subscription_id": "SUB", "product_id": "FILM", "local_day": date(2026, 1, 15), "reason": None,
        "usage_catalogue_id": "FILMS", "provisioning_id": "FILM", "providers": None, "default_plan_id": None,
    }  # fmt: skip
    assert answer(FILM, day="1990-01-01")["reason"] is None


def test_a_service_that_no_catalogue_names(answer):
    assert answer(FILM, service="CALLS")["reason"] == "NOT_IN_CATALOGUE"
    assert answer()["reason"] == "NOT_IN_CATALOGUE"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2025-12-31", "CATALOGUE_NOT_IN_FORCE"),
        ("2026-01-01", None),
        ("2026-01-19", None),
        ("2026-01-20", "CATALOGUE_NOT_IN_FORCE"),
        ("2026-01-31", "CATALOGUE_NOT_IN_FORCE"),
        ("2026-02-01", None),
    ],
)
def test_a_catalogue_has_several_periods(answer, day, reason):
    """From 1 to 19 January, and from 1 February on."""
    periods = (catalogue_period(valid_to="2026-01-20"), catalogue_period(valid_from="2026-02-01"))
    assert answer(FILM, day=day, periods=periods)["reason"] == reason


def test_an_entry_has_a_window_of_its_own_within_the_period(answer):
    window = catalogue_entry(product_id="FILM", valid_from="2026-01-10", valid_to="2026-01-20")
    periods = (catalogue_period(valid_from="2026-01-15"),)
    reasons = {day: answer(window, day=f"2026-01-{day}", periods=periods)["reason"] for day in (14, 15, 19, 20)}
    assert reasons == {14: "CATALOGUE_NOT_IN_FORCE", 15: None, 19: None, 20: "CATALOGUE_NOT_IN_FORCE"}


def test_a_catalogue_that_is_not_effective_is_not_in_force(answer):
    """But it names its services: they are not unrestricted while it is being prepared."""
    prepared = (usage_catalogue(effective=False),)
    assert answer(FILM, catalogues=prepared)["reason"] == "CATALOGUE_NOT_IN_FORCE"


def test_conditions_hold_on_the_days_of_the_subscription(answer):
    """Those that another subscription meets, or this one meets of another catalogue, do not count."""
    asks = {"conditions": (catalogue_condition(),)}
    assert answer(FILM, **asks)["reason"] == "NOT_ALLOWED_FOR_SUBSCRIPTION"
    others = (entitlement(subscription_id="OTHER"), entitlement(usage_catalogue_id="SPORT"))
    assert answer(FILM, **asks, entitled=others)["reason"] == "NOT_ALLOWED_FOR_SUBSCRIPTION"
    stretch = (entitlement(valid_from="2026-01-10", valid_to="2026-01-20"),)
    reasons = {
        day: answer(FILM, **asks, entitled=stretch, day=f"2026-01-{day:02}")["reason"] for day in (9, 10, 19, 20)
    }
    refused = "NOT_ALLOWED_FOR_SUBSCRIPTION"
    assert reasons == {9: refused, 10: None, 19: None, 20: refused}


def test_one_catalogue_that_allows_it_is_enough(answer):
    """SPORT names the film too, and asks nothing. Stretches that overlap do not make two answers."""
    both = (usage_catalogue(), usage_catalogue(usage_catalogue_id="SPORT", providers="Conax"))
    entries = (FILM, catalogue_entry(entry_id="S", usage_catalogue_id="SPORT", product_id=None, product_family="films"))
    asks = {"catalogues": both, "conditions": (catalogue_condition(),)}
    found = answer(*entries, **asks)
    assert (found["reason"], found["usage_catalogue_id"], found["providers"]) == (None, "SPORT", "Conax")
    member = (entitlement(), entitlement(valid_from="2026-01-01"))
    assert answer(*entries, **asks, entitled=member)["usage_catalogue_id"] == "FILMS"


def test_the_entry_that_is_most_precise_counts(answer):
    """Within its window; after that the family's does."""
    own = catalogue_entry(product_id="FILM", provisioning_id="ppv-1", valid_to="2026-01-15")
    family = FAMILY | {"provisioning_id": "ppv-any"}
    assert answer(own, family, TYPE, day="2026-01-14")["provisioning_id"] == "ppv-1"
    assert answer(own, family, TYPE, day="2026-01-15")["provisioning_id"] == "ppv-any"
    assert answer(own, TYPE, day="2026-01-15")["provisioning_id"] == "FILM"


def test_of_two_catalogues_that_are_as_precise_the_first_by_id_counts(answer):
    both = (usage_catalogue(usage_catalogue_id="B"), usage_catalogue(usage_catalogue_id="A"))
    entries = [catalogue_entry(entry_id=c, usage_catalogue_id=c, product_id="FILM") for c in "BA"]
    assert answer(*entries, catalogues=both)["usage_catalogue_id"] == "A"


@pytest.fixture
def answered(rows, listings, table) -> Callable[..., list[Row]]:
    """Judged usage after what the catalogue of films says; it has default rates."""

    def run(*judged: Row, only_listed: bool = True) -> list[Row]:
        given = ibis.memtable(pa.Table.from_pylist(list(judged), schema=JUDGED))
        offers = listings(FILM, catalogues=(usage_catalogue(price_plan_id="DEFAULT"),),
                          periods=(catalogue_period(valid_from="2026-01-15"),))  # fmt: skip
        asked = rules.asked(given)
        asked = rules.listed(asked, offers) if only_listed else asked
        answers = rules.answers(asked, offers, table(SUBSCRIPTION_CATALOGUES))
        return rows(rules.answered(given, answers).order_by("local_at"))

    return run


def judged(at: str, **values: object) -> Row:
    own = {"subscription_id": "SUB", "product": "FILM", "unassigned": False, "local_at": datetime.fromisoformat(at)}
    return own | values


def test_usage_is_answered_by_its_local_day(answered):
    before, after = answered(judged("2026-01-14 23:59:59"), judged("2026-01-15 00:00:00"))
    assert (before["reason"], before["detail"]) == ("CATALOGUE_NOT_IN_FORCE", "FILM on 2026-01-14")
    assert (after["reason"], after["detail"]) == (None, None)


def test_usage_that_no_catalogue_names_is_not_restricted(answered):
    (metered,) = answered(judged("2026-01-14 12:00:00", product="CALLS"))
    assert (metered["reason"], metered["price_plan_id"]) == (None, None)
    (ordered,) = answered(judged("2026-01-14 12:00:00", product="CALLS"), only_listed=False)
    assert ordered["reason"] == "NOT_IN_CATALOGUE"


def test_default_rates_are_for_usage_without_a_plan(answered):
    found = answered(judged("2026-01-15 10:00:00"), judged("2026-01-15 11:00:00", price_plan_id="OWN"))
    assert [row["price_plan_id"] for row in found] == ["DEFAULT", "OWN"]


def test_what_was_wrong_before_stays_the_reason(answered):
    found = answered(
        judged("2026-01-14 10:00:00", reason="DUPLICATE"),
        judged("2026-01-14 11:00:00", unassigned=True, subscription_id=None),
        judged("2026-01-14 12:00:00"),
    )
    assert [row["reason"] for row in found] == ["DUPLICATE", None, "CATALOGUE_NOT_IN_FORCE"]

"""Totals of which bundles include a part: taken away before they are priced, or counted in the tiers unpaid."""

from decimal import Decimal

import pytest
from sample_rows import Row, covered_total, rate, rate_tier, usage_total

from billing_assets.bundles.tables import COVERED_TOTALS
from billing_assets.charges.charges import priced_totals
from billing_assets.charges.included import with_covered
from billing_assets.exact import zero
from billing_assets.pricing.price_book import price_book
from billing_assets.pricing.tiers import tiers
from billing_assets.reference.tables import RATE_TIERS, RATES
from billing_assets.totals.tables import USAGE_TOTALS
from jobs.arithmetic import steps

TIERS = (rate_tier(up_to="100", unit_price="1"), rate_tier(above="100", unit_price="0.5"))
WITH_FLAT = tuple(tier | {"flat_amount": Decimal(flat)} for tier, flat in zip(TIERS, "57", strict=True))
PACKS = {"packages": "up", "price_per": "10", "unit_price": "3"}


@pytest.fixture
def charge(rows, table, engine):
    """The charge of a total, of which so much is included: before pricing, or in the tiers."""

    def run(
        quantity: str, before: str = "0", in_tiers: str = "0", levels: tuple[Row, ...] = (), remainder: str = "0",
        **terms: str,
    ) -> Row:  # fmt: skip
        given = {RATES: [rate(priced_by="month", **terms)], RATE_TIERS: levels}
        book = price_book(lambda contract: table(contract, *given.get(contract, ())), rows, engine.cache)
        rates = table(RATES, *given[RATES])
        covered = [
            covered_total(bundle_id=name, covered_quantity=units, counts_in_tiers=name == "IN_TIERS")
            for name, units in (("BEFORE", before), ("IN_TIERS", in_tiers)) if units != "0"
        ]  # fmt: skip
        # only totals that weigh numbers are rounded
        total = usage_total(
            quantity=quantity, remainder=remainder, aggregation="sum" if remainder == "0" else "weighted_days"
        )
        found = with_covered(table(USAGE_TOTALS, total), table(COVERED_TOTALS, *covered))
        of_units = tiers(table(RATE_TIERS, *levels).mutate(flat_amount=zero()), rates)
        (made,) = rows(priced_totals(found, rates, book, of_units))
        assert sum((amount for amount, _ in steps(made)), Decimal(0)) == made["amount"]
        return made

    return run


@pytest.mark.parametrize(
    ("model", "before", "in_tiers"),
    [
        # 90 * 1; 100 * 1 + 50 * 0.5 less 60 * 1
        ("tiered", 90, 65),
        # 90 * 1; 90 * 0.5, because 150 are in the second tier
        ("flat", 90, 45),
    ],
)
def test_sixty_of_a_hundred_and_fifty(charge, model, before, in_tiers):
    made = charge("150", before="60", levels=TIERS, rate_model=model, unit_price=None)
    assert (made["amount"], made["billed_quantity"], made["covered_quantity"]) == (before, 90, 60)
    assert (made["quantity"], made["tier_up_to"]) == (150, 100)
    made = charge("150", in_tiers="60", levels=TIERS, rate_model=model, unit_price=None)
    assert (made["amount"], made["billed_quantity"], made["covered_quantity"]) == (in_tiers, 90, 60)
    assert (made["tier_above"], made["covered_in_tiers"]) == (100, 60)


def test_flat_amounts_stay_due(charge):
    """5 for the first tier and 7 for the second; a total of 0 is in the first."""
    given = {"levels": WITH_FLAT, "rate_model": "tiered", "unit_price": None}
    assert charge("150", before="60", **given)["amount"] == 95
    assert charge("150", in_tiers="60", **given)["amount"] == 77
    assert charge("150", before="150", **given)["amount"] == 5
    assert charge("150", in_tiers="150", **given)["amount"] == 12


def test_two_bundles_of_both_kinds(charge):
    """20 taken away: 130 are 100 + 15; the first 60 of them are 60."""
    made = charge("150", before="20", in_tiers="60", levels=TIERS, rate_model="tiered", unit_price=None)
    assert (made["amount"], made["billed_quantity"], made["covered_quantity"]) == (55, 70, 80)


def test_setup_fee_and_minimum_are_due_for_what_is_left(charge):
    assert charge("150", before="150", unit_price="1", setup_fee="2")["amount"] == 2
    assert charge("150", in_tiers="150", unit_price="1", minimum_amount="9")["amount"] == 9
    assert charge("150", before="149", unit_price="1", minimum_quantity="60")["billed_quantity"] == 60


def test_a_package_that_included_units_have_begun_is_theirs(charge):
    """27 in packages of 10 at 3.00: 22 are three; of three packages, 5 have begun one."""
    assert charge("27", before="5", **PACKS)["amount"] == 9
    assert charge("27", in_tiers="5", **PACKS)["amount"] == 6


def test_what_rounding_took_is_not_left_over(charge):
    """0.566666667 of 17/30 units: nothing is left of the third of a billionth."""
    seat = {"quantity": "0.566666667", "remainder": "-0.333333333", "unit_price": "30"}
    assert charge(**seat)["amount"] == 17
    assert charge(**seat, before="0.566666667")["amount"] == 0
    assert charge(**seat, in_tiers="0.566666667")["amount"] == 0

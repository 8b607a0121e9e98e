"""Offers that are based on others: what they have from them, row by row."""

import pytest
from sample_rows import offer, offer_product, offer_term, sample

from billing_assets.contract import ConfigurationError
from billing_assets.reference.offer_copies import with_copies
from billing_assets.reference.tables import FLOOR_PRICES, OFFER_PRODUCTS, OFFER_TERMS, OFFERS


@pytest.fixture
def copied(table, rows):
    def run(offers, products=(), terms=(), floors=()) -> dict[str, list[dict]]:
        given = {OFFERS: offers, OFFER_PRODUCTS: products, OFFER_TERMS: terms, FLOOR_PRICES: floors}
        made = with_copies({contract.name: table(contract, *made) for contract, made in given.items()}, rows)
        return {name: rows(found) for name, found in made.items()}

    return run


COPIES = (
    offer(offer_id="A"), offer(offer_id="B", based_on_offer_id="A", price_plan_id=None),
    offer(offer_id="C", based_on_offer_id="B", price_plan_id=None, source_line=4),
)  # fmt: skip


def test_a_copy_has_what_it_does_not_say(copied):
    """B has another price for MOBILE, C for FIBRE: C has MOBILE from B, and SIM from A, where it was written."""
    prices = {
        ("A", "MOBILE"): "20",
        ("A", "FIBRE"): "30",
        ("A", "SIM"): "5",
        ("B", "MOBILE"): "18",
        ("C", "FIBRE"): "25",
    }
    products = [
        offer_product(offer_id=of, product_id=product, unit_price=price, source_line=n)
        for n, ((of, product), price) in enumerate(prices.items())
    ]
    found = copied(COPIES, products)
    of_c = {row["product_id"]: (row["unit_price"], row["source_line"])
            for row in found["offer_products"] if row["offer_id"] == "C"}  # fmt: skip
    assert of_c == {"MOBILE": (18, 3), "FIBRE": (25, 4), "SIM": (5, 2)}
    assert {row["offer_id"]: row["price_plan_id"] for row in found["offers"]} == dict.fromkeys("ABC", "PLAN")
    assert len(found["offer_products"]) == 9


def test_terms_are_taken_over_with_all_their_days(copied):
    halves = [offer_term(offer_id="A", trial_length=1, valid_to="2026-02-01"),
              offer_term(offer_id="A", trial_length=2, valid_from="2026-02-01")]  # fmt: skip
    own = offer_term(offer_id="B", trial_length=3)
    found = copied(COPIES, terms=[*halves, own])["offer_terms"]
    assert sorted((row["offer_id"], row["trial_length"]) for row in found) == [
        ("A", 1), ("A", 2), ("B", 3), ("C", 3),
    ]  # fmt: skip


def test_a_copy_has_the_floors_of_its_origin(copied):
    """B has a floor of its own for MOBILE, and C takes that; the floor of any offer is nobody's copy."""
    floor = sample(FLOOR_PRICES, price_type="recurring", currency="EUR")
    floors = [
        floor(floor_price_id=name, offer_id=of, product_id=product, floor_price="9")
        for name, of, product in (("1", "A", "MOBILE"), ("2", "A", "FIBRE"), ("3", "B", "MOBILE"), ("4", None, "FIBRE"))
    ]
    found = {(row["offer_id"], row["product_id"]): row["floor_price_id"]
             for row in copied(COPIES, floors=floors)["floor_prices"]}  # fmt: skip
    assert found == {
        ("A", "MOBILE"): "1", ("A", "FIBRE"): "2", ("B", "MOBILE"): "3", ("B", "FIBRE"): "2:B", ("C", "MOBILE"): "3:C",
        ("C", "FIBRE"): "2:C", (None, "FIBRE"): "4",
    }  # fmt: skip


def test_offers_without_copies_stay_as_they_are(copied):
    assert copied([offer()]) == {}


def test_an_offer_is_not_based_on_itself(copied):
    loop = [offer(offer_id="A", based_on_offer_id="C"), *COPIES[1:]]
    with pytest.raises(ConfigurationError, match="line 2: offer 'A' is based on itself"):
        copied(loop)

"""A discount is explained by its base, its value, its definition and its limits."""

import pytest
from sample_rows import definition, discount, sample

from billing_assets.discounts.tables import DISCOUNT_ITEMS
from jobs.discount_words import of_discount, of_item

made = sample(
    DISCOUNT_ITEMS, subscription_id="SUB", product_id="TV", currency="EUR", value="15", base_amount="30",
    discount_type="percentage", whole_amount=None, whole_quantity=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({}, "15 % of 30"),
        ({"discount_type": "amount", "whole_amount": "60"}, "15 EUR off 60: its share for 30"),
        ({"discount_type": "free_period", "value": "3"}, "3 months free: their part of 30"),
        ({"discount_type": "free_usage", "whole_quantity": "120"}, "15 of 120 s free: the same share of 30"),
    ],
)
def test_what_an_item_was_worked_out_from(item, words):
    told = of_item(made(**item), discount(unit="s"))
    assert told == f"{words}, what SUB was charged for TV after earlier discounts"


@pytest.mark.parametrize(
    ("terms", "limits"),
    [({}, ""), ({"value": None, "minimum_value": "5", "maximum_value": "20"}, ", 5 to 20 allowed")],
)
def test_what_discount_it_is(terms, limits):
    told = of_discount(discount(), definition(**terms))
    assert told == f"discount TEN{limits}, of subscription SUB, 1900-01-01 to 9999-12-31 (exclusive); discounts.csv:2"


def test_free_months_may_begin_with_a_product():
    told = of_discount(discount(discount_type="free_period", starts_on="service_start"), definition())
    assert "begins with a product within 1900-01-01 to 9999-12-31 (exclusive)" in told

"""Ids of items: equal content, equal id."""

from decimal import Decimal

import ibis
import pytest
from sample_rows import item

from billing_assets.item import CONTENT_COLUMNS, KEY_COLUMNS, as_items, digest
from billing_assets.items.tables import CHARGE_ITEMS


def test_a_digest_tells_missing_from_empty_and_values_apart(rows):
    pairs = ibis.memtable(
        [("a", "b"), ("ab", ""), ("ab", None), (None, "ab"), ("", "ab"), ("a", "b")],
        schema={"left": "string", "right": "string"},
    )
    found = rows(pairs.select(id=digest(pairs.left, pairs.right)))
    assert len({row["id"] for row in found}) == 5
    assert all(len(row["id"]) == 32 for row in found)


@pytest.fixture
def ids(rows, table):
    """(item_key, item_id) of an item with other values."""

    def run(**values):
        (made,) = rows(as_items(table(CHARGE_ITEMS, item(**values)), CHARGE_ITEMS))
        return made["item_key"], made["item_id"]

    return run


def test_the_same_content_has_the_same_ids(ids):
    assert ids() == ids(label="Another name", source_line=99, billing_cycle="second", events=7)


def test_what_it_came_to_changes_the_item_but_not_what_is_charged(ids):
    for column in CONTENT_COLUMNS:
        key, id_ = ids(**{column: "0.5"})
        assert (key == ids()[0], id_ == ids()[1]) == (True, False), column


def test_what_is_charged_changes_both(ids):
    others = {"month": "2026-02", "item_type": "usage", "service_start": "2026-01-02", "service_end": "2026-02-02"}
    for column in ("payer_account_id", "subscription_id", "product_id", "source_id", "tax_code", "currency"):
        others[column] = "other"
    assert set(others) < set(KEY_COLUMNS)
    made = [ids()] + [ids(**{column: value}) for column, value in others.items()]
    assert len({key for key, _ in made}) == len({id_ for _, id_ in made}) == len(made)


def test_columns_that_an_item_has_not_are_missing(rows):
    bare = ibis.memtable([{"amount": Decimal("1.5"), "product_id": "P"}])
    (made,) = rows(as_items(bare, CHARGE_ITEMS, item_type="fee", amount=bare.amount))
    assert (made["product_id"], made["zone_id"], made["quantity"]) == ("P", None, None)
    assert (made["item_type"], made["amount"]) == ("fee", Decimal("1.5"))

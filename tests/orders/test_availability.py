"""When products, offers and their catalogues may be ordered, and until when they are had."""

import pytest
from sample_rows import account, availability_window, offer, order, product

from billing_assets.orders.availability import available, ended_by_seller
from billing_assets.orders.tables import IMPORTED_ORDERS
from billing_assets.orders.versions import as_ordered
from billing_assets.reference.tables import ACCOUNTS, AVAILABILITY_WINDOWS, OFFERS, PRODUCTS, SEGMENTS

FRIENDS = {"segment_id": "FRIENDS", "field": "classification", "allowed_values": "friend"}
EARLY = {"limited_from": "2026-01-01", "limited_to_segments": "FRIENDS|STAFF"}


@pytest.fixture(scope="module")
def sold(table, rows):
    """What became of an order: its end, or why it is refused."""

    def run(window: dict, **given: str) -> str | None:
        windows = table(AVAILABILITY_WINDOWS, availability_window(**window))
        sellers = table(PRODUCTS, product(product_id="MOBILE", catalogue_id="PHONES")), table(OFFERS, offer())
        accounts = table(ACCOUNTS, account(), account(account_id="FRED", classification="friend"))
        ordered = as_ordered(table(IMPORTED_ORDERS, order(**{"offer_id": "OFFER", **given})))
        left, refused = available(ordered, windows, *sellers, accounts, table(SEGMENTS, FRIENDS))
        ended = {row["order_line_id"] for row in rows(ended_by_seller(left, windows, *sellers))}
        (found,) = [*rows(left), *rows(refused)]
        if "reason" in found:
            return found["reason"]
        assert (found["order_line_id"] in ended) == (found["end_date"] is not None and "end_of_subscription" in window)
        return found["end_date"] and str(found["end_date"])

    return run


@pytest.mark.parametrize(
    ("window", "day", "friend", "other"),
    [
        (EARLY, "2025-12-31", "NOT_YET_AVAILABLE", "NOT_YET_AVAILABLE"),
        (EARLY, "2026-01-01", None, "LIMITED_AVAILABILITY"),
        (EARLY | {"general_from": "2026-02-01"}, "2026-01-31", None, "LIMITED_AVAILABILITY"),
        (EARLY | {"general_from": "2026-02-01"}, "2026-02-01", None, None),
        ({"general_from": "2026-02-01"}, "2026-01-31", "NOT_YET_AVAILABLE", "NOT_YET_AVAILABLE"),
        ({"end_of_sale": "2026-02-01"}, "2026-01-31", None, None),
        ({"end_of_sale": "2026-02-01"}, "2026-02-01", "NO_LONGER_SOLD", "NO_LONGER_SOLD"),
    ],
)
def test_the_day_of_the_order_decides(sold, window, day, friend, other):
    found = [sold(window, account_id=who, ordered_on=day, start_date="2026-03-01") for who in ("FRED", "ANNA")]
    assert found == [friend, other]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"start_date": "2026-05-31"}, "2026-06-01"),
        ({"start_date": "2026-05-31", "end_date": "2027-01-01"}, "2026-06-01"),
        ({"start_date": "2026-06-01"}, "SUBSCRIPTIONS_ENDED"),
        ({"start_date": "2026-05-31", "price_type": "one_time"}, None),
    ],
)
def test_what_nobody_has_any_longer(sold, given, found):
    assert sold({"end_of_subscription": "2026-06-01"}, **given) == found


@pytest.mark.parametrize(
    ("object_type", "object_id", "is_sold"),
    [
        ("offer", "OFFER", False), ("offer", "OTHER", True), ("catalogue", "MAIN", False),
        ("catalogue", "PHONES", False), ("catalogue", "MOBILE", True), ("product", "CALLS", True),
    ],
)  # fmt: skip
def test_every_window_that_a_line_is_under(sold, object_type, object_id, is_sold):
    """Its product's, its offer's, and those of their catalogues: PHONES and MAIN."""
    window = {"object_type": object_type, "object_id": object_id, "end_of_sale": "2026-01-01"}
    assert sold(window) == (None if is_sold else "NO_LONGER_SOLD")

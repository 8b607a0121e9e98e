"""What holds for every price: more costs no less, and how a month's usage came about does not matter."""

from datetime import datetime, timedelta
from decimal import Decimal

import ibis
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from priced_rows import priced_quantities
from sample_rows import measured_event, price_plan, rate

from billing_assets.rating.tables import MEASURED_USAGE
from billing_assets.reference.tables import PRICE_PLANS, RATES
from billing_assets.totals.totals import totals

FEW = settings(max_examples=4, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))

quantities = st.decimals("0", "5000", places=3)
prices = st.decimals("0", "9", places=4)
steps = st.decimals("0.5", "800", places=1)


@st.composite
def tier_rows(draw) -> list[dict]:
    """Three tiers with prices and flat amounts of any size, in the order of their limits."""
    limits = [Decimal(0)]
    for _ in range(2):
        limits.append(limits[-1] + draw(steps))
    return [
        {"above": str(lower), "up_to": upper and str(upper), "unit_price": str(draw(prices)),
         "flat_amount": str(draw(prices))}
        for lower, upper in zip(limits, [*limits[1:], None], strict=True)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def amounts(table, rows):
    def run(asked: list[Decimal], terms: dict, tiers: list[dict]) -> list[Decimal]:
        made = rows(priced_quantities(table, [str(q) for q in asked], terms, tiers))
        return [row["amount"] for row in sorted(made, key=lambda row: row["place"])]

    return run


@FEW
@given(asked=st.lists(quantities, min_size=2, max_size=30), tiers=tier_rows())
def test_tiers_that_are_added_up_never_make_more_cost_less(amounts, asked, tiers):
    found = amounts(sorted(asked), {"rate_model": "tiered"}, tiers)
    assert found == sorted(found)


@FEW
@given(asked=st.lists(quantities, min_size=1, max_size=30), price=prices, minimum=steps, step=steps)
def test_increments_never_price_below_the_exact_amount(amounts, asked, price, minimum, step):
    exact = amounts(asked, {"unit_price": str(price)}, [])
    stepped = amounts(asked, {"unit_price": str(price), "minimum_quantity": str(minimum), "increment": str(step)}, [])
    assert all(more >= less for more, less in zip(stepped, exact, strict=True))


@pytest.fixture(scope="module")
def total(table, rows):
    """The total of a month of events with these quantities, in this order."""
    month = {"month": "2026-01", "billing_cycle": "first", "begin_at": datetime(2026, 1, 1),
             "start_at": datetime(2026, 1, 1), "end_at": datetime(2026, 2, 1),
             "service_start": datetime(2026, 1, 1).date(), "service_end": datetime(2026, 2, 1).date()}  # fmt: skip

    def run(asked: list[tuple[int, Decimal]], aggregation: str) -> list[Decimal]:
        events = [
            measured_event(
                udr_id=f"U{n}", measured=str(quantity), counted_value=str(quantity),
                billing_effective_at=datetime(2026, 1, 1) + timedelta(seconds=n),
            )
            for n, quantity in asked
        ]  # fmt: skip
        found = table(MEASURED_USAGE, *events).mutate(**{k: ibis.literal(v) for k, v in month.items()})
        rates, plans = table(RATES, rate(priced_by="month", aggregation=aggregation)), table(PRICE_PLANS, price_plan())
        due = found.select(
            "subscription_id", "rate_id", "product_id", "month", "billing_cycle", "leg", "payer_account_id",
            "service_account_id", "price_plan_id", "currency", "service_start", "service_end",
        ).limit(0)  # fmt: skip
        made = totals(found, due, rates, plans, [aggregation])
        return [row["quantity"] for row in rows(made)]

    return run


@FEW
@given(asked=st.lists(quantities, min_size=1, max_size=20), seed=st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_change_a_total(total, asked, seed):
    events = list(enumerate(asked))
    shuffled = seed.sample(events, len(events))
    for aggregation in ("sum", "maximum", "latest", "distinct_count", "weighted_sum"):
        assert total(events, aggregation) == total(shuffled, aggregation)


@FEW
@given(asked=st.lists(quantities, min_size=1, max_size=20))
def test_splitting_a_quantity_over_events_does_not_change_its_total(total, asked):
    assert total(list(enumerate(asked)), "sum") == total([(0, sum(asked))], "sum")

"""What holds for every price: more costs no less, and how a month's usage came about does not matter."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import ibis
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from priced_rows import priced_quantities
from sample_rows import account, measured_event, price_plan, product, rate, rate_tier, udr

from billing_assets.charges.charges import priced_totals
from billing_assets.charges.included import with_covered
from billing_assets.orders.plans import READS, Plans, with_applied_plan
from billing_assets.pricing.price_book import price_book
from billing_assets.pricing.tiers import tiers as tier_levels
from billing_assets.rating.rate import rated, with_rate
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.reference.tables import (
    ACCOUNTS,
    ORDER_DAYS,
    PRICE_PLANS,
    PRODUCT_FIELDS,
    PRODUCTS,
    RATE_TIERS,
    RATES,
)
from billing_assets.totals.totals import totals
from billing_assets.usage.tables import UDRS

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
    """Quantity and amount of a month of events with these quantities, in this order, by aggregation under tiers."""
    month = {"month": "2026-01", "billing_cycle": "first", "begin_at": datetime(2026, 1, 1),
             "start_at": datetime(2026, 1, 1), "end_at": datetime(2026, 2, 1),
             "service_start": datetime(2026, 1, 1).date(), "service_end": datetime(2026, 2, 1).date()}  # fmt: skip

    def run(
        asked: list[tuple[int, Decimal]], tiers: list[dict], model: str, *aggregations: str
    ) -> dict[str, tuple[Decimal, Decimal]]:
        events = [
            measured_event(
                udr_id=f"U{n}", measured=str(quantity), counted_value=str(quantity), rate_id=name,
                billing_effective_at=datetime(2026, 1, 1) + timedelta(seconds=n),
            )
            for n, quantity in asked
            for name in aggregations
        ]  # fmt: skip
        terms = {"priced_by": "month", "unit_price": None, "rate_model": model}
        rates = table(RATES, *(rate(rate_id=name, aggregation=name, **terms) for name in aggregations))
        of_rates = table(RATE_TIERS, *(rate_tier(rate_id=name, **tier) for tier in tiers for name in aggregations))
        found = table(MEASURED_USAGE, *events).mutate(**{k: ibis.literal(v) for k, v in month.items()})
        quantities = totals(found, found.limit(0), rates, table(PRICE_PLANS, price_plan()), aggregations)
        book = SimpleNamespace(levels=tier_levels(of_rates, rates), models=[model])
        made = priced_totals(with_covered(quantities, None), rates, book)
        return {row["rate_id"]: (row["quantity"], row["amount"]) for row in rows(made)}

    return run


MODELS = st.sampled_from(("flat", "tiered"))


@FEW
@given(asked=st.lists(quantities, min_size=1, max_size=20), seed=st.randoms(use_true_random=False),
       tiers=tier_rows(), model=MODELS)  # fmt: skip
def test_the_order_of_events_does_not_change_a_total(total, asked, seed, tiers, model):
    events = list(enumerate(asked))
    shuffled = seed.sample(events, len(events))
    aggregations = ("sum", "maximum", "latest", "distinct_count", "weighted_sum")
    assert total(events, tiers, model, *aggregations) == total(shuffled, tiers, model, *aggregations)


@FEW
@given(asked=st.lists(quantities, min_size=1, max_size=20), tiers=tier_rows(), model=MODELS)
def test_splitting_a_quantity_over_events_changes_neither_its_total_nor_its_price(total, asked, tiers, model):
    assert total(list(enumerate(asked)), tiers, model, "sum") == total([(0, sum(asked))], tiers, model, "sum")


PLANS = (price_plan(), price_plan(price_plan_id="VIP", plan_type="conditional", base_plan_id="PLAN"))


@pytest.fixture(scope="module")
def applied(table, rows) -> dict[str, str]:
    """The plan that prices a line of each plan, without conditions."""
    line = {"account_id": "ANNA", "line_currency": "EUR"}
    names = ({"line_key": plan, "ordered_line_id": plan, "plan": plan} for plan in ("PLAN", "VIP"))
    unknown = ("type_of_subscription", *PRODUCT_FIELDS, *ORDER_DAYS)
    lines = [line | name | dict.fromkeys(unknown) for name in names]
    types = dict.fromkeys(lines[0], "string") | dict.fromkeys(ORDER_DAYS, "date")
    plans = Plans(*(table(contract, *(PLANS if contract is PRICE_PLANS else ())) for contract in READS))
    found = with_applied_plan(ibis.memtable(lines, schema=types), table(ACCOUNTS, account()), plans)
    return {row["plan"]: row["applied_plan"] for row in rows(found)}


@FEW
@given(asked=st.lists(quantities, min_size=1, max_size=20), base=prices, own=prices, tiers=tier_rows())
def test_a_conditional_plan_without_conditions_equals_its_base(table, rows, engine, applied, asked, base, own, tiers):
    """Whatever its own rates are."""
    given = {
        PRODUCTS: [product()], PRICE_PLANS: PLANS, RATE_TIERS: [rate_tier(rate_id="OWN", **tier) for tier in tiers],
        RATES: [rate(unit_price=str(base)),
                rate(rate_id="OWN", price_plan_id="VIP", rate_model="tiered", unit_price=str(own))],
    }  # fmt: skip
    book = price_book(lambda contract: table(contract, *given.get(contract, ())), rows, engine.cache)
    events = [
        udr(udr_id=f"{n:02}", quantity=str(quantity), price_plan_id=applied[plan], subscription_id=plan)
        for n, quantity in enumerate(asked)
        for plan in applied
    ]
    nowhere = dict.fromkeys(("zone_id", "zone_prefix", "time_band_id", "lookups"), ibis.null("string"))
    nowhere["leg"] = ibis.literal("vendor_to_customer")
    made = rows(RATED_ITEMS.shape(rated(with_rate(table(UDRS, *events).mutate(**nowhere), book), book)))
    amounts = {plan: {r["udr_id"]: r["amount"] for r in made if r["subscription_id"] == plan} for plan in applied}
    assert len(amounts["VIP"]) == len(asked)
    assert amounts["VIP"] == amounts["PLAN"]

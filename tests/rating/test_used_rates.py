"""Rates that are other ones today than when they priced usage."""

from collections.abc import Callable

import pytest
from sample_rows import (
    Row,
    measured_event,
    price_plan,
    rate,
    rate_condition,
    rate_tier,
    rated_item,
    tariff,
    tariff_component,
    tariff_element,
)

from billing_assets.contract import Table
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS
from billing_assets.rating.used_rates import contents, edited, used_rates
from billing_assets.reference.tables import (
    PRICE_PLANS,
    RATE_CONDITIONS,
    RATE_TIERS,
    RATES,
    TARIFF_COMPONENTS,
    TARIFF_ELEMENTS,
    TARIFFS,
)

Given = dict[Table, list[Row]]

THEN: Given = {
    PRICE_PLANS: [price_plan()],
    RATES: [
        rate(), rate(rate_id="TIERED", rate_model="tiered", unit_price=None), rate(rate_id="MONTH", priced_by="month"),
        rate(rate_id="EV", unit_price="0", tariff_id="TARIFF"), rate(rate_id="UNUSED"),
    ],
    RATE_TIERS: [rate_tier(rate_id="TIERED", unit_price="2")],
    RATE_CONDITIONS: [rate_condition(attribute="network", value="5G")],
    TARIFFS: [tariff()], TARIFF_ELEMENTS: [tariff_element()], TARIFF_COMPONENTS: [tariff_component()],
}  # fmt: skip


@pytest.fixture(scope="module")
def found(table, rows) -> Callable[[Given], dict[str, tuple]]:
    """{rate: (first day, last day, items)} of usage of 15 and 16 January that is priced as THEN, looked at now."""

    def read(given: Given) -> Callable:
        return lambda contract: table(contract, *given.get(contract, ()))

    def run(changed: Given) -> dict[str, tuple]:
        rated = [
            rated_item(udr_id=f"{rate_id} {day}", event_day=f"2026-01-{day}", rate_id=rate_id)
            for rate_id in ("RATE", "TIERED", "EV")
            for day in (15, 16)
        ]
        used = used_rates(
            table(RATED_ITEMS, *rated), table(MEASURED_USAGE, measured_event(rate_id="MONTH")), contents(read(THEN))
        )
        now = THEN | changed
        made = edited(used, table(RATES, *now[RATES]), contents(read(now)))
        return {row["rate_id"]: (row["first_day"].day, row["last_day"].day, row["items"]) for row in rows(made)}

    return run


def test_what_is_replaced_or_was_never_used_is_no_edit(found):
    """A rate that ends after the days that it priced, one that follows, another line of the file, a price of nobody."""
    assert found({}) == {}
    ended = rate(valid_to="2026-01-17", source_line=9)
    follows = rate(rate_id="NEXT", valid_from="2026-01-17", unit_price="2")
    assert found({RATES: [ended, follows, *THEN[RATES][1:-1], rate(rate_id="UNUSED", unit_price="7")]}) == {}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({RATES: [rate(unit_price="2"), *THEN[RATES][1:]]}, {"RATE": (15, 16, 2)}),
        ({RATES: THEN[RATES][1:]}, {"RATE": (15, 16, 2)}),
        ({RATES: [rate(valid_to="2026-01-15"), *THEN[RATES][1:]]}, {"RATE": (16, 16, 1)}),
        ({RATE_TIERS: [rate_tier(rate_id="TIERED", unit_price="3")]}, {"TIERED": (15, 16, 2)}),
        ({RATE_CONDITIONS: []}, {"RATE": (15, 16, 2)}),
        ({TARIFF_COMPONENTS: [tariff_component(price="0.30")]}, {"EV": (15, 16, 2)}),
        (
            {PRICE_PLANS: [price_plan(tax_included=True)]},
            {"RATE": (15, 16, 2), "TIERED": (15, 16, 2), "EV": (15, 16, 2), "MONTH": (15, 15, 1)},
        ),
    ],
    ids=("price", "gone", "cut short", "tier", "condition", "tariff", "basis of the plan"),
)
def test_what_says_something_else_today_is_named(found, changed, expected):
    assert found(changed) == expected

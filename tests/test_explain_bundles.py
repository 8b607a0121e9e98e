"""What `billing explain` says of bundles and commitments: which took how much, and what was left."""

from decimal import Decimal

import pytest
from sample_rows import bundle_counter, bundle_item, commitment, covered_total, sample

from billing_assets.bundles.tables import COVERED_TOTALS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.fees.tables import COMMITMENT_COUNTERS
from jobs.bundle_words import of_commitment, of_counters, of_event, of_total
from jobs.explain_item import explain_item

period = sample(
    COMMITMENT_COUNTERS, month="2026-03", owner_id="SUB", bundle_id="BUNDLE", period_from="2026-01-01",
    period_to="2026-04-01", committed_quantity="300", counted_before="120", counted_quantity="80", missing="100",
    covered="80", above="20", advance="300",
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"used_before": "20"}, "covers 40 of 60 s, 20 used before"),
        ({"used_before": None}, "covers 40 of 60 s"),
        ({"part": "overage", "used_before": None}, "40 of 60 s above what is included, at the rate of the bundle"),
        ({"part": "discount", "used_before": None}, "reduces 40 of 60 s"),
    ],
)
def test_an_event(values, words):
    assert of_event(bundle_item(covered_quantity="40", **values)) == f"2026-01-15 12:00:00 UTC: {words}"


def test_a_total():
    taken = "bundle BUNDLE covers 60 of 150 s, 0 used before; they are taken away before it is priced"
    assert of_total(covered_total()) == taken
    assert of_total(covered_total(counts_in_tiers=True)).endswith("they count in its tiers and are not paid")


def test_a_charge(lake, table):
    """60 of 150 s at 1.00 are included: 40 were taken away, 20 are priced and taken off again."""
    charge = sample(
        USAGE_CHARGES, month="2026-01", billing_cycle="first", usage_charge_id="ab" * 16, component="usage",
        subscription_id="SUB", product_id="CALLS", price_plan_id="PLAN", rate_plan="PLAN", plan_version=1,
        rate_id="RATE", rate_model="flat", aggregation="sum", events=3, quantity="150", covered_quantity="60",
        covered_in_tiers="20", covered_amount="20", billed_quantity="90", unit="s", packages="none", unit_price="1",
        price_per="1", setup_fee="0", unit_amount="90", tax_included=False, amount="90", currency="EUR",
    )()  # fmt: skip
    taken = [
        covered_total(usage_charge_id="ab" * 16, bundle_id="DAY", covered_quantity="40"),
        covered_total(usage_charge_id="ab" * 16, bundle_id="NIGHT", counted_quantity="110", covered_quantity="20",
                      counts_in_tiers=True),
    ]  # fmt: skip
    for contract, rows in ((USAGE_CHARGES, [charge]), (COVERED_TOTALS, taken)):
        lake.write_month(contract, table(contract, *rows), "2026-01", ["first"], drop_others=True)
    assert [line.strip() for line in explain_item(lake, "ab" * 16)][1:] == [
        "sum of 3 events: 150",
        "rate RATE (flat) of plan PLAN version 1",
        "bundle DAY covers 40 of 150 s, 0 used before; they are taken away before it is priced",
        "bundle NIGHT covers 20 of 110 s, 0 used before; they count in its tiers and are not paid",
        "110.0000000000  110 s * 1",
        "-20.0000000000  for the first 20 s, which are included",
        "90.0000000000 EUR",
    ]


def test_what_an_owner_had():
    """120 used: 30 of November, 50 of December, 40 of January; in the order of the months."""
    left = {"2026-01": ("100", "60", "60"), "2025-11": ("30", "0", "0")}
    counters = [
        bundle_counter(month="2026-01", granted_month=granted, included_quantity=included, used_quantity="120",
                       remaining_quantity=rest, carried_quantity=carried, unit="MB")
        for granted, (included, rest, carried) in left.items()
    ]  # fmt: skip
    assert list(of_counters(counters)) == [
        "SUB: 120 MB in 2026-01; of 30 of 2025-11 0 are left",
        "SUB: 120 MB in 2026-01; of 100 of 2026-01 60 are left, 60 for the next month",
    ]
    free = bundle_counter(month="2026-01", included_quantity=None, used_quantity="7", unit="event")
    assert list(of_counters([free])) == ["SUB: 7 event in 2026-01, all included"]
    off = free | {"effect": "discount", "percent": Decimal(10)}
    assert list(of_counters([off])) == ["SUB: 7 event in 2026-01, which is 10 % off"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("advance", "300 * 2 committed from 2026-01-01 to 2026-04-01 (exclusive), charged in advance"),
        ("missing", "100 * 2 missing of 300 from 2026-01-01 to 2026-04-01 (exclusive): 120 before and 80 in 2026-03"),
        ("covered", "80 * 2 of 300 from 2026-01-01 to 2026-04-01 (exclusive), charged in advance: 120 before and 80 in "
         "2026-03"),
        ("above", "20 * 2 above 300 from 2026-01-01 to 2026-04-01 (exclusive): 120 before and 80 in 2026-03; "
         "50 % more"),
    ],
)  # fmt: skip
def test_a_commitment(part, words):
    terms = commitment(unit_price="2", overage_percent="50")
    assert of_commitment(part, period(), terms) == words

"""Which events the units cover: by time, by price, in part; several bundles; the setup fee; overage."""

from decimal import Decimal

from bundled_month import call
from sample_rows import account, bundle, rate, rate_tier, reseller

OVER = {"rates": (rate(rate_id="OVER", price_plan_id="OVERAGE", unit_price="0.02"),)}


def covering(items: list[dict]) -> dict[str, tuple[Decimal, Decimal]]:
    return {row["udr_id"]: (row["covered_quantity"], row["amount"]) for row in items}


def test_the_dearest_or_the_cheapest_first(bundled):
    """0.01, 0.05 and 0.02 a unit, 60 units each: 100 units cover 60 and 40 of them."""
    calls = [
        call("a", "60", 0),
        call("b", "60", 1, unit_amount="3", amount="3"),
        call("c", "60", 2, unit_amount="1.2", amount="1.2"),
    ]
    dear, _ = bundled(*calls, bundles=(bundle(cover_order="highest_price"),))
    assert covering(dear) == {"b": (60, -3), "c": (40, Decimal("-0.8"))}
    cheap, _ = bundled(*calls, bundles=(bundle(cover_order="lowest_price"),))
    assert covering(cheap) == {"a": (60, Decimal("-0.6")), "c": (40, Decimal("-0.8"))}


def test_pro_rata_each_event_has_its_part(bundled):
    """100 of 300 units: a third of each event, 0.333333333 units of one; together 100 exactly."""
    calls = [call("a", "1", 0), call("b", "199", 1), call("c", "100", 2)]
    items, _ = bundled(*calls, bundles=(bundle(cover_order="pro_rata"),))
    units = {name: part for name, (part, _) in covering(items).items()}
    assert units == {"a": Decimal("0.333333333"), "b": Decimal("66.333333334"), "c": Decimal("33.333333333")}
    assert sum(units.values()) == 100
    within, _ = bundled(call("a", "60"), bundles=(bundle(cover_order="pro_rata"),))
    assert covering(within) == {"a": (60, Decimal("-0.6"))}


def test_several_bundles_by_priority(bundled):
    """50 units for France first, then 100 for any: what the first leaves of an event goes to the second."""
    bundles = (
        bundle(included_quantity="100", priority=2),
        bundle(bundle_id="FRANCE", zone_id="FR", included_quantity="50", priority=1, source_line=3),
    )
    calls = [call("a", "80", 0, zone_id="FR"), call("b", "90", 1)]
    items, counters = bundled(*calls, bundles=bundles)
    assert [(r["udr_id"], r["bundle_id"], r["covered_quantity"], r["amount"]) for r in items] == [
        ("a", "BUNDLE", 30, Decimal("-0.30")), ("a", "FRANCE", 50, Decimal("-0.50")),
        ("b", "BUNDLE", 70, Decimal("-0.70")),
    ]  # fmt: skip
    assert [(c["bundle_id"], c["used_quantity"], c["remaining_quantity"]) for c in counters] == [
        ("BUNDLE", 120, 0), ("FRANCE", 80, 0),
    ]  # fmt: skip


def test_what_bundles_leave_adds_up_to_the_price(bundled):
    """1.00 for 3 units, one each by three bundles: 0.3333333333, 0.3333333334 and the rest; nothing is left."""
    bundles = tuple(bundle(bundle_id=f"B{n}", included_quantity="1", priority=n, source_line=n) for n in (1, 2, 3))
    items, _ = bundled(call("a", "3", unit_amount="1", amount="1"), bundles=bundles)
    assert [row["amount"] for row in items] == [Decimal(f"-0.333333333{n}") for n in (3, 4, 3)]
    assert sum(row["amount"] for row in items) == -1


def test_the_setup_fee_where_the_bundle_says_so(bundled):
    """0.15 beside 0.60: all of it with all units, and 0.10 of 0.15 with 40 of 60."""
    calls = [call(n, "60", i, setup_fee="0.15", amount="0.75") for i, n in enumerate("ab")]
    items, _ = bundled(*calls, bundles=(bundle(covers_setup_fee=True),))
    assert covering(items) == {"a": (60, Decimal("-0.75")), "b": (40, Decimal("-0.50"))}


def test_units_above_cost_the_rate_that_the_bundle_names(bundled):
    """100 of 140 units are included; 40 cost 0.80 instead of 0.40, and 10 more 0.20 instead of 0.10."""
    calls = [call("a", "140", 0), call("b", "10", 1)]
    items, _ = bundled(*calls, bundles=(bundle(overage_rate_id="OVER"),), **OVER)
    assert [(r["udr_id"], r["part"], r["covered_quantity"], r["amount"]) for r in items] == [
        ("a", "included", 100, Decimal("-1.00")), ("a", "overage", 40, Decimal("0.40")),
        ("b", "overage", 10, Decimal("0.10")),
    ]  # fmt: skip


def test_overage_that_is_taken_back(bundled):
    """The opposite of 40 above: -0.40, as they had cost 0.80 instead of 0.40."""
    calls = [call("a", "140", 0), call("back", "-40", 1)]
    items, _ = bundled(*calls, bundles=(bundle(overage_rate_id="OVER"),), **OVER)
    assert [(r["udr_id"], r["part"], r["covered_quantity"], r["amount"]) for r in items] == [
        ("a", "included", 100, Decimal("-1.00")), ("a", "overage", 40, Decimal("0.40")),
        ("back", "overage", -40, Decimal("-0.40")),
    ]  # fmt: skip


def test_overage_in_tiers(bundled):
    """100 units are free; of 30 above the first 20 cost 0.02, the others 0.05: 0.90 instead of 0.30."""
    tiers = (
        rate_tier(rate_id="OVER", above="0", up_to="20", unit_price="0.02"),
        rate_tier(rate_id="OVER", above="20", unit_price="0.05"),
    )
    rates = (rate(rate_id="OVER", price_plan_id="OVERAGE", unit_price=None, rate_model="tiered"),)
    items, _ = bundled(
        call("a", "130"), bundles=(bundle(overage_rate_id="OVER"),), **OVER | {"rates": rates}, rate_tiers=tiers
    )  # fmt: skip
    assert [row["amount"] for row in items] == [Decimal("-1.00"), Decimal("0.60")]


def test_the_units_of_a_customer_are_not_those_of_its_reseller(bundled):
    """60 units: 50 are free for the customer, by two bundles; the reseller pays for all but 10."""
    own = call("a", "60", payer_account_id="ANNA")
    paid = {"payer_account_id": "BIG", "subscription_id": None, "price_plan_id": "WHOLESALE", "charge_key": "W"}
    items, _ = bundled(
        own, own | paid,
        bundles=(bundle(bundle_id="FIRST", included_quantity="20"),
                 bundle(bundle_id="NEXT", included_quantity="30", priority=1),
                 bundle(bundle_id="W", price_plan_id="WHOLESALE", scope="payer", included_quantity="10")),
        accounts=(account(), reseller()),
    )  # fmt: skip
    assert {(row["payer_account_id"], row["bundle_id"]): row["covered_quantity"] for row in items} == {
        ("ANNA", "FIRST"): 20, ("ANNA", "NEXT"): 30, ("BIG", "W"): 10,
    }  # fmt: skip

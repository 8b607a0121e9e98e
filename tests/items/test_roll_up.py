"""Charge items: events summed up by what prices, taxes and prints them."""

from datetime import date
from decimal import Decimal

import ibis
import pytest
from sample_rows import account, bundle, bundle_item, product, rated_item

from billing_assets import calendar
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.items import roll_up
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, BUNDLES, PRODUCTS


@pytest.fixture(scope="module")
def windows(table):
    january = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2026-01"))
    return payer_windows(table(ACCOUNTS, account()), january)


@pytest.fixture(scope="module")
def usage(rows, table, windows):
    """The usage items of January, by their charge."""

    def run(*rated):
        month = rated_in_month(table(RATED_ITEMS, *rated), windows)
        return {row["source_id"]: row for row in rows(roll_up.usage_items(month, table(PRODUCTS, product())))}

    return run


@pytest.fixture(scope="module")
def bundled(rows, table):
    """The bundle items of January, by bundle and charge."""

    def run(*covered):
        bundles = table(BUNDLES, bundle(), bundle(bundle_id="OTHER", name="Other"))
        items = roll_up.bundle_items(table(BUNDLE_ITEMS, *covered), bundles, table(PRODUCTS, product()))
        return {row["source_id"]: row for row in rows(items)}

    return run


def test_events_of_a_charge_are_one_item(usage):
    """65 s charged as 120 and 61 s as 120, 0.29 and 0.29: two events, 126 s, 240 charged, 0.58."""
    events = (
        rated_item(udr_id="U1", quantity="65", billed_quantity="120", amount="0.29", zone_id="FR"),
        rated_item(udr_id="U2", quantity="61", billed_quantity="120", amount="0.29", zone_id="FR"),
    )
    (item,) = usage(*events).values()
    assert item.pop("item_key") != item.pop("item_id")
    assert item == {
        "month": "2026-01", "billing_cycle": "first", "item_type": "usage", "leg": "vendor_to_customer",
        "payer_account_id": "ANNA", "service_account_id": "ANNA", "subscription_id": "SUB", "product_id": "CALLS",
        "label": "Calls", "component": None, "source_table": "rated_items", "source_id": "CHARGE",
        "price_plan_id": "PLAN", "rate_id": "RATE", "zone_id": "FR", "time_band_id": None, "unit": "s",
        "tax_code": "STANDARD",
        "service_start": date(2026, 1, 1), "service_end": date(2026, 2, 1), "events": 2, "quantity": Decimal(126),
        "billed_quantity": Decimal(240), "unit_price": None, "price_per": None,
        "tax_included": False, "amount": Decimal("0.58"), "currency": "EUR",
        "invoice_part": None, "caller_location": None, "called_location": None,
    }  # fmt: skip


def test_each_charge_is_an_item_of_its_own(usage):
    events = [rated_item(udr_id=f"U{n}", charge_key=f"C{n % 3}", amount=f"0.0{n + 1}") for n in range(7)]
    found = {name: (row["events"], row["amount"]) for name, row in usage(*events).items()}
    # 1 + 4 + 7, 2 + 5, 3 + 6 cents
    assert found == {"C0": (3, Decimal("0.12")), "C1": (2, Decimal("0.07")), "C2": (2, Decimal("0.09"))}


def test_units_times_the_unit_price_are_the_amount(usage):
    """0.05 for 60 s: 65 s cost 0.0541666667, and 61 s 0.0508333333. With a fee for the call there is no such price."""
    price = {"unit_price": "0.05", "price_per": "60"}
    calls = (
        rated_item(udr_id="U1", billed_quantity="65", amount="0.0541666667", **price),
        rated_item(udr_id="U2", billed_quantity="61", amount="0.0508333333", **price),
    )
    (item,) = usage(*calls).values()
    assert (item["unit_price"], item["price_per"]) == (Decimal("0.05"), 60)
    (item,) = usage(*calls, rated_item(udr_id="U3", billed_quantity="60", amount="0.06", **price)).values()
    assert (item["unit_price"], item["price_per"]) == (None, None)


def test_sums_are_not_rounded(usage):
    """1,000 events of 0.0001234567 come to 0.1234567."""
    (item,) = usage(*(rated_item(udr_id=f"U{n}", amount="0.0001234567") for n in range(1000))).values()
    assert (item["events"], item["amount"]) == (1000, Decimal("0.1234567"))


def test_only_events_of_the_month_are_charged(usage):
    late = rated_item(udr_id="U2", billing_effective_at="2026-01-31T23:00:00")
    (item,) = usage(rated_item(), late).values()
    assert item["events"] == 1


def test_a_late_event_changes_the_item_but_not_its_key(usage):
    before, after = usage(rated_item()), usage(rated_item(), rated_item(udr_id="U2"))
    assert before["CHARGE"]["item_key"] == after["CHARGE"]["item_key"]
    assert before["CHARGE"]["item_id"] != after["CHARGE"]["item_id"]


def test_what_a_bundle_covers_is_an_item_of_opposite_sign(bundled):
    """60 s and 40 of 50 s, 0.60 and 0.40: two events, 100 s, -1.00, under the name of the bundle."""
    (item,) = bundled(bundle_item(), bundle_item(udr_id="U2", covered_quantity="40", amount="-0.40")).values()
    assert (item["item_type"], item["label"], item["source_id"]) == ("bundle", "100 units", "BUNDLE:CHARGE:included")
    assert (item["events"], item["quantity"], item["billed_quantity"], item["amount"]) == (2, 100, 100, -1)
    assert (item["tax_code"], item["service_start"], item["service_end"]) == (
        "STANDARD", date(2026, 1, 1), date(2026, 2, 1),
    )  # fmt: skip


def test_bundles_and_charges_are_items_of_their_own(bundled):
    found = bundled(bundle_item(), bundle_item(charge_key="OTHER"), bundle_item(bundle_id="OTHER"))
    assert set(found) == {"BUNDLE:CHARGE:included", "BUNDLE:OTHER:included", "OTHER:CHARGE:included"}
    assert len({row["item_id"] for row in found.values()}) == 3

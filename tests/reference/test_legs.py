"""Who bills whom, and which resellers usage passes on its way to a customer."""

import ibis
import pytest
from sample_rows import account, reseller, vendor

from billing_assets.reference.legs import payer_legs, resellers_above, with_leg
from billing_assets.reference.tables import ACCOUNTS

SMALL = reseller(account_id="SMALL", vendor_account_id="BIG", payer_account_id="SMALL")
CAT = account(account_id="CAT", vendor_account_id="SMALL")


def test_a_leg_is_named_by_the_roles_of_who_bills_and_who_pays(table, rows):
    accounts = table(ACCOUNTS, vendor(), account(), reseller(), SMALL, CAT)
    paid = ibis.memtable({"payer_account_id": ["ANNA", "BIG", "SMALL", "CAT"]})
    found = rows(with_leg(paid, payer_legs(accounts, rows)))
    assert {row["payer_account_id"]: row["leg"] for row in found} == {
        "ANNA": "vendor_to_customer",
        "BIG": "vendor_to_reseller",
        "SMALL": "reseller_to_reseller",
        "CAT": "reseller_to_customer",
    }


def test_without_resellers_nobody_is_asked_for_a_leg(table, rows):
    legs = payer_legs(table(ACCOUNTS, vendor(), account()), rows)
    assert legs is None
    assert rows(with_leg(ibis.memtable({"payer_account_id": ["ANNA"]}), legs)) == [
        {"payer_account_id": "ANNA", "leg": "vendor_to_customer"}
    ]


def above(*resellers: tuple[str, str]) -> list[tuple]:
    given = [{"account_id": name, "vendor_account_id": sold, "payer_account_id": name} for name, sold in resellers]
    return [
        (row["seller"], row["step"], row["reseller"], row["reseller_leg"]) for row in resellers_above(given).to_pylist()
    ]


def test_a_chain_of_three_resellers():
    """What the last sells has passed all three; only the first is billed by the vendor."""
    assert above(("A", "VENDOR"), ("B", "A"), ("C", "B")) == [
        ("A", 1, "A", "vendor_to_reseller"),
        ("B", 1, "B", "reseller_to_reseller"),
        ("B", 2, "A", "vendor_to_reseller"),
        ("C", 1, "C", "reseller_to_reseller"),
        ("C", 2, "B", "reseller_to_reseller"),
        ("C", 3, "A", "vendor_to_reseller"),
    ]


@pytest.mark.parametrize("circle", [[("A", "A")], [("A", "B"), ("B", "A")], [("A", "B"), ("B", "C"), ("C", "B")]])
def test_resellers_that_sell_to_each_other_in_a_circle_are_charged_by_nobody(circle):
    assert above(*circle) == []

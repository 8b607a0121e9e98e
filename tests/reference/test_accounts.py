"""Which accounts can be billed, and who pays for each."""

import pytest
from sample_rows import account, account_change, billing_cycle, vendor, vendor_currency

from billing_assets.reference.accounts import judge_accounts, judge_changes, with_defaults
from billing_assets.reference.tables import ACCOUNT_CHANGES, ACCOUNTS, BILLING_CYCLES, VENDOR_CURRENCIES


@pytest.fixture
def judged(rows, table):
    """The payer of each usable account, and {account: (reason, detail)} of the others; a vendor is added."""

    def run(*accounts: dict):
        given = [vendor(), *(row | {"payer_account_id": None} for row in accounts)]
        usable, refused = judge_accounts(
            table(ACCOUNTS, *given), table(BILLING_CYCLES, billing_cycle()),
            table(VENDOR_CURRENCIES, vendor_currency()), ["FR", "DE"], ["EUR", "JPY"], ["Europe/Paris", "UTC"], rows,
        )  # fmt: skip
        payers = {row["account_id"]: row["payer_account_id"] for row in rows(usable)}
        assert payers.pop("VENDOR") == "VENDOR"
        return payers, {row["account_id"]: (row["reason"], row["detail"]) for row in rows(refused)}

    return run


def test_an_account_pays_for_itself(judged):
    assert judged(account()) == ({"ANNA": "ANNA"}, {})


def test_why_accounts_are_refused(judged):
    faults = {
        "COUNTRY": {"country": "XX"},
        "CURRENCY": {"currency": "EURO"},
        "ZONE": {"time_zone": "CET+1"},
        "NO-CYCLE": {"billing_cycle": None},
        "CYCLE": {"billing_cycle": "second"},
        "NO-VENDOR": {"vendor_account_id": None},
        "VENDOR-UNKNOWN": {"vendor_account_id": "NOBODY"},
        "VENDOR-IS-CUSTOMER": {"vendor_account_id": "COUNTRY"},
        "YEN": {"currency": "JPY"},
        "PARENT": {"parent_account_id": "NOBODY"},
        "PAYER": {"bill_to_account_id": "NOBODY"},
        "TERMS": {"payment_days": 1000},
        "ITSELF": {"bill_to_account_id": "ITSELF"},
    }
    payers, refused = judged(*(account(account_id=name, **values) for name, values in faults.items()))
    assert payers == {}
    assert refused == {
        "COUNTRY": ("UNKNOWN_COUNTRY", "country 'XX'"),
        "CURRENCY": ("UNKNOWN_CURRENCY", "currency 'EURO'"),
        "ZONE": ("UNKNOWN_TIME_ZONE", "time_zone 'CET+1'"),
        "NO-CYCLE": ("MISSING_BILLING_CYCLE", "billing_cycle is missing"),
        "CYCLE": ("UNKNOWN_BILLING_CYCLE", "billing_cycle 'second'"),
        "NO-VENDOR": ("MISSING_VENDOR", "vendor_account_id is missing"),
        "VENDOR-UNKNOWN": ("UNKNOWN_VENDOR", "vendor_account_id 'NOBODY'"),
        "VENDOR-IS-CUSTOMER": ("UNKNOWN_VENDOR", "vendor_account_id 'COUNTRY'"),
        "YEN": ("CURRENCY_NOT_BILLED", "currency 'JPY'"),
        "PARENT": ("UNKNOWN_PARENT", "parent_account_id 'NOBODY'"),
        "PAYER": ("UNKNOWN_BILL_TO", "bill_to_account_id 'NOBODY'"),
        "TERMS": ("PAYMENT_DAYS_OUT_OF_RANGE", "payment_days '1000'"),
        "ITSELF": ("BILL_TO_LOOP", "bill_to_account_id 'ITSELF'"),
    }


def test_a_vendor_that_names_no_currency_bills_any(judged):
    """A reseller beside the vendor that bills euros only."""
    shop = account(account_id="SHOP", role="reseller")
    assert judged(shop, account(vendor_account_id="SHOP", currency="JPY")) == ({"SHOP": "SHOP", "ANNA": "ANNA"}, {})


def test_changes_of_accounts_that_are_none(rows, table):
    changes = [account_change(changed_on="2026-01-01"), account_change(account_id="X", changed_on="2026-01-01")]
    kept, refused = judge_changes(table(ACCOUNT_CHANGES, *changes), table(ACCOUNTS, account()))
    assert [row["account_id"] for row in rows(kept)] == ["ANNA"]
    assert [(row["account_id"], row["reason"], row["detail"]) for row in rows(refused)] == [
        ("X", "UNKNOWN_ACCOUNT", "account_id 'X'")
    ]


def test_the_first_reason_is_given(judged):
    assert judged(account(country="XX", currency="X", billing_cycle=None))[1]["ANNA"][0] == "UNKNOWN_COUNTRY"


def test_other_roles(judged):
    """A linked account needs neither cycle nor vendor; a reseller is billed, and bills."""
    group = account(account_id="GROUP", role="linked", billing_cycle=None, vendor_account_id=None)
    reseller = account(account_id="SHOP", role="reseller")
    payers, refused = judged(group, reseller, account(vendor_account_id="SHOP"))
    assert (payers, refused) == ({"GROUP": "GROUP", "SHOP": "SHOP", "ANNA": "ANNA"}, {})


def chain(name: str, length: int) -> list[dict]:
    """A1 bills to A2, A2 to A3, …: the last one pays."""
    return [
        account(account_id=f"{name}{n}", bill_to_account_id=f"{name}{n + 1}" if n < length else None)
        for n in range(1, length + 1)
    ]


def test_the_account_at_the_end_of_the_chain_pays(judged):
    """Of two, three, 50, and a thousand accounts."""
    payers, refused = judged(*chain("A", 2), *chain("B", 3), *chain("C", 50), *chain("D", 1000))
    assert refused == {}
    assert {name[0]: payer for name, payer in payers.items()} == {"A": "A2", "B": "B3", "C": "C50", "D": "D1000"}
    assert len(payers) == 2 + 3 + 50 + 1000
    assert len(set(payers.values())) == 4


def test_a_loop_refuses_everybody_who_pays_into_it(judged):
    """A to B to C to B."""
    payers, refused = judged(
        account(account_id="A", bill_to_account_id="B"),
        account(account_id="B", bill_to_account_id="C"),
        account(account_id="C", bill_to_account_id="B"),
        account(account_id="D"),
    )
    assert payers == {"D": "D"}
    assert {name: reason for name, (reason, _) in refused.items()} == dict.fromkeys("ABC", "BILL_TO_LOOP")


def test_a_hierarchy_of_any_depth_has_a_top(judged):
    """A chain of 50 parents; and A below B below C, which is below B: nobody of these has a topmost parent."""
    deep = [account(account_id=f"P{n}", parent_account_id=f"P{n + 1}" if n < 50 else None) for n in range(1, 51)]
    above = {"A": "B", "B": "C", "C": "B", "SELF": "SELF"}
    payers, refused = judged(
        *deep, *(account(account_id=name, parent_account_id=parent) for name, parent in above.items())
    )
    assert payers == {f"P{n}": f"P{n}" for n in range(1, 51)}
    assert refused == {name: ("PARENT_LOOP", f"parent_account_id '{parent}'") for name, parent in above.items()}


def test_an_account_whose_payer_is_refused_is_refused(judged):
    payers, refused = judged(account(account_id="A", bill_to_account_id="B"), account(account_id="B", country="XX"))
    assert payers == {}
    assert refused["A"] == ("UNKNOWN_BILL_TO", "bill_to_account_id 'B'")


def test_nobody_can_bill_to_an_account_that_is_not_billed(judged):
    group = account(account_id="GROUP", role="linked")
    _, refused = judged(account(account_id="A", bill_to_account_id="VENDOR"), group,
                        account(account_id="B", bill_to_account_id="GROUP"))  # fmt: skip
    assert {name: reason for name, (reason, _) in refused.items()} == {"A": "BILL_TO_LOOP", "B": "BILL_TO_LOOP"}


def test_every_account_is_either_usable_or_refused_once(judged):
    given = [account(account_id="A"), account(account_id="B", currency="X"), account(account_id="C", country="XX")]
    payers, refused = judged(*given)
    assert sorted([*payers, *refused]) == ["A", "B", "C"]


def test_what_an_account_says_nothing_of_is_said_by_the_settings(rows, table):
    given = table(ACCOUNTS, account(payment_days=14, payment_from=None, language=None))
    (found,) = rows(with_defaults(given, language="de", payment_days=30, payment_from="end_of_month"))
    assert (found["payment_days"], found["payment_from"], found["language"]) == (14, "end_of_month", "de")

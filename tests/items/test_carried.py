"""Invoices below their minimum: what waits, for how long, and what comes with the next month."""

from datetime import date

import ibis
import pytest
from sample_rows import Row, account, billing_cycle, invoice_minimum, item, reseller, sample, vendor

from billing_assets import calendar
from billing_assets.items import carried as rules
from billing_assets.items.checks import CHECKS
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, CHARGE_ITEMS, INVOICE_PARTS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.legs import payer_legs
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, INVOICE_MINIMUMS
from billing_assets.run import Run

FIND = {check.name: check.find for check in CHECKS}
PAPER = {"item_id": "PAPER", "source_table": "account_fees", "amount": "1"}
amounts_of = sample(
    CARRIED_AMOUNTS, month="2026-01", billing_cycle="first", invoice_id="2026-01-ANNA-EUR", payer_account_id="ANNA",
    usage_from="2025-12-31T23:00:00", usage_to="2026-01-31T23:00:00", brought_amount="0", charged_amount="3",
    minimum_amount="5", carried_since="2026-01", waits=True, carried_amount="3", currency="EUR",
)  # fmt: skip


def carried(month: str = "2026-01", **values: object) -> Row:
    return {**item(**values), "carried_from": month, "invoice_part": values.get("invoice_part")}


@pytest.fixture(scope="module")
def windows(table):
    """The windows of February of ANNA and BEN."""
    accounts = table(ACCOUNTS, account(), account(account_id="BEN"))
    return payer_windows(
        accounts, ibis.memtable(calendar.windows("2026-02", {"first": 1}, ["Europe/Paris"], "2025-12"))
    )


@pytest.fixture(scope="module")
def february(rows, table, windows):
    """What ANNA's invoice of February comes to, of items of 3.00 that were charged now or in earlier months."""

    def run(minimums: list[Row], now: list[Row], before: list[Row] = (), closed_on: date | None = None):
        accounts = table(ACCOUNTS, account(closed_on=closed_on))
        charged = table(CHARGE_ITEMS, *(item(**{"month": "2026-02", "amount": "3"} | row) for row in now))
        taken = table(
            CARRIED_ITEMS,
            *({**carried(**{"month": "2026-01", "amount": "3"} | row), "month": "2026-02"} for row in before),
        )
        found = rules.carried_amounts(charged, taken, table(INVOICE_MINIMUMS, *minimums), accounts, windows)
        return [(str(row["brought_amount"].normalize()), row["carried_since"], row["waits"]) for row in rows(found)]

    return run


WAITS, BILLED = [("0", "2026-02", True)], []


@pytest.mark.parametrize(
    ("minimums", "now", "found"),
    [
        ([{"minimum_amount": "3.01"}], [{}], WAITS),
        ([{"minimum_amount": "3"}], [{}], BILLED),
        ([{"minimum_amount": "3.01"}], [{"amount": "-3"}], WAITS),
        ([{"minimum_amount": "3"}], [{"amount": "-3"}], BILLED),
        ([{"minimum_amount": "3.01"}], [{}, PAPER], WAITS),
        ([{"minimum_amount": "5"}, {"account_id": "ANNA", "minimum_amount": "0"}], [{}], BILLED),
        ([{"minimum_amount": "0"}, {"account_id": "ANNA", "minimum_amount": "5"}], [{}], WAITS),
        ([{"account_id": "BEN", "minimum_amount": "5"}], [{}], BILLED),
        ([{"currency": "GBP", "minimum_amount": "5"}], [{}], BILLED),
        ([{"minimum_amount": "5", "valid_to": "2026-02-01"}], [{}], BILLED),
        ([{"minimum_amount": "5", "valid_from": "2026-02-01"}], [{}], WAITS),
    ],
)
def test_what_is_below_the_minimum_of_the_day_waits(february, minimums, now, found):
    assert february([invoice_minimum(**row) for row in minimums], now) == found


@pytest.mark.parametrize(
    ("longest", "since", "waits"),
    [(1, "2026-01", False), (2, "2026-01", True), (2, "2025-12", False), (12, "2025-03", True), (12, "2025-02", False)],
)
def test_nothing_waits_for_longer_than_so_many_months(february, longest, since, waits):
    """3.00 of an earlier month and 3.00 of February, with a minimum of 10."""
    minimum = invoice_minimum(minimum_amount="10", longest_months=longest)
    assert february([minimum], [{}], [{"month": since}]) == [("3", since, waits)]


@pytest.mark.parametrize(
    ("closed_on", "found"), [("2026-02-28", BILLED), ("2026-03-01", BILLED), ("2026-03-02", WAITS)]
)
def test_nothing_waits_for_who_is_no_account_any_more(february, closed_on, found):
    assert february([invoice_minimum()], [{}], closed_on=date.fromisoformat(closed_on)) == found


def test_without_a_minimum_now_what_waited_is_billed(february):
    assert february([], [], [{}]) == [("3", "2026-01", False)]


def test_what_is_left_comes_with_the_next_month(rows, table, windows):
    """ANNA's invoice of PO-1 waits, not the one of PO-2; no fee is owed; BEN's cycle is another now."""
    of_part = {"invoice_part": "PO-1"}
    charged = table(
        CHARGE_ITEMS, item(item_id="1", **of_part), item(item_id="2", invoice_part="PO-2"), item(**PAPER, **of_part),
        item(item_id="4", payer_account_id="BEN", billing_cycle="second"),
    )  # fmt: skip
    older = table(CARRIED_ITEMS, carried("2025-12", item_id="0", **of_part))
    amounts = table(
        CARRIED_AMOUNTS, amounts_of(invoice_id="2026-01-ANNA+PO-1-EUR", **of_part),
        amounts_of(invoice_id="2026-01-BEN-EUR", payer_account_id="BEN", billing_cycle="second"),
    )  # fmt: skip
    left = rules.left_over(charged, older, amounts)
    found = rows(rules.taken_over(left, windows).order_by("item_id"))
    shown = [(row["item_id"], row["month"], row["billing_cycle"], row["carried_from"]) for row in found]
    assert shown == [("0", "2026-02", "first", "2025-12"), ("1", "2026-02", "first", "2026-01"),
                     ("4", "2026-02", "first", "2026-01")]  # fmt: skip
    part = sample(INVOICE_PARTS, month="2026-01", billing_cycle="first", payer_account_id="ANNA")
    parts = table(INVOICE_PARTS, *(part(invoice_part=name, customer_reference=name) for name in ("PO-1", "PO-2")))
    (named,) = rows(rules.parts_of(rules.taken_over(left, windows), parts))
    assert (named["month"], named["customer_reference"]) == ("2026-02", "PO-1")


def test_who_bills_a_payer_now_bills_what_waited(rows, table, windows):
    """ANNA's vendor has become a reseller since."""
    accounts = table(ACCOUNTS, account(vendor_account_id="BIG"), reseller(), vendor())
    left = table(CARRIED_ITEMS, carried(), carried(payer_account_id="BEN", item_id="I2"))
    found = rows(rules.taken_over(left, windows, payer_legs(accounts, rows)).order_by("item_id"))
    assert [row["leg"] for row in found] == ["reseller_to_customer", "vendor_to_customer"]


def test_what_waits_is_not_billed_and_what_waited_is(rows, table):
    charged = table(CHARGE_ITEMS, item(item_id="1"), item(item_id="2", payer_account_id="BEN"))
    taken = table(
        CARRIED_ITEMS, carried("2025-12", item_id="3"), carried("2025-12", item_id="4", payer_account_id="BEN")
    )
    amounts = table(CARRIED_AMOUNTS, amounts_of(), amounts_of(invoice_id="2026-01-BEN-EUR", waits=False))
    found = rows(rules.due_of(charged, taken, amounts))
    assert sorted((row["item_id"], row["carried_from"]) for row in found) == [("2", None), ("4", "2025-12")]


@pytest.fixture
def january(lake, table):
    """A run of January of a company that bills since December, with what waits in some months."""

    def run(*minimums: Row, **months: list[Row]) -> Run:
        lake.write(BILLING_CYCLES, table(BILLING_CYCLES, billing_cycle()))
        lake.write(ACCOUNTS, table(ACCOUNTS, account()))
        lake.write(INVOICE_MINIMUMS, table(INVOICE_MINIMUMS, *minimums))
        for name, waiting in months.items():
            month = name.replace("m", "").replace("_", "-")
            amounts = table(CARRIED_AMOUNTS, *(row | {"month": month} for row in waiting))
            lake.write_month(CARRIED_AMOUNTS, amounts, month, ["first"], drop_others=True)
        return Run(lake, None, "2025-12", month="2026-01")

    return run


def test_the_month_before_has_to_be_billed(january):
    missing = [{"month": "2025-12", "billing_cycle": "first"}]
    assert FIND["month_before_made"](january(invoice_minimum())) == missing
    assert FIND["month_before_made"](january()) == []
    assert FIND["month_before_made"](january(invoice_minimum(), m2025_12=[])) == []


def test_whom_something_waits_for_has_an_account(january):
    run = january(m2025_12=[amounts_of(), amounts_of(invoice_id="2025-12-GONE-EUR", payer_account_id="GONE")])
    assert [row["payer_account_id"] for row in FIND["payers_there"](run)] == ["GONE"]


@pytest.mark.parametrize(("brought", "stale"), [("3", []), ("2", ["ANNA"]), (None, ["ANNA"])])
def test_the_next_month_is_stale_when_it_began_with_other_amounts(january, brought, stale):
    """3.00 of January wait. February, which was billed before, began with 3.00, with 2.00, or with nothing."""
    later = [amounts_of(brought_amount=brought, invoice_id="2026-02-ANNA-EUR")] if brought else []
    run = january(m2026_01=[amounts_of()], m2026_02=later)
    assert [row["payer_account_id"] for row in FIND["next_month_begins_with_it"](run)] == stale


def test_a_month_that_was_not_billed_yet_is_not_stale(january):
    assert FIND["next_month_begins_with_it"](january(m2026_01=[amounts_of()])) == []

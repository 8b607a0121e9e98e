"""Quotes of the small company: what each comes to, where it stands, and every record that does not count."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import ibis
import pytest
from tests_support import TABLES, Company

from billing_assets.contract import ConfigurationError
from billing_assets.orders.assets import orders
from billing_assets.orders.tables import ORDER_LINES, REJECTED_ORDERS
from billing_assets.quotes.assets import quotes
from billing_assets.quotes.checks import CHECKS
from billing_assets.quotes.tables import (
    ACCEPTED_QUOTES,
    QUOTE_PRICES,
    QUOTE_TOTALS,
    QUOTE_USAGE_PRICES,
    QUOTES,
    REJECTED_QUOTES,
)
from billing_assets.quotes.tables import APPROVALS as DECISIONS
from billing_assets.reference.assets import reference
from billing_assets.run import Run, Selection
from billing_assets.tables import INPUT_TABLES
from resources.engine import Engine
from resources.inputs import Inputs
from resources.lake import Lake

QUOTE = {"version": 1, "kind": "business", "account_id": "ANNA", "requester_id": "sam", "created_on": "2026-01-01",
         "valid_to": "2026-02-01", "currency": "EUR", "start_date": "2026-01-10", "term_months": 3}  # fmt: skip
LINE = {"version": 1, "line_id": "1", "offer_id": "OFFER", "product_id": "MOBILE", "price_type": "recurring"}
CALLS = {"version": 1, "line_id": "2", "offer_id": "OFFER", "product_id": "CALLS", "price_type": "usage"}
GROUPED = CALLS | {"line_id": "3", "product_id": "DATA"}
ROLES = [
    {"role": "seller", "maximum_discount": 10},
    {"role": "manager", "maximum_discount": 20, "approves_discount": 30},
    {"role": "director", "approves_discount": 100, "approves_below_floor": "true"},
]
USERS = [
    {"user_id": "sam", "name": "Sam", "role": "seller", "organisational_unit": "south"},
    {"user_id": "mia", "name": "Mia", "role": "manager", "organisational_unit": "south"},
    {"user_id": "noa", "name": "Noa", "role": "manager", "organisational_unit": "north"},
    {"user_id": "dan", "name": "Dan", "role": "director"},
]
UNITS = [{"organisational_unit": name, "name": name.title()} for name in ("north", "south")]
FLOORS = [
    {"floor_price_id": "F1", "product_id": "MOBILE", "price_type": "recurring", "currency": "EUR", "floor_price": 12},
    {"floor_price_id": "F2", "product_id": "MOBILE", "offer_id": "OFFER", "price_type": "recurring",
     "currency": "EUR", "floor_price": 15},
]  # fmt: skip
# The quotes by name: their lines' prices, and the days on which something happened to them.
PRICES = {
    "LIST": {}, "NINE": {"discount_percent": 9}, "TEN": {"discount_percent": 10}, "ELEVEN": {"discount_percent": 11},
    "FLOOR": {"unit_price": 15}, "UNDER": {"unit_price": "14.99"}, "DEAR": {"unit_price": 25},
    "ANY-OFFER": {"unit_price": 12, "offer_id": ""}, "UNLISTED": {"unit_price": 7, "offer_id": "", "product_id": "SIM",
                                                                 "price_type": "one_time"},
}  # fmt: skip
BAD_QUOTES = [
    ("UNKNOWN_ACCOUNT", "account_id 'BOB'", {"account_id": "BOB"}),
    ("UNKNOWN_USER", "requester_id ''", {"requester_id": ""}),
    ("UNKNOWN_CURRENCY", "currency 'EURO'", {"currency": "EURO"}),
    ("INVALID_TERM", "term_months '0'", {"term_months": 0}),
    ("INVALID_TERM", "term_months '121'", {"term_months": 121}),
    ("INVALID_TERM", "start_date '9990-01-01'", {"start_date": "9990-01-01"}),
    ("INVALID_VALIDITY", "valid_to '2026-01-01'", {"valid_to": "2026-01-01"}),
]
BAD_LINES = [
    ("UNKNOWN_QUOTE", "quote_id 'NONE'", {"quote_id": "NONE"}),
    ("NOT_NEGOTIABLE", "price_type 'consumer'", {"quote_id": "GIFT", "unit_price": 1}),
    ("NOT_NEGOTIABLE", "price_type 'usage'", CALLS | {"unit_price": 1}),
    ("TWO_PRICES", "discount_percent '5.000000'", {"unit_price": 1, "discount_percent": 5}),
    ("INVALID_DISCOUNT", "discount_percent '101.000000'", {"discount_percent": 101}),
    ("UNKNOWN_PRODUCT", "product_id 'FAX'", {"product_id": "FAX"}),
    ("NO_UNIT_PRICE", "discount_percent is missing", {"product_id": "SEAT", "discount_percent": 5}),
    ("MISSING_VALUE", "line_id is missing", {"line_id": ""}),
]
BAD_USAGE = [
    ("NO_USAGE_LINE", "line_id '1'", {"line_id": "1"}),
    ("INVALID_ESTIMATE", "event_quantity '-1.000000000'", {"event_quantity": -1}),
    ("INVALID_ESTIMATE", "event_quantity '400.000000000'", {"events": 1_000_001, "event_quantity": 400}),
    ("NO_RATE", "product_id 'CALLS'", {"zone_id": "MOON"}),
    ("NOT_ESTIMABLE", "rate_id 'HOURLY'", {"line_id": "3"}),
]
# Version 2 of NEWER is of 5 January, its first one was submitted on the 2nd.
EVENTS = [
    ("", "NINE", "submitted", "2026-01-02"),
    ("", "NINE", "accepted", "2026-01-31"),
    ("ALREADY_DECIDED", "NINE", "rejected", "2026-01-31"),
    ("", "TEN", "submitted", "2026-01-02"),
    ("QUOTE_EXPIRED", "TEN", "accepted", "2026-02-01"),
    ("", "ELEVEN", "submitted", "2026-01-02"),
    ("NOT_APPROVED", "ELEVEN", "accepted", "2026-01-03"),
    ("NOT_SUBMITTED", "FLOOR", "accepted", "2026-01-03"),
    ("", "UNDER", "submitted", "2026-01-02"),
    ("", "UNDER", "accepted", "2026-01-10"),
    ("", "LIST", "cancelled", "2026-01-03"),
    ("BEFORE_CREATION", "DEAR", "submitted", "2025-12-31"),
    ("UNKNOWN_QUOTE", "NONE", "submitted", "2026-01-02"),
    ("", "NEWER", "submitted", "2026-01-02"),
    ("NEWER_VERSION", "NEWER", "accepted", "2026-01-05"),
    ("", "EMPTY", "submitted", "2026-01-02"),
    ("INCOMPLETE_QUOTE", "EMPTY", "accepted", "2026-01-05"),
    ("", "BROKEN", "submitted", "2026-01-02"),
    ("INCOMPLETE_QUOTE", "BROKEN", "accepted", "2026-01-05"),
    ("", "TWICE", "submitted", "2026-01-02"),
    ("", "TWICE", "accepted", "2026-01-04"),
    ("", "HOME", "accepted", "2026-01-04"),
]
APPROVALS = [
    ("", "ELEVEN", "mia", "approved", "2026-01-04"),
    ("", "UNDER", "dan", "declined", "2026-01-03"),
    ("", "UNDER", "dan", "approved", "2026-01-09"),
    ("NOT_PRIVILEGED", "UNDER", "mia", "approved", "2026-01-02"),
    ("", "UNLISTED", "dan", "declined", "2026-01-03"),
    ("SELF_APPROVAL", "ANY-OFFER", "sam", "approved", "2026-01-03"),
    ("OTHER_UNIT", "ANY-OFFER", "noa", "approved", "2026-01-03"),
    ("UNKNOWN_USER", "ANY-OFFER", "eve", "approved", "2026-01-03"),
    ("UNKNOWN_QUOTE", "NONE", "dan", "approved", "2026-01-03"),
]
# Orders of the shop by their line: the floor is 12. What is approved is billed.
SHOP = {"cheap": {"unit_price": 11}, "asked": {"unit_price": 11, "requester_id": "sam"}, "dear": {"unit_price": 12}}


def _write(company: Company) -> None:
    calls, mobile, _ = TABLES["products"]
    company.add("products", mobile | {"product_id": "SEAT"}, calls | {"product_id": "DATA"})
    company.add("rates",
                {"rate_id": "SEATS", "price_plan_id": "PLAN", "product_id": "SEAT", "rate_model": "tiered"},
                {"rate_id": "HOURLY", "price_plan_id": "PLAN", "product_id": "DATA", "unit_price": 1,
                 "priced_by": "month", "aggregation_window": "hour"})  # fmt: skip
    company.table("rate_tiers", [{"rate_id": "SEATS", "above": 0, "unit_price": 5}])
    company.table("offers", [{"offer_id": "OFFER", "catalogue_id": "MAIN", "name": "Offer", "price_plan_id": "PLAN"}])
    company.table("offer_products", [{"offer_id": "OFFER", "product_id": "MOBILE", "price_type": "recurring",
                                      "currency": "EUR", "unit_price": 20}])  # fmt: skip
    for name, rows in (("roles", ROLES), ("organisational_units", UNITS), ("users", USERS), ("floor_prices", FLOORS)):
        company.table(name, rows)
    others = ("NEWER", "EMPTY", "BROKEN", "TWICE", "USED")
    versions = [QUOTE | {"quote_id": name} for name in (*PRICES, *others)]
    versions += [QUOTE | {"quote_id": "NEWER", "version": 2, "created_on": "2026-01-05"}]
    versions += [QUOTE | {"quote_id": "TWICE", "version": 2, "created_on": "2026-01-05"}]
    versions += [QUOTE | {"quote_id": name, "kind": "consumer", "requester_id": ""} for name in ("HOME", "GIFT")]
    bad = [QUOTE | {"quote_id": f"BAD{n}"} | values for n, (_, _, values) in enumerate(BAD_QUOTES)]
    company.table("quotes", versions + bad)
    lines = [LINE | {"quote_id": name} | values for name, values in PRICES.items()]
    lines += [LINE | {"quote_id": name} for name in ("NEWER", "BROKEN", "TWICE", "USED", "HOME")]
    lines += [CALLS | {"quote_id": "USED"}, GROUPED | {"quote_id": "USED"}]
    bad = [LINE | {"quote_id": "BROKEN", "line_id": f"B{n}"} | values for n, (_, _, values) in enumerate(BAD_LINES)]
    company.table("quote_lines", lines + bad)
    usage = {"quote_id": "USED", "version": 1, "line_id": "2", "events": 1, "event_quantity": 1}
    estimates = [usage | {"zone_id": "FR", "events": 10, "event_quantity": 90},
                 usage | {"events": 2, "event_quantity": 61},
                 *(usage | values for _, _, values in BAD_USAGE)]  # fmt: skip
    company.table("quote_usage", [row | {"estimate": n} for n, row in enumerate(estimates)])
    event = ("quote_id", "event", "event_on")
    company.table("quote_events", [dict(zip(event, row, strict=True)) | {"version": 1} for _, *row in EVENTS])
    approval = ("object_id", "approver_id", "decision", "decided_on")
    rows = [dict(zip(approval, row, strict=True)) for _, *row in APPROVALS]
    rows = [row | {"object_type": "quote", "object_version": 1} for row in rows]
    shop = [("cheap", "dan"), ("asked", "dan")]
    rows += [{"object_type": "order_line", "object_id": f"shop:S:{line}", "object_version": 1, "approver_id": who,
              "decided_on": "2026-01-02", "decision": "approved", "approved_price": 11}
             for line, who in shop]  # fmt: skip
    company.table("approvals", rows)
    order = TABLES["imported_orders"][0]
    of_shop = order | {"source": "shop", "source_order_id": "S", "subscription_id": "SHOP"}
    company.add("imported_orders", order | {"source": "quote", "source_order_id": "NINE"},
                *(of_shop | {"source_line_id": line} | terms for line, terms in SHOP.items()))  # fmt: skip
    amended = {"source": "shop", "source_order_id": "A", "source_line_id": "1", "ordered_on": "2026-01-11",
               "action": "amend", "amends_order_id": "S", "start_date": "2026-01-12", "unit_price": 20}  # fmt: skip
    lower = {"source_order_id": "S", "source_line_id": "asked", "unit_price": 10, "requester_id": "sam"}
    company.table("order_actions", [amended | {"amends_line_id": "cheap", "requester_id": ""},
                                    amended | lower | {"amends_line_id": "asked"}])  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory, engine: Engine) -> Iterator[Run]:
    """The stages from reference to orders, carried out for a company with quotes."""
    folder = tmp_path_factory.mktemp("quotes")
    _write(Company(folder / "inputs"))
    lake = _made(folder, engine)
    with Run(lake, Inputs(folder / "inputs", INPUT_TABLES), "2026-01") as opened:
        yield opened


def _made(folder: Path, engine: Engine) -> Lake:
    lake, inputs = Lake(folder / "lake", engine), Inputs(folder / "inputs", INPUT_TABLES)
    for made in (reference, quotes, orders):
        made.materialize(lake, inputs, "2026-01", Selection())
    return lake


def _found(run: Run, table, *columns: str) -> dict:
    """What some columns of a table are, by the quote's id (version 1)."""
    rows = run(table)
    if "version" in rows.columns:
        rows = rows.filter(rows.version == 1)
    return {row["quote_id"]: tuple(row[c] for c in columns) for row in run.rows(rows.select("quote_id", *columns))}


def test_a_price_is_held_against_list_price_floor_and_role(run):
    """20 - 9 % = 18.20; of 20, 14.99 is 25.05 % less. The floor of the offer, 15, goes before that of any, 12."""
    found = _found(run, QUOTE_PRICES, "unit_price", "discount_percent", "floor_price", "above_limit", "below_floor")
    shown = {name: tuple(map(str, found[name][:3])) + found[name][3:] for name in PRICES}
    assert {name: (f"{Decimal(a):.2f}", *rest) for name, (a, *rest) in shown.items()} == {
        "LIST": ("20.00", "0.000000", "15.0000000000", False, False),
        "NINE": ("18.20", "9.000000", "15.0000000000", False, False),
        "TEN": ("18.00", "10.000000", "15.0000000000", False, False),
        "ELEVEN": ("17.80", "11.000000", "15.0000000000", True, False),
        "FLOOR": ("15.00", "25.000000", "15.0000000000", True, False),
        "UNDER": ("14.99", "25.050000", "15.0000000000", True, True),
        "DEAR": ("25.00", "0.000000", "15.0000000000", False, False),
        "ANY-OFFER": ("12.00", "None", "12.0000000000", False, False),
        "UNLISTED": ("7.00", "None", "None", False, True),
    }


def test_where_each_quote_stands(run):
    assert {name: state for name, (state,) in _found(run, QUOTES, "state").items()} == {
        "LIST": "cancelled", "NINE": "accepted", "TEN": "expired", "ELEVEN": "approved", "FLOOR": "in_progress",
        "UNDER": "accepted", "DEAR": "in_progress", "ANY-OFFER": "in_progress", "UNLISTED": "rejected",
        "NEWER": "superseded", "EMPTY": "approved", "BROKEN": "approved", "TWICE": "accepted", "USED": "in_progress",
        "HOME": "accepted", "GIFT": "approved",
    }  # fmt: skip


def test_an_approval_counts_from_its_day_on(run):
    """ELEVEN was approved a day after somebody tried to accept it, UNDER declined before it was approved."""
    assert _found(run, QUOTES, "needs_approval", "decided_by")["ELEVEN"] == (True, "mia")
    assert _found(run, QUOTES, "needs_approval", "decided_by")["UNDER"] == (True, "dan")


def test_the_totals_are_what_the_term_is_billed(run):
    """From 10 January: 20 x 22 / 31 + 20 + 20 + 20 x 9 / 30 = 60.1935483871.

    A month has 10 calls of 90 s at 0.06 a minute, 0.90, and 2 of 61 s abroad: 120 s x 0.12 / 60 + 0.05 = 0.29 each.
    1.48, and 4.44 in three months. Data is not priced by an estimate.
    """
    totals = _found(run, QUOTE_TOTALS, "one_time_amount", "recurring_amount", "usage_amount", "total_amount", "lines")
    assert totals["USED"] == (0, Decimal("60.1935483871"), Decimal("4.44"), Decimal("64.6335483871"), 3)
    assert totals["UNLISTED"] == (7, 0, 0, 7, 1)
    priced = [(row["rate_id"], row["events"], row["month_amount"], row["months"]) for row in
              run.rows(run(QUOTE_USAGE_PRICES).order_by("rate_id"))]  # fmt: skip
    assert priced == [("ABROAD", 2, Decimal("0.58"), 3), ("HOME", 10, Decimal("0.90"), 3)]


def test_accepted_quotes_are_orders_once(run):
    accepted = _found(run, ACCEPTED_QUOTES, "version", "lines")
    assert accepted == {name: (1, 1) for name in ("NINE", "UNDER", "TWICE", "HOME")}
    lines = run(ORDER_LINES)
    ordered = {row["source_order_id"]: (row["unit_price"], row["pricing_source"]) for row in
               run.rows(lines.filter(lines.source == "quote"))}  # fmt: skip
    assert ordered == {
        "NINE": (Decimal("18.2"), "order_line"), "UNDER": (Decimal("14.99"), "order_line"),
        "TWICE": (20, "offer"), "HOME": (20, "offer"),
    }  # fmt: skip
    refused = run.rows(run(REJECTED_ORDERS))
    assert ("ORDERED_BY_QUOTE", "source_order_id 'NINE'") in [(row["reason"], row["detail"]) for row in refused]


def test_an_order_below_the_floor_is_refused_without_approval(run):
    lines = run(ORDER_LINES)
    billed = run.rows(lines.filter(lines.source == "shop"))
    assert {row["source_line_id"]: row["unit_price"] for row in billed} == {"asked": 11, "dear": 12}
    rejected = run(REJECTED_ORDERS)
    refused = run.rows(rejected.filter(rejected.source == "shop"))
    assert {(row["source_file"], row["reason"], row["detail"]) for row in refused} == {
        ("imported_orders.csv", "PRICE_BELOW_FLOOR", "unit_price '11.0000000000'"),
        ("approvals.csv", "UNKNOWN_USER", "requester_id ''"),
        ("order_actions.csv", "AMENDS_REFUSED_LINE", "ordered_line_id 'shop:S:cheap'"),
        ("order_actions.csv", "PRICE_BELOW_FLOOR", "unit_price '10.0000000000'"),
    }


def test_a_lower_price_than_was_approved_is_refused_and_the_line_goes_on(run):
    """11 is approved for the line, which an action of its own name amends to 10."""
    (asked,) = run.rows(run(ORDER_LINES).filter(ibis._.source_line_id == "asked"))
    assert (asked["unit_price"], asked["end_date"]) == (11, None)
    (refused,) = run.rows(run(REJECTED_ORDERS).filter(ibis._.source_line_id == "asked"))
    assert (refused["source_file"], refused["source_line"]) == ("order_actions.csv", 3)


def test_an_approval_of_a_quote_is_of_all_its_prices(run):
    """It says no price: it is of a version, which does not change."""
    of_quotes = run.rows(run(DECISIONS).filter(ibis._.object_type == "quote"))
    assert {row["approved_price"] for row in of_quotes} == {None}
    assert _found(run, ACCEPTED_QUOTES, "version")["UNDER"] == (1,)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_checks_find_nothing(run, check):
    assert check.find(run) == []


def test_every_record_that_does_not_count_says_why(run):
    found = {(row["source_file"], row["source_line"]): row for row in run.rows(run(REJECTED_QUOTES))}
    last = {name: _lines_of(run, name) for name in ("quotes", "quote_lines", "quote_usage")}
    expected: dict = {}
    for name, cases in (("quotes", BAD_QUOTES), ("quote_lines", BAD_LINES), ("quote_usage", BAD_USAGE)):
        for n, (reason, detail, _) in enumerate(cases):
            expected[f"{name}.csv", last[name] - len(cases) + 1 + n] = (name, reason, detail)
    shown = {place: (row["record"], row["reason"], row["detail"]) for place, row in found.items()}
    of_people = {p: v for p, v in shown.items() if v[0] in ("quote_events", "approvals")}
    assert {p: v for p, v in shown.items() if p not in of_people} == expected
    assert {p: reason for p, (_, reason, _) in of_people.items()} == {
        (f"{name}.csv", line): reason
        for name, cases in (("quote_events", EVENTS), ("approvals", APPROVALS))
        for line, (reason, *_) in enumerate(cases, start=2)
        if reason
    }


def _lines_of(run: Run, name: str) -> int:
    return len((run.inputs.root / f"{name}.csv").read_text().splitlines())


@pytest.mark.parametrize(
    ("name", "row", "sentence"),
    [
        ("users", {"user_id": "eve", "name": "Eve", "role": "spy"}, "users.csv, line 2: role 'spy' is no known role"),
        ("roles", {"role": "spy", "maximum_discount": 101},
         "roles.csv, line 2: maximum_discount '101.000000' is not between 0 and 100"),
        ("floor_prices", FLOORS[0] | {"product_id": "FAX"},
         "floor_prices.csv, line 2: product_id 'FAX' is no known product_id"),
    ],
)  # fmt: skip
def test_limits_that_cannot_be_held_stop_the_run(company, tmp_path, engine, name, row, sentence):
    company.table(name, [row])
    with pytest.raises(ConfigurationError, match=sentence):
        _made(tmp_path, engine)


def test_a_product_has_one_floor_at_a_time(company, tmp_path, engine):
    company.table("floor_prices", [FLOORS[0], FLOORS[0] | {"floor_price_id": "F3", "valid_from": "2026-06-01"}])
    with pytest.raises(ConfigurationError, match=r"floor_prices.csv, line 3: its validity overlaps that of line 2"):
        _made(tmp_path, engine)

"""What becomes of an order line when something is done to it: its versions, and what cannot be done."""

from datetime import date
from decimal import Decimal

import ibis
import pytest
from order_lives import Lives, action
from sample_rows import account, order, scheme

from billing_assets.calendar import local_midnights
from billing_assets.orders.subscriptions import life_limits, subscription_services, usage_lines
from billing_assets.reference.tables import ACCOUNTS

pytestmark = pytest.mark.long

USAGE = {"product_id": "CALLS", "price_type": "usage", "unit_price": None, "service_identifier": "33611"}
ONCE = {"price_type": "one_time", "unit_price": "10"}


@pytest.fixture
def lives(table, rows, engine):
    return Lives(table, rows, engine)


@pytest.fixture
def lived(lives, rows):
    """(begin, end, quantity, net price) of each order line that comes out, and why rows were refused."""

    def run(orders, *actions, shown=("start_date", "end_date", "quantity", "net_price"), **options):
        lines, refused, _ = lives(orders, *actions, **options)
        found = sorted(rows(lines), key=lambda row: (row["ordered_line_id"], row["start_date"], row["version"]))
        return [tuple(_plain(row[c]) for c in shown) for row in found], refused

    return run


def _plain(value):
    if isinstance(value, date):
        return value.isoformat()[5:]
    return float(value) if isinstance(value, Decimal) else value


def test_an_amendment_begins_a_version_and_ends_the_one_before(lived):
    found, refused = lived([order()], action(start_date="2026-02-15", quantity="3"))
    assert found == [("01-10", "02-15", 1, 20), ("02-15", None, 3, 60)]
    assert refused == {}


def test_ids_name_the_line_and_what_was_done(lives, rows):
    """A back-dated amendment gives what was there no other id."""
    later = action(start_date="2026-03-01", quantity="3")
    earlier = action(source_order_id="A2", start_date="2026-02-01", quantity="2")
    found = [{row["order_line_id"]: row["version"] for row in rows(lives([order()], *done)[0])}
             for done in ((later,), (later, earlier))]  # fmt: skip
    assert found[0] == {"cpq:O1:1": 1, "cpq:O1:1/cpq:A1:1": 2}
    assert found[1] == {"cpq:O1:1": 1, "cpq:O1:1/cpq:A2:1": 2, "cpq:O1:1/cpq:A1:1": 3}


def test_a_line_that_nothing_was_done_to_stays_as_it_is(lived):
    other = order(source_order_id="O2", unit_price="7")
    found, _ = lived([order(), other], action(start_date="2026-02-15", quantity="3"))
    assert found[-1] == ("01-10", None, 1, 7)


def test_what_an_action_does_not_say_stays(lived):
    shown = ("start_date", "product_id", "price_plan_id", "billing_frequency", "quantity", "unit_price", "contract_id")
    found, _ = lived(
        [order(price_plan_id="PLAN", contract_id="C1", quantity="2")],
        action(source_order_id="A1", start_date="2026-02-01", price_plan_id="OTHER"),
        action(source_order_id="A2", start_date="2026-03-01", billing_frequency="quarterly", unit_price="50"),
        action(source_order_id="A3", start_date="2026-04-01", action="renew", contract_id="C2"),
        shown=shown,
    )
    assert found == [
        ("01-10", "MOBILE", "PLAN", "monthly", 2, 20, "C1"),
        ("02-01", "MOBILE", "OTHER", "monthly", 2, 20, "C1"),
        ("03-01", "MOBILE", "OTHER", "quarterly", 2, 50, "C1"),
        ("04-01", "MOBILE", "OTHER", "quarterly", 2, 50, "C2"),
    ]


def test_a_renewal_moves_the_end(lived):
    """Early with a price of its own, or late, after a gap; without an end it is open."""
    ending = order(end_date="2026-03-01")
    found, _ = lived([ending], action(action="renew", start_date="2026-03-01", end_date="2027-03-01", unit_price="25"))
    assert found == [("01-10", "03-01", 1, 20), ("03-01", "03-01", 1, 25)]
    found, _ = lived([ending], action(action="renew", start_date="2026-04-01"))
    assert found == [("01-10", "03-01", 1, 20), ("04-01", None, 1, 20)]


def test_cancelled_and_reinstated(lived):
    found, refused = lived(
        [order()],
        action(source_order_id="A1", action="cancel", start_date="2026-02-10"),
        action(source_order_id="A2", action="amend", start_date="2026-02-15", quantity="5"),
        action(source_order_id="A3", action="reinstate", start_date="2026-02-20", quantity="2"),
        action(source_order_id="A4", action="reinstate", start_date="2026-02-25"),
    )
    assert found == [("01-10", "02-10", 1, 20), ("02-20", None, 2, 40)]
    assert refused == {"A2": "AMENDS_CANCELLED_LINE", "A4": "ACTION_OUT_OF_ORDER"}


def test_a_line_that_is_cancelled_before_it_begins_is_not_billed(lived):
    found, refused = lived([order()], action(action="cancel", start_date="2026-01-05"))
    assert (found, refused) == ([], {})


def test_paused_and_resumed(lived):
    """What is amended in between counts from the day on which it goes on."""
    found, refused = lived(
        [order()],
        action(source_order_id="A1", action="pause", start_date="2026-02-10"),
        action(source_order_id="A2", action="pause", start_date="2026-02-12"),
        action(source_order_id="A3", action="amend", start_date="2026-02-15", quantity="5"),
        action(source_order_id="A4", action="resume", start_date="2026-02-20"),
        action(source_order_id="A5", action="resume", start_date="2026-02-25"),
    )
    assert found == [("01-10", "02-10", 1, 20), ("02-20", None, 5, 100)]
    assert refused == {"A2": "ACTION_OUT_OF_ORDER", "A5": "ACTION_OUT_OF_ORDER"}


def test_a_swap_ends_one_product_and_begins_another(lived):
    found, refused = lived(
        [order(offer_id="OFFER", unit_price=None)],
        action(source_order_id="A1", action="swap", start_date="2026-02-10", product_id="FIBRE"),
        action(source_order_id="A2", action="swap", start_date="2026-02-20"),
        shown=("start_date", "end_date", "product_id", "unit_price", "pricing_source"),
    )
    assert found == [("01-10", "02-10", "MOBILE", 20, "offer"), ("02-10", None, "FIBRE", 30, "offer")]
    assert refused == {"A2": "SWAP_WITHOUT_PRODUCT"}


def test_of_amendments_of_one_day_the_last_counts(lived):
    found, _ = lived(
        [order()],
        action(source_order_id="A1", start_date="2026-02-10", quantity="9", source_line=2),
        action(source_order_id="A2", start_date="2026-02-10", quantity="4", source_line=3),
    )
    assert found == [("01-10", "02-10", 1, 20), ("02-10", None, 4, 80)]


def test_an_amendment_of_a_time_before_the_line_is_of_all_of_it(lived):
    found, _ = lived([order()], action(start_date="2025-12-01", quantity="4"))
    assert found == [("01-10", None, 4, 80)]


@pytest.mark.parametrize(
    ("terms", "day", "begins"),
    [
        ({}, "2026-02-10", "2026-03-01"),
        ({}, "2026-03-01", "2026-03-01"),
        ({"billing_day": 31}, "2026-02-10", "2026-02-28"),
        ({"billing_day": 31}, "2026-03-01", "2026-03-31"),
        ({"billing_frequency": "quarterly"}, "2026-02-10", "2026-05-01"),
        ({"billing_frequency": "weekly"}, "2026-02-10", "2026-02-14"),
        ({"billing_term_scheme_id": "YEARS"}, "2026-02-10", "2027-01-10"),
        (USAGE, "2026-02-10", "2026-03-01"),
        ({"start_date": "2026-03-15"}, "2026-02-10", "2026-04-01"),
    ],
)
def test_at_the_end_of_a_period(lives, rows, terms, day, begins):
    """Quarters begin on 1 February, weeks on Saturdays, the year on 10 January: as the line's first periods do."""
    years = scheme(billing_term_scheme_id="YEARS", billing_frequency="yearly", alignment="anniversary")
    _, _, versions = lives([order(**terms)], action(start_date=day, effective="period_end"), schemes=(years,))
    assert max(row["start_date"] for row in rows(versions)) == date.fromisoformat(begins)


def test_what_is_done_meanwhile_comes_before_what_waits_for_the_next_period(lived):
    found, _ = lived(
        [order()],
        action(source_order_id="A1", start_date="2026-02-10", effective="period_end", quantity="2"),
        action(source_order_id="A2", start_date="2026-02-20", quantity="7"),
    )
    assert found == [("01-10", "02-20", 1, 20), ("02-20", "03-01", 7, 140), ("03-01", None, 2, 40)]


def test_periods_are_those_of_the_line_until_its_frequency_is_another(lived):
    found, _ = lived(
        [order(billing_frequency="quarterly")],
        action(source_order_id="A1", start_date="2026-02-20", quantity="2"),
        action(source_order_id="A2", start_date="2026-03-20", billing_frequency="monthly", unit_price="7"),
        action(source_order_id="A3", start_date="2026-04-20", billing_frequency="monthly", quantity="3"),
        shown=("start_date", "aligned_from", "net_price"),
    )
    assert found == [("01-10", "01-10", 20), ("02-20", "01-10", 40), ("03-20", "03-20", 14), ("04-20", "03-20", 21)]


@pytest.mark.parametrize(("prices", "net", "source"), [("asset_line", 36, "order_line"), ("order_line", 40, "offer")])
def test_where_the_price_of_an_amendment_comes_from(lived, prices, net, source):
    """18.00 were agreed on once; the offer says 20.00."""
    found, _ = lived(
        [order(offer_id="OFFER", unit_price="18")], action(start_date="2026-02-01", quantity="2"),
        prices=prices, shown=("net_price", "pricing_source"),
    )  # fmt: skip
    assert found[1] == (net, source)


def test_another_offer_brings_its_price_and_plan(lived):
    found, _ = lived(
        [order(offer_id="OFFER", price_plan_id="PLAN", unit_price="18")],
        action(start_date="2026-02-01", offer_id="LARGE"),
        shown=("net_price", "price_plan_id"),
    )
    assert found == [(18, "PLAN"), (50, "OTHER")]


def test_a_price_is_of_a_frequency(lived):
    """18.00 a month are no price of a quarter: without another one the amendment is refused, and the month goes on."""
    found, refused = lived([order()], action(start_date="2026-02-01", billing_frequency="quarterly"))
    assert (found, refused) == ([("01-10", None, 1, 20)], {"A1": "MISSING_PRICE"})


def test_what_follows_a_refused_action_is_refused_with_it(lived):
    found, refused = lived(
        [order(), order(source_order_id="O2", account_id="NOBODY")],
        action(source_order_id="A1", start_date="2026-02-01", quantity="2"),
        action(source_order_id="A2", start_date="2026-03-01", price_plan_id="NONE"),
        action(source_order_id="A3", start_date="2026-04-01", quantity="3"),
        action(source_order_id="A4", start_date="2026-04-01", amends_order_id="O2", quantity="3"),
    )
    assert found == [("01-10", "02-01", 1, 20), ("02-01", None, 2, 40)]
    assert refused == {
        "O2": "UNKNOWN_ACCOUNT", "A2": "UNKNOWN_PRICE_PLAN", "A3": "AMENDS_REFUSED_LINE", "A4": "AMENDS_REFUSED_LINE",
    }  # fmt: skip


def test_why_actions_are_refused(lived):
    orders = [order(end_date="2026-06-01"), order(source_order_id="O2", **ONCE)]
    faults = {
        "LINE": {"amends_line_id": "9"},
        "ASSET": {"amends_order_id": None, "amends_line_id": None, "asset_id": "X"},
        "NOTHING": {"amends_order_id": None, "amends_line_id": None},
        "ENDED": {"start_date": "2026-06-01"},
        "EMPTY": {"end_date": "2026-02-01"},
        "CHARGED": {"amends_order_id": "O2"},
        "FULFILLED": {"action": "fulfil"},
    }
    found, refused = lived(
        orders, *(action(**{"start_date": "2026-02-01", "source_order_id": n, **f}) for n, f in faults.items())
    )
    assert len(found) == 2
    assert refused == {
        "LINE": "UNKNOWN_LINE_TO_AMEND", "ASSET": "UNKNOWN_LINE_TO_AMEND", "NOTHING": "UNKNOWN_LINE_TO_AMEND",
        "ENDED": "AMENDS_ENDED_LINE", "EMPTY": "END_BEFORE_START", "CHARGED": "ACTION_OUT_OF_ORDER",
        "FULFILLED": "ACTION_OUT_OF_ORDER",
    }  # fmt: skip


def test_an_action_on_an_asset_is_one_on_its_lines(lived):
    """Its fee and its usage, of any source; not what it cost once, nor the line that it had before."""
    box = {"asset_id": "BOX"}
    found, refused = lived(
        [
            order(source="shop", source_order_id="OLD", end_date="2026-01-20", **box),
            order(source="shop", source_order_id="FEE", start_date="2026-01-20", **box),
            order(source="shop", source_order_id="USE", **box, **USAGE),
            order(source="shop", source_order_id="ONCE", **box, **ONCE),
        ],
        action(
            source="crm", amends_order_id=None, amends_line_id=None, action="cancel", start_date="2026-02-10", **box
        ),
        shown=("ordered_line_id", "end_date"),
    )
    assert refused == {}
    assert dict(found) == {"shop:OLD:1": "01-20", "shop:FEE:1": "02-10", "shop:USE:1": "02-10", "shop:ONCE:1": None}


def test_services_of_one_asset_do_not_overlap(lived):
    _, refused = lived(
        [
            order(asset_id="BOX", end_date="2026-02-01"),
            order(source_order_id="MEETS", asset_id="BOX", start_date="2026-02-01", source_line=3),
            order(source_order_id="OVER", asset_id="BOX", start_date="2026-03-01", source_line=4),
            order(source_order_id="OTHER", asset_id="BOX 2", start_date="2026-03-01", source_line=5),
        ]
    )
    assert refused == {"OVER": "OVERLAPPING_SERVICE"}


def test_what_is_fulfilled_is_billed(lived):
    """Of 10 seats 4 at once, 5 later, and then the rest: 4, 9 and 10 from then on; charged once, each by itself."""
    later = [
        {"action": "fulfil", "start_date": "2026-02-01", "quantity": "5"},
        {"action": "fulfil", "start_date": "2026-03-01"},
    ]
    ten = {"quantity": "10", "fulfilled_quantity": "4"}
    steps = [action(source_order_id=f"F{n}", **step) for n, step in enumerate(later)]
    found, _ = lived([order(**ten)], *steps)
    assert found == [("01-10", "02-01", 4, 80), ("02-01", "03-01", 9, 180), ("03-01", None, 10, 200)]
    found, _ = lived([order(**ten, **ONCE)], *steps, shown=("start_date", "quantity", "net_price"))
    assert found == [("01-10", 4, 40), ("02-01", 5, 50), ("03-01", 1, 10)]


def test_nothing_is_billed_before_something_is_fulfilled(lived):
    waiting = order(quantity="10", fulfilled_quantity="0")
    assert lived([waiting]) == ([], {"O1": "NOT_FULFILLED"})
    found, refused = lived([waiting], action(action="fulfil", start_date="2026-02-01", quantity="3"))
    assert (found, refused) == ([("02-01", None, 3, 60)], {})


def test_the_history_shows_every_version(lives, rows):
    _, _, versions = lives(
        [order(asset_id="BOX", contract_id="C1")],
        action(source_order_id="A1", start_date="2026-02-01", quantity="2"),
        action(source_order_id="A2", start_date="2026-02-01", quantity="3", source_line=3),
        action(source_order_id="A3", start_date="2026-03-01", action="cancel"),
        action(source_order_id="A4", start_date="2026-04-01", quantity="3"),
    )
    shown = ("version", "action", "is_billed", "superseded_by", "asset_id", "contract_id")
    assert sorted(tuple(row[c] for c in shown) for row in rows(versions)) == [
        (1, "new", True, "cpq:O1:1/cpq:A1:1", "BOX", "C1"),
        (2, "amend", False, "cpq:O1:1/cpq:A2:1", "BOX", "C1"),
        (3, "amend", True, "cpq:O1:1/cpq:A3:1", "BOX", "C1"),
        (4, "cancel", False, None, "BOX", "C1"),
    ]


def test_another_plan_of_usage_is_that_of_its_service_from_that_day_on(lives, rows, table):
    lines, _, _ = lives([order(price_plan_id="PLAN", **USAGE)], action(start_date="2026-02-01", price_plan_id="OTHER"))
    used = usage_lines(lines, table(ACCOUNTS, account()))
    limits = [(row["time_zone"], row["local_day"]) for row in rows(life_limits(used))]
    services = rows(subscription_services(used, ibis.memtable(local_midnights(limits))))
    assert sorted((row["price_plan_id"], str(row["start_at"]), str(row["end_at"])) for row in services) == [
        ("OTHER", "2026-01-31 23:00:00", "None"), ("PLAN", "2026-01-09 23:00:00", "2026-01-31 23:00:00"),
    ]  # fmt: skip


def test_the_version_before_a_refused_one_goes_on(lived):
    """No number of another line: not billed under it, but still under its own. Who took that meanwhile is refused."""
    orders = [
        order(**USAGE),
        order(source_order_id="O2", **USAGE | {"service_identifier": "33622"}, source_line=3),
        order(source_order_id="O3", **USAGE, start_date="2026-03-01", source_line=4),
    ]
    found, refused = lived(
        orders,
        action(source_order_id="A1", start_date="2026-02-01", service_identifier="33622"),
        action(source_order_id="A2", start_date="2026-02-10", quantity="2", source_line=3),
        action(source_order_id="A3", start_date="2026-04-01", amends_order_id="O3", quantity="2", source_line=4),
        shown=("ordered_line_id", "start_date", "end_date", "service_identifier"),
    )
    assert found == [("cpq:O1:1", "01-10", None, "33611"), ("cpq:O2:1", "01-10", None, "33622")]
    assert refused == {
        "A1": "OVERLAPPING_SERVICE", "A2": "AMENDS_REFUSED_LINE", "O3": "OVERLAPPING_SERVICE",
        "A3": "AMENDS_REFUSED_LINE",
    }  # fmt: skip


def test_a_price_of_a_month_is_one_of_any_frequency(lived):
    """Where the scheme says of what it is the price, another frequency needs no other price."""
    months = scheme(price_period="month")
    found, refused = lived(
        [order(billing_term_scheme_id="SCHEME")], action(start_date="2026-02-01", billing_frequency="quarterly"),
        schemes=(months,), shown=("start_date", "billing_frequency", "net_price"),
    )  # fmt: skip
    assert (found, refused) == ([("01-10", "monthly", 20), ("02-01", "quarterly", 20)], {})

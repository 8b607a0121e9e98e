"""Which requests to buy in advance count, and why others change nothing."""

import pytest
from sample_rows import (
    definition_in_advance,
    duration_in_advance,
    order_line,
    request_in_advance,
    sample,
    scheme,
    subscription,
)

from billing_assets.orders.buy_in_advance import judge_requests
from billing_assets.orders.tables import BUY_IN_ADVANCE_REQUESTS, ORDER_LINES, SUBSCRIPTIONS
from billing_assets.reference.tables import (
    BILLING_TERM_SCHEMES,
    BUY_IN_ADVANCE_DEFINITIONS,
    BUY_IN_ADVANCE_DURATIONS,
    ROLES,
    USERS,
)

role = sample(ROLES, role="supervisor", approves_buy_in_advance="true")
user = sample(USERS, user_id="MIA", name="Mia", role="supervisor")
DEFINITIONS = (
    definition_in_advance(valid_from="2026-01-01", valid_to="2026-02-01"),
    definition_in_advance(buy_in_advance_definition_id="SPRING", valid_from="2026-03-01"),
)
DURATIONS = (
    duration_in_advance(subscription_types="GOLD|SILVER", free_months=3),
    duration_in_advance(duration_id="BRONZE", subscription_types="BRONZE", months_to=24, discount_percent="5"),
    duration_in_advance(duration_id="SHORT", months_from=2, months_to=8),
    duration_in_advance(duration_id="SPRING", buy_in_advance_definition_id="SPRING"),
)
USERS_KNOWN = (
    user(), user(user_id="SAM", role="agent"), user(user_id="NORA", organisational_unit="NORTH"),
    user(user_id="NICK", role="agent", organisational_unit="NORTH"),
)  # fmt: skip
SCHEMES = (
    scheme(billing_term_scheme_id="TWO", billing_frequency="custom", frequency_count=2, frequency_unit="month"),
    scheme(billing_term_scheme_id="YEARS", price_period="year"),
)
LINE = {"aligned_from": "2026-01-01"}


@pytest.fixture(scope="module")
def judged(table, rows):
    """(what counts by request_id, the reasons of the others) of requests for a subscription with some lines."""

    def run(*requests: dict, of_type: str | None = "GOLD", lines=({},)) -> tuple[dict, dict]:
        made = (order_line(**LINE | {"order_line_id": str(n)} | line) for n, line in enumerate(lines))
        counting, refused = judge_requests(
            table(BUY_IN_ADVANCE_REQUESTS, *(request_in_advance(**request) for request in requests)),
            table(SUBSCRIPTIONS, subscription(subscription_type=of_type)), table(ORDER_LINES, *made),
            table(BILLING_TERM_SCHEMES, *SCHEMES), table(BUY_IN_ADVANCE_DEFINITIONS, *DEFINITIONS),
            table(BUY_IN_ADVANCE_DURATIONS, *DURATIONS), table(USERS, *USERS_KNOWN),
            table(ROLES, role(), role(role="agent", approves_buy_in_advance="false")),
        )  # fmt: skip
        return (
            {row["request_id"]: row["duration_id"] for row in rows(counting)},
            {row["request_id"]: row["reason"] for row in rows(refused)},
        )

    return run


def test_durations_overlap_for_different_types(judged):
    """Twelve months are of one duration for gold, of another for bronze; six of one that is for all."""
    year, half = {}, {"request_id": "R2", "months": 6, "start_date": "2028-01-01"}
    assert judged(year, half) == ({"R1": "YEAR", "R2": "SHORT"}, {})
    assert judged(year, half, of_type="BRONZE") == ({"R1": "BRONZE", "R2": "SHORT"}, {})
    assert judged(year, half, of_type=None) == ({"R2": "SHORT"}, {"R1": "DURATION_NOT_ALLOWED"})


@pytest.mark.parametrize(
    ("request_given", "reason"),
    [
        ({"subscription_id": "OTHER"}, "UNKNOWN_SUBSCRIPTION"),
        ({"requested_on": "2026-02-01"}, "NO_ACTIVE_DEFINITION"),
        ({"months": 9}, "DURATION_NOT_ALLOWED"),
        ({"approver_id": None}, "NOT_APPROVED"),
        ({"approver_id": "NOBODY"}, "UNKNOWN_USER"),
        ({"requester_id": "MIA"}, "SELF_APPROVAL"),
        ({"approver_id": "NORA"}, "OTHER_UNIT"),
        ({"requester_id": "MIA", "approver_id": "SAM"}, "NOT_PRIVILEGED"),
        ({"start_date": "2025-12-31"}, "NO_LONGER_PERIOD"),
    ],
)
def test_what_changes_nothing(judged, request_given, reason):
    assert judged(request_given) == ({}, {"R1": reason})


def test_a_unit_approves_what_is_asked_for_there(judged):
    assert judged({"requester_id": "NICK", "approver_id": "NORA"}) == ({"R1": "YEAR"}, {})


@pytest.mark.parametrize(
    ("lines", "months", "reason"),
    [
        ([{"billing_frequency": "yearly"}], 12, "NO_LONGER_PERIOD"),
        ([{"billing_frequency": "yearly"}, {}], 12, None),
        ([{"billing_frequency": "quarterly"}], 8, "PERIODS_DO_NOT_FIT"),
        ([{"billing_frequency": "quarterly"}], 6, None),
        ([{"billing_frequency": "weekly"}], 12, "PERIODS_DO_NOT_FIT"),
        # months that no price period is the name of
        ([{"billing_frequency": "custom", "billing_term_scheme_id": "TWO"}], 12, "PERIODS_DO_NOT_FIT"),
        # instalments of a year: half a year is two of them, 8 months are none
        ([{"billing_term_scheme_id": "YEARS"}], 6, None),
        ([{"billing_term_scheme_id": "YEARS"}], 8, "PERIODS_DO_NOT_FIT"),
        ([{"end_date": "2026-01-15"}], 12, "NO_LONGER_PERIOD"),
    ],
)
def test_periods_that_a_duration_fits(judged, lines, months, reason):
    assert judged({"months": months}, lines=lines)[1] == ({} if reason is None else {"R1": reason})


def test_a_request_begins_when_the_last_one_has_ended(judged):
    """One that does not count is in nobody's way."""
    unapproved = {"request_id": "R0", "start_date": "2026-01-10", "approver_id": None}
    later = {"request_id": "R2", "start_date": "2027-01-14"}
    assert judged(unapproved, {}, later) == ({"R1": "YEAR"}, {"R0": "NOT_APPROVED", "R2": "OVERLAPPING_REQUEST"})
    assert judged({}, later | {"start_date": "2027-01-15"}) == ({"R1": "YEAR", "R2": "YEAR"}, {})

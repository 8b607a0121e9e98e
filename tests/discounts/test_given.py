"""Which discounts are given, from when to when: approved requests, and automatic ones."""

from collections.abc import Callable
from datetime import date

import pytest
from sample_rows import (
    Row,
    account,
    approval,
    billing_cycle,
    collaboration,
    criterion,
    definition,
    discount_request,
    offer_term,
    order_line,
    order_term,
    role,
    sample,
    scheme,
    scheme_term,
    service_job,
    subscription,
    user,
)

from billing_assets.discounts.given import Given, given
from billing_assets.discounts.tables import DISCOUNT_REQUESTS
from billing_assets.discounts.targets import Asked
from billing_assets.orders.tables import ORDER_LINES, ORDER_TERMS, SERVICE_JOBS, SUBSCRIPTIONS
from billing_assets.quotes.tables import APPROVALS
from billing_assets.reference import tables as reference
from billing_assets.reference.tables import RECEIVER_FIELDS, SEGMENTS

CONTRACTS = {table.name: table for table in (SUBSCRIPTIONS, ORDER_LINES, ORDER_TERMS, SERVICE_JOBS, *reference.INPUTS)}
segment = sample(SEGMENTS, segment_id="PEARL")
ACCOUNTS = [
    account(classification="VIP"),
    account(account_id="BEN", payer_account_id="ANNA", source_line=3),
    account(account_id="CARL", payer_account_id="CARL", billing_cycle="tenth", source_line=4),
]
LIVES = {
    "accounts": ACCOUNTS,
    "billing_cycles": [billing_cycle(), billing_cycle(billing_cycle="tenth", anchor_day=10)],
    "billing_term_schemes": [scheme(), scheme(billing_term_scheme_id="FIXED", discount_option="none")],
    "subscriptions": [
        subscription(), subscription(subscription_id="SON", account_id="BEN", subscription_type="GOLD"),
        subscription(subscription_id="FIXED", billing_term_scheme_id="FIXED"),
        subscription(subscription_id="LATE", account_id="CARL", start_date="2026-03-20"),
    ],
    "order_lines": [
        order_line(ordered_on="2025-12-10", offer_id="OFFER", product_id="MOBILE"),
        order_line(order_line_id="cpq:O2:1", subscription_id="SON"),
        order_line(order_line_id="cpq:O3:1", subscription_id="FIXED"),
        order_line(order_line_id="cpq:O4:1", subscription_id="LATE", ordered_on="2026-02-27", start_date="2026-03-20"),
    ],
    "offer_terms": [offer_term(binding_months=3)],
    "roles": [role(), role(role="manager", approves_requests=True)],
    "users": [
        user(), user(user_id="pat", organisational_unit="partner"), user(user_id="out", organisational_unit="other"),
        user(user_id="mia", role="manager", organisational_unit="care"),
        user(user_id="max", role="manager", organisational_unit="care"),
        user(user_id="tom", organisational_unit="care"), user(user_id="noa", role="manager"),
    ],
    "unit_collaborations": [collaboration()],
}  # fmt: skip


@pytest.fixture(scope="module")
def decide(table, engine) -> Callable[..., Given]:
    """What becomes of requests, decisions and automatic definitions; `tables` are other rows of LIVES."""

    def run(
        definitions: list[Row], *requests: Row, decisions: tuple[Row, ...] = (), criteria: tuple[Row, ...] = (),
        **tables: list[Row],
    ) -> Given:  # fmt: skip
        rows = LIVES | {"discount_definitions": definitions, "discount_criteria": list(criteria)} | tables
        t = {name: table(contract, *rows.get(name, ())) for name, contract in CONTRACTS.items()}
        fields = {row["field"] for row in criteria}.intersection(RECEIVER_FIELDS)
        fields |= {row["field"] for row in tables.get("segments", ())} if "segment" in fields else set()
        words = ([row[name] for row in definitions] for name in ("target", "starts_on", "binding_period"))
        renewals = [row["renewal_months"] for row in definitions if row.get("renewal_months")]
        asked = Asked(*words, renewals, fields=sorted(fields))
        asking, decided = table(DISCOUNT_REQUESTS, *requests), table(APPROVALS, *decisions)
        return given(asking, decided, t, asked, engine.cache)

    return run


@pytest.fixture(scope="module")
def reasons(rows, decide) -> Callable[..., dict[str, tuple[str, str]]]:
    """{request: (reason, detail)} of what is refused."""

    def run(*args, **kwargs):
        return {r["discount_request_id"]: (r["reason"], r["detail"]) for r in rows(decide(*args, **kwargs).refused)}

    return run


@pytest.fixture(scope="module")
def spans(rows, decide) -> Callable[..., dict[tuple[str, str], tuple[str, str]]]:
    """{(discount, subscription): (first day, first day after it)} of what is given."""

    def run(*args, **kwargs):
        found = rows(decide(*args, **kwargs).discounts)
        return {
            (r["discount_id"], r["subscription_id"]): (str(r["valid_from"]), str(r["valid_to"]))
            for r in found
        }  # fmt: skip

    return run


DEFINITIONS = [
    definition(valid_from="2026-01-01", valid_to="2027-01-01"),
    definition(discount_definition_id="RANGE", discount_type="amount", value=None, minimum_value="5",
               maximum_value="20", currency="EUR"),
    definition(discount_definition_id="UNITS", allowed_units="shop"),
    definition(discount_definition_id="BOUND", binding_period="in"),
    definition(discount_definition_id="HOUSE", target="account"),
    definition(discount_definition_id="FREE", discount_type="free_period", value=None, minimum_value="1",
               maximum_value="3"),
    definition(discount_definition_id="VIP"),
    definition(discount_definition_id="AUTO", given="automatic", valid_to="2000-01-01"),
]  # fmt: skip


def test_why_a_request_is_refused(reasons):
    asked = {
        "definition": {"discount_definition_id": "X"},
        "automatic": {"discount_definition_id": "AUTO"},
        "target": {"account_id": "ANNA"},
        "no target": {"discount_definition_id": "HOUSE"},
        "subscription": {"subscription_id": "X"},
        "account": {"discount_definition_id": "HOUSE", "subscription_id": None, "account_id": "X"},
        "scheme": {"subscription_id": "FIXED"},
        "user": {"requester_id": "X"},
        "nobody": {"discount_definition_id": "UNITS"},
        "unit": {"discount_definition_id": "UNITS", "requester_id": "out"},
        "little": {"discount_definition_id": "RANGE", "value": "4.99"},
        "much": {"discount_definition_id": "RANGE", "value": "20.01"},
        "none": {"discount_definition_id": "RANGE"},
        "other": {"value": "11"},
        "half": {"discount_definition_id": "FREE", "value": "1.5"},
        "criteria": {"discount_definition_id": "VIP", "subscription_id": "SON"},
        "early": {"start_date": "2025-12-31"},
        "late": {"requested_on": "2027-01-01"},
        "unbound": {"discount_definition_id": "BOUND", "subscription_id": "SON"},
        "no longer bound": {"discount_definition_id": "BOUND", "start_date": "2026-04-01"},
        "end": {"start_date": "2026-02-01", "end_date": "2026-02-01"},
        "good": {},
    }
    vip = criterion(discount_definition_id="VIP", field="classification", allowed_values="VIP|staff")
    requests = [discount_request(discount_request_id=name, **values) for name, values in asked.items()]
    assert reasons(DEFINITIONS, *requests, criteria=(vip,)) == {
        "definition": ("UNKNOWN_DEFINITION", "discount_definition_id 'X'"),
        "automatic": ("UNKNOWN_DEFINITION", "discount_definition_id 'AUTO'"),
        "target": ("WRONG_TARGET", "discount_definition_id 'TEN'"),
        "no target": ("WRONG_TARGET", "discount_definition_id 'HOUSE'"),
        "subscription": ("UNKNOWN_SUBSCRIPTION", "subscription_id 'X'"),
        "account": ("UNKNOWN_ACCOUNT", "account_id 'X'"),
        "scheme": ("DISCOUNT_NOT_ALLOWED", "target_id 'FIXED'"),
        "user": ("UNKNOWN_USER", "requester_id 'X'"),
        "nobody": ("UNKNOWN_USER", "requester_id ''"),
        "unit": ("UNIT_NOT_ALLOWED", "requester_id 'out'"),
        "little": ("VALUE_NOT_ALLOWED", "value '4.9900000000'"),
        "much": ("VALUE_NOT_ALLOWED", "value '20.0100000000'"),
        "none": ("VALUE_NOT_ALLOWED", "value ''"),
        "other": ("VALUE_NOT_ALLOWED", "value '11.0000000000'"),
        "half": ("VALUE_NOT_ALLOWED", "value '1.5000000000'"),
        "criteria": ("CRITERIA_NOT_MET", "target_id 'SON'"),
        "early": ("NOT_AVAILABLE", "start_date '2025-12-31'"),
        "late": ("NOT_AVAILABLE", "start_date '2027-01-01'"),
        "unbound": ("NOT_IN_BINDING_PERIOD", "target_id 'SON'"),
        "no longer bound": ("NOT_IN_BINDING_PERIOD", "target_id 'SUB'"),
        "end": ("END_BEFORE_START", "end_date '2026-02-01'"),
    }


def test_units_that_collaborate_may_ask(reasons):
    requests = [discount_request(discount_request_id=who, discount_definition_id="UNITS", requester_id=who,
                                 start_date=f"2026-0{n}-01", end_date=f"2026-0{n}-02")
                for n, who in enumerate(("sam", "pat"), start=1)]  # fmt: skip
    assert reasons(DEFINITIONS, *requests) == {}


CARE = [definition(approval_unit="care", times_per_year=3, duration_months=1)]


def test_only_what_was_approved_is_given(rows, decide):
    requests = [discount_request(discount_request_id=f"D{n}", requester_id="mia" if n == 4 else "sam",
                                 start_date=f"2026-0{n}-01") for n in range(1, 7)]  # fmt: skip
    found = decide(CARE, *requests, decisions=(
        approval(object_id="D1"), approval(object_id="D2", decision="declined", comment="No reason"),
        approval(object_id="D3", approver_id="tom"), approval(object_id="D4", approver_id="mia"),
        approval(object_id="D5", approver_id="noa"), approval(object_id="D6", approver_id="X"),
        approval(object_id="D7"), approval(object_id="D1", decided_on="2026-01-01", decision="declined"),
    ))  # fmt: skip
    states = {r["discount_request_id"]: (r["state"], r["decided_by"], r["decision_comment"])
              for r in rows(found.requests)}  # fmt: skip
    assert states == {
        "D1": ("approved", "mia", None), "D2": ("declined", "mia", "No reason"),
        **dict.fromkeys(("D3", "D4", "D5", "D6"), ("pending", None, None)),
    }  # fmt: skip
    assert {r["discount_request_id"]: r["reason"] for r in rows(found.refused)} == {
        "D3": "NOT_PRIVILEGED", "D4": "SELF_APPROVAL", "D5": "OTHER_UNIT", "D6": "UNKNOWN_USER",
        "D7": "UNKNOWN_REQUEST",
    }  # fmt: skip
    assert [r["discount_id"] for r in rows(found.discounts)] == ["D1"]


def test_as_many_in_a_year_as_the_definition_allows(reasons, spans):
    """Three of 2026 and one of 2027; a declined one, and one that overlaps, count for nothing."""
    days = {"D1": "2026-01-15", "D2": "2026-02-15", "over": "2026-02-20", "no": "2026-03-15", "D3": "2026-04-15",
            "D4": "2026-12-31", "D5": "2027-01-31"}  # fmt: skip
    requests = [discount_request(discount_request_id=name, requester_id="sam", start_date=day)
                for name, day in days.items()]  # fmt: skip
    other = discount_request(discount_request_id="other", requester_id="sam", subscription_id="SON",
                             start_date="2026-02-20")  # fmt: skip
    decisions = tuple(approval(object_id=name, decision="declined" if name == "no" else "approved")
                      for name in (*days, "other"))  # fmt: skip
    assert reasons(CARE, *requests, other, decisions=decisions) == {
        "over": ("OVERLAPPING_DISCOUNT", "valid_from '2026-02-20'"), "D4": ("TOO_OFTEN", "valid_from '2026-12-31'"),
    }  # fmt: skip
    assert {discount for discount, _ in spans(CARE, *requests, other, decisions=decisions)} == {
        "D1", "D2", "D3", "D5", "other",
    }  # fmt: skip


def test_the_discount_of_an_account_reduces_all_that_it_pays_for(spans):
    """ANNA pays for BEN; what has no flexible prices is left out."""
    asked = discount_request(discount_definition_id="HOUSE", subscription_id=None, account_id="ANNA")
    assert {subscription for _, subscription in spans(DEFINITIONS, asked)} == {"SUB", "SON"}


AUTO = {"given": "automatic", "valid_from": "2026-01-01", "valid_to": "2026-03-01"}
LASTING = {
    "all that there are within its validity; LATE begins after it":
        ({}, {"SUB": ("2026-01-01", "2026-03-01"), "SON": ("2026-01-01", "2026-03-01")}),
    "they have it from its first day on":
        ({"valid_from": "2026-02-10"}, {"SUB": ("2026-02-10", "2026-03-01"), "SON": ("2026-02-10", "2026-03-01")}),
    "only those that begin within it":
        ({"starts_on": "service_start", "valid_from": "2026-01-02"}, {}),
    "or are agreed on within it; from the first day of the service":
        ({"starts_on": "agreement", "valid_from": "2026-01-02", "duration_months": 2},
         {"LATE": ("2026-03-20", "2026-05-20")}),
    "however late that is":
        ({"starts_on": "agreement", "valid_from": "2025-12-10", "valid_to": "2025-12-11", "duration_months": 1},
         {"SUB": ("2026-01-01", "2026-02-01")}),
    "an amount is of one billing month; LATE's begin on the 10th":
        ({"discount_type": "amount", "valid_to": "2026-04-01"},
         {"SUB": ("2026-01-01", "2026-02-01"), "SON": ("2026-01-01", "2026-02-01"),
          "LATE": ("2026-03-20", "2026-04-10")}),
    "or of some":
        ({"discount_type": "amount_per_period", "duration_months": 2, "valid_to": "2026-04-01"},
         {"SUB": ("2026-01-01", "2026-03-01"), "SON": ("2026-01-01", "2026-03-01"),
          "LATE": ("2026-03-20", "2026-05-10")}),
    "free months":
        ({"discount_type": "free_period", "value": "3"},
         {"SUB": ("2026-01-01", "2026-04-01"), "SON": ("2026-01-01", "2026-04-01")}),
    "free months that begin with a product may do so in its validity":
        ({"discount_type": "free_period", "value": "3", "starts_on": "service_start", "valid_to": "2026-06-01"},
         {"SUB": ("2026-01-01", "2026-06-01"), "SON": ("2026-01-01", "2026-06-01"),
          "LATE": ("2026-03-20", "2026-06-01")}),
    "or from the agreement on, though the service begins later":
        ({"discount_type": "free_period", "value": "3", "starts_on": "agreement", "valid_from": "2026-01-02",
          "valid_to": "2026-06-01"}, {"LATE": ("2026-02-27", "2026-06-01")}),
    "in a binding period: SUB is bound until April":
        ({"binding_period": "in", "valid_to": "2026-06-01"}, {"SUB": ("2026-01-01", "2026-04-01")}),
    "out of one":
        ({"binding_period": "out", "valid_to": "2026-06-01"},
         {"SUB": ("2026-04-01", "2026-06-01"), "SON": ("2026-01-01", "2026-06-01"),
          "LATE": ("2026-03-20", "2026-06-01")}),
}  # fmt: skip


def test_whom_an_automatic_discount_is_given_to_and_how_long(spans):
    definitions = [definition(**AUTO | {"discount_definition_id": name} | terms)
                   for name, (terms, _) in LASTING.items()]  # fmt: skip
    assert spans(definitions) == {
        (f"{name}:{subscription}", subscription): span
        for name, (_, expected) in LASTING.items() for subscription, span in expected.items()
    }  # fmt: skip


RENEWED = {
    "ten months of twelve":
        ({"duration_months": 10, "renewal_months": 12, "valid_to": "2028-01-01"},
         [("2026-01-15", "2026-11-15"), ("2027-01-15", "2027-11-15")]),
    "the last time it begins on a day of its validity":
        ({"duration_months": 1, "renewal_months": 1, "valid_to": "2026-03-16"},
         [("2026-01-15", "2026-02-15"), ("2026-02-15", "2026-03-15"), ("2026-03-15", "2026-04-15")]),
    "an amount, each half year in a billing month":
        ({"discount_type": "amount", "renewal_months": 6, "valid_to": "2026-07-02"},
         [("2026-01-15", "2026-02-01"), ("2026-07-01", "2026-08-01")]),
    "once, agreed on in a validity that ended before the service began":
        ({"starts_on": "agreement", "duration_months": 1, "valid_from": "2025-12-10", "valid_to": "2025-12-11"},
         [("2026-01-01", "2026-02-01")]),
    "never: it began after the validity had ended":
        ({"duration_months": 1, "renewal_months": 1, "valid_from": "2025-01-01", "valid_to": "2025-06-01"}, []),
    "a free month in every year":
        ({"discount_type": "free_period", "value": "1", "renewal_months": 12, "valid_to": "2028-01-01"},
         [("2026-01-15", "2026-02-15"), ("2027-01-15", "2027-02-15")]),
}  # fmt: skip


def test_automatic_discounts_that_are_given_anew(spans):
    auto = AUTO | {"valid_from": "2026-01-15"}
    definitions = [definition(**auto | {"discount_definition_id": name} | terms)
                   for name, (terms, _) in RENEWED.items()]  # fmt: skip
    assert spans(definitions, subscriptions=[subscription()]) == {
        (f"{name}:SUB" + (f":{span[0]}" if n else ""), "SUB"): span
        for name, (_, expected) in RENEWED.items() for n, span in enumerate(expected)
    }  # fmt: skip


def test_free_months_that_are_asked_for_begin_with_the_request(spans):
    """Of a subscription that began on 1 January; the day of its service, or of its agreement, counts as valid."""
    free = {"discount_type": "free_period", "value": "1", "valid_to": "2026-12-01"}
    definitions = [definition(**free | {"discount_definition_id": name, "starts_on": name})
                   for name in ("service_start", "any_day", "agreement")]  # fmt: skip
    requests = [discount_request(discount_request_id=name, discount_definition_id=name, requested_on="2026-02-01")
                for name in ("service_start", "any_day", "agreement")]  # fmt: skip
    dated = discount_request(discount_request_id="dated", discount_definition_id="service_start", subscription_id="SON",
                             requested_on="2026-02-01", start_date="2026-01-20")  # fmt: skip
    assert spans(definitions, *requests, dated) == {
        ("service_start", "SUB"): ("2026-02-01", "2026-03-01"), ("any_day", "SUB"): ("2026-02-01", "2026-03-01"),
        ("agreement", "SUB"): ("2025-12-10", "2026-01-10"), ("dated", "SON"): ("2026-01-20", "2026-02-20"),
    }  # fmt: skip


def test_a_binding_period_is_the_one_that_was_agreed_on(spans):
    """Of the line itself, else of its offer on the day of the order, else of its scheme; 0 months are none."""
    agreed = {"ordered_on": "2025-12-10", "offer_id": "OFFER", "billing_term_scheme_id": "SCHEME"}
    bound = [definition(**AUTO | {"binding_period": "in", "valid_to": "2027-01-01"})]
    expired = [offer_term(binding_months=3, valid_to="2025-12-10")]
    general = [scheme_term(binding_months=6)]

    def ends(*lines: Row, own=(), offered=()) -> list[str]:
        terms = {"order_terms": list(own), "offer_terms": list(offered), "scheme_terms": general}
        return [end for _, end in spans(bound, order_lines=lines or [order_line(**agreed)], **terms).values()]

    assert ends(own=[order_term(binding_months=2)], offered=[offer_term(binding_months=3)]) == ["2026-03-01"]
    assert ends(offered=[offer_term(binding_months=3)]) == ["2026-04-01"]
    assert ends(offered=expired) == ["2026-07-01"]
    assert ends(own=[order_term(binding_months=0)]) == []
    last = {"order_line_id": "cpq:O1:1/cpq:A1:1", "start_date": "2026-05-01", "ordered_on": "2026-04-20"}
    offered = [offer_term(binding_months=3), offer_term(binding_months=12, valid_from="2026-04-01")]
    lines = (order_line(**agreed, end_date="2026-05-01"), order_line(**agreed | last))
    assert ends(*lines, offered=offered) == ["2027-01-01"]


def test_criteria_of_who_has_it(spans):
    receive = {
        ("account_id", "ANNA|CARL"): {"SUB", "LATE"},
        ("subscription_id", "SON"): {"SON"},
        ("subscription_type", "GOLD"): {"SON"},
        ("classification", "VIP"): {"SUB"},
        ("country", "FR"): {"SUB", "SON", "LATE"},
        ("segment", "PEARL"): {"SON"},
    }
    pearl = [segment(field="subscription_type", allowed_values="GOLD|PLATINUM"),
             segment(field="country", allowed_values="FR", source_line=3)]  # fmt: skip
    wanted = tuple(criterion(discount_definition_id=field, field=field, allowed_values=values)
                   for field, values in receive)  # fmt: skip
    auto = [definition(**AUTO | {"discount_definition_id": field, "valid_to": "2027-01-01"}) for field, _ in receive]
    assert set(spans(auto, criteria=wanted, segments=pearl)) == {
        (f"{field}:{subscription}", subscription)
        for (field, _), subscriptions in receive.items() for subscription in subscriptions
    }  # fmt: skip


LATE_JOB = {"subscription_id": "SUB", "agreed_on": "2026-01-05", "expected_on": "2026-01-19", "done_on": "2026-01-20"}
PROMPT = LATE_JOB | {"job_id": "PROMPT", "done_on": "2026-01-19"}
SETTLED = LATE_JOB | {"job_id": "FIXED", "subscription_id": "SON", "line_id": "2"}
DONE = {
    "service_jobs": [service_job(**LATE_JOB), service_job(**PROMPT), service_job(**SETTLED),
                     service_job(**LATE_JOB | {"line_id": "2", "done_on": "2026-01-19"}),
                     service_job(**LATE_JOB | {"job_id": "NEVER", "done_on": None})],
    "order_lines": [
        order_line(order_line_id=name, ordered_line_id=f"service_job:{name}", subscription_id=subscription,
                   ordered_on="2026-01-05", start_date=done, billing_term_scheme_id=scheme_id)
        for name, subscription, done, scheme_id in (
            ("J1:1", "SUB", "2026-01-20", "SCHEME"), ("J1:2", "SUB", "2026-01-19", "SCHEME"),
            ("PROMPT:1", "SUB", "2026-01-19", None), ("FIXED:2", "SON", "2026-01-20", "FIXED"),
        )
    ],
}  # fmt: skip
OF_JOB = {"target": "service_job"}
LATE = (criterion(field="job_completion", allowed_values="late"),)


def test_service_jobs_have_discounts_of_their_own(spans):
    """From the first to the last day on which one of its lines was done; the scheme of the job counts."""
    auto = definition(**AUTO | OF_JOB | {"valid_to": "2026-01-20"})
    assert spans([auto], **DONE) == {
        ("TEN:J1", "SUB"): ("2026-01-19", "2026-01-21"), ("TEN:PROMPT", "SUB"): ("2026-01-19", "2026-01-20"),
    }  # fmt: skip
    assert spans([auto], criteria=LATE, **DONE) == {("TEN:J1", "SUB"): ("2026-01-19", "2026-01-21")}
    in_time = (criterion(field="job_completion", allowed_values="in_time"),)
    assert set(spans([auto], criteria=in_time, **DONE)) == {("TEN:PROMPT", "SUB")}
    vip = (*LATE, criterion(field="classification", allowed_values="VIP"))
    assert set(spans([auto], criteria=vip, **DONE)) == {("TEN:J1", "SUB")}
    assert spans([auto | {"valid_from": date(2026, 1, 20)}], **DONE) == {}


def test_a_discount_of_a_job_may_be_asked_for_after_it_was_done(spans, reasons):
    asked = {"J1": {}, "PROMPT": {}, "FIXED": {}, "NEVER": {}, "both": {"job_id": "J1", "subscription_id": "SUB"},
             "subscription": {"job_id": None, "subscription_id": "SUB"}}  # fmt: skip
    usual = {"subscription_id": None, "requested_on": "2026-02-10"}
    requests = [discount_request(**usual | {"discount_request_id": name, "job_id": name} | values)
                for name, values in asked.items()]  # fmt: skip
    definitions = [definition(**OF_JOB, valid_to="2026-03-01")]
    assert spans(definitions, *requests, criteria=LATE, **DONE) == {("J1", "SUB"): ("2026-01-19", "2026-01-21")}
    assert reasons(definitions, *requests, criteria=LATE, **DONE) == {
        "PROMPT": ("CRITERIA_NOT_MET", "target_id 'PROMPT'"),
        "FIXED": ("DISCOUNT_NOT_ALLOWED", "target_id 'FIXED'"),
        "NEVER": ("UNKNOWN_JOB", "job_id 'NEVER'"),
        "both": ("WRONG_TARGET", "discount_definition_id 'TEN'"),
        "subscription": ("WRONG_TARGET", "discount_definition_id 'TEN'"),
    }


def test_an_account_has_what_one_of_its_subscriptions_meets(spans):
    """But only those that meet it are reduced; the discount is one, from the first of its subscriptions on."""
    gold = (criterion(field="subscription_type", allowed_values="GOLD"),)
    assert spans([definition(**AUTO | {"target": "account"})], criteria=gold) == {
        ("TEN:ANNA", "SON"): ("2026-01-01", "2026-03-01")
    }  # fmt: skip

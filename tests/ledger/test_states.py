"""What has become of schedule records, by the schedule of today and what was posted of their periods."""

from datetime import date
from decimal import Decimal

import pytest
from sample_rows import Row, sample

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_RECORDS
from billing_assets.ledger.states import schedule_states
from billing_assets.ledger.tables import POSTED_ITEMS

OF_MONTH = {"month": "2015-04", "billing_cycle": "first", "currency": "USD"}
LINE = "cpq:O1:1"
_record = sample(BILLING_SCHEDULE_RECORDS, **OF_MONTH, status="pending_invoice", fee_amount="100")
_posted = sample(
    POSTED_ITEMS, **OF_MONTH, charged_month="2015-04", source_table="billing_schedule_details", invoice_id="FIRST",
    amount="100", service_end="2015-05-01",
)  # fmt: skip
header = sample(BILLING_HEADERS, billing_header_id=f"BH-{LINE}")


def record(start: str = "2015-04-01", end: str = "2015-05-01", line: str = LINE, **values: object) -> Row:
    status = values.get("status")
    named = f"BSR-{line}:{start}" + (f":{status}" if status else "")
    of_header = {"billing_schedule_record_id": named, "billing_header_id": f"BH-{line}"}
    return _record(**of_header, period_start=start, period_end=end, **values)


def posted(start: str = "2015-04-01", line: str = LINE, category: str = "fee", **values: object) -> Row:
    return _posted(source_id=f"BSD-{line}:{start}:{category}", **values)


@pytest.fixture
def states(table, rows):
    """(record, state, invoice, posted amount) by hand-made rows."""

    def run(records: list[Row], headers: list[Row], items: list[Row]) -> list[tuple[str, str, str | None, Decimal]]:
        found = schedule_states(
            table(BILLING_SCHEDULE_RECORDS, *records), table(BILLING_HEADERS, *headers), table(POSTED_ITEMS, *items)
        )
        return sorted(
            (row["billing_schedule_record_id"], row["state"], row["invoice_id"], row["posted_amount"])
            for row in rows(found)
        )

    return run


def test_what_was_posted_is_invoiced(states):
    other = record(line="cpq:O2:1")
    headers = [header(), header(billing_header_id="BH-cpq:O2:1")]
    assert states([record(), other], headers, [posted()]) == [
        ("BSR-cpq:O1:1:2015-04-01", "invoiced", "FIRST", 100),
        ("BSR-cpq:O2:1:2015-04-01", "pending_invoice", None, 0),
    ]


def test_of_a_source_that_is_no_schedule_nothing_is_said(states):
    usage = _posted(source_table="rated_items", source_id=f"BSD-{LINE}:2015-04-01:fee")
    assert states([], [header()], [usage]) == []


def test_what_was_corrected_stays_invoiced(states):
    """With the first invoice, and what it comes to by now."""
    corrected = [posted(invoice_id="LATER", amount="-100"), posted(invoice_id="LATER", amount="90")]
    found = states([record()], [header()], [posted(), *corrected])
    assert found == [("BSR-cpq:O1:1:2015-04-01", "invoiced", "FIRST", 90)]


def test_phases_and_categories_are_of_one_record(states):
    """A trial until 11 April, and a reduction: three details."""
    items = [
        posted(amount="0", service_end="2015-04-11"), posted("2015-04-11", amount="66.6666666667"),
        posted("2015-04-11", category="discount", amount="-6.6666666667"),
    ]  # fmt: skip
    found = states([record()], [header()], items)
    assert found == [("BSR-cpq:O1:1:2015-04-01", "invoiced", "FIRST", 60)]


def test_parts_of_a_split_line_have_records_of_their_own(states):
    parts = [f"{LINE}#1", f"{LINE}#2", f"{LINE}#2#2015-04-16"]
    headers = [header(billing_header_id=f"BH-{part}") for part in parts]
    items = [posted(line=parts[0], amount="40"), posted("2015-04-16", line=parts[2], invoice_id="BEN", amount="60")]
    found = states([record(line=parts[0]), record(line=parts[1]), record("2015-04-16", line=parts[2])], headers, items)
    assert found == [
        ("BSR-cpq:O1:1#1:2015-04-01", "invoiced", "FIRST", 40),
        ("BSR-cpq:O1:1#2#2015-04-16:2015-04-16", "invoiced", "BEN", 60),
        ("BSR-cpq:O1:1#2:2015-04-01", "pending_invoice", None, 0),
    ]


CUT = {"superseded": "superseded", "cancelled": "invoice_cancelled"}


@pytest.mark.parametrize("status", CUT)
def test_of_a_period_that_was_cut_short_the_part_that_is_left_has_what_was_posted(states, status):
    """The line ended on 16 April, after all of April was posted. It is added up once."""
    records = [record(end="2015-04-16"), record(status=status)]
    found = states(records, [header(end_date="2015-04-16", replaced_as=status)], [posted()])
    assert found == [
        ("BSR-cpq:O1:1:2015-04-01", "invoiced", "FIRST", 100),
        (f"BSR-cpq:O1:1:2015-04-01:{status}", CUT[status], "FIRST", 0),
    ]


@pytest.mark.parametrize("status", CUT)
def test_of_a_period_that_is_gone_the_replaced_record_has_it(states, status):
    """The line ended before April; its end was planned, so the schedule knows what April would have been."""
    ended = header(end_date="2015-04-01", replaced_as=status)
    found = states([record(status=status)], [ended], [posted()])
    assert found == [(f"BSR-cpq:O1:1:2015-04-01:{status}", CUT[status], "FIRST", 100)]


@pytest.mark.parametrize(
    ("headers", "state"),
    [
        ([header(end_date="2015-04-01", replaced_as="superseded")], "superseded"),
        ([header(end_date="2015-04-01", replaced_as="cancelled")], "invoice_cancelled"),
        ([header(end_date="2015-04-01")], "invoice_cancelled"),
        ([], "invoice_cancelled"),
    ],
    ids=["superseded", "cancelled", "ended", "no such line"],
)
def test_without_a_record_it_is_found_in_the_ledger(states, headers, state):
    (found,) = states([], headers, [posted()])
    assert found[1:] == (state, "FIRST", 100)


def test_what_nobody_was_billed_for_is_just_cancelled(states):
    ended = header(end_date="2015-04-16", replaced_as="cancelled")
    assert states([record(end="2015-04-16"), record(status="cancelled")], [ended], []) == [
        ("BSR-cpq:O1:1:2015-04-01", "pending_invoice", None, 0),
        ("BSR-cpq:O1:1:2015-04-01:cancelled", "cancelled", None, 0),
    ]
    # billed after it was cancelled: up to the end, and no further
    until = posted(service_end=str(date(2015, 4, 16)))
    assert states([record(end="2015-04-16"), record(status="cancelled")], [ended], [until]) == [
        ("BSR-cpq:O1:1:2015-04-01", "invoiced", "FIRST", 100),
        ("BSR-cpq:O1:1:2015-04-01:cancelled", "cancelled", "FIRST", 0),
    ]

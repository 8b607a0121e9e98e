"""Everything about an order, asset, contract or subscription, asked for by one reference."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sample_rows import account, billing_cycle, billing_split, currency, order_line, sample

from billing_assets.billing_schedule.tables import (
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    BILLING_SCHEDULE_RECORDS,
    UNBILLED_AMOUNTS,
)
from billing_assets.calendar import month_range
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.ledger.tables import BILLING_SCHEDULE_STATES, POSTED_INVOICES
from billing_assets.orders.tables import BILLING_SPLITS, ORDER_LINES
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES
from jobs import cli
from jobs.explain_reference import explain_reference
from resources.ledger import Ledger

IN_FIRST = {"month": "2026-01", "billing_cycle": "first", "currency": "EUR"}
HEADER = "BH-cpq:O1:1#2"
header = sample(
    BILLING_HEADERS, order_line_id="cpq:O1:1", ordered_line_id="cpq:O1:1", split_part=2, subscription_id="SUB",
    service_account_id="ANNA", payer_account_id="BEN", billing_cycle="first", time_zone="Europe/Paris",
    product_id="MOBILE", tax_code="STANDARD", price_type="recurring", billing_frequency="quarterly",
    period_unit="month", period_length=3, period_anchor=2026 * 12, alignment="billing_day", billing_rule="in_advance",
    billing_day=1, price_period="month", proration="calendar_days", residual="last",
    pricing_source="order_line", quantity="1", unit_price="100", net_price="100", tax_included=False, currency="EUR",
    start_date="2026-01-01", end_date="2026-07-01", service_start="2026-01-01", billing_header_id=HEADER,
)  # fmt: skip
record = sample(
    BILLING_SCHEDULE_RECORDS, **IN_FIRST, billing_header_id=HEADER, period_start="2026-01-01",
    period_end="2026-04-01", ready_for_invoice_date="2026-01-01",
)  # fmt: skip
detail = sample(
    BILLING_SCHEDULE_DETAILS, **IN_FIRST, billing_header_id=HEADER, billing_schedule_detail_id="BSD-1",
    billing_schedule_record_id="BSR-1", record_type="regular", category="fee", period_start="2026-01-01",
    period_end="2026-04-01", full_price="300", days_before=0, billed_days=90, full_days=90, fee_amount="120",
    undivided_amount="300",
)  # fmt: skip
left = sample(
    UNBILLED_AMOUNTS, **IN_FIRST, billing_header_id=HEADER, records=1, next_ready_date="2026-04-01",
    unbilled_amount="120",
)  # fmt: skip


def test_a_subscription(billed, capsys):
    """20.00 from 10 January: 20 * 22 / 31, and February; then twelve months that no run has taken yet."""
    assert cli.main(["explain", "SUB-1", "--lake", str(billed / "lake")]) == 0
    printed = re.sub("[0-9a-f]{32}", "ID", capsys.readouterr().out)
    assert printed.splitlines() == [
        "SUB-1: 2 order lines",
        "MOBILE for ANNA from 2026-01-10: order line cpq:O1:1 (new), imported_orders.csv:2",
        "  BH-cpq:O1:1: 20.00 EUR monthly, in advance; ANNA pays",
        "    2026-01 pending invoice: 2026-01-10 to 2026-02-01 (exclusive), ready on 2026-01-10: 14.1935483871",
        "      14.1935483871 from 2026-01-10 on: item ID of 2026-01-ANNA-EUR",
        "    2026-01 pending invoice: 2026-02-01 to 2026-03-01 (exclusive), ready on 2026-02-01: 20.00",
        "      20.00 from 2026-02-01 on: item ID of 2026-01-ANNA-EUR",
        "    34.1935483871 EUR billed up to 2026-01; no end is known",
        *(
            f"    pending billing: {month}-01 to {later}-01 (exclusive), ready on {month}-01: 20.00"
            for month, later in pairwise(month_range("2026-03", "2027-03"))
        ),
        "CALLS for ANNA from 2026-01-10: order line cpq:O1:2 (new), imported_orders.csv:3",
        "  usage of SUB-1, by plan PLAN",
    ]


@pytest.fixture
def company(lake, table):
    """A lake with what is known of those who pay."""
    lake.write(ACCOUNTS, table(ACCOUNTS, account(account_id="BEN", payer_account_id="BEN")))
    lake.write(BILLING_CYCLES, table(BILLING_CYCLES, billing_cycle()))
    lake.write(CURRENCIES, table(CURRENCIES, currency()))
    return lake


@pytest.fixture
def written(company, table):
    """A lake with one part of a line, of which a quarter is billed, one replaced, and one left."""
    lake = company
    references = {"asset_id": "BOX", "contract_id": "C-1", "opportunity_id": "OPP-1",
                  "customer_reference": "PO-7"}  # fmt: skip
    lake.write(ORDER_LINES, table(ORDER_LINES, order_line(end_date="2026-07-01", **references)))
    second = billing_split(part=2, percent="40", percent_before="60")
    lake.write(BILLING_SPLITS, table(BILLING_SPLITS, second))
    lake.write(BILLING_HEADERS, table(BILLING_HEADERS, header()))
    months = {
        BILLING_SCHEDULE_RECORDS: (
            record(billing_schedule_record_id="BSR-1", status="pending_invoice", fee_amount="120"),
            record(billing_schedule_record_id="BSR-1:superseded", status="superseded", fee_amount="0"),
        ),
        BILLING_SCHEDULE_DETAILS: (detail(),),
        UNBILLED_AMOUNTS: (left(),),
    }
    for contract, rows in months.items():
        lake.write_month(contract, table(contract, *rows), "2026-01", ["first"], True)
    return lake


@pytest.mark.parametrize("reference", ["O1", "cpq:O1", "cpq:O1:1", "BOX", "C-1", "OPP-1", "PO-7", "SUB", HEADER])
def test_every_reference_leads_to_its_lines(written, reference):
    assert list(explain_reference(written, reference)) == [
        f"{reference}: 1 order line",
        "MOBILE for ANNA from 2026-01-01 to 2026-07-01 (exclusive): order line cpq:O1:1 (new), order_lines.csv:2",
        f"  {HEADER}: 100.00 EUR for a month, in advance, part 2; BEN pays",
        "    2026-01 pending invoice: 2026-01-01 to 2026-04-01 (exclusive), ready on 2026-01-01: 120.00",
        "      120.00 of 300.00 from 2026-01-01 on: no item yet",
        "    2026-01 superseded: 2026-01-01 to 2026-04-01 (exclusive), ready on 2026-01-01: 0.00",
        "    120.00 EUR billed up to 2026-01; 120.00 to be billed, next on 2026-04-01",
        "    pending billing: 2026-04-01 to 2026-07-01 (exclusive), ready on 2026-04-01: 120.00",
    ]


def test_what_was_posted_and_is_corrected(written, table):
    """Posted in January: the quarter of 120.00, and 40.00 of a period that is no more, which February gives back."""
    known = {**IN_FIRST, "billing_header_id": HEADER, "invoice_id": "2026-01-BEN-EUR"}
    states = (
        {**known, "billing_schedule_record_id": "BSR-1", "state": "invoiced", "posted_amount": "120"},
        {**known, "billing_schedule_record_id": "BSR-2:cancelled", "state": "invoice_cancelled", "posted_amount": "40"},
    )
    state = sample(BILLING_SCHEDULE_STATES)
    written.write_month(
        BILLING_SCHEDULE_STATES, table(BILLING_SCHEDULE_STATES, *(state(**row) for row in states)), "2026-01",
        ["first"], True,
    )  # fmt: skip
    correction = sample(
        BILLED_ITEMS, month="2026-02", billing_cycle="first", item_id="I2", item_type="fee", leg="vendor_to_customer",
        payer_account_id="BEN", label="Plan", source_table="billing_schedule_details",
        source_id="BSD-cpq:O1:1#2:2026-04-01:fee", tax_code="STANDARD", service_start="2026-04-01",
        service_end="2026-05-01", amount="-40", currency="EUR", tax_included=False, invoice_id="2026-02-BEN-EUR",
        corrects_month="2026-01", item_key="K", events=0,
    )  # fmt: skip
    written.write_month(BILLED_ITEMS, table(BILLED_ITEMS, correction()), "2026-02", ["first"], True)
    with Ledger.of(written).posting("2026-01", "first", datetime(2026, 2, 1, tzinfo=UTC), "me", "1") as draft:
        numbered = sample(
            POSTED_INVOICES, **IN_FIRST, invoice_id="2026-01-BEN-EUR", posting_id=1, invoice_number="INV-2026-000001",
            year=2026, place=1, document_type="invoice", vendor_account_id="VENDOR", payer_account_id="BEN",
            issue_date="2026-02-01", due_date="2026-03-03", net_amount="160", tax_amount="0", gross_amount="160",
        )  # fmt: skip
        draft.keep_invoices(draft.write(POSTED_INVOICES, table(POSTED_INVOICES, numbered())))
    said = list(explain_reference(written, "O1"))
    assert said[3] == "    2026-01 invoiced: 2026-01-01 to 2026-04-01 (exclusive), ready on 2026-01-01: 120.00"
    assert said[6:8] == [
        "    2026-01 invoice cancelled: 40.00 posted with INV-2026-000001 (2026-01-BEN-EUR); no longer in the schedule",
        "    2026-02 corrects 2026-01: -40.00 for 2026-04-01 to 2026-05-01 (exclusive): item I2 of 2026-02-BEN-EUR",
    ]


def test_before_any_month_is_billed_everything_is_pending(company, table):
    """Conga's one-time order line: 102.00, pending billing until the run of its month takes it."""
    once = {"price_type": "one_time", "billing_frequency": "one_time", "start_date": "2026-01-12", "net_price": "102",
            "unit_price": "102", "end_date": None}  # fmt: skip
    company.write(ORDER_LINES, table(ORDER_LINES, order_line(source_order_id="O-001", **once)))
    of_line = once | {"period_unit": None, "period_length": None, "period_anchor": None, "alignment": None}
    company.write(BILLING_HEADERS, table(BILLING_HEADERS, header(split_part=None, price_period="billing_period",
                                                                 **of_line)))  # fmt: skip
    assert list(explain_reference(company, "O-001"))[2:] == [
        f"  {HEADER}: 102.00 EUR once, in advance; BEN pays",
        "    pending billing: 2026-01-12 to 2026-01-13 (exclusive), ready on 2026-01-12: 102.00",
    ]

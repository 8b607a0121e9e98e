"""Fees: one item for each detail of the billing schedule."""

from datetime import date
from decimal import Decimal

from sample_rows import order_line, product, sample, service_job

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_DETAILS
from billing_assets.fees.fees import fee_items, hours
from billing_assets.orders.tables import ORDER_LINES, SERVICE_JOBS
from billing_assets.reference.tables import PRODUCTS

header = sample(
    BILLING_HEADERS, billing_header_id="BH-1", order_line_id="1", subscription_id="SUB", service_account_id="SON",
    payer_account_id="ANNA", billing_cycle="first", time_zone="Europe/Paris", product_id="MOBILE",
    tax_code="STANDARD", price_type="recurring", billing_frequency="monthly", billing_rule="in_advance",
    billing_day=1, pricing_source="offer", quantity="2", unit_price="10", net_price="20", tax_included=True,
    currency="EUR",
    start_date="2026-01-10",
)  # fmt: skip
detail = sample(
    BILLING_SCHEDULE_DETAILS, month="2026-01", billing_cycle="first", billing_schedule_detail_id="BSD-1:fee",
    billing_schedule_record_id="BSR-1", billing_header_id="BH-1", record_type="regular", category="fee",
    period_start="2026-01-10", period_end="2026-02-01", billed_days=22, full_days=31, fee_amount="14.1935483871",
    currency="EUR",
)  # fmt: skip


SIM = {"billing_header_id": "BH-2", "order_line_id": "2", "product_id": "SIM", "quantity": "1"}


def items(rows, table, *details, units=None):
    return rows(
        fee_items(
            table(BILLING_SCHEDULE_DETAILS, *details),
            table(BILLING_HEADERS, header(), header(**SIM)),
            table(PRODUCTS, product(product_id="MOBILE", name="Mobile"), product(product_id="SIM", name="SIM card")),
            units,
        )
    )


def test_a_fee_is_an_item_with_the_source_it_was_made_from(rows, table):
    (item,) = items(rows, table, detail())
    assert item.pop("item_key") != item.pop("item_id")
    assert item == {
        "month": "2026-01", "billing_cycle": "first", "item_type": "fee", "leg": "vendor_to_customer",
        "payer_account_id": "ANNA", "service_account_id": "SON", "subscription_id": "SUB", "product_id": "MOBILE",
        "label": "Mobile", "component": None, "source_table": "billing_schedule_details", "source_id": "BSD-1:fee",
        "price_plan_id": None, "rate_id": None, "zone_id": None, "time_band_id": None, "unit": "piece",
        "tax_code": "STANDARD", "service_start": date(2026, 1, 10), "service_end": date(2026, 2, 1), "events": 1,
        "quantity": Decimal(2), "billed_quantity": Decimal(2), "unit_price": None, "price_per": Decimal(1),
        "tax_included": True, "amount": Decimal("14.1935483871"), "currency": "EUR",
    }  # fmt: skip


def test_every_detail_is_an_item(rows, table):
    given = (detail(), detail(billing_schedule_detail_id="BSD-2:fee", period_start="2026-02-01"),
             detail(billing_schedule_detail_id="BSD-3:fee", billing_header_id="BH-2"))  # fmt: skip
    found = {item["source_id"]: (item["label"], item["item_key"]) for item in items(rows, table, *given)}
    assert {source: label for source, (label, _) in found.items()} == {
        "BSD-1:fee": "Mobile", "BSD-2:fee": "Mobile", "BSD-3:fee": "SIM card",
    }  # fmt: skip
    assert len({key for _, key in found.values()}) == 3


def test_what_is_taken_off_for_buying_in_advance_has_its_name(rows, table):
    off = detail(billing_schedule_detail_id="BSD-1:discount", category="discount", fee_amount="-5")
    (item,) = items(rows, table, off)
    assert (item["label"], item["component"], item["amount"]) == ("Mobile", "reduction", Decimal(-5))


def test_the_unit_price_is_that_of_a_whole_period(rows, table):
    """Two lines at 10 a month: 30 for three months each. Nothing for a part of a period, or what has no exact half."""

    def price(**values) -> Decimal | None:
        (item,) = items(rows, table, detail(**values))
        return item["unit_price"]

    assert price(full_price="60", fee_amount="60") == Decimal(30)
    assert price(full_price="20", fee_amount="14.1935483871") is None
    assert price(full_price="0.0000000001", fee_amount="0.0000000001") is None
    assert price(full_price="20", fee_amount="20", category="discount") is None


def test_jobs_by_duration_are_billed_in_hours(rows, table):
    jobs = table(SERVICE_JOBS, service_job(unit="minute"), service_job(line_id="2"))
    done = {"source": "service_job", "source_order_id": "J1"}
    lines = table(ORDER_LINES, order_line(order_line_id="1", **done), order_line(**done | {"source_line_id": "2"}))
    (item,) = items(rows, table, detail(), units=hours(lines, jobs))
    assert (item["unit"], item["quantity"]) == ("hour", Decimal(2))
    (item,) = items(rows, table, detail(billing_header_id="BH-2"), units=hours(lines, jobs))
    assert item["unit"] == "piece"

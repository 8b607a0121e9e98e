"""Service jobs as order lines: their hours and pieces, their plan, and how they are changed."""

from decimal import Decimal

import pytest
from order_lives import Lives, action
from sample_rows import order, service_job

from billing_assets.orders.service_jobs import as_orders, imported_again, job_facts
from billing_assets.orders.tables import IMPORTED_ORDERS, SERVICE_JOBS
from billing_assets.orders.versions import as_ordered


@pytest.mark.parametrize(
    ("quantity", "unit", "units"),
    [("3", "piece", "3"), ("5", "hour", "5"), ("300", "minute", "5"), ("100", "minute", "1.666666667"),
     ("90", "second", "0.025")],
)  # fmt: skip
def test_time_is_billed_in_hours(table, rows, quantity, unit, units):
    (found,) = rows(as_orders(table(SERVICE_JOBS, service_job(quantity=quantity, unit=unit))))
    assert found["quantity"] == Decimal(units)


def test_what_is_done_is_ordered(table, rows):
    jobs = table(SERVICE_JOBS, service_job(line_id="2"), service_job(job_id="J2", done_on=None, source_line=3))
    (found,) = rows(as_ordered(as_orders(jobs)))
    assert (found["order_line_id"], str(found["start_date"]), str(found["ordered_on"]), found["source_line"]) == (
        "service_job:J1:2", "2026-01-20", "2026-01-05", 2
    )  # fmt: skip


def test_a_job_is_ordered_once(table, rows):
    again = order(source="service_job", source_order_id="J1")
    imported = table(IMPORTED_ORDERS, order(), again, again | {"source_line_id": "2"})
    (refused,) = rows(imported_again(imported, as_orders(table(SERVICE_JOBS, service_job()))))
    assert (refused["reason"], refused["source_order_id"]) == ("ORDERED_BY_JOB", "J1")


def test_what_conditions_look_at(table, rows):
    jobs = (
        service_job(job_type="repair", expected_on="2026-01-20"),
        service_job(job_id="J2", expected_on="2026-01-19"),
        service_job(job_id="J3"),
    )
    found = {
        (row["ordered_line_id"], row["field"]): row["value"] for row in rows(job_facts(table(SERVICE_JOBS, *jobs)))
    }
    assert found == {
        ("service_job:J1:1", "job_type"): "repair", ("service_job:J1:1", "job_completion"): "in_time",
        ("service_job:J2:1", "job_completion"): "late",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "price", "reasons"), [("2026-01-20", 35, {}), ("2026-01-21", 40, {"A1": "ACTION_OUT_OF_ORDER"})]
)
def test_a_job_is_amended_until_it_is_done(table, rows, engine, day, price, reasons):
    """Half an hour at 40.00, which becomes 35.00."""
    job = service_job(product_id="MOBILE", quantity="30", unit="minute", unit_price="40")
    (ordered,) = rows(as_orders(table(SERVICE_JOBS, job)))
    cheaper = action(source="service_job", amends_order_id="J1", start_date=day, unit_price="35")
    lines, refused, _ = Lives(table, rows, engine)([ordered], cheaper)
    assert [row["net_price"] for row in rows(lines)] == [Decimal(price) / 2]
    assert refused == reasons

"""What is free: months of recurring fees, from when on, and units of usage."""

from decimal import Decimal

import pytest
from month_of_discounts import SCHEDULED, detail, header, record
from sample_rows import bundle_item, criterion, discount, item, order_line, rated_item, sample

from billing_assets.billing_schedule.tables import ADVANCE_PURCHASES
from billing_assets.charges.tables import USAGE_CHARGES

charged_total = sample(
    USAGE_CHARGES, month="2026-01", billing_cycle="first", usage_charge_id="T1", charge_key="T", component="usage",
    leg="vendor_to_customer", payer_account_id="ANNA", service_account_id="ANNA", subscription_id="SUB",
    product_id="DATA", service_start="2026-01-01", service_end="2026-02-01", events=1, unit="MB", billed_quantity="30",
    tax_included=False, amount="6", currency="EUR",
)  # fmt: skip
FREE = {"discount_type": "free_period"}


MONTHS = {
    "three of the twelve months that are billed at once, 20.00 each: 180.00 are left":
        (("240", "2026-01-01", "2027-01-01"), ("2026-01-01", "2026-04-01"), 60),
    "a part of a month, by its days": (("28", "2026-02-01", "2026-03-01"), ("2026-01-10", "2026-02-10"), 9),
    "all of a first part": (("14", "2026-01-10", "2026-02-01"), ("2026-01-10", "2026-02-10"), 14),
    "the period began before": (("62", "2026-01-01", "2026-03-01"), ("2026-02-01", "2026-05-01"), 31),
    "it begins later": (("31", "2026-02-01", "2026-03-01"), ("2026-01-01", "2026-02-01"), None),
}  # fmt: skip


def test_free_months(items):
    given, fees = [], []
    for name, ((amount, start, end), (first, last), _) in MONTHS.items():
        fees.append(item(amount=amount, service_start=start, service_end=end, subscription_id=name))
        given.append(discount(**FREE, value="1", valid_from=first, valid_to=last, subscription_id=name, target_id=name))
    found = {row["subscription_id"]: -row["amount"] for row in items(*given, fees=tuple(fees), **SCHEDULED)}
    assert found == {name: taken for name, (*_, taken) in MONTHS.items() if taken}


PURCHASE = sample(
    ADVANCE_PURCHASES, billing_header_id="YEAR", whole_header="BH-1", request_id="R1", bought_from="2026-02-01",
    bought_to="2027-02-01", months=12,
)  # fmt: skip
BEGUN = {
    "with the discount": ({"valid_to": "2026-02-01"}, {"MOBILE": 31}),
    "with the service: MOBILE's on 1 January, DATA's on 1 February":
        ({"starts_on": "service_start"}, {"MOBILE": 31, "DATA": 28}),
    "or later, with the discount":
        ({"starts_on": "service_start", "valid_from": "2026-02-01"}, {"MOBILE": 28, "DATA": 28}),
    "with the agreement: DATA's was on 20 January":
        ({"starts_on": "agreement"}, {"MOBILE": 31, "DATA": 19}),
    "only on the days of the discount":
        ({"starts_on": "service_start", "valid_to": "2026-02-01"}, {"MOBILE": 31}),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "taken"), BEGUN.values(), ids=BEGUN)
def test_when_free_months_begin(items, terms, taken):
    """A month is free of fees of 1.00 a day, for January and for February; DATA is there from February on."""
    ordered = (("MOBILE", "2026-01-01", "2025-12-10"), ("DATA", "2026-02-01", "2026-01-20"))
    scheduled = {
        "headers": tuple(header(billing_header_id=name, product_id=name, order_line_id=name, service_start=start,
                                subscription_id="SUB") for name, start, _ in ordered),
        "lines": tuple(order_line(order_line_id=name, product_id=name, ordered_on=day) for name, _, day in ordered),
        "details": tuple(detail(billing_schedule_detail_id=name, billing_header_id=name) for name, *_ in ordered),
        "records": (record(),),
    }  # fmt: skip
    january = item(source_id="MOBILE", amount="31", service_start="2026-01-01", service_end="2026-02-01")
    february = {"amount": "28", "service_start": "2026-02-01", "service_end": "2026-03-01"}
    fees = (january, item(source_id="MOBILE", **february), item(source_id="DATA", product_id="DATA", **february))
    found = items(discount(**FREE | {"value": "1", "valid_from": "2026-01-01"} | terms), fees=fees, **scheduled)
    together: dict[str, Decimal] = {}
    for row in found:
        together[row["product_id"]] = together.get(row["product_id"], Decimal(0)) - row["amount"]
    assert together == taken


def test_free_months_of_what_is_bought_in_advance_begin_with_it(items):
    """A year for 240.00 from February on, of a service from January on; the next one has no more of them."""
    months = {"JANUARY": ("20", "2026-01-01", "2026-02-01"), "YEAR": ("240", "2026-02-01", "2027-02-01"),
              "NEXT": ("240", "2027-02-01", "2028-02-01")}  # fmt: skip
    scheduled = {
        "headers": tuple(header(billing_header_id=name, subscription_id="SUB", product_id="MOBILE",
                                service_start="2026-01-01") for name in months),
        "details": tuple(detail(billing_schedule_detail_id=name, billing_header_id=name) for name in months),
        "purchases": (PURCHASE(), PURCHASE(billing_header_id="NEXT", bought_from="2027-02-01")),
        "lines": (order_line(ordered_on="2025-12-10"),), "records": (record(),),
    }  # fmt: skip
    fees = tuple(item(source_id=name, amount=amount, service_start=start, service_end=end)
                 for name, (amount, start, end) in months.items())  # fmt: skip
    bought = (criterion(field="advance_months", allowed_values="12"),)
    for starts_on in ("service_start", "agreement"):
        free = discount(**FREE, value="3", starts_on=starts_on, valid_from="2025-12-10", valid_to="2030-01-01")
        (made,) = items(free, fees=fees, criteria=bought, **scheduled)
        assert (made["base_amount"], made["amount"]) == (240, -60)
    half_a_year = (criterion(field="advance_months", allowed_values="6"),)
    assert items(free, fees=fees, criteria=half_a_year, **scheduled) == []


def test_what_is_charged_once_or_by_usage_is_in_no_free_month(taken_off):
    once = SCHEDULED | {"headers": (header(price_type="one_time"),)}
    assert taken_off(discount(**FREE, value="1"), fees=(item(),), rated=(rated_item(),), **once) == {}


UNITS = {"discount_type": "free_usage", "unit": "s"}


def test_free_units_are_the_same_share_of_all_usage(items):
    """30 of 120 s: a quarter of 4.00 and of 2.00, the latter with 20 of 40 s covered by a bundle already."""
    made = items(
        discount(**UNITS, value="30"), totals=(charged_total(),),
        rated=(rated_item(billed_quantity="100", amount="4"),
               rated_item(product_id="DATA", billed_quantity="40", amount="4", udr_id="U2")),
        covered=(bundle_item(product_id="DATA", local_at="2026-01-15T13:00:00", covered_quantity="20", amount="-2"),),
    )  # fmt: skip
    assert {row["product_id"]: (row["base_amount"], row["amount"]) for row in made} == {
        "CALLS": (4, -1), "DATA": (2, Decimal("-0.5")),
    }  # fmt: skip
    assert {row["whole_quantity"] for row in made} == {120}


def test_more_free_units_than_were_used(taken_off):
    event = rated_item(billed_quantity="10", amount="4")
    assert taken_off(discount(**UNITS, value="30"), rated=(event,)) == {("D1", "CALLS"): Decimal(-4)}
    back = rated_item(billed_quantity="-10", amount="-4")
    assert taken_off(discount(**UNITS, value="30"), rated=(back,)) == {}


def test_free_units_of_a_total(taken_off):
    """15 of 30 MB are half of 6.00."""
    given = discount(**UNITS | {"unit": "MB"}, value="15")
    assert taken_off(given, totals=(charged_total(),), rated=(rated_item(),)) == {("D1", "DATA"): Decimal(-3)}

"""Which of its payer's invoices an item is on."""

import pytest
from sample_rows import account, discount, item, order_line, product, sample

from billing_assets.billing_schedule.tables import BILLING_HEADERS, BILLING_SCHEDULE_DETAILS
from billing_assets.discounts.tables import DISCOUNTS
from billing_assets.items import invoice_parts as rules
from billing_assets.items.tables import CHARGE_ITEMS, INVOICE_PARTS
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.reference.tables import ACCOUNTS, PRODUCTS

FEE = BILLING_SCHEDULE_DETAILS.name
header, detail = sample(BILLING_HEADERS), sample(BILLING_SCHEDULE_DETAILS)
# The subscription has internet and telephony of the order O1, and more of the telephony of the order O2 from the 16th.
LINES = tuple(
    order_line(subscription_id="S1", source="shop", **values)
    for values in (
        {"order_line_id": "shop:O1:1", "source_order_id": "O1", "product_id": "NET", "offer_id": "HOME",
         "contract_id": "C1", "customer_reference": "PO+7", "start_date": "2026-01-01"},
        {"order_line_id": "shop:O1:2", "source_order_id": "O1", "product_id": "PHONE", "offer_id": "TALK",
         "contract_id": "C2", "start_date": "2026-01-01"},
        {"order_line_id": "shop:O2:1", "source_order_id": "O2", "product_id": "PHONE", "offer_id": "TALK",
         "contract_id": "C3", "start_date": "2026-01-16"},
    )
) + tuple(
    order_line(order_line_id=f"job:{job}", subscription_id="S1", source="service_job", source_order_id=job,
               product_id="INSTALL", price_type="one_time", start_date=done)
    for job, done in (("J1", "2026-01-14"), ("J2", "2026-01-15"))
)  # fmt: skip


@pytest.fixture(scope="module")
def divided(rows, table):
    """The invoice_part of items of SON, whom ANNA pays for, and the rows of invoice_parts."""

    def run(split, *items):
        accounts = table(
            ACCOUNTS, account(invoice_split=split),
            account(account_id="SON", payer_account_id="ANNA", division="North", service_location="75001"),
        )  # fmt: skip
        products = table(PRODUCTS, product(product_id="NET", accounting_code="7061"), product(product_id="PHONE"))
        of_lines = {line["order_line_id"]: f"BH-{line['order_line_id']}" for line in LINES}
        headers = table(
            BILLING_HEADERS, *(header(billing_header_id=h, order_line_id=line) for line, h in of_lines.items())
        )
        details = table(
            BILLING_SCHEDULE_DETAILS,
            *(detail(billing_schedule_detail_id=h, billing_header_id=h) for h in of_lines.values()),
        )
        given = {
            "service_account_id": "SON",
            "subscription_id": "S1",
            "product_id": "NET",
            "source_table": "rated_items",
        }
        charged = table(CHARGE_ITEMS, *(item(item_id=str(n), **given | row) for n, row in enumerate(items)))
        given_to = discount(discount_id="LATE:J1", target="service_job", target_id="J1")
        others = (table(ORDER_LINES, *LINES), table(DISCOUNTS, given_to))
        split_up = rules.several_invoices(charged, accounts, products, details, headers, *others)
        of_item = {row["item_id"]: row["invoice_part"] for row in rows(split_up.select("item_id", "invoice_part"))}
        parts = rows(INVOICE_PARTS.shape(rules.invoice_parts(split_up)).order_by("invoice_part"))
        return [of_item.get(str(n)) for n in range(len(items))], parts

    return run


@pytest.mark.parametrize(
    ("split", "part"),
    [
        ("service_account", "SON"),
        ("subscription", "S1"),
        ("order", "shop:O1"),
        ("offer", "HOME"),
        ("contract", "C1"),
        ("location", "75001"),
        ("division", "North"),
        ("accounting_code", "7061"),
        ("customer_reference", "PO%2B7"),
        ("order|location", "shop:O1+75001"),
        ("location|order", "shop:O1+75001"),
    ],
)
def test_what_an_account_asks_for(divided, split, part):
    (found,), _ = divided(split, {})
    assert found == part


def test_who_asks_for_one_invoice_has_one(divided, rows, table):
    accounts = table(ACCOUNTS, account(), account(account_id="BEN", invoice_split="order"))
    items = table(CHARGE_ITEMS, item(item_id="1"), item(item_id="2", payer_account_id="BEN"))
    assert [row["item_id"] for row in rows(rules.one_invoice(items, accounts))] == ["1"]
    assert divided("none", {}) == ([None], [])


def test_a_fee_is_of_the_line_that_it_was_scheduled_for(divided):
    """Two orders of one product in one subscription: what is scheduled is known to the line."""
    fees = [{"product_id": "PHONE", "source_table": FEE, "source_id": f"BH-shop:{line}"} for line in ("O1:2", "O2:1")]
    assert divided("order|contract", *fees)[0] == ["shop:O1+C2", "shop:O2+C3"]


def test_the_discount_of_a_service_job_is_of_the_job(divided):
    """Two jobs of one product in one subscription; that of the subscription is of the one that began last."""
    of = {"product_id": "INSTALL", "source_table": "discounts"}
    discounts = [of | {"source_id": discount_id} for discount_id in ("LATE:J1", "TEN:S1")]
    assert divided("order", *discounts)[0] == ["service_job:J1", "service_job:J2"]


def test_what_is_used_is_of_the_line_in_force_on_its_last_day(divided):
    """Until 10 January only O1 has telephony; on the 31st both have, and O2 began last."""
    usage = [{"product_id": "PHONE", "service_end": day} for day in ("2026-01-11", "2026-02-01")]
    assert divided("order", *usage)[0] == ["shop:O1", "shop:O2"]


def test_a_product_without_a_line_is_of_another_line_of_its_subscription(divided):
    """Of the three in force O2's began last."""
    assert divided("order", {"product_id": "ROAMING"})[0] == ["shop:O2"]


def test_what_has_none_is_on_an_invoice_of_its_own(divided):
    """A fee of the account has no order; internet has one, but telephony has no accounting code."""
    of_account = {"subscription_id": None, "service_account_id": "ANNA", "product_id": "PAPER"}
    found, parts = divided("order|accounting_code", of_account, {}, {"product_id": "PHONE"})
    assert found == ["+", "shop:O1+7061", "shop:O2+"]
    shown = [(row["order_id"], row["accounting_code"], row["offer_id"]) for row in parts]
    assert shown == [(None, None, None), ("shop:O1", "7061", None), ("shop:O2", None, None)]

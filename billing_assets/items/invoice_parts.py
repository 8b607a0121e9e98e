"""Which invoice of its payer an item is on, where the payer has more than one.

An account may ask for an invoice of its own for each account that it pays for, subscription, order, offer, contract,
location, division, accounting code or reference, and for several of them at once. What an item has none of, as a fee
of the account has no order, is on an invoice without one. An item of a billing schedule is of the order line that the
schedule is of. Any other is of a line of its subscription: what a service job has taken off of a line of that job
before others; then of its product before others, of those the line that is in force on its last day, of those the one
that began last.
"""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import TypeVar

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.contract import FOREVER
from billing_assets.crm.tables import INVOICE_SPLITS, ONE_INVOICE
from billing_assets.discounts.tables import DISCOUNTS
from billing_assets.items.tables import INVOICE_PARTS, PART_COLUMNS
from billing_assets.orders.service_jobs import SOURCE as JOB_SOURCE
from billing_assets.reference.tables import SERVICE_JOB

# What an account asks for, and the column of invoice_parts that has it.
_COLUMNS = dict(zip((name for name in INVOICE_SPLITS if name != ONE_INVOICE), PART_COLUMNS, strict=True))
_OF_LINE = ("order_id", "offer_id", "contract_id", "customer_reference")
_OF_ITEM = ("subscription_id", "job_id", "product_id", "service_end")
_MARK = "+"

Text = TypeVar("Text", str, ir.StringValue)


def asking(accounts: ir.Table) -> ir.Table:
    """The accounts that ask for several invoices."""
    return accounts.filter(accounts.invoice_split != ONE_INVOICE)


def one_invoice(items: ir.Table, accounts: ir.Table) -> ir.Table:
    """The items of payers that have one invoice."""
    return items.anti_join(asking(accounts), items.payer_account_id == asking(accounts).account_id)


def several_invoices(
    items: ir.Table, accounts: ir.Table, products: ir.Table, details: ir.Table, headers: ir.Table, lines: ir.Table,
    discounts: ir.Table,
) -> ir.Table:  # fmt: skip
    """The items of payers that have several invoices, with invoice_part, and PART_COLUMNS, each after a +."""
    payers = asking(accounts).select("invoice_split", paying="account_id")
    found = items.join(payers, items.payer_account_id == payers.paying)
    users = accounts.select("division", used_by="account_id", location="service_location")
    found = found.left_join(users, found.service_account_id == users.used_by)
    codes = products.select("accounting_code", coded_product="product_id")
    found = found.left_join(codes, found.product_id == codes.coded_product)
    found = _with_line(found, details, headers, lines, discounts)
    parts = found.invoice_split.split("|")
    asked = {column: parts.contains(name) for name, column in _COLUMNS.items()}
    values = {_MARK + c: ibis.ifelse(asks, found[c], ibis.null("string")) for c, asks in asked.items()}
    return found.mutate(invoice_part=_name(found, asked)).select(*items.columns, **values)


def invoice_parts(divided: ir.Table) -> ir.Table:
    """What each of several invoices is for."""
    named = {column: divided[_MARK + column] for column in PART_COLUMNS}
    return INVOICE_PARTS.shape(
        divided.select("month", "billing_cycle", "payer_account_id", "invoice_part", **named).distinct()
    )


def invoice_id(items: ir.Table) -> ir.StringValue:
    """The draft number of the invoice that an item belongs to: month, paying account, currency.

    Where the paying account has several invoices, what this one is for stands behind a `+`.
    """
    dash = ibis.literal("-")
    part = ibis.coalesce(ibis.literal("+") + items.invoice_part, ibis.literal(""))
    return items.month + dash + items.payer_account_id + part + dash + items.currency


def number_in(month: Text, number: Text) -> Text:
    """The draft number that an invoice's series has in another month: of Python's texts, or of a table's."""
    return month + number[len("2026-01") :]


def _name(rows: ir.Table, asked: Mapping[str, ir.BooleanValue]) -> ir.StringValue:
    """The values of what the payer asks for, with a + between them; what is not there is empty."""
    pieces = [ibis.ifelse(asks, ibis.literal(_MARK) + _escaped(rows[c]), ibis.literal("")) for c, asks in asked.items()]
    return reduce(add, pieces).substr(1)


def _escaped(value: ir.StringValue) -> ir.StringValue:
    return ibis.coalesce(value, ibis.literal("")).replace("%", "%25").replace(_MARK, "%2B")


def _with_line(items: ir.Table, details: ir.Table, headers: ir.Table, lines: ir.Table, discounts: ir.Table) -> ir.Table:
    """Items with the columns of _OF_LINE of the order line that they are of."""
    named = lines.select(
        "order_line_id", "offer_id", "contract_id", "customer_reference",
        order_id=lines.source + ibis.literal(":") + lines.source_order_id,
    )  # fmt: skip
    ordered = details.select("billing_schedule_detail_id", "billing_header_id").join(
        headers.select("billing_header_id", "order_line_id"), "billing_header_id"
    )
    is_scheduled = items.source_table == BILLING_SCHEDULE_DETAILS.name
    scheduled = items.filter(is_scheduled)
    scheduled = scheduled.left_join(ordered, scheduled.source_id == ordered.billing_schedule_detail_id)
    others = _with_job(items.filter(~is_scheduled), discounts)
    nearest = _nearest_lines(others.select(_OF_ITEM).distinct(), lines)
    others = others.left_join(nearest, [others[c] == nearest[f"of_{c}"] for c in _OF_ITEM])
    placed = scheduled.select(*items.columns, of_line="order_line_id").union(
        others.select(*items.columns, of_line="order_line_id")
    )
    return placed.left_join(named, placed.of_line == named.order_line_id).select(*items.columns, *_OF_LINE)


def _with_job(items: ir.Table, discounts: ir.Table) -> ir.Table:
    """Items with job_id: the service job that a discount is of, empty for everything else."""
    of_jobs = discounts.filter(discounts.target == SERVICE_JOB)
    known = of_jobs.select("discount_id", job="target_id", given_as=ibis.literal(DISCOUNTS.name)).distinct()
    found = items.left_join(known, [items.source_table == known.given_as, items.source_id == known.discount_id])
    return found.mutate(job_id=ibis.coalesce(found.job, ibis.literal("")))


def _nearest_lines(wanted: ir.Table, lines: ir.Table) -> ir.Table:
    """The order line of each subscription, job, product and end of service."""
    offered = lines.select(
        "order_line_id", "start_date", of_subscription="subscription_id", of_product="product_id",
        of_job=ibis.ifelse(lines.source == JOB_SOURCE, lines.source_order_id, ibis.null("string")),
        until=ibis.coalesce(lines.end_date, ibis.date(FOREVER)),
    )  # fmt: skip
    both = wanted.join(offered, wanted.subscription_id == offered.of_subscription)
    in_force = (both.start_date < both.service_end) & (both.service_end <= both.until)
    place = ibis.row_number().over(
        ibis.window(
            group_by=[both[c] for c in _OF_ITEM],
            order_by=[~both.job_id.identical_to(both.of_job), both.product_id != both.of_product, ~in_force,
                      both.start_date.desc(), both.order_line_id],
        )
    )  # fmt: skip
    nearest = both.mutate(place=place).filter(ibis._.place == 0)
    return nearest.select("order_line_id", **{f"of_{c}": nearest[c] for c in _OF_ITEM})

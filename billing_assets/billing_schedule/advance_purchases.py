"""Services that are bought in advance: a header of its own for the longer period, those of the time around it cut off.

The period begins with the first usual one on or after the day that was asked for, and is billed on its first day. What
is done to the line meanwhile splits it as any other period.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.exact import AMOUNT, amount, exact_ratio, percentage, zero
from billing_assets.months import day_in_month, month_number
from billing_assets.orders.periods import next_begin
from billing_assets.reference.periods import MONTHS, PRICE_MONTHS

_WHOLE = "whole_header"
_OF_THE_PERIOD = "billing_period"


def advance_purchases(headers: ir.Table, order_lines: ir.Table, requests: ir.Table) -> ir.Table:
    """The stretches for which headers are bought in advance: whole_header, bought_from, bought_to, and their request.

    A line has one when its periods have been as they are since before the day that was asked for.
    """
    aligned = order_lines.select("order_line_id", "aligned_from")
    fees = headers.filter(headers.period_unit == "month").join(aligned, "order_line_id")
    asked = requests.select(
        "request_id", "months", "free_months", "discount_percent", asked_from="start_date", asked_for="subscription_id"
    )
    found = fees.join(asked, [fees.subscription_id == asked.asked_for, fees.period_length < asked.months])
    found = found.filter(found.aligned_from <= found.asked_from)
    begun = found.mutate(bought_from=next_begin(found, found.asked_from))
    placed = begun.mutate(
        whole_header="billing_header_id",
        bought_to=day_in_month(month_number(begun.bought_from) + begun.months, begun.billing_day),
    )
    lasting = placed.filter(placed.start_date < placed.bought_to, _end(placed) > placed.bought_from)
    return lasting.mutate(
        billing_header_id=_named(lasting.whole_header, "advance", lasting.request_id)
    ).select("billing_header_id", _WHOLE, "request_id", "bought_from", "bought_to", "months", "free_months",
             "discount_percent")  # fmt: skip


def cut_headers(headers: ir.Table, purchases: ir.Table) -> ir.Table:
    """The headers, with whole_header; those with purchases as what is bought and what is around it."""
    others = headers.anti_join(purchases, headers.billing_header_id == purchases.whole_header)
    others = others.mutate(whole_header=others.billing_header_id)
    order = ibis.window(group_by=purchases.whole_header, order_by=purchases.bought_from)
    placed = purchases.drop("billing_header_id").mutate(
        next_from=purchases.bought_from.lead().over(order), place=ibis.row_number().over(order)
    )
    rows = headers.join(placed, headers.billing_header_id == placed.whole_header)
    rows = rows.mutate(line_end=rows.end_date)
    first = rows.filter(rows.place == 0)
    before = first.mutate(end_date=first.bought_from)
    after = rows.mutate(
        billing_header_id=_named(rows.billing_header_id, "after", rows.request_id),
        start_date=rows.bought_to,
        end_date=_earlier(rows.end_date, rows.next_from),
    )
    parts = (_of_its_time(part.filter(part.start_date < _end(part))) for part in (before, _bought(rows), after))
    return ibis.union(others, *(part.select(others.columns) for part in parts))


def _of_its_time(part: ir.Table) -> ir.Table:
    """A part that ends before its line does was not replaced, and was never to go on."""
    ends_with_line = part.end_date.identical_to(part.line_end)
    return part.mutate(
        replaced_as=ibis.ifelse(ends_with_line, part.replaced_as, ibis.null("string")),
        planned_end_date=ibis.ifelse(ends_with_line, part.planned_end_date, part.end_date),
    )


def _bought(rows: ir.Table) -> ir.Table:
    """Headers of the longer period: a price of the usual period is named by the months that it is for."""
    months = {length: name for name, length in PRICE_MONTHS.items()}
    frequencies = {length: name for name, length in MONTHS.items()}
    own = rows.period_length.cases(*months.items(), else_=_OF_THE_PERIOD)
    return rows.mutate(
        billing_header_id=_named(rows.billing_header_id, "advance", rows.request_id),
        start_date=ibis.greatest(rows.start_date, rows.bought_from),
        end_date=_earlier(rows.bought_to, rows.end_date),
        period_length=rows.months,
        period_anchor=month_number(rows.bought_from),
        price_period=ibis.ifelse(rows.price_period == _OF_THE_PERIOD, own, rows.price_period),
        billing_frequency=rows.months.cases(*frequencies.items(), else_="custom"),
        billing_rule=ibis.ifelse(rows.billing_rule == "in_arrears", "in_advance", rows.billing_rule),
    )


def phases_of_parts(phases: ir.Table, headers: ir.Table) -> ir.Table:
    """The price phases of headers for all the parts that they were cut into; `headers` have whole_header."""
    parts = headers.select(_WHOLE, part="billing_header_id")
    found = phases.join(parts, phases.billing_header_id == parts.whole_header)
    return found.mutate(billing_header_id=found.part).select(phases.columns)


def reductions(details: ir.Table, purchases: ir.Table) -> ir.Table:
    """What the details of purchases are reduced by, as details of their own."""
    given = purchases.select("billing_header_id", "months", "free_months", "discount_percent")
    found = details.join(given, "billing_header_id")
    free = exact_ratio(found.fee_amount, found.free_months, found.months)
    reduced = ibis.coalesce(percentage(found.fee_amount, found.discount_percent), free)
    named = found.mutate(
        billing_schedule_detail_id=found.billing_schedule_detail_id.re_replace(":fee$", ":discount"),
        category=ibis.literal("discount"),
        undivided_amount=ibis.null(AMOUNT),
        fee_amount=amount(-reduced),
    )
    return named.filter(named.fee_amount != zero()).select(details.columns)


def _named(header: ir.StringValue, part: str, request: ir.StringValue) -> ir.StringValue:
    return header + ibis.literal(f":{part}:") + request


def _end(rows: ir.Table) -> ir.DateValue:
    return ibis.coalesce(rows.end_date, ibis.date(FOREVER))


def _earlier(first: ir.DateValue, second: ir.DateValue) -> ir.DateValue:
    """The earlier of two days; NULL is never."""
    return ibis.ifelse(first.isnull() | (second < first), second, first)

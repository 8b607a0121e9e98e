"""What is known of fees by their billing schedule: what criteria look at, whose job it is, when free months begin."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.months import whole_months
from billing_assets.orders.service_jobs import job_lines

JOB = "job_id"
ADVANCE_MONTHS = "advance_months"
PRODUCT_FROM, PRODUCT_AGREED, BOUGHT_FROM = "product_from", "product_agreed_on", "bought_from"
BEGINNINGS_OF_PRODUCT = (PRODUCT_FROM, PRODUCT_AGREED)
BEGINNINGS = (*BEGINNINGS_OF_PRODUCT, BOUGHT_FROM)
OF_SCHEDULE = ("price_type", "billing_frequency", "price_plan_id", "billed_months", ADVANCE_MONTHS)

_PRODUCT = ("subscription_id", "product_id")


def fee_facts(
    details: ir.Table, records: ir.Table, headers: ir.Table, order_lines: ir.Table, jobs: ir.Table,
    purchases: ir.Table, asked: Sequence[str],
) -> ir.Table:  # fmt: skip
    """The columns that are asked for, by source_id of fees. What none of them needs is not looked at."""
    of_details = details.select(
        "billing_header_id", "billing_schedule_record_id", source_id="billing_schedule_detail_id"
    )
    known = of_details.join(
        headers.select("billing_header_id", "order_line_id", "ordered_line_id", *_PRODUCT, "price_type",
                       "billing_frequency", product_from="service_start"),
        "billing_header_id",
    )  # fmt: skip
    period = whole_months(records.period_start, records.period_end).cast("string")
    sources = {
        "price_plan_id": (("order_line_id",), order_lines.mutate(price_plan_id=order_lines.applied_plan)),
        "billed_months": (("billing_schedule_record_id",), records.mutate(billed_months=period)),
        JOB: (("ordered_line_id",), job_lines(jobs)),
        PRODUCT_AGREED: (_PRODUCT, order_lines.group_by(*_PRODUCT).aggregate(
            **{PRODUCT_AGREED: order_lines.ordered_on.min()})),
        ADVANCE_MONTHS: (("billing_header_id",), purchases.mutate(advance_months=purchases.months.cast("string"))),
        BOUGHT_FROM: (("billing_header_id",), _first_purchases(headers, purchases)),
    }  # fmt: skip
    for name in set(asked).intersection(sources):
        keys, source = sources[name]
        found = source.select(name, **{f"of_{key}": key for key in keys})
        known = known.left_join(found, [known[key] == found[f"of_{key}"] for key in keys])
        known = known.drop(*(f"of_{key}" for key in keys))
    return known.select("source_id", *asked)


def _first_purchases(headers: ir.Table, purchases: ir.Table) -> ir.Table:
    """Of what is bought in advance the day on which its product was first bought for so many months."""
    of_product = headers.select("billing_header_id", *_PRODUCT)
    found = purchases.select("billing_header_id", "months", "bought_from").join(of_product, "billing_header_id")
    again = ibis.window(group_by=[found[c] for c in (*_PRODUCT, "months")])
    return found.select("billing_header_id", bought_from=found.bought_from.min().over(again))

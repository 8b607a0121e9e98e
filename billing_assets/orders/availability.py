"""When what is sold may be ordered, and until when it is had: by the windows of product, offer, and their catalogues.

All windows that a line is under must allow it. Who may have it early is judged by what the account is today.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.orders.versions import LINE_KEY
from billing_assets.pricing.conditions import facts_with_account
from billing_assets.records import first_reason

_ENDS = "end_of_subscription"


def available(
    ordered: ir.Table, windows: ir.Table, products: ir.Table, offers: ir.Table, accounts: ir.Table, segments: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Split what was ordered into lines that end when their windows do, and those that may not be ordered.

    Reasons: SUBSCRIPTIONS_ENDED, NO_LONGER_SOLD, NOT_YET_AVAILABLE, LIMITED_AVAILABILITY.
    """
    placed = _under_windows(ordered, "line_key", windows, products, offers)
    early = placed.filter(placed.ordered_on >= placed.limited_from)
    early = early.filter(early.general_from.isnull() | (early.ordered_on < early.general_from))
    shut_out = early.anti_join(_invited(early, accounts, segments), ("line_key", "object_type", "object_id"))
    shut_out = shut_out.select("line_key", "object_type", "object_id", is_shut_out=ibis.literal(True))
    found = placed.left_join(shut_out, ("line_key", "object_type", "object_id"))
    forever = ibis.date(FOREVER)
    begins = ibis.least(*(ibis.coalesce(found[c], forever) for c in ("limited_from", "general_from")))
    judged = first_reason(
        found,
        (found.start_date >= found[_ENDS], "SUBSCRIPTIONS_ENDED", "object_id", found.object_id),
        (found.ordered_on >= found.end_of_sale, "NO_LONGER_SOLD", "object_id", found.object_id),
        ((begins < forever) & (found.ordered_on < begins), "NOT_YET_AVAILABLE", "object_id", found.object_id),
        (found.is_shut_out.notnull(), "LIMITED_AVAILABILITY", "object_id", found.object_id),
    )
    wrong = judged.filter(judged.reason.notnull())
    first = ibis.row_number().over(group_by=wrong.line_key, order_by=[wrong.object_type, wrong.object_id])
    refused = wrong.mutate(place=first).filter(ibis._.place == 0)
    left = ordered.anti_join(refused, "line_key")
    return (
        _until(left, placed),
        refused.select(*LINE_KEY, "reason", "detail", "source_file", "source_line"),
    )


def ended_by_seller(order_lines: ir.Table, windows: ir.Table, products: ir.Table, offers: ir.Table) -> ir.Table:
    """order_line_id of the lines that end because nobody has it any longer."""
    placed = _under_windows(order_lines, "order_line_id", windows, products, offers)
    return placed.filter(placed.end_date >= placed[_ENDS]).select("order_line_id").distinct()


def _under_windows(lines: ir.Table, key: str, windows: ir.Table, products: ir.Table, offers: ir.Table) -> ir.Table:
    """The lines with each window that they are under."""
    of_lines = lines.select(key, "product_id", "offer_id")
    objects = ibis.union(
        _objects(of_lines, key, "product", "product_id"),
        _objects(of_lines, key, "offer", "offer_id"),
        *(
            _objects(of_lines.join(sold.select(name, "catalogue_id"), name), key, "catalogue", "catalogue_id")
            for name, sold in (("product_id", products), ("offer_id", offers))
        ),
        distinct=True,
    )
    limited = objects.join(windows.drop("source_file", "source_line"), ("object_type", "object_id"))
    return lines.join(limited, key)


def _objects(lines: ir.Table, key: str, object_type: str, column: str) -> ir.Table:
    return lines.select(key, object_type=ibis.literal(object_type), object_id=column)


def _invited(early: ir.Table, accounts: ir.Table, segments: ir.Table) -> ir.Table:
    """The lines and windows whose segments the line is in."""
    subjects = early.select("line_key", "account_id", "subscription_type").distinct()
    known = facts_with_account(subjects, "line_key", accounts, segments)
    member = known.filter(known.field == "segment").select(line_key="subject", segment="value")
    wanted = early.select("line_key", "object_type", "object_id", segment=early.limited_to_segments.split("|").unnest())
    return wanted.join(member, ("line_key", "segment"))


def _until(ordered: ir.Table, placed: ir.Table) -> ir.Table:
    ends = placed.group_by(ended_line="line_key").aggregate(last_day=placed[_ENDS].min())
    found = ordered.left_join(ends, ordered.line_key == ends.ended_line)
    open_end = ibis.coalesce(found.end_date, ibis.date(FOREVER))
    sooner = (found.price_type != "one_time") & (found.last_day < open_end)
    end = ibis.ifelse(sooner.fill_null(False), found.last_day, found.end_date)
    return found.mutate(end_date=end).select(ordered.columns)

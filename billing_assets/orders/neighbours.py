"""What order lines mean to each other: of one subscription, one identifier, one asset."""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.records import Rule


def neighbour_rules(lines: ir.Table) -> list[Rule]:
    """Why a line cannot stand beside earlier ones, as for first_reason.

    Reasons: SUBSCRIPTION_OF_ANOTHER_ACCOUNT, SUBSCRIPTION_OF_ANOTHER_TYPE, OVERLAPPING_SERVICE.
    """
    return [
        (_of_another_account(lines), "SUBSCRIPTION_OF_ANOTHER_ACCOUNT", "subscription_id", lines.subscription_id),
        (
            lines.subscription_type != lines.type_of_subscription,
            "SUBSCRIPTION_OF_ANOTHER_TYPE", "subscription_type", lines.subscription_type,
        ),
        (
            _overlaps_earlier(lines, lines.price_type == "usage", lines.service_identifier, lines.udr_type),
            "OVERLAPPING_SERVICE", "service_identifier", lines.service_identifier,
        ),
        (
            _overlaps_earlier(lines, lines.asset_id.notnull() & (lines.price_type != "one_time"), lines.asset_id),
            "OVERLAPPING_SERVICE", "asset_id", lines.asset_id,
        ),
    ]  # fmt: skip


def _of_another_account(lines: ir.Table) -> ir.BooleanValue:
    """Whether the subscription's first valid line is of another account."""
    window = ibis.window(
        group_by=[lines.subscription_id, lines.reason.isnull()], order_by=[lines.source_file, lines.source_line]
    )
    return lines.account_id != lines.account_id.first().over(window)


def _overlaps_earlier(lines: ir.Table, counts: ir.BooleanValue, *of: ir.Value) -> ir.BooleanValue:
    """Whether a line begins before an earlier one of the same kind, and the same identifier or asset, has ended.

    A line that does not count is by itself: its key keeps such lines from becoming one large group.
    """
    order = [lines.start_date, lines.source_file, lines.source_line]
    alone = ibis.ifelse(counts, ibis.null("string"), lines.line_key)
    group = [*of, alone, lines.price_type, lines.reason.isnull()]
    earlier = ibis.window(group_by=group, order_by=order, preceding=(None, 1))
    latest_end = ibis.coalesce(lines.end_date, ibis.literal(FOREVER).cast("date")).max().over(earlier)
    return counts & (lines.start_date < latest_end)

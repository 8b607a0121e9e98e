"""What order lines mean to each other: of one subscription, one identifier, one asset."""

import ibis
import ibis.expr.types as ir

from billing_assets.contract import FOREVER
from billing_assets.records import Rule

NEIGHBOUR_REASONS = ("SUBSCRIPTION_OF_ANOTHER_ACCOUNT", "SUBSCRIPTION_OF_ANOTHER_TYPE", "OVERLAPPING_SERVICE")


def neighbour_rules(lines: ir.Table) -> list[Rule]:
    """Why a line cannot stand beside earlier ones, as for first_reason, with one of NEIGHBOUR_REASONS."""
    other_account, other_type, overlapping = NEIGHBOUR_REASONS
    return [
        (_of_another_account(lines), other_account, "subscription_id", lines.subscription_id),
        (
            lines.subscription_type != lines.type_of_subscription,
            other_type, "subscription_type", lines.subscription_type,
        ),
        (
            _overlaps_earlier(lines, lines.price_type == "usage", lines.service_identifier, lines.udr_type),
            overlapping, "service_identifier", lines.service_identifier,
        ),
        (
            _overlaps_earlier(lines, lines.asset_id.notnull() & (lines.price_type != "one_time"), lines.asset_id),
            overlapping, "asset_id", lines.asset_id,
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
    latest_end = ibis.coalesce(lines.end_date, ibis.date(FOREVER)).max().over(earlier)
    return counts & (lines.start_date < latest_end)

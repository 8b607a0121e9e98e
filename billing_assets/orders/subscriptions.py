"""From order lines to subscriptions, and to the services that usage is recognised by."""

import ibis
import ibis.expr.types as ir


def subscriptions(order_lines: ir.Table) -> ir.Table:
    """One row per subscription: whose it is, its type, its life, and the plan of its usage.

    A subscription lives from the first start to the last end of its lines, and is open when one of them is.
    """
    grouped = order_lines.group_by("subscription_id").aggregate(
        subscription_type=order_lines.subscription_type.min(),
        account_id=order_lines.account_id.min(),
        price_plan_id=order_lines.price_plan_id.min(),
        billing_term_scheme_id=order_lines.billing_term_scheme_id.min(),
        start_date=order_lines.start_date.min(),
        last_end=order_lines.end_date.max(),
        open_lines=order_lines.end_date.isnull().sum(),
        order_lines=order_lines.count(),
    )
    return grouped.mutate(end_date=ibis.ifelse(grouped.open_lines > 0, ibis.null("date"), grouped.last_end))


def usage_lines(order_lines: ir.Table, accounts: ir.Table) -> ir.Table:
    """The order lines of usage services, with payer and time zone of their accounts."""
    usage = order_lines.filter(order_lines.price_type == "usage").mutate(price_plan_id=ibis._.applied_plan)
    return usage.join(accounts.select("account_id", "payer_account_id", "time_zone"), "account_id")


def life_limits(lines: ir.Table) -> ir.Table:
    """The (time zone, local day) pairs at which a usage service begins or ends."""
    starts = lines.select("time_zone", local_day="start_date")
    ends = lines.filter(lines.end_date.notnull()).select("time_zone", local_day="end_date")
    return starts.union(ends).distinct()


def subscription_services(lines: ir.Table, midnights: ir.Table) -> ir.Table:
    """Usage services with their life in UTC; `midnights` as of calendar.local_midnights."""
    starts = midnights.select(start_zone="time_zone", start_day="local_day", start_at="begins_at")
    ends = midnights.select(end_zone="time_zone", end_day="local_day", end_at="begins_at")
    begun = lines.join(starts, [lines.time_zone == starts.start_zone, lines.start_date == starts.start_day])
    return begun.left_join(ends, [begun.time_zone == ends.end_zone, begun.end_date == ends.end_day])

"""Rated events of a billing month: whose payer's window they fall in."""

import ibis.expr.types as ir


def payer_windows(accounts: ir.Table, windows: ir.Table) -> ir.Table:
    """The month's window of each paying account (calendar.windows), keyed by window_payer."""
    payers = accounts.select("billing_cycle", "time_zone", window_payer="account_id")
    return payers.join(windows, ["billing_cycle", "time_zone"]).select(
        "window_payer",
        "month",
        "billing_cycle",
        "begin_at",
        "start_at",
        "end_at",
        service_start="start_date",
        service_end="end_date",
    )


def rated_in_month(rated_items: ir.Table, windows: ir.Table) -> ir.Table:
    """The rated items within their payer's window, with its month, cycle and dates."""
    return rated_items.join(
        windows,
        [
            rated_items.payer_account_id == windows.window_payer,
            rated_items.billing_effective_at >= windows.start_at,
            rated_items.billing_effective_at < windows.end_at,
        ],
    )

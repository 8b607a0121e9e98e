"""Checks of the orders stage: what is odd about subscriptions, though they can be billed."""

from billing_assets.orders.tables import SUBSCRIPTIONS
from billing_assets.quality import Check, some
from billing_assets.reference.tables import ACCOUNTS
from billing_assets.run import Run


def closed_accounts_have_ended(run: Run) -> list[dict]:
    accounts = run(ACCOUNTS)
    closed = accounts.filter(accounts.closed_on.notnull()).select("account_id", "closed_on")
    of_closed = run(SUBSCRIPTIONS).join(closed, "account_id")
    going_on = of_closed.filter(of_closed.end_date.isnull() | (of_closed.end_date > of_closed.closed_on))
    return some(run, going_on.select("subscription_id", "account_id", "closed_on").order_by("subscription_id"))


CHECKS = (
    Check(SUBSCRIPTIONS, "closed_accounts_have_ended",
          "Subscriptions of a closed account end with it; one that does not is billed until an order ends it.",
          closed_accounts_have_ended, blocking=False),
)  # fmt: skip

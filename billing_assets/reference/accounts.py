"""Which accounts can be billed, and who pays for each.

Accounts are records of a CRM, not configuration: one that cannot be used is rejected with its reason,
and the others are billed.
"""

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from billing_assets.records import first_reason
from billing_assets.reference.vendor_currencies import with_billed

BILLED_ROLES = ("customer", "reseller")
BILLING_ROLES = ("vendor", "reseller")
# Five doublings follow a bill-to chain through 32 accounts.
_DOUBLINGS = 5


def judge_accounts(
    accounts: ir.Table, billing_cycles: ir.Table, vendor_currencies: ir.Table, countries: Iterable[str],
    currencies: Iterable[str], time_zones: Iterable[str],
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    """Split typed account rows into those that can be billed, with payer_account_id, and the others.

    Reasons: UNKNOWN_COUNTRY, UNKNOWN_CURRENCY, UNKNOWN_TIME_ZONE, MISSING_BILLING_CYCLE,
    UNKNOWN_BILLING_CYCLE, MISSING_VENDOR, UNKNOWN_VENDOR, CURRENCY_NOT_BILLED, UNKNOWN_PARENT, UNKNOWN_BILL_TO,
    BILL_TO_LOOP.
    """
    billed = accounts.role.isin(BILLED_ROLES)
    cycles = billing_cycles.select(known_cycle="billing_cycle")
    vendors = accounts.filter(accounts.role.isin(BILLING_ROLES)).select(known_vendor="account_id")
    parents = accounts.select(known_parent="account_id")
    joined = (
        with_billed(accounts.mutate(billed=billed), "vendor_account_id", "currency", vendor_currencies)
        .left_join(cycles, accounts.billing_cycle == cycles.known_cycle)
        .left_join(vendors, accounts.vendor_account_id == vendors.known_vendor)
        .left_join(parents, accounts.parent_account_id == parents.known_parent)
    )
    own = first_reason(
        joined,
        (~joined.country.isin(sorted(countries)), "UNKNOWN_COUNTRY", "country", joined.country),
        (~joined.currency.isin(sorted(currencies)), "UNKNOWN_CURRENCY", "currency", joined.currency),
        (~joined.time_zone.isin(sorted(time_zones)), "UNKNOWN_TIME_ZONE", "time_zone", joined.time_zone),
        (joined.billed & joined.billing_cycle.isnull(), "MISSING_BILLING_CYCLE", "billing_cycle", None),
        (
            joined.billing_cycle.notnull() & joined.known_cycle.isnull(),
            "UNKNOWN_BILLING_CYCLE",
            "billing_cycle",
            joined.billing_cycle,
        ),
        (joined.billed & joined.vendor_account_id.isnull(), "MISSING_VENDOR", "vendor_account_id", None),
        (
            joined.vendor_account_id.notnull() & joined.known_vendor.isnull(),
            "UNKNOWN_VENDOR",
            "vendor_account_id",
            joined.vendor_account_id,
        ),
        (~joined.currency_billed, "CURRENCY_NOT_BILLED", "currency", joined.currency),
        (
            joined.parent_account_id.notnull() & joined.known_parent.isnull(),
            "UNKNOWN_PARENT",
            "parent_account_id",
            joined.parent_account_id,
        ),
    )
    paid = _with_payer(own)
    judged = first_reason(
        paid,
        (paid.reason.notnull(), None, None, None),
        (paid.payer_account_id.isnull(), "UNKNOWN_BILL_TO", "bill_to_account_id", paid.bill_to_account_id),
        (~paid.pays_itself, "BILL_TO_LOOP", "bill_to_account_id", paid.bill_to_account_id),
    )
    return (
        judged.filter(judged.reason.isnull()).select(accounts.columns),
        judged.filter(judged.reason.notnull()).select("account_id", "reason", "detail", "source_file", "source_line"),
    )


def judge_changes(changes: ir.Table, accounts: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Split typed changes into those of usable accounts and the others. Reason: UNKNOWN_ACCOUNT."""
    unknown = changes.anti_join(accounts, "account_id")
    judged = first_reason(unknown, (ibis.literal(True), "UNKNOWN_ACCOUNT", "account_id", unknown.account_id))
    return (
        changes.semi_join(accounts, "account_id"),
        judged.select("account_id", "reason", "detail", "source_file", "source_line"),
    )


def _with_payer(accounts: ir.Table) -> ir.Table:
    """Follow bill-to to its end, through usable accounts only; NULL where the chain breaks."""
    usable = accounts.filter(accounts.reason.isnull())
    step = usable.select(follower="account_id", payer=ibis.coalesce(usable.bill_to_account_id, usable.account_id))
    for _ in range(_DOUBLINGS):
        ahead = step.select(reached="follower", payer_ahead="payer")
        step = step.left_join(ahead, step.payer == ahead.reached).select("follower", payer="payer_ahead")
    ends = usable.filter(usable.bill_to_account_id.isnull() & usable.role.isin(BILLED_ROLES))
    ends = ends.select(end_account_id="account_id")
    found = step.left_join(ends, step.payer == ends.end_account_id)
    return accounts.left_join(found, accounts.account_id == found.follower).mutate(
        payer_account_id=ibis._.payer,
        pays_itself=ibis._.end_account_id.notnull() | ~ibis._.billed,
    )

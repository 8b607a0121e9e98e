"""Which accounts can be billed, and who pays for each.

Accounts are records of a CRM, not configuration: one that cannot be used is rejected with its reason,
and the others are billed. A VAT id of the wrong form is no reason: the account is billed as one without.
"""

from collections.abc import Callable, Iterable, Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.records import first_reason
from billing_assets.reference import forms
from billing_assets.reference.vendor_currencies import with_billed

BILLED_ROLES = ("customer", "reseller")
BILLING_ROLES = ("vendor", "reseller")
_OWNED_BY_BILLING = (
    "billing_cycle", "bill_to_account_id", "tax_status", "invoice_split", "language", "payment_days", "payment_from",
)  # fmt: skip
MOST_PAYMENT_DAYS = 999


def with_billing_settings(accounts: ir.Table, settings: ir.Table) -> ir.Table:
    """Accounts of the CRM, with what billing decides about them in the place of what the CRM says."""
    owned = settings.select(owner="account_id", **{f"owned_{name}": settings[name] for name in _OWNED_BY_BILLING})
    both = accounts.left_join(owned, accounts.account_id == owned.owner)
    values = {name: ibis.coalesce(both[f"owned_{name}"], both[name]) for name in _OWNED_BY_BILLING}
    # who is set to pay for itself, whatever the CRM says
    itself = both.owned_bill_to_account_id.identical_to(both.account_id)
    values["bill_to_account_id"] = ibis.ifelse(itself, ibis.null("string"), values["bill_to_account_id"])
    return both.mutate(**values).select(accounts.columns)


def with_defaults(accounts: ir.Table, **defaults: str | int) -> ir.Table:
    """Accounts with what the settings say of those that say nothing themselves."""
    return accounts.mutate(**{name: ibis.coalesce(accounts[name], value) for name, value in defaults.items()})


def with_vat_form(accounts: ir.Table, rows: Callable[[ir.Table], list[dict]]) -> ir.Table:
    """Accounts with vat_id_well_formed."""
    given = [row["vat_id"] for row in rows(accounts.filter(accounts.vat_id.notnull()).select("vat_id").distinct())]
    if not given:
        return accounts
    judged = ibis.memtable(forms.vat_ids(given))
    return accounts.drop("vat_id_well_formed").left_join(judged, "vat_id").select(accounts.columns)


def judge_accounts(
    accounts: ir.Table, billing_cycles: ir.Table, vendor_currencies: ir.Table, countries: Iterable[str],
    currencies: Iterable[str], time_zones: Iterable[str], rows: Callable[[ir.Table], list[dict]],
) -> tuple[ir.Table, ir.Table]:  # fmt: skip
    """Split typed account rows into those that can be billed, with payer_account_id, and the others.

    Reasons: UNKNOWN_COUNTRY, UNKNOWN_CURRENCY, UNKNOWN_TIME_ZONE, MISSING_BILLING_CYCLE,
    UNKNOWN_BILLING_CYCLE, MISSING_VENDOR, UNKNOWN_VENDOR, CURRENCY_NOT_BILLED, UNKNOWN_PARENT,
    PARENT_LOOP, PAYMENT_DAYS_OUT_OF_RANGE, UNKNOWN_BILL_TO, BILL_TO_LOOP.
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
    endless = _without_top(accounts, rows)
    joined = joined.left_join(endless, joined.account_id == endless.endless)
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
        (joined.endless.notnull(), "PARENT_LOOP", "parent_account_id", joined.parent_account_id),
        (
            ~joined.payment_days.between(0, MOST_PAYMENT_DAYS),
            "PAYMENT_DAYS_OUT_OF_RANGE",
            "payment_days",
            joined.payment_days.cast("string"),
        ),
    )
    paid = _with_payer(own, rows)
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


def _without_top(accounts: ir.Table, rows: Callable[[ir.Table], list[dict]]) -> ir.Table:
    """`endless`: the accounts whose chain of parents leads back into itself, so that none is the topmost."""
    steps = rows(accounts.filter(accounts.parent_account_id.notnull()).select("account_id", "parent_account_id"))
    parents = {step["account_id"]: step["parent_account_id"] for step in steps}
    found = [account for account, end in ends(parents).items() if end in parents]
    return ibis.memtable(pa.table({"endless": pa.array(found, pa.string())}))


def _with_payer(accounts: ir.Table, rows: Callable[[ir.Table], list[dict]]) -> ir.Table:
    """Follow bill-to to its end, through usable accounts only; NULL where the chain breaks."""
    usable = accounts.filter(accounts.reason.isnull())
    steps = rows(usable.filter(usable.bill_to_account_id.notnull()).select("account_id", "bill_to_account_id"))
    reached = ends({step["account_id"]: step["bill_to_account_id"] for step in steps})
    chains = ibis.memtable(
        pa.table(
            {"follower": pa.array(reached, pa.string()), "reached": pa.array(reached.values(), pa.string())}
        )
    )  # fmt: skip
    payers = usable.select(
        payer="account_id", is_end=usable.bill_to_account_id.isnull() & usable.role.isin(BILLED_ROLES)
    )
    followed = accounts.left_join(chains, accounts.account_id == chains.follower)
    followed = followed.mutate(
        reached=ibis.ifelse(
            followed.reason.isnull(), ibis.coalesce(followed.reached, followed.account_id), ibis.null("string")
        )
    )
    found = followed.left_join(payers, followed.reached == payers.payer)
    return found.mutate(payer_account_id=found.payer, pays_itself=found.is_end.fill_null(False) | ~found.billed)


def ends(steps: Mapping[str, str]) -> dict[str, str]:
    """Where the chain from each account leads, through any number of accounts; one in a loop leads to itself."""
    found: dict[str, str] = {}
    for start in steps:
        path: dict[str, None] = {}
        place = start
        while place in steps and place not in path and place not in found:
            path[place] = None
            place = steps[place]
        end = found.get(place, place)
        found |= dict.fromkeys(path, end)
    return found

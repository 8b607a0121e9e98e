"""Who has a bundle: the accounts that share it, and the days of the month on which its owner is on its plan."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.bundles.events import with_owner
from billing_assets.contract import FOREVER
from billing_assets.exact import integer
from billing_assets.reference.accounts import ends

_TERMS = pa.schema([
    *((name, pa.string()) for name in ("bundle_id", "price_plan_id")),
    *((name, pa.date32()) for name in ("bundle_from", "bundle_to")),
])  # fmt: skip


def sharing(accounts: Sequence[Mapping], groups: Sequence[Mapping]) -> ir.Table:
    """member, topmost account of its hierarchy, and group_owner: its group, or itself where it is in none."""
    parents = {row["account_id"]: row["parent_account_id"] for row in accounts if row["parent_account_id"]}
    tops, group_of = ends(parents), {row["account_id"]: row["group_id"] for row in groups}
    members = [row["account_id"] for row in accounts]
    return ibis.memtable(
        pa.table({
            "member": pa.array(members, pa.string()),
            "topmost": pa.array([tops.get(member, member) for member in members], pa.string()),
            "group_owner": pa.array([group_of.get(member, member) for member in members], pa.string()),
        })
    )  # fmt: skip


def entitled(
    lines: ir.Table, windows: ir.Table, bundles: Sequence[Mapping], owners: ir.Table | None
) -> ir.Table:  # fmt: skip
    """Owners of bundles in the month, each with the days on which it has its bundle: first_day, last_day (exclusive).

    `lines` are order lines of usage with their payer (orders/subscriptions.py), `windows` those of payers
    (rating/month.py). Who owes a commitment has payer_account_id, and where it is one service_account_id and
    subscription_id.
    """
    rows = [row | {"bundle_from": row["valid_from"], "bundle_to": row["valid_to"]} for row in bundles]
    terms = ibis.memtable(pa.Table.from_pylist(rows, _TERMS))
    met = lines.join(terms, "price_plan_id").rename(service_account_id="account_id")
    placed = met.join(windows, met.payer_account_id == windows.window_payer)
    owned = with_owner(placed, bundles, owners)
    lived = owned.mutate(
        first_day=ibis.greatest(owned.start_date, owned.bundle_from),
        last_day=ibis.least(owned.end_date.fill_null(ibis.date(FOREVER)), owned.bundle_to),
    )
    found = lived.group_by("month", "billing_cycle", "owner_id", "bundle_id", "service_start", "service_end").aggregate(
        first_day=lived.first_day.min(), last_day=lived.last_day.max(), payer_account_id=lived.payer_account_id.min(),
        service_account_id=lived.service_account_id.min(), subscription_id=lived.subscription_id.min(),
        accounts=lived.service_account_id.nunique(), subscriptions=lived.subscription_id.nunique(),
    )  # fmt: skip
    return found.filter(found.first_day < found.last_day)


def days(start: ir.DateValue, end: ir.DateValue, lower: ir.DateValue, upper: ir.DateValue) -> ir.IntegerValue:
    """Days of [start, end) within [lower, upper)."""
    first, last = ibis.greatest(start, lower), ibis.least(end, upper)
    return ibis.greatest(last.delta(first, unit="day"), integer(0))

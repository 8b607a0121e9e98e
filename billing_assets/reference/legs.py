"""Who bills whom: the leg of what an account pays, and the resellers that usage passes on its way to a customer.

A leg is named by the roles of who bills and who pays, so who pays an item decides its leg.
"""

from collections.abc import Callable, Mapping, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.item import VENDOR_TO_CUSTOMER
from billing_assets.reference.accounts import BILLED_ROLES

RESELLER = "reseller"
_ABOVE = pa.schema([
    ("seller", pa.string()), ("step", pa.int64()),
    *((name, pa.string()) for name in ("reseller", "reseller_payer", "reseller_leg")),
])  # fmt: skip


def reseller_accounts(accounts: ir.Table) -> ir.Table:
    """The resellers: account_id, vendor_account_id, payer_account_id."""
    resellers = accounts.filter(accounts.role == RESELLER)
    return resellers.select("account_id", "vendor_account_id", "payer_account_id")


def payer_legs(accounts: ir.Table, rows: Callable[[ir.Table], list[dict]]) -> ir.Table | None:
    """leg_payer, seller (who bills it) and leg of accounts that are no customers of a vendor; None without resellers.

    `rows` carries out a small expression.
    """
    if not rows(reseller_accounts(accounts).limit(1)):
        return None
    sellers = accounts.select(seller="account_id", seller_role="role")
    paying = accounts.filter(accounts.role.isin(BILLED_ROLES))
    found = paying.join(sellers, paying.vendor_account_id == sellers.seller)
    legs = found.select("seller", leg_payer="account_id", leg=found.seller_role + ibis.literal("_to_") + found.role)
    return legs.filter(legs.leg != VENDOR_TO_CUSTOMER)


def with_leg(rows: ir.Table, legs: ir.Table | None) -> ir.Table:
    """Rows with the leg of their payer_account_id; `legs` as of payer_legs."""
    if legs is None:
        return rows.mutate(leg=ibis.literal(VENDOR_TO_CUSTOMER))
    found = with_seller(rows, legs)
    return found.mutate(leg=found.leg.fill_null(VENDOR_TO_CUSTOMER)).drop("seller")


def with_seller(rows: ir.Table, legs: ir.Table) -> ir.Table:
    """Rows with seller and leg of their payer_account_id, as payer_legs has them; NULL for customers of a vendor."""
    return rows.left_join(legs, rows.payer_account_id == legs.leg_payer).drop("leg_payer")


def resellers_above(resellers: Sequence[Mapping]) -> pa.Table:
    """What a reseller sells has passed itself and those above it: a row for each, by its step (1 for itself).

    Columns: seller, step, reseller, reseller_payer, reseller_leg. Those that sell to each other in a circle have none.
    """
    known = {row["account_id"]: row for row in resellers}
    above = []
    for seller in known:
        chain = [seller]
        while (place := known[chain[-1]]["vendor_account_id"]) in known and place not in chain:
            chain.append(place)
        if place not in known:
            above += [_step(seller, step, known[name], known) for step, name in enumerate(chain, start=1)]
    return pa.Table.from_pylist(above, _ABOVE)


def _step(seller: str, step: int, reseller: Mapping, known: Mapping[str, Mapping]) -> dict:
    billed_by = RESELLER if reseller["vendor_account_id"] in known else "vendor"
    return {
        "seller": seller, "step": step, "reseller": reseller["account_id"],
        "reseller_payer": reseller["payer_account_id"], "reseller_leg": f"{billed_by}_to_{RESELLER}",
    }  # fmt: skip

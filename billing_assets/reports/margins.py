"""Margins: what resellers bill for usage, and what they are charged for the usage of their customers.

Both are the net of invoice lines, so that they are what invoices are made of. What is billed in another currency than
it is charged in is in rows of its own: nothing is converted.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import amount, total, zero
from billing_assets.item import EVENT_TYPES
from billing_assets.reference.legs import reseller_accounts

_KEY = ("month", "billing_cycle", "reseller_account_id", "product_id", "currency")


def margins(
    lines: ir.Table, invoices: ir.Table, accounts: ir.Table, products: ir.Table
) -> ir.Table:  # fmt: skip
    """A row for each month, reseller, usage product and currency of what is billed and what is charged.

    A reseller that another pays for is counted as that one, as on its invoices.
    """
    parties = invoices.select("invoice_id", "payer_account_id", "vendor_account_id")
    of_usage = lines.semi_join(usage_products(products), "product_id").join(parties, "invoice_id")
    sellers = reseller_accounts(accounts).select(seller="account_id", reseller_account_id="payer_account_id")
    billed = of_usage.join(sellers, of_usage.vendor_account_id == sellers.seller)
    charged = of_usage.filter(of_usage.subscription_id.isnull(), of_usage.item_type.isin(EVENT_TYPES))
    both = ibis.union(
        billed.select(*_KEY, retail_amount="net_amount", wholesale_amount=zero()),
        charged.rename(reseller_account_id="payer_account_id").select(
            *_KEY, retail_amount=zero(), wholesale_amount="net_amount"
        ),
    )
    sums = both.group_by(*_KEY).aggregate(
        retail_amount=total(both.retail_amount), wholesale_amount=total(both.wholesale_amount)
    )
    return sums.mutate(margin=amount(sums.retail_amount - sums.wholesale_amount))


def usage_products(products: ir.Table) -> ir.Table:
    """The products whose margins are told: what resellers charge beside usage, nobody charges them for."""
    return products.filter(products.product_type == "usage_service")

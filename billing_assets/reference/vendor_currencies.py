"""Which currencies a vendor bills: those that it names, any where it names none."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.reference.broken import Rule, sentence, told, unknown


def with_billed(rows: ir.Table, vendor: str, currency: str, vendor_currencies: ir.Table) -> ir.Table:
    """Add currency_billed: whether the vendor in one column bills the currency in another."""
    naming = vendor_currencies.select(naming_vendor="vendor_account_id").distinct()
    named = vendor_currencies.select(billing_vendor="vendor_account_id", billed_currency="currency")
    found = rows.left_join(naming, rows[vendor] == naming.naming_vendor)
    found = found.left_join(named, [found[vendor] == named.billing_vendor, found[currency] == named.billed_currency])
    return found.select(rows.columns, currency_billed=found.naming_vendor.isnull() | found.billing_vendor.notnull())


def vendor_currency_rules(t: dict[str, ir.Table]) -> Iterator[Rule]:
    """Plans, and with them rates and tariffs, and prices of offers are in a currency that their vendor bills."""
    named = t["vendor_currencies"]
    vendors = t["accounts"].filter(t["accounts"].role.isin(("vendor", "reseller")))
    yield unknown(named, "vendor_account_id", vendors, "account_id", "vendor")
    yield unknown(named, "currency", t["currencies"])
    of_offer = t["offer_products"].join(t["offers"].select("offer_id", "catalogue_id"), "offer_id")
    for rows in (t["price_plans"], of_offer):
        sold = rows.join(t["catalogues"].select("catalogue_id", "vendor_account_id"), "catalogue_id")
        judged = with_billed(sold, "vendor_account_id", "currency", named)
        other = judged.filter(~judged.currency_billed)
        yield told(other, sentence("currency", other.currency, "is none that vendor", other.vendor_account_id, "bills"))

"""Value added tax: on the sum per invoice and tax group, by code, country and date of supply.

A tax group is a tax code at one rate. Its net is rounded once to whole coins, and the tax is the rate
times that net, rounded once. The date of supply is the last day of an item's service period. Accounts
that are exempt have a group at rate 0.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.crm.tables import BY_SERVICE_ACCOUNT
from billing_assets.exact import PERCENT, percentage, to_currency, total, zero
from billing_assets.item import as_items
from billing_assets.taxes.tables import TAX_ITEMS

TAX_GROUP = ("invoice_id", "tax_code", "tax_category", "rate", "country", "currency")


def invoice_id(items: ir.Table) -> ir.StringValue:
    """The draft number of the invoice that an item belongs to: month, paying account, currency.

    Where the paying account has its invoices split, the account that the invoice is for stands behind a `+`.
    """
    dash = ibis.literal("-")
    part = ibis.coalesce(ibis.literal("+") + items.split_account_id, ibis.literal(""))
    return items.month + dash + items.payer_account_id + part + dash + items.currency


def with_tax_group(items: ir.Table, accounts: ir.Table, tax_rates: ir.Table) -> ir.Table:
    """Items with invoice_id, country, rate and tax_category; the rate is NULL where none is known.

    `split_account_id` is the account that the invoice is for, where the payer has one for each.
    """
    payers = accounts.select("country", "tax_status", "invoice_split", payer="account_id")
    known = tax_rates.select("valid_from", "valid_to", known_rate="rate", rate_code="tax_code", rate_country="country")
    supplied = items.join(payers, items.payer_account_id == payers.payer)
    supplied = supplied.mutate(
        supply_date=(supplied.service_end - ibis.interval(days=1)).cast("date"),
        split_account_id=ibis.ifelse(
            supplied.invoice_split == BY_SERVICE_ACCOUNT, supplied.service_account_id, ibis.null("string")
        ),
    )
    found = supplied.left_join(
        known,
        [
            supplied.tax_code == known.rate_code,
            supplied.country == known.rate_country,
            supplied.supply_date >= known.valid_from,
            supplied.supply_date < known.valid_to,
        ],
    )
    exempt = found.tax_status == "exempt"
    rate = ibis.ifelse(exempt, ibis.literal(0).cast(PERCENT), found.known_rate)
    return found.mutate(
        invoice_id=invoice_id(found),
        rate=rate,
        tax_category=ibis.cases((exempt, "E"), (rate == 0, "Z"), else_="S"),
    )


def tax_items(grouped: ir.Table, tax_codes: ir.Table, currencies: ir.Table, windows: ir.Table) -> ir.Table:
    """One tax item per invoice and tax group of items with their group."""
    of_group = ("month", "billing_cycle", "leg", "payer_account_id", "split_account_id", *TAX_GROUP)
    sums = grouped.group_by(*of_group).aggregate(exact_amount=total(grouped.amount), events=grouped.count())
    coined = sums.join(currencies, "currency").join(tax_codes.select("tax_code", label="name"), "tax_code")
    dates = windows.select("window_payer", "service_start", "service_end")
    dated = coined.join(dates, coined.payer_account_id == dates.window_payer)
    based = dated.mutate(base_amount=to_currency(dated.exact_amount, dated.digits))
    tax = to_currency(percentage(based.base_amount, based.rate), based.digits)
    return as_items(
        based,
        TAX_ITEMS,
        item_type="tax",
        service_account_id=based.split_account_id,
        source_table="tax_rates",
        source_id=ibis.literal(":").join(
            [
                based.tax_code,
                based.country,
                based.tax_category,
                ibis.coalesce(based.rate.cast("string"), ibis.literal("-")),
            ]
        ),
        amount=ibis.coalesce(tax, zero()),
    )

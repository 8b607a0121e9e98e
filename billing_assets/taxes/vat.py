"""Value added tax: on the sum per invoice and tax group, by code, country and date of supply.

A tax group is a tax code at one rate. Its net is rounded once to whole coins, and the tax is the rate
times that net, rounded once. The date of supply is the last day of an item's service period. Accounts
that are exempt have a group at rate 0.

Prices that include tax are a group of their own: what they come to is rounded once, the net is derived from
that and rounded once, and the tax is the rest. An exempt account pays that net: without the rate that it
would have had.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.crm.tables import BY_SERVICE_ACCOUNT
from billing_assets.exact import (
    PERCENT,
    amount,
    coins_without_percentage,
    percentage,
    to_currency,
    total,
    without_percentage,
    zero,
)
from billing_assets.item import as_items
from billing_assets.taxes.categories import EXEMPT, STANDARD, ZERO, reason_code_of, words_of
from billing_assets.taxes.tables import TAX_ITEMS

TAX_GROUP = (
    "invoice_id", "tax_code", "tax_category", "rate", "country", "currency", "tax_included", "included_rate",
)  # fmt: skip
_NO_RATE = ibis.literal(0).cast(PERCENT)


def invoice_id(items: ir.Table) -> ir.StringValue:
    """The draft number of the invoice that an item belongs to: month, paying account, currency.

    Where the paying account has its invoices split, the account that the invoice is for stands behind a `+`.
    """
    dash = ibis.literal("-")
    part = ibis.coalesce(ibis.literal("+") + items.split_account_id, ibis.literal(""))
    return items.month + dash + items.payer_account_id + part + dash + items.currency


def with_tax_group(items: ir.Table, accounts: ir.Table, tax_rates: ir.Table) -> ir.Table:
    """Items with invoice_id, country, rate, tax_category and included_rate, which their price includes.

    A rate is NULL where none is known. `split_account_id` is the account that the invoice is for, where the payer has
    one for each.
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
    rate = ibis.ifelse(exempt, _NO_RATE, found.known_rate)
    return found.mutate(
        invoice_id=invoice_id(found),
        rate=rate,
        tax_category=ibis.cases((exempt, EXEMPT), (rate == 0, ZERO), else_=STANDARD),
        included_rate=ibis.ifelse(found.tax_included, found.known_rate, _NO_RATE),
    )


def without_tax(rows: ir.Table, price: ir.DecimalValue) -> ir.DecimalValue:
    """A price without the included_rate of its row."""
    return without_percentage(price, ibis.coalesce(rows.included_rate, _NO_RATE))


def net_of(groups: ir.Table, price: ir.DecimalValue) -> ir.DecimalValue:
    """The net of what groups come to, both in whole coins; groups have included_rate and digits."""
    return coins_without_percentage(price, ibis.coalesce(groups.included_rate, _NO_RATE), groups.digits)


def tax_items(grouped: ir.Table, tax_codes: ir.Table, currencies: ir.Table, windows: ir.Table) -> ir.Table:
    """One tax item per invoice and tax group of items with their group."""
    of_group = ("month", "billing_cycle", "leg", "payer_account_id", "split_account_id", *TAX_GROUP)
    sums = grouped.group_by(*of_group).aggregate(exact_amount=total(grouped.amount), events=grouped.count())
    coined = sums.join(currencies, "currency").join(tax_codes.select("tax_code", label="name"), "tax_code")
    dates = windows.select("window_payer", "service_start", "service_end")
    dated = coined.join(dates, coined.payer_account_id == dates.window_payer)
    priced = dated.mutate(price_amount=to_currency(dated.exact_amount, dated.digits))
    based = priced.mutate(base_amount=net_of(priced, priced.price_amount))
    on_top = to_currency(percentage(based.base_amount, based.rate), based.digits)
    is_rest = based.tax_included & (based.tax_category != EXEMPT)
    tax = ibis.ifelse(is_rest, amount(based.price_amount - based.base_amount), on_top)
    unknown = ibis.literal("-")
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
                ibis.coalesce(based.rate.cast("string"), unknown),
            ]
        )
        + ibis.ifelse(
            based.tax_included,
            ibis.literal(":") + ibis.coalesce(based.included_rate.cast("string"), unknown),
            ibis.literal(""),
        ),
        exemption_reason_code=reason_code_of(based.tax_category),
        exemption_reason=words_of(based.tax_category),
        amount=ibis.coalesce(tax, zero()),
    )

"""The tax of a tax group: the rate times its net, or what its prices include.

The net of a group is rounded once to whole coins, and the tax is the rate times that net, rounded once. Of prices
that include tax, what they come to is rounded once, the net is derived from that and rounded once, and the tax is
the rest; where none is due, the payer pays that net. Where lines are rounded by themselves, all this is done line by
line, and the group is their sum.
"""

from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from billing_assets.exact import (
    amount,
    coins_without_percentage,
    percentage,
    to_currency,
    total,
    total_count,
    without_percentage,
    zero,
)
from billing_assets.item import as_items
from billing_assets.reference.tables import TAX_RATES
from billing_assets.taxation.categories import words_of
from billing_assets.taxation.regimes import NO_RATE
from billing_assets.taxes.determination import TAX_GROUP
from billing_assets.taxes.tables import TAX_ITEMS

_OF_GROUP = (
    "month", "billing_cycle", "leg", "payer_account_id", "invoice_part", "tax_regime", "tax_rounding", *TAX_GROUP,
)  # fmt: skip


def without_tax(rows: ir.Table, price: ir.DecimalValue) -> ir.DecimalValue:
    """A price without the included_rate of its row."""
    return without_percentage(price, ibis.coalesce(rows.included_rate, NO_RATE))


def net_of(groups: ir.Table, price: ir.DecimalValue) -> ir.DecimalValue:
    """The net of what groups come to, both in whole coins; groups have included_rate and digits."""
    return coins_without_percentage(price, ibis.coalesce(groups.included_rate, NO_RATE), groups.digits)


def tax_of(groups: ir.Table, price: ir.DecimalValue, net: ir.DecimalValue) -> ir.DecimalValue:
    """The tax of groups: the rate times their net, or the rest of prices that include it; 0 without a rate."""
    on_top = to_currency(percentage(net, groups.rate), groups.digits)
    is_rest = groups.tax_included & (groups.rate > 0)
    return ibis.coalesce(ibis.ifelse(is_rest, amount(price - net), on_top), zero())


def group_name(rows: ir.Table) -> ir.StringValue:
    """What tells the tax groups of a payer apart, to read: code, country, category, rate, basis, reason, invoice."""
    colon, nothing, unknown = ibis.literal(":"), ibis.literal(""), ibis.literal("-")
    included = ibis.coalesce(rows.included_rate.cast("string"), unknown)
    parts = [
        rows.tax_code, rows.country, ibis.coalesce(rows.tax_category, rows.tax_regime),
        ibis.coalesce(rows.rate.cast("string"), unknown),
    ]  # fmt: skip
    further = [
        ibis.ifelse(rows.tax_included, colon + included, nothing),
        ibis.coalesce(colon + rows.exemption_reason_code, nothing),
        ibis.coalesce(colon + rows.certificate_id, nothing),
        ibis.coalesce(colon + rows.invoice_part, nothing),
    ]
    return reduce(add, further, colon.join(parts))


def tax_items(grouped: ir.Table, tax_codes: ir.Table, currencies: ir.Table, windows: ir.Table) -> ir.Table:
    """One tax item per invoice and tax group of items with their group."""
    sums = grouped.group_by(*_OF_GROUP, "rounding_unit").aggregate(
        exact_amount=total(grouped.amount), events=grouped.count()
    )
    coined = sums.join(currencies, "currency")
    priced = coined.mutate(price_amount=to_currency(coined.exact_amount, coined.digits))
    based = priced.mutate(base_amount=net_of(priced, priced.price_amount))
    taxed = based.mutate(amount=tax_of(based, based.price_amount, based.base_amount))
    groups = taxed.group_by(*_OF_GROUP).aggregate(
        **{c: total(taxed[c]) for c in ("exact_amount", "price_amount", "base_amount", "amount")},
        events=total_count(taxed.events),
    )
    named = groups.join(tax_codes.select("tax_code", label="name"), "tax_code")
    return as_tax_items(
        named,
        windows,
        source_table=TAX_RATES.name,
        source_id=group_name(named),
        exemption_reason=words_of(named.tax_category),
    )


def as_tax_items(rows: ir.Table, windows: ir.Table, **columns: ir.Value | str) -> ir.Table:
    """Taxes of invoices as items of the payer's billing month."""
    dates = windows.select("window_payer", "service_start", "service_end")
    dated = rows.join(dates, rows.payer_account_id == dates.window_payer)
    return as_items(dated, TAX_ITEMS, item_type="tax", **columns)

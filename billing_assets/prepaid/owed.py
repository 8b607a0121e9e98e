"""What an invoice asks for each of its products, tax included: credits may be for some products only."""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import amount, part_of, to_currency, total, zero
from billing_assets.taxation.regimes import ENGINE

_GROUP = ("invoice_id", "taxed_as")


def owed_by_product(lines: ir.Table, taxes: ir.Table, invoices: ir.Table, currencies: ir.Table) -> ir.Table:
    """invoice_id, payer_account_id, currency, product_id and owed: parts of what is to be paid, none below zero.

    Each product has its part of the tax of its groups, by its net. What is below zero is taken off the first of the
    others, and coins that rounding leaves are of the largest; so the parts are the whole of each invoice.
    """
    net = lines.group_by("invoice_id", "product_id", taxed_as=_taxed_as(lines, lines.tax_group)).aggregate(
        net=total(lines.net_amount)
    )
    tax = taxes.group_by(taxed_invoice="invoice_id", tax_name=_taxed_as(taxes, taxes.source_id)).aggregate(
        tax=total(taxes.amount)
    )
    taxed = net.left_join(tax, [net.invoice_id == tax.taxed_invoice, net.taxed_as == tax.tax_name])
    whole = amount(taxed.net.sum().over(ibis.window(group_by=[taxed[c] for c in _GROUP])))
    sign = ibis.ifelse(whole < zero(), -1, 1)
    parts = taxed.mutate(part=part_of(taxed.tax.fill_null(zero()), amount(taxed.net * sign), amount(whole * sign)))
    products = parts.group_by("invoice_id", "product_id").aggregate(gross=amount(total(parts.net) + total(parts.part)))
    asked = invoices.select("payer_account_id", "currency", "gross_amount", asked_invoice="invoice_id")
    found = products.join(asked, products.invoice_id == asked.asked_invoice).join(currencies, "currency")
    return _none_below_zero(_whole(found.mutate(gross=to_currency(found.gross, found.digits))))


def _taxed_as(rows: ir.Table, group: ir.StringValue) -> ir.StringValue:
    """The tax group; of a tax engine, which has taxes of its own, the tax code."""
    return ibis.ifelse(rows.tax_regime == ENGINE, rows.tax_code, group)


def _whole(found: ir.Table) -> ir.Table:
    """The parts, of which the largest has what rounding leaves of the invoice."""
    of_invoice = ibis.window(group_by=found.invoice_id)
    largest = ibis.row_number().over(
        ibis.window(group_by=found.invoice_id, order_by=[found.gross.desc(), found.product_id])
    )
    rest = amount(found.gross_amount - found.gross.sum().over(of_invoice))
    return found.mutate(gross=amount(found.gross + ibis.ifelse(largest == 0, rest, zero())))


def _none_below_zero(found: ir.Table) -> ir.Table:
    above = found.mutate(above=ibis.greatest(found.gross, zero()), below=ibis.greatest(amount(-found.gross), zero()))
    before = ibis.window(group_by=above.invoice_id, order_by=above.product_id, preceding=(None, 1))
    running = above.mutate(
        earlier=ibis.coalesce(amount(above.above.sum().over(before)), zero()),
        against=amount(above.below.sum().over(ibis.window(group_by=above.invoice_id))),
    )
    owed = amount(running.above - between(running.against, running.earlier, running.above))
    return running.mutate(owed=owed).select("invoice_id", "payer_account_id", "currency", "product_id", "owed")


def between(amount_taken: ir.DecimalValue, earlier: ir.DecimalValue, most: ir.DecimalValue) -> ir.DecimalValue:
    """What is taken of one of several in a row: what the earlier ones leave, at most all of it."""
    return ibis.greatest(ibis.least(amount(amount_taken - earlier), most), zero())

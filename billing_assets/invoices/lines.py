"""Invoice lines whose rounded amounts add up to the rounded amounts of their tax group.

Lines of one service (a subscription's product, zone and period, with what bundles and discounts take off) are rounded
down together to whole coins; the coins that are then missing from the group's amount go to the services that lost most,
one each (largest remainder; equal remainders: in the order of the line's id). In the same way each service gives its
coins to its lines, so that usage and the bundle that covers it cancel out. Where lines are rounded by themselves, each
is a whole of its own. Of prices with tax this is done twice: for what the lines
print, and for their net. What rounding did to a line, and the tax that is taken out of it, are items of their own,
so that its items add up to the net of the line.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir

from billing_assets.exact import (
    AMOUNT,
    ITEM_PRICE,
    QUANTITY,
    amount,
    integer,
    quantity,
    to_currency,
    total,
    total_count,
    zero,
)
from billing_assets.invoices.due_dates import with_due_date
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES
from billing_assets.item import as_items, digest
from billing_assets.items.carried import charged_now
from billing_assets.taxes.determination import LINE, TAX_GROUP, line_id
from billing_assets.taxes.groups import group_name, net_of, without_tax

# What is the same for all items of a line, without being what makes it a line.
_OF_LINE = (
    "leg", "payer_account_id", "invoice_part", "certificate_id", "tax_regime", "tax_rounding", "rounding_unit",
)  # fmt: skip
# A line has a price where that of all its items is the same.
_PRICE = {"unit_price": ITEM_PRICE, "price_per": QUANTITY}
# What is rounded as a whole: the tax group, or a line of it.
_ROUNDED = (*TAX_GROUP, "rounding_unit")
# What usage or a fee has in common with what bundles and discounts take off it.
_SERVICE = (*_ROUNDED, "subscription_id", "product_id", "zone_id", "service_start", "service_end")


def with_line(grouped: ir.Table) -> ir.Table:
    """Items with their tax group (taxes/determination.py) and the id of the line that prints them."""
    return grouped.mutate(invoice_line_id=line_id(grouped))


def invoice_lines(placed: ir.Table, currencies: ir.Table) -> ir.Table:
    """The lines of the month's invoices."""
    sums = placed.group_by("invoice_line_id").aggregate(
        **{c: placed[c].arbitrary() for c in (*LINE, *_OF_LINE)},
        events=total_count(placed.events),
        quantity=quantity(placed.quantity.sum()),
        billed_quantity=quantity(placed.billed_quantity.sum()),
        **{f"{end}_{name}": getattr(placed[name], end)() for name in _PRICE for end in ("min", "max")},
        priced=placed.unit_price.count(),
        items=placed.count(),
        exact_amount=total(placed.amount),
    )
    one = (sums.priced == sums.items) & reduce(and_, (sums[f"min_{name}"] == sums[f"max_{name}"] for name in _PRICE))
    prices = {name: ibis.ifelse(one, sums[f"min_{name}"], ibis.null(dtype)) for name, dtype in _PRICE.items()}
    coined = sums.mutate(**prices).join(currencies, "currency")
    whole = to_currency(_of_group(coined, coined.exact_amount), coined.digits)
    printed = _in_coins(coined, coined.exact_amount, whole, "price_amount")
    before_tax = printed.filter(~printed.tax_included).mutate(net_amount=ibis._.price_amount)
    lines = before_tax.union(_with_net(printed.filter(printed.tax_included)).select(before_tax.columns))
    return lines.mutate(
        tax_rate=lines.rate,
        tax_group=group_name(lines),
        line_number=ibis.row_number().over(
            ibis.window(
                group_by=lines.invoice_id,
                order_by=[lines.subscription_id, lines.product_id, lines.item_type == "discount",
                          lines.zone_id, lines.service_start, lines.item_type == "bundle",
                          lines.invoice_line_id],
            )
        ) + 1,
    )  # fmt: skip


def _with_net(lines: ir.Table) -> ir.Table:
    """Lines of prices with tax with their net_amount: their part of the net of the group."""
    exact = without_tax(lines, lines.exact_amount)
    return _in_coins(lines, exact, net_of(lines, _of_group(lines, lines.price_amount)), "net_amount")


def _in_coins(lines: ir.Table, exact: ir.DecimalValue, whole: ir.DecimalValue, name: str) -> ir.Table:
    """Add the column `name`: the exact amounts in coins that add up to the whole of what is rounded."""
    given = lines.mutate(exact=exact, whole=whole, service=digest(*(lines[c] for c in _SERVICE)))
    services = given.group_by("service", *_ROUNDED).aggregate(
        exact=total(given.exact), whole=given.whole.arbitrary(), digits=given.digits.arbitrary(),
        invoice_line_id=given.invoice_line_id.min(),
    )  # fmt: skip
    shared = _shared_out(services, _ROUNDED).select(of_service="service", of_services="in_coins")
    placed = given.join(shared, given.service == shared.of_service).mutate(whole=ibis._.of_services)
    return _shared_out(placed, ["service"]).select(*lines.columns, **{name: "in_coins"})


def _shared_out(rows: ir.Table, group: Sequence[str]) -> ir.Table:
    """Rows with in_coins: their exact amounts in coins that add up to the whole of their group."""
    nearest, coin = to_currency(rows.exact, rows.digits), _coin(rows.digits)
    down = ibis.ifelse(nearest > rows.exact, amount(nearest - coin), nearest)
    floored = rows.mutate(down=down, lost=amount(rows.exact - down), coin=coin)
    keys = [floored[c] for c in group]
    ranked = floored.mutate(
        floors=amount(floored.down.sum().over(ibis.window(group_by=keys))),
        place=ibis.row_number().over(
            ibis.window(group_by=keys, order_by=[floored.lost.desc(), floored.invoice_line_id])
        ),
    )
    gets_coin = amount(ranked.coin * (ranked.place + 1)) <= amount(ranked.whole - ranked.floors)
    return ranked.mutate(in_coins=amount(ranked.down + ibis.ifelse(gets_coin, ranked.coin, zero())))


def _of_group(lines: ir.Table, column: ir.DecimalColumn) -> ir.DecimalValue:
    return amount(column.sum().over(ibis.window(group_by=[lines[c] for c in _ROUNDED])))


def _coin(digits: ir.IntegerValue) -> ir.DecimalValue:
    """One coin of a currency with that many digits."""
    return ibis.cases(
        (digits == 0, _literal("1")),
        (digits == 2, _literal("0.01")),
        (digits == 3, _literal("0.001")),
        else_=_literal("0.0001"),
    )


def _literal(value: str) -> ir.DecimalScalar:
    return ibis.literal(Decimal(value), AMOUNT)


def rounding_items(lines: ir.Table) -> ir.Table:
    """What rounding added to each line, where it added anything."""
    return _of_lines(lines, amount(lines.price_amount - lines.exact_amount), "rounding", "Rounding")


def included_tax_items(lines: ir.Table) -> ir.Table:
    """What is taken out of lines of prices with tax, so that they come to their net: the tax is an item of its own."""
    return _of_lines(lines, amount(lines.net_amount - lines.price_amount), "included_tax", "Included tax")


def _of_lines(lines: ir.Table, added: ir.DecimalValue, item_type: str, label: str) -> ir.Table:
    some = lines.mutate(amount=added).filter(ibis._.amount != 0)
    return as_items(
        some.drop("component", "quantity", "billed_quantity", "corrects_month", *_PRICE),
        BILLED_ITEMS,
        item_type=item_type,
        label=label,
        source_table=INVOICE_LINES.name,
        source_id=some.invoice_line_id,
        events=integer(0),
    )


def billed_items(placed: ir.Table, lines: ir.Table, taxes: ir.Table) -> ir.Table:
    """Everything that the month's invoices are the sum of."""
    of_lines = (rounding_items(lines), included_tax_items(lines))
    untied = charged_now(taxes).mutate(invoice_line_id=ibis.null("string"))
    return ibis.union(BILLED_ITEMS.shape(placed), *of_lines, BILLED_ITEMS.shape(untied))


def invoices(lines: ir.Table, taxes: ir.Table, accounts: ir.Table, windows: ir.Table) -> ir.Table:
    """The month's invoices: totals of their lines and taxes."""
    of_invoice = ("month", "billing_cycle", "invoice_id", "payer_account_id", "invoice_part", "currency")
    net = lines.group_by(*of_invoice).aggregate(lines=lines.count(), net_amount=total(lines.net_amount))
    tax = taxes.group_by(taxed_invoice="invoice_id").aggregate(taxed=total(taxes.amount))
    payers = accounts.select("vendor_account_id", "payment_days", "payment_from", payer="account_id")
    summed = net.left_join(tax, net.invoice_id == tax.taxed_invoice).mutate(tax_amount=ibis._.taxed.fill_null(zero()))
    summed = summed.join(payers, summed.payer_account_id == payers.payer)
    dates = windows.select(
        "window_payer",
        period_start="service_start",
        period_end="service_end",
        usage_from="start_at",
        usage_to="end_at",
    )
    dated = summed.join(dates, summed.payer_account_id == dates.window_payer)
    gross = amount(dated.net_amount + dated.tax_amount)
    totals = dated.mutate(gross_amount=gross, document_type=ibis.ifelse(gross < 0, "credit_note", "invoice"))
    return with_due_date(totals)

"""Invoice lines whose rounded amounts add up to the rounded net of their tax group.

Each line is rounded down to whole coins; the coins that are then missing from the group's net go to the
lines that lost most, one each (largest remainder; equal remainders: in the order of the line's id). What
rounding did to a line is an item of its own, so that its items add up to the line.
"""

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, amount, integer, quantity, to_currency, total, total_count
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES
from billing_assets.item import as_items, digest
from billing_assets.taxes.vat import TAX_GROUP

_LINE = (
    "month", "billing_cycle", "invoice_id", "item_type", "label", "subscription_id", "product_id", "zone_id",
    "service_start", "service_end", "unit", "tax_code", "tax_category", "rate", "country", "currency",
)  # fmt: skip


def with_line(grouped: ir.Table) -> ir.Table:
    """Items with their tax group (taxes/vat.py) and the id of the line that prints them."""
    return grouped.mutate(invoice_line_id=digest(*(grouped[c] for c in _LINE)))


def invoice_lines(placed: ir.Table, currencies: ir.Table) -> ir.Table:
    """The lines of the month's invoices."""
    sums = placed.group_by("invoice_line_id").aggregate(
        **{c: placed[c].arbitrary() for c in (*_LINE, "leg", "payer_account_id")},
        events=total_count(placed.events),
        quantity=quantity(placed.quantity.sum()),
        billed_quantity=quantity(placed.billed_quantity.sum()),
        exact_amount=total(placed.amount),
    )
    coined = sums.join(currencies, "currency")
    coin = _coin(coined.digits)
    nearest = to_currency(coined.exact_amount, coined.digits)
    down = ibis.ifelse(nearest > coined.exact_amount, amount(nearest - coin), nearest)
    floored = coined.mutate(coin=coin, down=down, lost=amount(coined.exact_amount - down))
    group = ibis.window(group_by=[floored[c] for c in TAX_GROUP])
    ranked = floored.mutate(
        net=to_currency(amount(floored.exact_amount.sum().over(group)), floored.digits),
        floors=amount(floored.down.sum().over(group)),
        place=ibis.row_number().over(
            ibis.window(
                group_by=[floored[c] for c in TAX_GROUP],
                order_by=[floored.lost.desc(), floored.invoice_line_id],
            )
        ),
    )
    gets_coin = amount(ranked.coin * (ranked.place + 1)) <= amount(ranked.net - ranked.floors)
    return ranked.mutate(
        net_amount=amount(ranked.down + ibis.ifelse(gets_coin, ranked.coin, amount(ranked.coin * 0))),
        tax_rate=ranked.rate,
        line_number=ibis.row_number().over(
            ibis.window(
                group_by=ranked.invoice_id,
                order_by=[ranked.subscription_id, ranked.product_id, ranked.item_type == "discount",
                          ranked.zone_id, ranked.service_start, ranked.item_type == "bundle",
                          ranked.invoice_line_id],
            )
        ) + 1,
    )  # fmt: skip


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
    off = lines.filter(lines.net_amount != lines.exact_amount)
    return as_items(
        off.drop("quantity", "billed_quantity"),
        BILLED_ITEMS,
        item_type="rounding",
        label="Rounding",
        source_table=INVOICE_LINES.name,
        source_id=off.invoice_line_id,
        events=integer(0),
        amount=amount(off.net_amount - off.exact_amount),
    )


def billed_items(placed: ir.Table, rounding: ir.Table, taxes: ir.Table) -> ir.Table:
    """Everything that the month's invoices are the sum of."""
    untied = taxes.mutate(invoice_line_id=ibis.null("string"))
    return ibis.union(BILLED_ITEMS.shape(placed), rounding, BILLED_ITEMS.shape(untied))


def invoices(lines: ir.Table, taxes: ir.Table, accounts: ir.Table, windows: ir.Table) -> ir.Table:
    """The month's invoices: totals of their lines and taxes."""
    net = lines.group_by("invoice_id").aggregate(lines=lines.count(), net_amount=total(lines.net_amount))
    of_invoice = ("month", "billing_cycle", "invoice_id", "payer_account_id", "currency")
    tax = taxes.group_by(*of_invoice).aggregate(tax_amount=total(taxes.amount))
    payers = accounts.select("vendor_account_id", payer="account_id")
    summed = tax.join(net, "invoice_id").join(payers, tax.payer_account_id == payers.payer)
    dates = windows.select(
        "window_payer",
        period_start="service_start",
        period_end="service_end",
        usage_from="start_at",
        usage_to="end_at",
    )
    dated = summed.join(dates, summed.payer_account_id == dates.window_payer)
    gross = amount(dated.net_amount + dated.tax_amount)
    return dated.mutate(gross_amount=gross, document_type=ibis.ifelse(gross < 0, "credit_note", "invoice"))

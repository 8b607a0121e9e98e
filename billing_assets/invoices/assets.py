"""Invoices as assets: lines, items and totals of the month."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.corrections.due import READS as ITEMS
from billing_assets.invoices import lines as rules
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import BILLING_CYCLES, CURRENCIES
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.taxes.determination import READS, tax_book
from billing_assets.taxes.grouped import grouped_items
from billing_assets.taxes.tables import TAX_ITEMS


@stage(
    INVOICE_LINES, BILLED_ITEMS, INVOICES,
    reads=(*ITEMS, TAX_ITEMS, *READS, CURRENCIES, BILLING_CYCLES),
)  # fmt: skip
def invoices(run: Run) -> Iterator[ir.Table]:
    """Draft invoices: items, the lines that print them, and totals that add up."""
    book, taxes = tax_book(run, run.rows), run(TAX_ITEMS)
    placed = run.cache(rules.with_line(grouped_items(run, book)))
    lines = run.cache(rules.invoice_lines(placed, run(CURRENCIES)))
    yield INVOICE_LINES.shape(lines)
    yield rules.billed_items(placed, lines, taxes)
    yield INVOICES.shape(rules.invoices(lines, taxes, book.accounts, payer_windows(book.accounts, run.windows)))

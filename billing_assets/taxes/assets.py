"""Taxes as assets: certificates of exemption, and the tax of invoices."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES, TAX_CODES
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.taxes import groups
from billing_assets.taxes.determination import READS, tax_book, with_tax_group
from billing_assets.taxes.exemptions import judge_exemptions
from billing_assets.taxes.tables import REJECTED_TAX_EXEMPTIONS, TAX_EXEMPTIONS, TAX_ITEMS


@stage(TAX_EXEMPTIONS, REJECTED_TAX_EXEMPTIONS, reads=(ACCOUNTS, TAX_CODES))
def tax_exemptions(run: Run) -> Iterator[ir.Table]:
    """The certificates by which accounts owe no tax, and those that exempt nobody."""
    rows, unreadable = typed(run, TAX_EXEMPTIONS)
    held, refused = judge_exemptions(rows, run(ACCOUNTS), run(TAX_CODES))
    yield held
    yield REJECTED_TAX_EXEMPTIONS.shape(unreadable).union(refused)


@stage(TAX_ITEMS, reads=(CHARGE_ITEMS, *READS, CURRENCIES, BILLING_CYCLES))
def tax_items(run: Run) -> Iterator[ir.Table]:
    """Tax per invoice and tax group."""
    book = tax_book(run, run.rows)
    grouped = with_tax_group(run(CHARGE_ITEMS), book)
    windows = payer_windows(book.accounts, run.windows)
    yield groups.tax_items(grouped, book.tax_codes, run(CURRENCIES), windows)

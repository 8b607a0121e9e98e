"""Taxes as an asset."""

from collections.abc import Iterator

import ibis.expr.types as ir

from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES, TAX_CODES, TAX_RATES
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.taxes import vat
from billing_assets.taxes.tables import TAX_ITEMS


@stage(TAX_ITEMS, reads=(CHARGE_ITEMS, ACCOUNTS, TAX_CODES, TAX_RATES, CURRENCIES, BILLING_CYCLES))
def tax_items(run: Run) -> Iterator[ir.Table]:
    """Tax per invoice and tax group."""
    grouped = vat.with_tax_group(run(CHARGE_ITEMS), run(ACCOUNTS), run(TAX_RATES))
    windows = payer_windows(run(ACCOUNTS), run.windows)
    yield vat.tax_items(grouped, run(TAX_CODES), run(CURRENCIES), windows)

"""What a month bills, in its tax groups: by the tax book, or as it was posted."""

import ibis
import ibis.expr.types as ir

from billing_assets.corrections.due import due_items, taken_back
from billing_assets.ledger.tables import TAXED_COLUMNS
from billing_assets.run import Run
from billing_assets.taxation.regimes import BY_LINE, ENGINE
from billing_assets.taxes.determination import TAX_GROUP, TaxBook, line_id, with_tax_group

_OF_GROUP = (*TAX_GROUP, "tax_regime", "tax_rounding", "rounding_unit")


def grouped_items(run: Run, book: TaxBook) -> ir.Table:
    """The items that the month bills, with the columns of TAX_GROUP, tax_regime, tax_rounding and rounding_unit."""
    due, back = due_items(run), taken_back(run)
    grouped = with_tax_group(due, book)
    if back is None:
        return grouped
    columns = tuple(dict.fromkeys((*due.columns, *_OF_GROUP)))
    return grouped.select(columns).union(as_posted(back, book).select(columns))


def as_posted(back: ir.Table, book: TaxBook) -> ir.Table:
    """Corrections in the tax group that they were posted in, rounded as their payer's invoices are by now.

    Regimes of the same tax group are one: that of today, but for a tax engine, which has no groups.
    """
    today = with_tax_group(back.rename({f"was_{c}": c for c in TAXED_COLUMNS}), book)
    group = {c: today[f"was_{c}"] for c in TAXED_COLUMNS if c in TAX_GROUP}
    regime = ibis.ifelse(today.tax_regime == ENGINE, today.was_tax_regime, today.tax_regime)
    placed = today.mutate(tax_regime=regime, **group)
    by_line = placed.tax_rounding == BY_LINE
    return placed.mutate(rounding_unit=by_line.ifelse(line_id(placed), None))

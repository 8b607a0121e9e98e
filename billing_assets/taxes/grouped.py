"""What a month bills, in its tax groups: by the tax book, or as it was posted."""

import ibis.expr.types as ir

from billing_assets.corrections.due import due_items, taken_back
from billing_assets.items.invoice_parts import invoice_id
from billing_assets.run import Run
from billing_assets.taxation.regimes import BY_LINE
from billing_assets.taxes.determination import TAX_GROUP, TaxBook, line_id, with_tax_group

_OF_GROUP = (*TAX_GROUP, "tax_regime", "tax_rounding", "rounding_unit")


def grouped_items(run: Run, book: TaxBook) -> ir.Table:
    """The items that the month bills, with the columns of TAX_GROUP, tax_regime, tax_rounding and rounding_unit."""
    due, back = due_items(run), taken_back(run)
    grouped = with_tax_group(due, book)
    if back is None:
        return grouped
    columns = tuple(dict.fromkeys((*due.columns, *_OF_GROUP)))
    return grouped.select(columns).union(_as_it_was(back).select(columns))


def _as_it_was(back: ir.Table) -> ir.Table:
    placed = back.mutate(invoice_id=invoice_id(back))
    by_line = placed.tax_rounding == BY_LINE
    return placed.mutate(rounding_unit=by_line.ifelse(line_id(placed), None))

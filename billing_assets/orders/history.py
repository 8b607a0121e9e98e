"""The rows of an ordered line in the order in which they take effect, and what stays until one says otherwise.

A row is the line as it was ordered, or an action on it; `place` numbers them.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.orders.tables import NEW

LINE = "ordered_line_id"
FREQUENCY = ("billing_frequency", "frequency_count", "frequency_unit")
Given = tuple[ir.Value, ir.BooleanValue]


def in_order(rows: ir.Table) -> ir.Table:
    """Number the rows of each line: by the day from which they count, the order itself first."""
    order = [
        rows.start_date, rows.action != NEW, rows.requested_on, rows.ordered_on, rows.source_file, rows.source_line,
    ]  # fmt: skip
    return rows.mutate(place=ibis.row_number().over(group_by=rows[LINE], order_by=order))


def so_far(rows: ir.Table) -> ibis.expr.builders.WindowBuilder:
    """The rows of a line up to each of them."""
    return ibis.cumulative_window(group_by=rows[LINE], order_by=rows.place)


def before(rows: ir.Table, column: str) -> ir.Value:
    """What a column was in the row before."""
    return rows[column].lag().over(group_by=rows[LINE], order_by=rows.place)


def changed(rows: ir.Table, *columns: str) -> ir.BooleanValue:
    """Whether one of the columns is another one than in the row before; so is everything in the first."""
    differs = rows.action == NEW
    for column in columns:
        differs = differs | ~rows[column].identical_to(before(rows, column))
    return differs


def carried(rows: ir.Table, **given: Given) -> ir.Table:
    """Set columns to what the last row gave: (value, whether the row gives one)."""
    marks = {f"{name}_gives": gives for name, (_, gives) in given.items()}
    values = {f"{name}_given": value for name, (value, _) in given.items()}
    marked = rows.mutate(**marks, **values)
    since = {f"{name}_since": marked[f"{name}_gives"].cast("int64").sum().over(so_far(marked)) for name in given}
    counted = marked.mutate(**since)
    last = {name: _only(counted, name) for name in given}
    return counted.mutate(**last).drop(*marks, *values, *since)


def _only(rows: ir.Table, name: str) -> ir.Value:
    """The value of the one row that gave it, in all rows since."""
    value = ibis.ifelse(rows[f"{name}_gives"], rows[f"{name}_given"], ibis.null(rows[f"{name}_given"].type()))
    return value.max().over(ibis.window(group_by=[rows[LINE], rows[f"{name}_since"]]))


def with_frequency(rows: ir.Table) -> ir.Table:
    """Carry the frequency and billing_day, and aligned_from: the day from which the periods are counted."""
    gives_length = ibis.or_(*(rows[name].notnull() for name in FREQUENCY))
    filled = carried(
        rows,
        billing_frequency=(rows.billing_frequency, rows.billing_frequency.notnull()),
        frequency_count=(rows.frequency_count, gives_length),
        frequency_unit=(rows.frequency_unit, gives_length),
        billing_day=(rows.billing_day, rows.billing_day.notnull()),
    )
    return carried(filled, aligned_from=(filled.start_date, changed(filled, *FREQUENCY, "billing_day")))

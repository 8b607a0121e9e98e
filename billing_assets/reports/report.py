"""The cycle report: what each stage took in, rejected and made of it, and the month before beside it.

Counts of usage are of all records of the window's days, whoever's they are; everything else is of the
accounts of the billing cycle. What is rated is counted once for each who pays for it.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import AMOUNT, amount

COUNT = "-"


def counted_days(rows: ir.Table, windows: ir.Table, measure: str, stage: str, records: str | None = None) -> ir.Table:
    """How many rows (or `records` of them) have an event day within each cycle's window."""
    spans = windows.group_by("month", "billing_cycle").aggregate(
        first=windows.start_date.min(), end=windows.end_date.max()
    )
    met = spans.left_join(rows, [rows.event_day >= spans.first, rows.event_day < spans.end])
    value = met[records].sum() if records else met.event_day.count()
    counts = met.group_by("month", "billing_cycle").aggregate(value=ibis.coalesce(value, 0))
    return measured(counts, stage, measure)


def counted(rows: ir.Table, stage: str, measure: str) -> ir.Table:
    """How many rows each cycle has."""
    counts = rows.group_by("month", "billing_cycle").aggregate(value=rows.count())
    return measured(counts, stage, measure)


def summed(rows: ir.Table, stage: str, measure: str, column: str = "amount") -> ir.Table:
    """The sum of an amount per cycle and currency."""
    sums = rows.group_by("month", "billing_cycle", "currency").aggregate(value=rows[column].sum())
    return measured(sums, stage, measure, sums.currency)


def measured(values: ir.Table, stage: str, measure: str, currency: ir.StringValue | str = COUNT) -> ir.Table:
    """Values per cycle as rows of the report."""
    unit = ibis.literal(currency) if isinstance(currency, str) else currency
    return values.select(
        "month",
        "billing_cycle",
        stage=ibis.literal(stage),
        measure=ibis.literal(measure),
        currency=unit,
        value=values.value.cast(AMOUNT),
    )


def with_previous(measures: ir.Table, previous: ir.Table) -> ir.Table:
    """The measures beside those of the month before."""
    key = ["billing_cycle", "stage", "measure", "currency"]
    before = previous.select(*key, previous_value="value")
    found = measures.left_join(before, key)
    return found.mutate(value=amount(found.value), change=amount(found.value - found.previous_value))

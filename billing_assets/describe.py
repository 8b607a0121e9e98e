"""What the Dagster UI shows of a table: its columns by contract, and of what was written rows, place and totals."""

from collections.abc import Sequence

import dagster as dg
import pyarrow as pa

from billing_assets.contract import Table
from billing_assets.exact import AMOUNT
from resources.lake import Lake, Written

PREVIEW_ROWS = 5


def column_schema(table: Table) -> dg.TableSchema:
    """Dagster's view of a contract."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                str(column.dtype),
                column.description + (f" [{column.unit}]" if column.unit else ""),
                dg.TableColumnConstraints(
                    nullable=column.nullable,
                    unique=table.keys == (column.name,),
                    other=[column.allowed_words] if column.allowed else [],
                ),
            )
            for column in table.columns
        ]
    )


def describe(lake: Lake, table: Table, files: Sequence[Written]) -> dict:
    """What the UI shows of a table that was written: rows, place, totals per currency, a few rows."""
    facts = {
        "dagster/row_count": sum(w.rows for w in files),
        "lake/location": dg.MetadataValue.path(str(lake.root / table.name)),
        "lake/bytes": sum(w.path.stat().st_size for w in files),
    }
    if not facts["dagster/row_count"]:
        return facts
    rows = lake.read_files(table, [w.path for w in files])
    amounts = [c.name for c in table.columns if c.dtype == AMOUNT]
    if amounts and "currency" in table.schema.names:
        totals = rows.group_by("currency").aggregate(**{name: rows[name].sum() for name in amounts})
        for total in lake.engine.execute(totals.order_by("currency")).to_pylist():
            facts |= {f"total {name} {total['currency']}": f"{total[name]:f}" for name in amounts if total[name]}
    shown = [c.name for c in table.columns if not c.personal and not c.dtype.is_map()]
    preview = lake.engine.execute(rows.select(shown).limit(PREVIEW_ROWS))
    return facts | {"preview": dg.MetadataValue.md(_markdown(preview))}


def _markdown(rows: pa.Table) -> str:
    lines = [" | ".join(rows.column_names), " | ".join("---" for _ in rows.column_names)]
    lines += [" | ".join("" if v is None else str(v) for v in row.values()) for row in rows.to_pylist()]
    return "\n".join(f"| {line} |" for line in lines)

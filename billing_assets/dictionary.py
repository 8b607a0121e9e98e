"""The data dictionary: every contract as Markdown (docs/tables.md)."""

from collections.abc import Iterator

from billing_assets.contract import Column, InputTable, Table
from billing_assets.tables import STAGES, TABLES


def as_markdown() -> str:
    """All tables in the order in which data flows."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Tables"
    yield ""
    yield "Made from the contracts by `make docs`; a test keeps it current. Key columns are marked with a `*`."
    for stage in STAGES:
        yield ""
        yield f"## {stage.GROUP}"
        for table in TABLES.values():
            if table.group == stage.GROUP:
                yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield ""
    yield f"### {table.name}"
    yield ""
    yield f"{table.description} Grain: {table.grain}. Partition: {table.partition.name.lower().replace('_', ' ')}."
    if isinstance(table, InputTable):
        yield f"Input: `{table.name}.csv`" + ("." if table.required else ", optional.")
    yield ""
    yield "| column | type | null | description |"
    yield "| --- | --- | --- | --- |"
    for column in table.columns:
        key = "*" if column.key else ""
        null = "yes" if column.nullable else ""
        yield f"| {column.name}{key} | {_type(column)} | {null} | {_words(column)} |"


def _type(column: Column) -> str:
    return str(column.dtype).removesuffix("(6)")


def _words(column: Column) -> str:
    words = column.description.replace("|", "\\|")
    if column.unit:
        words += f" [{column.unit}]"
    if column.allowed:
        values = ", ".join(f"`{value}`" for value in column.allowed)
        words += f"; any of {values}, separated by `\\|`" if column.listed else f"; one of {values}"
    if column.default is not None:
        words += f"; default `{column.default}`"
    return words

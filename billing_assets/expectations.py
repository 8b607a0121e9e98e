"""Great Expectations at the borders: suites derived from the contracts of what comes in.

They run on plain pandas batches of at most 200,000 rows. The library is imported inside the check,
because that alone takes seconds.
"""

from typing import TYPE_CHECKING, Any

from billing_assets.contract import Table
from billing_assets.quality import Check
from billing_assets.run import Run

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 200_000


def expectations(table: Table) -> list[Any]:
    """The contract of a table as Great Expectations expectations."""
    import great_expectations.expectations as gxe

    found: list[Any] = [gxe.ExpectTableColumnsToMatchSet(column_set=list(table.schema.names), exact_match=True)]
    for column in table.columns:
        if not column.nullable:
            found.append(gxe.ExpectColumnValuesToNotBeNull(column=column.name))
        if column.listed:
            found.append(gxe.ExpectColumnValuesToMatchRegex(column=column.name, regex=column.allowed_form))
        elif column.allowed:
            found.append(gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.allowed)))
    if len(table.keys) == 1:
        found.append(gxe.ExpectColumnValuesToBeUnique(column=table.keys[0]))
    elif table.keys:
        found.append(gxe.ExpectCompoundColumnsToBeUnique(column_list=list(table.keys)))
    return found


def validate(table: Table, batch: "pd.DataFrame") -> list[dict]:
    """The expectations that a batch does not meet, with examples."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("batch")
    asset = source.add_dataframe_asset(table.name).add_batch_definition_whole_dataframe("rows")
    suite = gx.ExpectationSuite(name=table.name, expectations=expectations(table))
    checked = asset.get_batch({"dataframe": batch})
    if checked.validate(suite, result_format="BOOLEAN_ONLY").success:
        return []
    results = checked.validate(suite, result_format="SUMMARY").results
    return [_failure(result) for result in results if not result.success]


def _failure(result: Any) -> dict:
    config = result.expectation_config
    raised = [i["exception_message"] for i in _exceptions(result.exception_info) if i.get("raised_exception")]
    if raised:
        raise RuntimeError(f"{config.type}: {raised[0]}")
    return {
        "expectation": config.type,
        "column": config.kwargs.get("column", config.kwargs.get("column_list", "")),
        "examples": result.result.get("partial_unexpected_list", ""),
    }


def _exceptions(info: dict) -> list[dict]:
    return [info] if "raised_exception" in info else list(info.values())


def contract_suite(table: Table) -> Check:
    """The contract suite of a table that comes in, as a check."""

    def find(run: Run) -> list[dict]:
        rows = run(table)
        sample = rows.limit(MOST_ROWS)
        plain = sample.mutate(**{c.name: sample[c.name].cast("string") for c in table.columns if c.dtype.is_map()})
        return validate(table, run.lake.engine.execute(plain).to_pandas())

    words = f"Great Expectations: the contract of {table.name}, on up to {MOST_ROWS:,} rows."
    return Check(table, "contract_suite", words, find)

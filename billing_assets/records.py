"""Records as text turned into rows of a contract, and those that cannot be, with the reason.

Here belongs what a single value can be checked for: presence, form, range, allowed values. What rows
mean to each other belongs to the stages.
"""

from collections.abc import Callable

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from billing_assets.contract import Column, ConfigurationError, InputTable

MISSING_VALUE = "MISSING_VALUE"
INVALID_VALUE = "INVALID_VALUE"
NOT_ALLOWED = "NOT_ALLOWED"
DUPLICATE_KEY = "DUPLICATE_KEY"

Rule = tuple[ir.BooleanValue, str | None, str | None, ir.Value | None]

_PLACE = ("source_file", "source_line")


def parse(records: ir.Table, table: InputTable, cache: Callable[[ir.Table], ir.Table]) -> tuple[ir.Table, ir.Table]:
    """Split text records into typed rows and problems; `cache` carries out the expression that both are made of.

    The rows have the input's columns; the problems those of the records plus reason and detail. Of rows
    that can be used, the first of each key (by file and line) is kept.
    """
    texts = records.mutate(**{c.name: _text(records[c.name], c) for c in table.input_columns})
    problems = [p for c in table.input_columns for p in _problems(texts[c.name], c)]
    own = texts.mutate(
        reason=_first(*((condition, ibis.literal(reason)) for condition, reason, _ in problems)),
        detail=_first(*((condition, detail) for condition, _, detail in problems)),
    )
    keys = [own[key] for key in table.keys]
    usable = own.reason.isnull()
    place = ibis.row_number().over(group_by=[*keys, usable], order_by=[own[c] for c in _PLACE])
    again = usable & (place > 0)
    judged = cache(
        own.mutate(
            reason=ibis.ifelse(again, DUPLICATE_KEY, own.reason), detail=ibis.ifelse(again, _joined(keys), own.detail)
        )
    )
    rows = judged.filter(judged.reason.isnull())
    typed = rows.select(
        **{c.name: _typed(rows[c.name], c) for c in table.input_columns},
        source_file=rows.source_file,
        source_line=rows.source_line,
    )
    return typed, judged.filter(judged.reason.notnull())


def require_none(problems: ir.Table, execute) -> None:
    """Raise ConfigurationError for the first problem of a configuration, naming its file and line."""
    first = problems.select("reason", "detail", "source_file", "source_line")
    for found in execute(first.order_by("source_file", "source_line").limit(1)).to_pylist():
        raise ConfigurationError(
            f"{found['source_file']}, line {found['source_line']}: {found['detail']} ({found['reason']})"
        )


def first_reason(rows: ir.Table, *rules: Rule) -> ir.Table:
    """The rows with `reason` and `detail` of the first rule that holds: (condition, reason, field, value).

    A rule without a reason keeps what the row was given before.
    """
    reasons, details = [], []
    for condition, reason, field, value in rules:
        kept = reason is None
        reasons.append((condition, rows.reason if kept else ibis.literal(reason)))
        details.append((condition, rows.detail if kept else _named(field, value)))
    return rows.mutate(
        reason=ibis.cases(*reasons, else_=ibis.null("string")), detail=ibis.cases(*details, else_=ibis.null("string"))
    )


def _named(field: str, value: ir.Value | None) -> ir.StringValue:
    if value is None:
        return ibis.literal(f"{field} is missing")
    return ibis.literal(f"{field} '") + ibis.coalesce(value.cast("string"), ibis.literal("")) + ibis.literal("'")


def _text(value: ir.StringValue, column: Column) -> ir.StringValue:
    stripped = value.strip().nullif("")
    return stripped if column.default is None else ibis.coalesce(stripped, ibis.literal(column.default))


def _problems(value: ir.StringValue, column: Column) -> list[tuple[ir.BooleanValue, str, ir.StringValue]]:
    problems = []
    if not column.nullable:
        problems.append((value.isnull(), MISSING_VALUE, ibis.literal(f"{column.name} is missing")))
    shown = ibis.literal(f"{column.name} ") + ibis.literal("'") + value + ibis.literal("'")
    if column.allowed:
        words = ibis.literal(f" is not {column.allowed_words}")
        problems.append((value.notnull() & ~column.allows(value), NOT_ALLOWED, shown + words))
    form, words = _form(column.dtype)
    if form:
        problems.append((value.notnull() & ~value.re_search(form), INVALID_VALUE, shown + ibis.literal(words)))
    if column.dtype.is_date():
        problems.append(
            (value.notnull() & value.try_cast(dt.date).isnull(), INVALID_VALUE, shown + ibis.literal(words))
        )
    return problems


def _form(dtype: dt.DataType) -> tuple[str, str]:
    if dtype.is_decimal():
        whole = dtype.precision - dtype.scale
        form = rf"^-?0*[0-9]{{1,{whole}}}(\.[0-9]{{0,{dtype.scale}}}0*)?$"
        return form, f" is no number with up to {whole} digits before and {dtype.scale} after the point"
    if dtype.is_integer():
        return r"^-?[0-9]{1,18}$", " is no whole number"
    if dtype.is_boolean():
        return r"^(true|false)$", " is neither true nor false"
    if dtype.is_date():
        # years below 1000 are somebody's idea of "always": they have no instant in every time zone
        return r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$", " is no date YYYY-MM-DD"
    return "", ""


def _typed(value: ir.StringValue, column: Column) -> ir.Value:
    return value.try_cast(column.dtype) if not column.dtype.is_string() else value


def _joined(values: list[ir.Value]) -> ir.StringValue:
    return ibis.literal(", ").join([v.cast("string") for v in values]) + ibis.literal(" occurs more than once")


def _first(*branches: tuple[ir.BooleanValue, ir.StringValue]) -> ir.StringValue:
    return ibis.cases(*branches, else_=ibis.null("string"))

"""From usage files to record batches of one shape: the mapped fields as text, with file and line.

A line that cannot be read becomes a row that has nothing but its reason, so that lines in are rows out.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from resources.inputs import UsageFile
from resources.settings import USAGE_FIELDS, UsageSource
from resources.text_files import BrokenLine, Rows, TextFormat, UnreadableFile, open_text_file

ATTRIBUTE = "attribute:"
NUMBERS = ("quantity", "amount")
MISSING_COLUMN = "MISSING_COLUMN"


def schema(source: UsageSource) -> pa.Schema:
    """The columns of a source's batches: where a row comes from, its fields, and why it is broken."""
    text = pa.string()
    return pa.schema(
        [
            ("load_day", pa.date32()), ("source", text), ("source_file", text), ("source_line", pa.int64()),
            *((field, text) for field in USAGE_FIELDS),
            *((f"{ATTRIBUTE}{name}", text) for name in source.attributes),
            ("broken_reason", text), ("broken_detail", text), ("record", text),
        ]
    )  # fmt: skip


def read_source(files: Sequence[tuple[UsageFile, date]], source: UsageSource) -> pa.RecordBatchReader:
    """The records of a source's files, each with the day on which it was loaded."""
    shape = schema(source)
    batches = (batch for file, load_day in files for batch in _file(file, load_day, source, shape))
    return pa.RecordBatchReader.from_batches(shape, batches)


def _file(file: UsageFile, load_day: date, source: UsageSource, shape: pa.Schema) -> Iterator[pa.RecordBatch]:
    def wanted(header: Sequence[str]) -> list[str]:
        columns = [*source.columns.values(), *source.attributes.values()]
        for column in columns:
            if column not in header:
                raise UnreadableFile(MISSING_COLUMN, f"the column {column!r} is missing")
        return list(dict.fromkeys(columns))

    text = TextFormat(source.delimiter, source.encoding, source.null_values, source.require_final_newline)
    broken: list[BrokenLine] = []
    try:
        for part in open_text_file(file.path, text, wanted).content:
            if isinstance(part, BrokenLine):
                broken.append(part)
            else:
                yield _batch(file, load_day, shape, _mapped(part, source), part.lines)
    except UnreadableFile as error:
        broken.append(BrokenLine(1, error.reason, str(error)))
    if broken:
        yield _batch(
            file, load_day, shape,
            {
                "broken_reason": pa.array([b.reason for b in broken]),
                "broken_detail": pa.array([b.detail for b in broken]),
                "record": pa.array([b.record for b in broken], pa.string()),
            },
            pa.array([b.line for b in broken], pa.int64()),
        )  # fmt: skip


def _mapped(rows: Rows, source: UsageSource) -> dict[str, pa.Array]:
    count = len(rows.lines)
    fields = {field: _trimmed(rows.columns[column]) for field, column in source.columns.items()}
    fields |= {field: pa.repeat(pa.scalar(value), count) for field, value in source.constants.items()}
    fields |= {f"{ATTRIBUTE}{name}": _trimmed(rows.columns[column]) for name, column in source.attributes.items()}
    if source.decimal_mark != ".":
        for field in NUMBERS:
            if field in source.columns:
                fields[field] = pc.replace_substring(fields[field], source.decimal_mark, ".")
    return fields


def _trimmed(values: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _batch(
    file: UsageFile, load_day: date, shape: pa.Schema, columns: dict[str, pa.Array], lines: pa.Array
) -> pa.RecordBatch:
    count = len(lines)
    given = {
        **columns,
        "load_day": pa.repeat(pa.scalar(load_day, pa.date32()), count),
        "source": pa.repeat(pa.scalar(file.source), count),
        "source_file": pa.repeat(pa.scalar(file.name), count),
        "source_line": lines,
    }
    return pa.record_batch([given.get(f.name, pa.nulls(count, f.type)) for f in shape], schema=shape)

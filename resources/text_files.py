"""Delimited text and Parquet files as batches of text columns, each row with its line.

Here belongs what can be wrong with a file as a file: its encoding, its header, its broken lines. A row
that cannot be read is handed over as a BrokenLine, and the reading goes on.
"""

import bz2
import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

BLOCK_BYTES = 8 << 20
_CANNOT_BE_READ = (OSError, EOFError, pa.ArrowInvalid, zlib.error)


class UnreadableFile(Exception):
    """A file that has no usable header: the message says why. `reason` is its reason code."""

    def __init__(self, reason: str, detail: str):
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class TextFormat:
    """How a file is written down; the compression follows from its ending (.gz, .bz2, .zst)."""

    delimiter: str = ","
    encoding: str = "utf-8"
    null_values: tuple[str, ...] = ("",)
    require_final_newline: bool = False


@dataclass(frozen=True)
class BrokenLine:
    """A line that could not be read."""

    line: int
    reason: str
    detail: str
    record: str | None = None


@dataclass(frozen=True)
class Rows:
    """A batch of rows: their columns as text, and the line of each."""

    columns: dict[str, pa.Array]
    lines: pa.Array


@dataclass(frozen=True)
class TextFile:
    """An opened file: its header, and its content in order."""

    header: tuple[str, ...]
    content: Iterator[Rows | BrokenLine]


def open_text_file(path: Path, text: TextFormat, wanted: Callable[[Sequence[str]], Sequence[str]]) -> TextFile:
    """Open a file for reading the wanted ones of its columns.

    `wanted` is given the header and names the columns; what it raises is passed on. Raises
    UnreadableFile when there is no header.
    """
    if path.suffix == ".parquet":
        return _open_parquet(path, wanted)
    with _opened(path) as stream:
        try:
            first = stream.readline()
        except _CANNOT_BE_READ as error:
            raise UnreadableFile("UNREADABLE_FILE", str(error)) from None
    if not first.strip():
        raise UnreadableFile("EMPTY_FILE", "the file is empty")
    try:
        line = first.decode(text.encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise UnreadableFile("WRONG_ENCODING", f"the header is not {text.encoding}") from None
    try:
        header = tuple(name.strip() for name in next(csv.reader([line], delimiter=text.delimiter)))
    except csv.Error as error:
        raise UnreadableFile("UNREADABLE_FILE", f"the header cannot be read: {error}") from None
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise UnreadableFile("DUPLICATE_COLUMN", f"the column {twice[0]!r} occurs more than once")
    return TextFile(header, _csv_content(path, text, header, tuple(wanted(header))))


def _opened(path: Path) -> BinaryIO:
    openers = {".gz": gzip.open, ".bz2": bz2.open}
    if path.suffix == ".zst":
        return io.BufferedReader(_ArrowStream(pa.input_stream(str(path), compression="zstd")))
    return openers.get(path.suffix, open)(path, "rb")


class _ArrowStream(io.RawIOBase):
    def __init__(self, stream: pa.NativeFile):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Normalised(io.RawIOBase):
    """The bytes of a stream up to its end or to where it breaks off, transcoded to UTF-8 where they are not.

    The reader runs ahead, so an error that were raised here would reach it before or after earlier lines, as
    chance has it: it is kept for the end.
    """

    def __init__(self, stream: BinaryIO, encoding: str):
        plain = encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii", "us-ascii")
        self._read = stream.read if plain else _transcoder(stream, encoding)
        self.last = b""
        self.error: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.error:
            return b""
        try:
            data = self._read(size)
        except _CANNOT_BE_READ as error:
            self.error = error
            return b""
        self.last = data[-1:] or self.last
        return data


def _transcoder(stream: BinaryIO, encoding: str) -> Callable[[int], bytes]:
    reader = io.TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="")
    return lambda size: reader.read(size // 4).encode("utf-8", errors="surrogateescape")


def _csv_content(
    path: Path, text: TextFormat, header: tuple[str, ...], wanted: tuple[str, ...]
) -> Iterator[Rows | BrokenLine]:
    broken: list[BrokenLine] = []

    def keep(row: pacsv.InvalidRow) -> str:
        if row.text.strip():
            detail = f"{row.actual_columns} columns instead of {row.expected_columns}"
            broken.append(BrokenLine(row.number, "MALFORMED_LINE", detail, row.text))
        else:
            broken.append(BrokenLine(row.number, "", "", None))
        return "skip"

    with _opened(path) as raw:
        stream = _Normalised(raw, text.encoding)
        line = 2
        held: Rows | None = None
        try:
            reader = pacsv.open_csv(
                pa.PythonFile(stream, mode="r"),
                pacsv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=header, skip_rows=1),
                pacsv.ParseOptions(
                    delimiter=text.delimiter, invalid_row_handler=keep, ignore_empty_lines=len(header) == 1
                ),
                pacsv.ConvertOptions(
                    column_types=dict.fromkeys(header, pa.binary()),
                    include_columns=wanted,
                    null_values=text.null_values,
                    strings_can_be_null=True,
                ),
            )
            for batch in reader:
                if held:
                    yield held
                numbers, line = _line_numbers(line, batch.num_rows, {b.line for b in broken})
                held, undecoded = _decoded(batch, numbers, text.encoding)
                yield from undecoded
        except pa.ArrowInvalid as error:
            # a file without records has a header only; anything else broke off here
            if not any(words in str(error) for words in ("Empty CSV file", "Could not skip initial 1 rows")):
                stream.error = error
        end = max([line, *(b.line + 1 for b in broken)])
        unfinished = stream.last != b"\n" and (text.require_final_newline or stream.error)
        # a last line that cannot be read at all is broken already
        if held and unfinished and held.lines[-1:].to_pylist() == [end - 1]:
            held, cut = _without_last(held)
            yield cut
        if held:
            yield held
        yield from (b for b in broken if b.reason)
        if stream.error:
            yield BrokenLine(end, "UNREADABLE_FILE", f"cannot be read from here on: {stream.error}")


def _line_numbers(line: int, count: int, skipped: set[int]) -> tuple[pa.Array, int]:
    if not skipped or max(skipped) < line:
        return pa.array(range(line, line + count), pa.int64()), line + count
    numbers = list(itertools.islice((n for n in itertools.count(line) if n not in skipped), count))
    return pa.array(numbers, pa.int64()), (numbers[-1] + 1 if numbers else line)


def _decoded(batch: pa.RecordBatch, lines: pa.Array, encoding: str) -> tuple[Rows, list[BrokenLine]]:
    try:
        columns = {name: batch.column(name).cast(pa.string()) for name in batch.schema.names}
        return Rows(columns, lines), []
    except pa.ArrowInvalid:
        bad = [
            i
            for i, row in enumerate(zip(*(batch.column(n).to_pylist() for n in batch.schema.names), strict=True))
            if not all(_is_utf8(value) for value in row)
        ]
        good = pc.invert(pc.is_in(pa.array(range(batch.num_rows)), pa.array(bad)))
        rest, undecoded = _decoded(batch.filter(good), lines.filter(good), encoding)
        return rest, [
            *undecoded,
            *(BrokenLine(lines[i].as_py(), "WRONG_ENCODING", f"the line is not {encoding}") for i in bad),
        ]


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_last(rows: Rows) -> tuple[Rows, BrokenLine]:
    kept = len(rows.lines) - 1
    record = "|".join(str(c[kept].as_py()) for c in rows.columns.values())
    cut = BrokenLine(rows.lines[kept].as_py(), "INCOMPLETE_LINE", "the file ends within this line", record)
    return Rows({n: c.slice(0, kept) for n, c in rows.columns.items()}, rows.lines.slice(0, kept)), cut


def _open_parquet(path: Path, wanted: Callable[[Sequence[str]], Sequence[str]]) -> TextFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFile("UNREADABLE_FILE", str(error)) from None
    header = tuple(file.schema_arrow.names)
    return TextFile(header, _parquet_content(file, tuple(wanted(header))))


def _parquet_content(file: pq.ParquetFile, wanted: tuple[str, ...]) -> Iterator[Rows | BrokenLine]:
    line = 1
    try:
        for batch in file.iter_batches(columns=list(wanted)):
            columns = {name: batch.column(name).cast(pa.string()) for name in wanted}
            yield Rows(columns, pa.array(range(line, line + batch.num_rows), pa.int64()))
            line += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        yield BrokenLine(line, "UNREADABLE_FILE", f"cannot be read from here on: {error}")

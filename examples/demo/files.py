"""Files of the demo: written only when their content differs, with the same bytes everywhere."""

import csv
import io
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq

_STORED_BLOCK = 0xFFFF


def write(path: Path, content: bytes):
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_table(folder: Path, name: str, rows: list[dict]):
    """An input table: the header is that of the rows, an absent value an empty field."""
    lines = csv_lines(rows[0], (row.values() for row in rows), ",")
    write(folder / f"{name}.csv", "".join(lines).encode())


def csv_lines(header: Iterable[str], rows: Iterable[Iterable], delimiter: str) -> list[str]:
    lines = []
    writer = csv.writer(SimpleNamespace(write=lines.append), delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return lines


def gzipped(content: bytes) -> bytes:
    """A gzip file of stored blocks: builds of zlib compress to different bytes, and these must not differ."""
    blocks = [content[n : n + _STORED_BLOCK] for n in range(0, len(content), _STORED_BLOCK)] or [b""]
    body = b"".join(
        struct.pack("<BHH", n == len(blocks), len(block), len(block) ^ 0xFFFF) + block
        for n, block in enumerate(blocks, start=1)
    )
    header = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return header + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def parquet(schema: pa.Schema, rows: Iterable[tuple]) -> bytes:
    """A Parquet file; its bytes name the version of pyarrow that wrote it."""
    columns = zip(*rows, strict=True)
    table = pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="NONE")
    return sink.getvalue()

"""The compute engine: an Ibis backend over the files of the lake, chosen by configuration.

A backend says how it connects, how it reads Parquet, and how it writes a table expression to Parquet.
Nothing else in the project knows which engine carries out an expression.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from pydantic import Field, PrivateAttr

from resources import kernels

# Ibis spends half of its compile time on fusing nested selects, which engines do by themselves.
ibis.options.sql.fuse_selects = False


class Engine(Protocol):
    """What the lake asks of an engine."""

    def read(self, paths: list[Path]) -> ir.Table:
        """The rows of Parquet files of one schema, lazily."""

    def stream(self, reader: pa.RecordBatchReader) -> ir.Table:
        """The record batches as a table that can be read more than once."""

    def cache(self, expression: ir.Table) -> ir.Table:
        """The rows of the expression, computed once, for as long as the run lasts."""

    def release(self, cached: ir.Table) -> None:
        """Forget a cached or streamed table."""

    def execute(self, expression: ir.Table) -> pa.Table:
        """The rows of a small expression."""

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write one Parquet file."""

    def write_by(self, expression: ir.Table, folder: Path, column: str) -> dict[str, Path]:
        """Write one Parquet file per value of the column, the column included; value as text to file."""


class DuckDBEngine:
    """DuckDB in memory, spilling to a folder of its own."""

    def __init__(self, memory_limit: str, threads: int, spill: Path):
        config = {
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
        }
        self.connection = ibis.duckdb.connect(**config, **({"threads": threads} if threads else {}))
        self.connection.raw_sql("SET TimeZone = 'UTC'")
        for macro in kernels.DUCKDB:
            self.connection.raw_sql(macro)

    def close(self) -> None:
        self.connection.disconnect()

    def read(self, paths: list[Path]) -> ir.Table:
        return self.connection.read_parquet([str(p) for p in paths], hive_partitioning=False)

    def stream(self, reader: pa.RecordBatchReader) -> ir.Table:
        name = ibis.util.gen_name("stream")
        self.connection.con.register(f"{name}_reader", reader)
        self.connection.raw_sql(f"CREATE TEMP TABLE {name} AS FROM {name}_reader")
        self.connection.con.unregister(f"{name}_reader")
        return self.connection.table(name)

    def cache(self, expression: ir.Table) -> ir.Table:
        return self.connection.create_table(ibis.util.gen_name("cache"), expression, temp=True)

    def release(self, cached: ir.Table) -> None:
        self.connection.drop_table(cached.get_name(), force=True)

    def execute(self, expression: ir.Table) -> pa.Table:
        return self.connection.to_pyarrow(expression)

    def write(self, expression: ir.Table, path: Path) -> None:
        self.connection.to_parquet(expression, path, compression="zstd")

    def write_by(self, expression: ir.Table, folder: Path, column: str) -> dict[str, Path]:
        self.connection.to_parquet(
            expression, folder, compression="zstd", partition_by=column, write_partition_columns=True
        )
        return {p.parent.name.partition("=")[2]: p for p in folder.glob("*/*.parquet")}


@contextmanager
def open_engine(backend: str = "duckdb", memory_limit: str = "2GB", threads: int = 0) -> Iterator[Engine]:
    """An engine for one run, closed at its end. Raises ValueError for an unknown backend."""
    if backend != "duckdb":
        raise ValueError(f"there is no engine {backend!r}: use duckdb")
    spill = Path(tempfile.mkdtemp(prefix="billing-spill-"))
    engine = DuckDBEngine(memory_limit, threads, spill)
    try:
        yield engine
    finally:
        engine.close()
        shutil.rmtree(spill, ignore_errors=True)


class EngineResource(dg.ConfigurableResource):
    """Configuration of the engine; each run opens one, and closes it at its end."""

    backend: str = Field(default="duckdb", description="Engine that carries out the stages")
    memory_limit: str = Field(default="2GB", description="Memory that it may use before it spills to disk")
    threads: int = Field(default=0, description="Threads that it may use; 0 for one per core")
    _engine: Engine = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["EngineResource"]:
        with open_engine(self.backend, self.memory_limit, self.threads) as self._engine:
            yield self

    @property
    def opened(self) -> Engine:
        return self._engine

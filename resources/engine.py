"""The compute engine: an Ibis backend over the files of the lake, chosen by configuration.

A backend says how it connects, how it reads Parquet, and how it writes a table expression to Parquet
(duckdb_engine.py, spark_engine.py). Nothing else in the project knows which engine carries out an expression.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from pydantic import Field, PrivateAttr

from billing_assets.contract import ConfigurationError

# Ibis spends half of its compile time on fusing nested selects, which engines do by themselves.
ibis.options.sql.fuse_selects = False

DUCKDB = "duckdb"
SPARK = "spark"
BACKENDS = (DUCKDB, SPARK)


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

    def close(self) -> None:
        """Give back what the run has used."""


class EngineResource(dg.ConfigurableResource):
    """Configuration of the engine; each run opens one, and closes it at its end."""

    backend: str = Field(default=DUCKDB, description="Engine that carries out the stages: duckdb or spark")
    memory_limit: str = Field(default="1GB", description="Memory that DuckDB may use before it spills to disk")
    threads: int = Field(default=0, description="Threads that DuckDB may use; 0 for one per core")
    work: str = Field(default="", description="Folder for intermediate results; that of the system when empty")
    _engine: Engine = PrivateAttr()

    @classmethod
    def configured(cls, backend: str | None = None) -> "EngineResource":
        """The engine that the environment asks for; `backend` overrules it.

        Raises ConfigurationError when there is none of that name, or it is not installed.
        """
        backend = backend or os.environ.get("BILLING_ENGINE", DUCKDB)
        if backend not in BACKENDS:
            raise ConfigurationError(f"there is no engine {backend!r}: use {' or '.join(BACKENDS)}")
        if backend == SPARK and find_spec("pyspark") is None:
            raise ConfigurationError("the engine 'spark' needs PySpark: install the extra [spark]")
        return cls(
            backend=backend,
            memory_limit=os.environ.get("BILLING_MEMORY_LIMIT", "1GB"),
            threads=int(os.environ.get("BILLING_THREADS", "0")),
            work=os.environ.get("BILLING_WORK", ""),
        )

    @contextmanager
    def open(self) -> Iterator[Engine]:
        """An engine for one run, closed at its end."""
        folder = Path(tempfile.mkdtemp(prefix="billing-", dir=self.work or None))
        try:
            engine = self._connect(folder)
            try:
                yield engine
            finally:
                engine.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _connect(self, folder: Path) -> Engine:
        # imported here, because PySpark is an extra
        if self.backend == SPARK:
            from resources.spark_engine import SparkEngine

            return SparkEngine(folder)
        from resources.duckdb_engine import DuckDBEngine

        return DuckDBEngine(self.memory_limit, self.threads, folder)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["EngineResource"]:
        with self.open() as self._engine:
            yield self

    @property
    def opened(self) -> Engine:
        return self._engine


@contextmanager
def open_engine(backend: str | None = None) -> Iterator[Engine]:
    """The engine that the environment asks for, or another one, opened for a while."""
    with EngineResource.configured(backend).open() as engine:
        yield engine

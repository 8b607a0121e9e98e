"""PySpark, on this machine or on a cluster: where the session comes from, and how it reads and writes the lake.

Intermediate results are Parquet files in a work folder, which a cluster's executors must see as they see the lake.
"""

import os
import shutil
from functools import cache
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from resources.kernels import spark as kernel
from resources.spark_backend import SparkBackend

_FILE_OF = "file_of"


@cache
def session() -> SparkSession:
    """The one session of this process, with settings and functions of its own; it outlives every run."""
    spark = SparkSession.builder.appName("billing").getOrCreate().newSession()
    for name, value in kernel.SETTINGS.items():
        spark.conf.set(name, value)
    for function in kernel.FUNCTIONS:
        spark.sql(function)
    return spark


class SparkEngine:
    """Tables of one run in the session of the process."""

    def __init__(self, work: Path):
        self._session = session()
        self._backend = SparkBackend()
        self._backend.do_connect(self._session)
        self._work = work

    def close(self) -> None:
        self._backend.disconnect()

    def read(self, paths: list[Path]) -> ir.Table:
        # the files have one schema: Spark would start a job to find that out
        schema = from_arrow_schema(pq.read_schema(paths[0]), prefer_timestamp_ntz=True)
        frame = self._session.read.schema(schema).parquet(*(_url(path) for path in paths))
        return self._backend.view(frame, ibis.util.gen_name("read"))

    def stream(self, reader: pa.RecordBatchReader) -> ir.Table:
        name = ibis.util.gen_name("stream")
        (self._work / name).mkdir()
        with pq.ParquetWriter(self._work / name / "rows.parquet", reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
        return self._stored(name, from_arrow_schema(reader.schema, prefer_timestamp_ntz=True))

    def cache(self, expression: ir.Table) -> ir.Table:
        name = ibis.util.gen_name("cache")
        frame = self._backend.frame(expression)
        _write(frame, self._work / name)
        return self._stored(name, frame.schema)

    def _stored(self, name: str, schema: StructType) -> ir.Table:
        return self._backend.view(self._session.read.schema(schema).parquet(_url(self._work / name)), name)

    def release(self, cached: ir.Table) -> None:
        self._backend.forget(cached.get_name())
        shutil.rmtree(self._work / cached.get_name(), ignore_errors=True)

    def execute(self, expression: ir.Table) -> pa.Table:
        return self._backend.to_pyarrow(expression)

    def write(self, expression: ir.Table, path: Path) -> None:
        folder = path.with_suffix(".parts")
        _write(self._backend.frame(expression).coalesce(1), folder)
        (part,) = folder.glob("*.parquet")
        os.replace(part, path)
        shutil.rmtree(folder)

    def write_by(self, expression: ir.Table, folder: Path, column: str) -> dict[str, Path]:
        frame = self._backend.frame(expression)
        # Spark leaves the column that it cuts by out of the files
        cut = frame.withColumn(_FILE_OF, frame[column]).repartition(_FILE_OF)
        _write(cut, folder, by=(_FILE_OF,))
        return {p.parent.name.partition("=")[2]: p for p in folder.glob("*/*.parquet")}


def _url(path: Path) -> str:
    return f"file://{path}"


def _write(frame: DataFrame, folder: Path, by: tuple[str, ...] = ()) -> None:
    frame.write.parquet(_url(folder), partitionBy=list(by), compression="zstd")

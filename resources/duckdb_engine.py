"""DuckDB in memory, spilling to a folder of its own: the engine of one machine."""

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from resources.kernels import duckdb as kernel


class DuckDBEngine:
    """One DuckDB connection."""

    def __init__(self, memory_limit: str, threads: int, work: Path):
        config = {
            "memory_limit": memory_limit,
            "temp_directory": str(work),
            "preserve_insertion_order": False,
        }
        self.connection = ibis.duckdb.connect(**config, **({"threads": threads} if threads else {}))
        self.connection.raw_sql("SET TimeZone = 'UTC'")
        for macro in kernel.MACROS:
            self.connection.raw_sql(macro)
        self._views: dict[tuple[Path, ...], ir.Table] = {}

    def close(self) -> None:
        self.connection.disconnect()

    def read(self, paths: list[Path]) -> ir.Table:
        # a view reads its files anew each time, so that one serves a whole run
        files = tuple(paths)
        if files not in self._views:
            self._views[files] = self.connection.read_parquet([str(p) for p in files], hive_partitioning=False)
        return self._views[files]

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

"""Ibis on PySpark where Ibis alone is not enough: views of one run, Arrow in and out, and a few operations.

Here belongs what an Ibis expression means on Spark, so that the rules need not know.
"""

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.schema as sch
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend
from ibis.backends.pyspark.datatypes import PySparkType
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from pyspark.sql import DataFrame
from pyspark.sql.types import TimestampNTZType

from resources.kernels.spark_times import timestamp

INSTANT = dt.Timestamp(scale=6)


class SparkCompiler(PySparkCompiler):
    """Ibis' own compiler, and what it leaves out."""

    __slots__ = ()

    def visit_ScalarUDF(self, op: ops.ScalarUDF, **arguments: sge.Expression) -> sge.Expression:
        if self.__sql_name__(op) == "parsed_time":
            return timestamp(self.f.anon, arguments["text"], op.pattern.value)
        return super().visit_ScalarUDF(op, **arguments)

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: object, dtype: dt.DataType) -> sge.Expression | None:
        if dtype.is_array() and not value:
            # of no type by itself
            return self.cast(self.f.array(), dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Strip(self, op: ops.Strip, *, arg: sge.Expression) -> sge.Expression:
        # Spark reads the literals '\v' and '\f' as the letters v and f
        return self.f.anon.btrim(arg, self.f.concat(" \t\n\r", self.f.anon.char(11), self.f.anon.char(12)))

    def visit_ArrayIndex(self, op: ops.ArrayIndex, *, arg: sge.Expression, index: sge.Expression) -> sge.Expression:
        # an array that is too short has NULL there, and is no error
        return self.f.anon.try_element_at(arg, index + 1)

    def visit_StringSplit(
        self, op: ops.StringSplit, *, arg: sge.Expression, delimiter: sge.Expression
    ) -> sge.Expression:
        # Spark takes the delimiter for a regular expression
        return self.f.anon.split(arg, self.f.concat(r"\Q", delimiter, r"\E"))

    def visit_ExtractMicrosecond(self, op: ops.ExtractMicrosecond, *, arg: sge.Expression) -> sge.Expression:
        return self.cast(self.f.anon.date_part("second", arg) % 1 * 1_000_000, op.dtype)

    def visit_TimestampFromUNIX(self, op: ops.TimestampFromUNIX, *, arg: sge.Expression, unit) -> sge.Expression:
        make = {"s": self.f.anon.timestamp_seconds, "ms": self.f.anon.timestamp_millis}[unit.short]
        return self.cast(make(arg), INSTANT)

    def visit_GroupConcat(self, op: ops.GroupConcat, *, arg, sep, where, order_by) -> sge.Expression:
        if not order_by:
            return super().visit_GroupConcat(op, arg=arg, sep=sep, where=where, order_by=order_by)
        kept = arg if where is None else self.if_(where, arg, sge.Null())
        return sge.WithinGroup(this=self.f.anon.listagg(kept, sep), expression=sge.Order(expressions=order_by))

    def visit_Last(self, op: ops.Last, *, arg, where, order_by, include_null) -> sge.Expression:
        if not order_by or include_null or any(key.args.get("desc") for key in order_by):
            return super().visit_Last(op, arg=arg, where=where, order_by=order_by, include_null=include_null)
        latest = self.f.anon.max_by(arg, self.f.anon.struct(*(key.this for key in order_by)))
        there = arg.is_(sge.Not(this=sge.Null()))
        return sge.Filter(this=latest, expression=sge.Where(this=there if where is None else there & where))


class SparkBackend(Backend):
    """The views of one run in a session; the session itself is left as it is."""

    compiler = SparkCompiler()

    def __init__(self) -> None:
        super().__init__()
        self._views: set[str] = set()

    def view(self, frame: DataFrame, name: str) -> ir.Table:
        """The rows of a data frame as a table, until it is forgotten."""
        frame.createOrReplaceTempView(name)
        self._views.add(name)
        types = {field.name: PySparkType.to_ibis(field.dataType) for field in frame.schema}
        columns = {name: INSTANT if dtype.is_timestamp() else dtype for name, dtype in types.items()}
        return ops.DatabaseTable(name, schema=sch.Schema(columns), source=self).to_expr()

    def forget(self, name: str) -> None:
        self._session.catalog.dropTempView(name)
        self._views.discard(name)

    def disconnect(self) -> None:
        for name in tuple(self._views):
            self.forget(name)

    def frame(self, expression: ir.Table) -> DataFrame:
        """The expression as a data frame, its integers and times of the type that Ibis takes them for.

        Spark numbers rows in 32 bits, and what it truncates gets a time zone.
        """
        self._run_pre_execute_hooks(expression)
        frame = self.raw_sql(self.compile(expression))
        types = {
            name: TimestampNTZType() if dtype.is_timestamp() else PySparkType.from_ibis(dtype)
            for name, dtype in expression.schema().items()
            if dtype.is_timestamp() or dtype.is_integer()
        }
        others = {n: frame[n].cast(wanted) for n, wanted in types.items() if frame.schema[n].dataType != wanted}
        return frame.withColumns(others) if others else frame

    def to_pyarrow(self, expr: ir.Expr, /, **options: object) -> pa.Table:
        return expr.__pyarrow_result__(self.frame(expr.as_table()).toArrow())

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        self.view(self._session.createDataFrame(op.data.to_pyarrow(op.schema)), op.name)

    def _make_memtable_finalizer(self, name: str) -> None:
        """Memtables are views of the run like any other."""

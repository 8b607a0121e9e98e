"""Dagster's event log on SQLite, with its databases kept open.

Dagster opens a database anew for each of the thousands of partition events of a billing run, compiles
each statement again, asks which tables there are, and folds the write-ahead log back at every close: some
ten milliseconds an event. Kept open, an event takes less than one. On PostgreSQL
(deploy/dagster-postgres.yaml) none of this matters.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster import StringSource
from dagster._core.instance.types import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.event_log import InMemoryEventLogStorage, SqlEventLogStorage, SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage
from dagster._serdes import ConfigurableClassData

KEPT_OPEN = 8


class _TablesStay(SqlEventLogStorage):
    """Does not ask again for a table or column that was there: none is ever dropped."""

    def __init__(self, *options: Any):
        self._there: set[str] = set()
        super().__init__(*options)

    def has_table(self, table_name: str) -> bool:
        return self._stays(table_name, lambda: super(_TablesStay, self).has_table(table_name))

    def _has_asset_key_col_on_connection(self, conn: sa.Connection, column_name: str) -> bool:
        ask = super()._has_asset_key_col_on_connection
        return self._stays(f"asset_keys.{column_name}", lambda: ask(conn, column_name))

    def _stays(self, name: str, is_there: Callable[[], bool]) -> bool:
        if name not in self._there and is_there():
            self._there.add(name)
        return name in self._there


class KeptOpenEventLog(_TablesStay, SqliteEventLogStorage):
    """The event log of DAGSTER_HOME, in the files that Dagster's own storage uses: either reads the other's."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None):
        self._engines: OrderedDict[str, sa.Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Mapping[str, Any]:
        return {"dagster_home": StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, str]
    ) -> "KeptOpenEventLog":
        return cls(str(Path(config_value["dagster_home"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> sa.Engine:
        if shard not in self._engines:
            engine = sa.create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            sa.event.listen(engine, "connect", _sync_at_checkpoints)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            self._engines[shard] = engine
            if len(self._engines) > KEPT_OPEN:
                _, least_used = self._engines.popitem(last=False)
                least_used.dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def dispose(self) -> None:
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()


def _sync_at_checkpoints(connection: Any, _record: object) -> None:
    # In WAL mode a power cut may then cost the last events, never the database.
    connection.execute("PRAGMA synchronous = NORMAL")


class _OneConnection(_TablesStay, InMemoryEventLogStorage):
    """An event log in memory, over the connection that keeps it there."""

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        with self._db_lock, self._held_conn.begin():
            yield self._held_conn

    @property
    def supports_partition_subset_in_asset_materialization_planned_events(self) -> bool:
        # no UI looks at which of them are under way
        return True


def ephemeral_instance() -> dg.DagsterInstance:
    """An instance for runs in one thread, forgotten at its end: `DagsterInstance.ephemeral`, over one connection."""
    return dg.DagsterInstance(
        instance_type=InstanceType.EPHEMERAL,
        local_artifact_storage=TemporaryLocalArtifactStorage(),
        run_storage=InMemoryRunStorage(),
        event_storage=_OneConnection(),
        compute_log_manager=NoOpComputeLogManager(),
        run_coordinator=DefaultRunCoordinator(),
        run_launcher=SyncInMemoryRunLauncher(),
    )

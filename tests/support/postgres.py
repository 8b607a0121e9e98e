"""A PostgreSQL server for tests."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest


class Postgres:
    """A server that listens on a socket in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def execute(self, statement: str) -> list[tuple]:
        """Carry out a statement by itself, and give its rows."""
        connection = psycopg2.connect(host=str(self.folder), user="postgres", dbname="postgres")
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        connection.close()
        return rows

    def database(self, name: str) -> str:
        """The address of an empty store: a schema of its own, because that is made and removed much faster."""
        self.execute(f'CREATE SCHEMA "{name}"')
        schema = f"options=-csearch_path%3D%22{name}%22&application_name={name}"
        return f"postgresql://postgres@/postgres?host={self.folder}&{schema}"


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server that runs for a while. Skips the test where it cannot."""
    pgserver = pytest.importorskip("pgserver")
    # not among the folders of pytest, which another session closes to the user that the server runs as
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        try:
            server = pgserver.get_server(folder)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            pytest.skip(f"PostgreSQL does not start here: {error}")
        yield Postgres(folder)
        # nobody needs what it would write to the disk before it stops
        pgserver.pg_ctl(["-m", "immediate", "stop"], pgdata=folder, user=server.system_user)
        server.cleanup_mode = None
        server.cleanup()

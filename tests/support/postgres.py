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

    def database(self, name: str) -> str:
        """The address of a new database."""
        connection = psycopg2.connect(host=str(self.folder), user="postgres", dbname="postgres")
        connection.autocommit = True
        connection.cursor().execute(f'CREATE DATABASE "{name}"')
        connection.close()
        return f"postgresql://postgres@/{name}?host={self.folder}"


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

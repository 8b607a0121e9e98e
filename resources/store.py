"""The operations store: what is added to and never made again, in a SQL database.

SQLite by default, PostgreSQL in production; its tables are made by the migrations under migrations/. This module has
the tables, and how the database is opened; what is written to them is in ledger.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

METADATA = sa.MetaData()


class Money(sa.TypeDecorator):
    """An exact amount of 10 decimals: NUMERIC where the database has it, text on SQLite, which has floats only."""

    impl = sa.Numeric(38, 10)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine:
        return dialect.type_descriptor(sa.String(41) if dialect.name == "sqlite" else sa.Numeric(38, 10))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Decimal | str | None:
        return f"{value:.10f}" if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


POSTINGS = sa.Table(
    "postings",
    METADATA,
    sa.Column("posting_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("billing_cycle", sa.Text, nullable=False),
    sa.Column("posted_at", sa.String(32), nullable=False),
    sa.Column("posted_by", sa.Text, nullable=False),
    sa.Column("code_version", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("month", "billing_cycle"),
)

POSTED_FILES = sa.Table(
    "posted_files",
    METADATA,
    sa.Column("posting_id", sa.ForeignKey("postings.posting_id"), primary_key=True),
    sa.Column("file", sa.Text, primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
)

POSTED_INVOICES = sa.Table(
    "posted_invoices",
    METADATA,
    sa.Column("invoice_id", sa.Text, primary_key=True),
    sa.Column("posting_id", sa.ForeignKey("postings.posting_id"), nullable=False, index=True),
    sa.Column("invoice_number", sa.Text, nullable=False),
    sa.Column("document_type", sa.Text, nullable=False),
    sa.Column("vendor_account_id", sa.Text, nullable=False),
    sa.Column("payer_account_id", sa.Text, nullable=False, index=True),
    sa.Column("issue_date", sa.Date, nullable=False),
    sa.Column("due_date", sa.Date, nullable=False),
    sa.Column("net_amount", Money, nullable=False),
    sa.Column("tax_amount", Money, nullable=False),
    sa.Column("gross_amount", Money, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.UniqueConstraint("vendor_account_id", "invoice_number"),
)

NUMBER_SERIES = sa.Table(
    "number_series",
    METADATA,
    sa.Column("vendor_account_id", sa.Text, primary_key=True),
    sa.Column("document_type", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last_number", sa.BigInteger, nullable=False),
)

_MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """A store that may not exist yet: whoever writes makes it, whoever reads finds nothing."""

    def __init__(self, url: str):
        self._url = sa.make_url(url)
        self._reader = sa.create_engine(self._url)
        self._is_sqlite = self._reader.dialect.name == "sqlite"

    def exists(self) -> bool:
        """Whether anything was ever written to it."""
        if self._is_sqlite and not Path(self._url.database).is_file():
            return False
        return sa.inspect(self._reader).has_table(POSTINGS.name)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer is beside, on tables as of today. It is undone when anything fails."""
        if self._is_sqlite:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        writer = sa.create_engine(self._url, poolclass=sa.NullPool)
        if self._is_sqlite:
            sa.event.listen(writer, "connect", _leave_transactions_to_us)
            sa.event.listen(writer, "begin", _begin_by_writing)
        with writer.begin() as connection:
            if not self._is_sqlite:
                # until the transaction ends: neither tables nor postings are made by two at once
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('billing.ledger'))"))
            _migrate(connection)
            yield connection

    def rows(self, statement: sa.Select) -> list[dict]:
        """The rows of a query; none where there is no store yet."""
        if not self.exists():
            return []
        with self._reader.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def close(self) -> None:
        self._reader.dispose()


def _migrate(connection: sa.Connection) -> None:
    # imported here, because only who writes needs it
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _leave_transactions_to_us(connection: DBAPIConnection, record: object) -> None:
    """Keep the driver of SQLite from beginning transactions by itself, and let writers wait for each other."""
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 600000")


def _begin_by_writing(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

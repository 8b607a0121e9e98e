"""The operations store: what is added to and never made again, in a SQL database.

SQLite by default, PostgreSQL in production; its tables are made by the migrations under migrations/. This module has
the tables, and how the database is opened; what is written to them is in ledger.py and ledger_draft.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from billing_assets.contract import ConfigurationError

METADATA = sa.MetaData()
_SQLITE, _POSTGRESQL = "sqlite", "postgresql"


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


# A name in the order of its characters' codes, as every engine has it, whatever the language of the database.
CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

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
    sa.Column("invoice_id", CODE, primary_key=True),
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
_PATIENCE = 24 * 3600
_BATCH = 10_000


class Store:
    """A store that may not exist yet: whoever writes makes it, whoever reads finds nothing.

    A connection lasts as long as what it is opened for, so there is nothing to close.
    """

    def __init__(self, url: str):
        self._url = _known(url)
        self._is_sqlite = self._url.get_backend_name() == _SQLITE
        self._reader = self._engine()

    def rows(self, statement: sa.Select) -> list[dict]:
        """The rows of a query; none where there is no store yet."""
        return [dict(row._mapping) for row in self.each(statement)]

    def each(self, statement: sa.Select) -> Iterator[sa.Row]:
        """The same one after the other, for many of them."""
        if self._is_sqlite and not Path(self._url.database).is_file():
            return
        with self._connected(self._reader) as connection:
            if sa.inspect(connection).has_table(POSTINGS.name):
                yield from connection.execution_options(yield_per=_BATCH).execute(statement)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer is beside, on tables as of today. It is undone when anything fails."""
        if self._is_sqlite:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        # what waits for the locks of new tables must not wait until a month is posted
        with self._alone() as connection:
            _migrate(connection)
        with self._alone() as connection:
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[sa.Connection]:
        writer = self._engine()
        if self._is_sqlite:
            sa.event.listen(writer, "connect", _leave_transactions_to_us)
            sa.event.listen(writer, "begin", _begin_by_writing)
        with self._connected(writer) as connection, connection.begin():
            if not self._is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('billing.ledger'))"))
            yield connection

    @contextmanager
    def _connected(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        try:
            connection = engine.connect()
        except sa.exc.OperationalError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise ConfigurationError(f"the store {self._url!r} cannot be opened: {reason}") from error
        with connection:
            yield connection

    def _engine(self) -> sa.Engine:
        if self._is_sqlite:
            return sa.create_engine(self._url, poolclass=sa.NullPool, connect_args={"timeout": _PATIENCE})
        # who was waiting for a lock sees what the one before has written
        return sa.create_engine(self._url, poolclass=sa.NullPool, isolation_level="READ COMMITTED")


def _known(url: str) -> sa.URL:
    """The address of a store. Raises ConfigurationError where it is none."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError(f"BILLING_STORE {url!r} is no address of a database") from error
    if parsed.drivername == _POSTGRESQL:
        # without a driver SQLAlchemy means another one than Dagster
        return parsed.set(drivername=f"{_POSTGRESQL}+psycopg2")
    if parsed.get_backend_name() not in (_SQLITE, _POSTGRESQL):
        raise ConfigurationError(f"BILLING_STORE is of {_SQLITE} or {_POSTGRESQL}, not {parsed.get_backend_name()}")
    if parsed.get_backend_name() == _SQLITE and not parsed.database:
        raise ConfigurationError(f"BILLING_STORE {url!r} names no file")
    return parsed


def _migrate(connection: sa.Connection) -> None:
    # imported here, because only who writes needs it
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _leave_transactions_to_us(connection: DBAPIConnection, record: object) -> None:
    """Keep the driver of SQLite from beginning transactions by itself."""
    connection.isolation_level = None


def _begin_by_writing(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

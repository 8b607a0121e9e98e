"""Queries of databases, as batches of rows."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from billing_assets.contract import ConfigurationError

_BATCH = 50_000


def batches(
    root: Path, url: str, statement: str, name: str, **parameters: object
) -> Iterator[tuple[Sequence[str], Sequence[Mapping[str, Any]]]]:
    """Column names and rows of a query, or of the table of that name, batch by batch; at least one batch.

    Raises ConfigurationError, which begins with `name`, when the database cannot be read.
    """
    selected = sa.text(statement if " " in statement.strip() else f"SELECT * FROM {statement}")
    selected = selected.bindparams(*(sa.bindparam(key, value) for key, value in parameters.items()))
    try:
        engine = sa.create_engine(_relative_to(root, url))
        with engine.connect().execution_options(stream_results=True) as connection:
            result = connection.execute(selected)
            header = tuple(result.keys())
            rows = result.mappings()
            yield header, rows.fetchmany(_BATCH)
            for batch in rows.partitions(_BATCH):
                yield header, batch
    except (sa.exc.SQLAlchemyError, ModuleNotFoundError) as error:
        raise ConfigurationError(f"{name}: {str(error).splitlines()[0]}") from None


def as_text(value: object) -> str | None:
    """A value of a database or of JSON as it would stand in a file."""
    if value is None:
        return None
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _relative_to(root: Path, url: str) -> sa.URL:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).is_absolute():
        return parsed.set(database=str(root / parsed.database))
    return parsed

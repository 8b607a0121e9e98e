"""Fixtures: the valid configuration, and what is said of one with other rows."""

import pytest
from broken_rows import BROKEN, broken_row
from configuration import CONTRACTS, VALID
from ibis.expr.operations import InMemoryTable
from sample_rows import Row

from billing_assets.contract import ConfigurationError
from billing_assets.reference.rules import problems_of, require_valid


@pytest.fixture(scope="session")
def valid(engine, table):
    """The tables of the valid configuration."""
    return {name: engine.cache(table(CONTRACTS[name], *made)) for name, made in VALID.items()}


@pytest.fixture(scope="module")
def problems(rows, table, valid):
    """What every rule says of a configuration with all the broken rows: {(file, line): problems}."""
    for_table: dict[str, list[Row]] = {}
    for place, (name, *_) in enumerate(BROKEN):
        for_table.setdefault(name, list(VALID[name])).append(broken_row(place))
    tables = valid | {name: table(CONTRACTS[name], *made) for name, made in for_table.items()}
    found: dict[tuple, list[str]] = {}
    for part in problems_of(tables, ["FR", "DE"], tables):
        for row in rows(part):
            found.setdefault((row["source_file"], row["source_line"]), []).append(row["problem"])
    return found


@pytest.fixture
def sentence(rows, table, valid):
    """What is wrong with the valid configuration when the rows of some tables are replaced; empty if nothing.

    Rules that none of these tables is in are not asked again: valid rows break none.
    """

    def run(**replaced: list[Row]) -> str:
        tables = valid | {name: table(CONTRACTS[name], *made) for name, made in replaced.items()}

        def ask(expression):
            of_valid = "problem" in expression.columns and not expression.op().find(InMemoryTable)
            return [] if replaced and of_valid else rows(expression)

        try:
            require_valid(tables, ["FR", "DE"], ask)
        except ConfigurationError as error:
            return str(error)
        return ""

    return run

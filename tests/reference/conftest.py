"""Fixtures: the valid configuration, and what is said of one with other rows."""

import pytest
from broken_rows import BROKEN, broken_row
from configuration import CONTRACTS, VALID
from ibis.expr.operations import InMemoryTable
from sample_rows import Row

from billing_assets.contract import ConfigurationError
from billing_assets.reference.rules import groups, problems_of, require_valid

COUNTRIES = ["FR", "DE"]


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
    for part in problems_of(tables, COUNTRIES, tables):
        for row in rows(part):
            found.setdefault((row["source_file"], row["source_line"]), []).append(row["problem"])
    return found


class _LookedAt(dict):
    """Tables, and the names of those that somebody looked at."""

    def __init__(self, tables: dict):
        super().__init__(tables)
        self.names: set[str] = set()

    def __getitem__(self, name: str):
        self.names.add(name)
        return super().__getitem__(name)


@pytest.fixture(scope="session")
def about(valid):
    """The tables that each group of rules is about, and those that it looks at."""
    found = []
    for names, rules in groups(COUNTRIES):
        tables = _LookedAt(valid)
        list(rules(tables))
        found.append((names, tables.names))
    return found


@pytest.fixture
def sentence(rows, table, valid, about):
    """What is wrong with the valid configuration when the rows of some tables are replaced; empty if nothing.

    Rules that look at none of these tables are not asked again: valid rows break none.
    """

    def run(**replaced: list[Row]) -> str:
        tables = valid | {name: table(CONTRACTS[name], *made) for name, made in replaced.items()}
        again = {name for names, looked_at in about if not looked_at.isdisjoint(replaced) for name in names}

        def ask(expression):
            of_valid = "problem" in expression.columns and not expression.op().find(InMemoryTable)
            if replaced and of_valid:
                return []
            found = rows(expression)
            is_count = replaced and expression.columns == ("rows", "name")
            return [row for row in found if row["name"] in again] if is_count else found

        try:
            require_valid(tables, COUNTRIES, ask)
        except ConfigurationError as error:
            return str(error)
        return ""

    return run

"""The reference tables as one asset step: all inputs are read and checked before one is replaced."""

from collections.abc import Iterator
from zoneinfo import available_timezones

import ibis
import ibis.expr.types as ir
import iso4217
import pyarrow as pa
import pycountry

from billing_assets import records
from billing_assets.calendar import first_event_day
from billing_assets.contract import InputTable
from billing_assets.reference.accounts import judge_accounts, judge_changes
from billing_assets.reference.holidays import holidays
from billing_assets.reference.rules import require_conversions, require_valid
from billing_assets.reference.tables import (
    ACCOUNT_CHANGES,
    ACCOUNTS,
    BILLING_CYCLES,
    COMPANY_HOLIDAYS,
    CURRENCIES,
    HOLIDAYS,
    INPUTS,
    REJECTED_ACCOUNTS,
    TIME_BANDS,
    VENDOR_CURRENCIES,
)
from billing_assets.run import Run
from billing_assets.stage import stage

CONFIGURATION = tuple(table for table in INPUTS if table not in (ACCOUNTS, ACCOUNT_CHANGES))


@stage(CURRENCIES, ACCOUNTS, ACCOUNT_CHANGES, REJECTED_ACCOUNTS, *CONFIGURATION, HOLIDAYS, reads=())
def reference(run: Run) -> Iterator[ir.Table]:
    """Accounts, catalogues, plans, rates and rules, typed and checked against each other."""
    run.inputs.require_readable()
    execute = run.lake.engine.execute
    tables: dict[str, ir.Table] = {CURRENCIES.name: ibis.memtable(_currencies())}
    for table in CONFIGURATION:
        found = run.inputs.records(table)
        if not found.num_rows:
            tables[table.name] = table.no_rows()
            continue
        tables[table.name], problems = _parsed(run, table, found)
        records.require_none(problems, execute)
    rows, unreadable = typed(run, ACCOUNTS)
    countries = [country.alpha_2 for country in pycountry.countries]
    codes = _currencies()["currency"].to_pylist()
    accounts, refused = judge_accounts(
        rows, tables[BILLING_CYCLES.name], tables[VENDOR_CURRENCIES.name], countries, codes, available_timezones()
    )
    tables[ACCOUNTS.name] = run.cache(ACCOUNTS.shape(accounts))
    require_valid(tables, countries, run.rows)
    sources = run.inputs.settings.usage
    require_conversions({name: source.constants for name, source in sources.items()}, tables, run.rows)
    changed, unreadable_changes = typed(run, ACCOUNT_CHANGES)
    changes, refused_changes = judge_changes(changed, tables[ACCOUNTS.name])
    unreadable = REJECTED_ACCOUNTS.shape(unreadable).union(REJECTED_ACCOUNTS.shape(unreadable_changes))
    days_off = _holidays(run, tables)
    yield tables[CURRENCIES.name]
    yield tables[ACCOUNTS.name]
    yield changes
    yield ibis.union(unreadable, refused, refused_changes)
    yield from (tables[table.name] for table in CONFIGURATION)
    yield ibis.memtable(days_off)


def typed(run: Run, table: InputTable) -> tuple[ir.Table, ir.Table]:
    """An input's typed rows, and the records that are none."""
    return _parsed(run, table, run.inputs.records(table))


def _parsed(run: Run, table: InputTable, found: pa.Table) -> tuple[ir.Table, ir.Table]:
    rows, problems = records.parse(ibis.memtable(found), table)
    derived = {name: ibis.null("string") for name in table.derived}
    shaped = rows.mutate(**derived).select(table.schema.names)
    return run.cache(shaped), run.cache(problems)


def _holidays(run: Run, tables: dict[str, ir.Table]) -> pa.Table:
    bands, own = (run.rows(tables[table.name]) for table in (TIME_BANDS, COMPANY_HOLIDAYS))
    countries = run.column(tables[ACCOUNTS.name], "country")
    return holidays(bands, own, countries, first_event_day(run.first_month).year)


def _currencies() -> pa.Table:
    known = sorted({c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}.items())
    return pa.table({"currency": [c for c, _ in known], "digits": pa.array([d for _, d in known], pa.int64())})

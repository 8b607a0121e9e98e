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
from billing_assets.contract import InputTable, Table
from billing_assets.crm.history import changes_of_accounts
from billing_assets.crm.tables import ACCOUNT_HISTORY, CRM_ACCOUNTS, CRM_CONTACTS
from billing_assets.reference.accounts import (
    judge_accounts,
    judge_changes,
    with_billing_settings,
    with_defaults,
    with_vat_form,
)
from billing_assets.reference.contacts import judge_contacts
from billing_assets.reference.holidays import holidays
from billing_assets.reference.offer_copies import with_copies
from billing_assets.reference.rules import require_valid
from billing_assets.reference.tables import (
    ACCOUNT_BILLING_SETTINGS,
    ACCOUNT_CHANGES,
    ACCOUNT_FIELDS,
    ACCOUNTS,
    BILLING_CYCLES,
    COMPANY_HOLIDAYS,
    CONTACTS,
    CURRENCIES,
    HOLIDAYS,
    INPUTS,
    REJECTED_ACCOUNTS,
    REJECTED_CONTACTS,
    TAX_CODES,
    TAX_RATES,
    TIME_BANDS,
    VENDOR_CURRENCIES,
)
from billing_assets.reference.tax_rules import require_engine
from billing_assets.reference.udr_type_rules import require_conversions
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.taxation.eu import default_rates

CONFIGURATION = tuple(table for table in INPUTS if table not in (ACCOUNTS, ACCOUNT_CHANGES, CONTACTS))


@stage(
    CURRENCIES, ACCOUNTS, ACCOUNT_CHANGES, REJECTED_ACCOUNTS, CONTACTS, REJECTED_CONTACTS, *CONFIGURATION, HOLIDAYS,
    reads=(CRM_ACCOUNTS, CRM_CONTACTS, ACCOUNT_HISTORY),
)  # fmt: skip
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
        tables[table.name], problems = _parsed(run, table, ibis.memtable(found))
        records.require_none(problems, execute)
    tables[TAX_RATES.name] = _with_default_rates(run, tables)
    rows, unreadable = _parsed(run, ACCOUNTS, _records(run, ACCOUNTS, CRM_ACCOUNTS))
    if run.rows(tables[ACCOUNT_BILLING_SETTINGS.name].limit(1)):
        rows = run.cache(with_billing_settings(rows, tables[ACCOUNT_BILLING_SETTINGS.name]))
    settings = run.inputs.settings
    rows = with_defaults(
        rows, language=settings.language, payment_days=settings.payment_days, payment_from=settings.payment_from
    )
    countries = [country.alpha_2 for country in pycountry.countries]
    codes = _currencies()["currency"].to_pylist()
    accounts, refused = judge_accounts(
        with_vat_form(rows, run.rows), tables[BILLING_CYCLES.name], tables[VENDOR_CURRENCIES.name], countries, codes,
        available_timezones(), run.rows,
    )  # fmt: skip
    tables[ACCOUNTS.name] = run.cache(ACCOUNTS.shape(accounts))
    tables |= {name: run.cache(rows) for name, rows in with_copies(tables, run.rows).items()}
    require_valid(tables, countries, run.rows)
    sources = settings.usage
    require_conversions({name: source.constants for name, source in sources.items()}, tables, run.rows)
    require_engine(run.inputs.settings.tax_engine is not None, tables, run.rows)
    changes, refused_changes = _changes(run, tables[ACCOUNTS.name])
    contacts, refused_contacts = _contacts(run, tables[ACCOUNTS.name])
    days_off = _holidays(run, tables)
    yield tables[CURRENCIES.name]
    yield tables[ACCOUNTS.name]
    yield changes
    yield ibis.union(REJECTED_ACCOUNTS.shape(unreadable), refused, refused_changes)
    yield contacts
    yield refused_contacts
    yield from (tables[table.name] for table in CONFIGURATION)
    yield ibis.memtable(days_off)


def typed(run: Run, table: InputTable) -> tuple[ir.Table, ir.Table]:
    """An input's typed rows, and the records that are none."""
    found = run.inputs.records(table)
    if not found.num_rows:
        return table.no_rows(), ibis.memtable(found).mutate(reason=ibis.null("string"), detail=ibis.null("string"))
    return _parsed(run, table, ibis.memtable(found))


def _records(run: Run, table: InputTable, copy: Table) -> ir.Table:
    """The records of an input, or what was copied of them from the CRM."""
    return ibis.memtable(run.inputs.records(table)) if run.inputs.crm is None else run(copy)


def _changes(run: Run, accounts: ir.Table) -> tuple[ir.Table, ir.Table]:
    found = _records(run, ACCOUNT_CHANGES, ACCOUNT_HISTORY)
    if not run.rows(found.limit(1)):
        return ACCOUNT_CHANGES.no_rows(), REJECTED_ACCOUNTS.no_rows()
    if run.inputs.crm is not None:
        found = changes_of_accounts(found, ACCOUNT_FIELDS)
    rows, unreadable = _parsed(run, ACCOUNT_CHANGES, found)
    changes, refused = judge_changes(rows, accounts)
    return changes, REJECTED_ACCOUNTS.shape(unreadable).union(refused)


def _contacts(run: Run, accounts: ir.Table) -> tuple[ir.Table, ir.Table]:
    found = _records(run, CONTACTS, CRM_CONTACTS)
    if not run.rows(found.limit(1)):
        return CONTACTS.no_rows(), REJECTED_CONTACTS.no_rows()
    rows, unreadable = _parsed(run, CONTACTS, found)
    languages = [language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")]
    contacts, refused = judge_contacts(rows, accounts, languages, run.rows)
    return CONTACTS.shape(contacts), REJECTED_CONTACTS.shape(unreadable).union(refused)


def _parsed(run: Run, table: InputTable, found: ir.Table) -> tuple[ir.Table, ir.Table]:
    rows, problems = records.parse(found, table, run.cache)
    derived = {name: ibis.null(table.schema[name]) for name in table.derived}
    shaped = rows.mutate(**derived).select(table.schema.names)
    return run.cache(shaped), problems


def _holidays(run: Run, tables: dict[str, ir.Table]) -> pa.Table:
    bands, own = (run.rows(tables[table.name]) for table in (TIME_BANDS, COMPANY_HOLIDAYS))
    countries = run.column(tables[ACCOUNTS.name], "country")
    return holidays(bands, own, countries, first_event_day(run.first_month).year)


def _with_default_rates(run: Run, tables: dict[str, ir.Table]) -> ir.Table:
    """The company's tax rates, and those of countries of the EU that it has none for."""
    codes, own = tables[TAX_CODES.name], tables[TAX_RATES.name]
    with_default = run.rows(codes.filter(codes.default_rate.notnull()))
    if not with_default:
        return own
    pairs = [(row["tax_code"], row["country"]) for row in run.rows(own.select("tax_code", "country").distinct())]
    return own.union(TAX_RATES.shape(ibis.memtable(default_rates(with_default, pairs, TAX_RATES))))


def _currencies() -> pa.Table:
    known = sorted({c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}.items())
    return pa.table({"currency": [c for c, _ in known], "digits": pa.array([d for _, d in known], pa.int64())})

"""The copy of the CRM as assets: read once for a run, before a table is replaced."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from billing_assets.contract import ConfigurationError
from billing_assets.crm import history as rules
from billing_assets.crm.tables import (
    ACCOUNT_HISTORY,
    CRM_ACCOUNTS,
    CRM_CONTACTS,
    CRM_READS,
    REJECTED_CRM_RECORDS,
)
from billing_assets.run import Run
from billing_assets.stage import stage
from resources.crm import Crm, Reading

_TABLES = (ACCOUNT_HISTORY, CRM_ACCOUNTS, REJECTED_CRM_RECORDS, CRM_CONTACTS, CRM_READS)


@stage(*_TABLES, reads=())
def crm(run: Run) -> Iterator[ir.Table | None]:
    """What billing needs of the CRM, copied: accounts with their history, and contacts. Nothing is written back."""
    source = run.inputs.crm
    if source is None:
        yield from (None for _ in _TABLES)
        return
    read_at = datetime.now(UTC).replace(tzinfo=None)
    last = _last_read(run, source)
    since = _changed_since(last, source, read_at.date())
    accounts, contacts = source.accounts(since), source.contacts()
    if since is None and not accounts.records.num_rows:
        raise ConfigurationError(f"{accounts.name}: the CRM has no account at all; nothing is copied")
    history = run(ACCOUNT_HISTORY)
    before = run.cache(rules.current(history))
    judged = run.cache(rules.judged_records(ibis.memtable(accounts.records)))
    found = rules.copied(judged)
    added = [rules.changes(before, found, read_at.date())]
    if since is None:
        added.append(rules.closings(before, found, read_at.date(), accounts.name))
    yield ibis.union(history, *added)
    yield rules.current(run(ACCOUNT_HISTORY))
    yield rules.rejected(judged)
    yield CRM_CONTACTS.shape(ibis.memtable(contacts.records))
    yield ibis.memtable(_read(source, last, since is None, accounts, read_at))


def _last_read(run: Run, source: Crm) -> dict | None:
    """The latest read by the settings of now."""
    return next((row for row in run.rows(run(CRM_READS)) if row["mapping"] == source.digest), None)


def _changed_since(last: dict | None, source: Crm, today: date) -> datetime | None:
    """From which change on accounts are read; None for all of them."""
    if not last or not last["changed_up_to"] or not source.reads_changes:
        return None
    if today - last["read_in_full_on"] >= timedelta(days=source.settings.full_read_days):
        return None
    return last["changed_up_to"] - timedelta(minutes=source.settings.overlap_minutes)


def _read(source: Crm, last: dict | None, in_full: bool, accounts: Reading, read_at: datetime) -> pa.Table:
    known = [last["changed_up_to"]] if last and last["changed_up_to"] else []
    # a change date in the future must not hide what changes until then
    latest = max([*known, *(min(at, read_at) for at in accounts.change_dates)], default=None)
    row = {
        "mapping": source.digest,
        "changed_up_to": latest,
        "read_in_full_on": read_at.date() if in_full else last["read_in_full_on"],
    }
    return pa.Table.from_pylist([row], schema=CRM_READS.arrow_schema)

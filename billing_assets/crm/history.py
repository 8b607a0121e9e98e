"""From what was read of the CRM to the history of its accounts, and from the history to the accounts of now.

History is only added to. What equals the latest value adds nothing, so that reading a page twice, or reading
again after a run was killed, changes nothing.
"""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from billing_assets.crm.tables import ACCOUNT_COLUMNS, ACCOUNT_HISTORY, CRM_ACCOUNTS, REJECTED_CRM_RECORDS
from billing_assets.item import digest
from billing_assets.records import DUPLICATE_KEY, MISSING_VALUE

FIELDS = tuple(column.name for column in ACCOUNT_COLUMNS)
CLOSED_ON = "closed_on"
_CHANGE = ("changed_at", "changed_by", "source_file", "source_line")


def judged_records(records: ir.Table) -> ir.Table:
    """The records of one read with reason and detail; `superseded` are those that a later version replaces.

    Of an account that was read more than once, the latest change counts; of contradictory ones of the same
    change date the first.
    """
    account = ibis.window(
        group_by=records.account_id, order_by=[records.changed_at.desc(nulls_first=False), records.place]
    )
    content = digest(*(records[field] for field in FIELDS))
    ranked = records.mutate(content=content, rank=ibis.row_number().over(account))
    account = ibis.window(group_by=ranked.account_id, order_by=ranked["rank"])
    first = ranked.mutate(
        latest_content=ranked.content.first().over(account), latest_change=ranked.changed_at.first().over(account)
    )
    missing = first.account_id.isnull()
    again = (first["rank"] > 0) & (first.content != first.latest_content)
    contradictory = again & first.changed_at.identical_to(first.latest_change)
    shown = first.account_id + ibis.literal(" occurs more than once")
    return first.mutate(
        reason=ibis.cases((missing, MISSING_VALUE), (contradictory, DUPLICATE_KEY), else_=ibis.null("string")),
        detail=ibis.cases((missing, "account_id is missing"), (contradictory, shown), else_=ibis.null("string")),
        superseded=first["rank"] > 0,
    )


def copied(judged: ir.Table) -> ir.Table:
    """The records that are the accounts' present state."""
    return judged.filter(judged.reason.isnull() & ~judged.superseded)


def rejected(judged: ir.Table) -> ir.Table:
    """The records that cannot be copied."""
    return REJECTED_CRM_RECORDS.shape(judged.filter(judged.reason.notnull()))


def changes(accounts: ir.Table, records: ir.Table, read_on: date) -> ir.Table:
    """What the records change of the accounts as they were: rows to add to the history."""
    before = _by_field(accounts).rename(known_account="account_id", known_field="field", old_value="value")
    read = _by_field(records, *_CHANGE)
    both = read.left_join(before, [read.account_id == before.known_account, read.field == before.known_field])
    differ = both.filter(~both.value.identical_to(both.old_value))
    versions = accounts.select(versioned="account_id", last_version="version")
    found = differ.left_join(versions, differ.account_id == versions.versioned)
    return ACCOUNT_HISTORY.shape(
        found.mutate(
            version=found.last_version.fill_null(0) + 1,
            new_value=found.value,
            changed_at=ibis.coalesce(found.changed_at, _midnight(read_on)),
        )
    )


def closings(accounts: ir.Table, records: ir.Table, read_on: date, source: str) -> ir.Table:
    """The accounts that a full read has not found any more, closed on its day: rows to add to the history."""
    gone = accounts.filter(accounts[CLOSED_ON].isnull()).anti_join(records, "account_id")
    return ACCOUNT_HISTORY.shape(
        gone.mutate(
            version=gone.version + 1,
            field=ibis.literal(CLOSED_ON),
            old_value=ibis.null("string"),
            new_value=ibis.literal(read_on.isoformat()),
            changed_at=_midnight(read_on),
            changed_by=ibis.null("string"),
            source_file=ibis.literal(source),
            source_line=ibis.literal(0, "int64"),
        )
    )


def current(history: ir.Table) -> ir.Table:
    """The accounts as their latest versions make them."""
    of_field = ibis.window(group_by=[history.account_id, history.field], order_by=history.version.desc())
    of_account = ibis.window(group_by=history.account_id)
    ranked = history.mutate(
        age=ibis.row_number().over(of_field), newest=history.version == history.version.max().over(of_account)
    )
    latest = ranked.age == 0
    values = {name: ranked.new_value.max(where=latest & (ranked.field == name)) for name in FIELDS[1:]}
    change = {name: ranked[name].max(where=ranked.newest) for name in _CHANGE}
    found = ranked.group_by("account_id").aggregate(**values, version=ranked.version.max(), **change)
    return CRM_ACCOUNTS.shape(found)


def changes_of_accounts(history: ir.Table, fields: Sequence[str]) -> ir.Table:
    """What accounts were before, of some fields, as records of account_changes: of a day the first change."""
    changed = history.filter(history.version > 1, history.field.isin(fields))
    dated = changed.mutate(changed_on=changed.changed_at.date().cast("string"))
    of_day = ibis.window(group_by=[dated.account_id, dated.field, dated.changed_on], order_by=dated.version)
    first = dated.mutate(place=ibis.row_number().over(of_day))
    return first.filter(first.place == 0).drop("place")


def _by_field(accounts: ir.Table, *kept: str) -> ir.Table:
    """One row per account and field."""
    return ibis.union(
        *(accounts.select("account_id", *kept, field=ibis.literal(name), value=accounts[name]) for name in FIELDS)
    )


def _midnight(day: date) -> ir.TimestampScalar:
    return ibis.literal(day.isoformat()).cast("timestamp(6)")

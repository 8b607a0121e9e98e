"""A company's CRM as billing reads it: accounts and contacts from files, a database, or a paged JSON API.

Everything is handed over as text with its file and line, or page and record. Nothing is ever written to the CRM.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa

from billing_assets.contract import Column, ConfigurationError
from billing_assets.crm.tables import ACCOUNT_COLUMNS, CONTACT_COLUMNS
from resources import crm_api, databases
from resources.crm_settings import CHANGED_SINCE, CrmRecords, CrmSettings
from resources.section import from_environment
from resources.text_files import BrokenLine, TextFormat, UnreadableFile, open_text_file

_EVERYTHING = datetime(1900, 1, 1)


@dataclass(frozen=True)
class Reading:
    """What was read: its source, and the records with `changed_at`, `changed_by`, their place, file and line."""

    name: str
    records: pa.Table

    @property
    def change_dates(self) -> list[datetime]:
        return [at for at in self.records["changed_at"].to_pylist() if at is not None]


@dataclass(frozen=True)
class _Page:
    """Records of one file, batch of a query, or page, with the line of each."""

    name: str
    lines: Sequence[int]
    records: Sequence[Mapping[str, Any]]


class Crm:
    """The CRM of [crm] in billing.toml."""

    def __init__(self, settings: CrmSettings, root: Path):
        self.settings = settings
        self.digest = settings.digest
        self.reads_changes = settings.reads_changes
        self._root = root

    def accounts(self, changed_since: datetime | None) -> Reading:
        """All accounts, or those that have changed since a time.

        Raises ConfigurationError when the CRM cannot be read to its end.
        """
        return self._read("accounts", self.settings.accounts, ACCOUNT_COLUMNS, changed_since)

    def contacts(self) -> Reading:
        """All contacts; none where [crm.contacts] is left out."""
        return self._read("contacts", self.settings.contacts, CONTACT_COLUMNS, None)

    def _read(
        self, kind: str, wanted: CrmRecords | None, fields: Sequence[Column], changed_since: datetime | None
    ) -> Reading:
        name = f"crm:{kind}"
        if wanted is None:
            return Reading(name, _schema(fields).empty_table())
        read = {"files": self._file, "sql": self._query, "api": self._pages}[self.settings.kind]
        found = (
            (page.name, line, record)
            for page in read(name, wanted, changed_since)
            for line, record in zip(page.lines, page.records, strict=True)
        )
        rows = [
            _mapped(record, wanted, fields) | {"place": place, "source_file": file, "source_line": line}
            for place, (file, line, record) in enumerate(found)
        ]
        return Reading(name, pa.Table.from_pylist(rows, schema=_schema(fields)))

    def _file(self, name: str, wanted: CrmRecords, changed_since: datetime | None) -> Iterator[_Page]:
        def columns(header: Sequence[str]) -> list[str]:
            _require_columns(wanted, header, wanted.source)
            return wanted.named

        path = self._root / self.settings.url / wanted.source
        if not path.is_file():
            raise ConfigurationError(f"{wanted.source}: there is no such file in {path.parent}")
        try:
            for part in open_text_file(path, TextFormat(), columns).content:
                if isinstance(part, BrokenLine):
                    raise ConfigurationError(f"{wanted.source}, line {part.line}: {part.detail}")
                yield _Page(wanted.source, part.lines.to_pylist(), pa.table(part.columns).to_pylist())
        except UnreadableFile as error:
            raise ConfigurationError(f"{wanted.source}: {error}") from None

    def _query(self, name: str, wanted: CrmRecords, changed_since: datetime | None) -> Iterator[_Page]:
        url = from_environment(self.settings.url, "crm.url")
        since = {CHANGED_SINCE[1:]: changed_since or _EVERYTHING} if CHANGED_SINCE in wanted.source else {}
        line = 1
        for header, rows in databases.batches(self._root, url, wanted.source, name, **since):
            _require_columns(wanted, header, name)
            yield _Page(name, range(line, line + len(rows)), rows)
            line += len(rows)

    def _pages(self, name: str, wanted: CrmRecords, changed_since: datetime | None) -> Iterator[_Page]:
        url = from_environment(self.settings.url, "crm.url").rstrip("/")
        address = f"{url}/{wanted.source.lstrip('/')}"
        for number, records in crm_api.pages(address, self.settings.api, changed_since):
            yield _Page(f"{name} page {number}", range(1, len(records) + 1), records)


def _require_columns(wanted: CrmRecords, header: Sequence[str], where: str) -> None:
    for column in wanted.named:
        if column not in header:
            raise ConfigurationError(f"{where}: the column {column!r} is missing")


def _schema(fields: Sequence[Column]) -> pa.Schema:
    text = pa.string()
    return pa.schema(
        [
            *((field.name, text) for field in fields),
            ("changed_at", pa.timestamp("us")), ("changed_by", text),
            ("place", pa.int64()), ("source_file", text), ("source_line", pa.int64()),
        ]
    )  # fmt: skip


def _mapped(record: Mapping[str, Any], wanted: CrmRecords, fields: Sequence[Column]) -> dict[str, Any]:
    def field(name: str) -> str | None:
        if name in wanted.constants:
            return wanted.constants[name]
        value = _text(_value(record, wanted.columns.get(name, "")))
        return wanted.values.get(name, {}).get(value, value)

    return {f.name: field(f.name) for f in fields} | {
        "changed_at": _instant(_value(record, wanted.changed_at)),
        "changed_by": _text(_value(record, wanted.changed_by)),
    }


def _value(record: Mapping[str, Any], column: str) -> Any:
    if not column:
        return None
    return record[column] if column in record else crm_api.value_at(record, column)


def _text(value: Any) -> str | None:
    return (databases.as_text(value) or "").strip() or None


def _instant(value: Any) -> datetime | None:
    """A change date in UTC. One that cannot be read is none: the record counts as changed on the day of the read."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return datetime.combine(value, time.min) if isinstance(value, date) else None

"""The section [crm] of billing.toml: where accounts and contacts come from, and what their fields are called there."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from pydantic import Field, model_validator

from billing_assets.contract import Column
from billing_assets.crm.tables import ACCOUNT_COLUMNS, CONTACT_COLUMNS
from resources.http_json import HttpSettings
from resources.section import Section

CHANGED_SINCE = ":changed_since"


class CrmApi(HttpSettings):
    """How a JSON API is asked for pages."""

    pages: Literal["number", "cursor"] = "number"
    page_parameter: str = "page"
    first_page: int = 1
    page_size_parameter: str = "page_size"
    page_size: int = Field(default=200, gt=0)
    changed_since_parameter: str = ""
    records_at: str = ""
    next_at: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "CrmApi":
        if self.pages == "cursor" and not self.next_at:
            raise ValueError("next_at is missing: it says where a page has the cursor of the next one")
        return self


class CrmRecords(Section):
    """One kind of record: its file, query or path, and the names of its fields."""

    source: str
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    changed_at: str = ""
    changed_by: str = ""

    @property
    def named(self) -> list[str]:
        """The CRM's fields that are read."""
        return list(dict.fromkeys(filter(None, [*self.columns.values(), self.changed_at, self.changed_by])))


class CrmSettings(Section):
    """The whole of [crm]."""

    kind: Literal["files", "sql", "api"]
    url: str = ""
    full_read_days: int = Field(default=1, ge=1)
    overlap_minutes: int = Field(default=15, ge=0)
    api: CrmApi = CrmApi()
    accounts: CrmRecords
    contacts: CrmRecords | None = None

    @model_validator(mode="after")
    def _whole(self) -> "CrmSettings":
        if self.kind != "files" and not self.url:
            raise ValueError("url is missing")
        _require_fields("accounts", self.accounts, ACCOUNT_COLUMNS)
        if self.contacts:
            _require_fields("contacts", self.contacts, CONTACT_COLUMNS)
        if self.reads_changes and not self.accounts.changed_at:
            raise ValueError("accounts.changed_at is missing: reading by change date needs the field that has it")
        return self

    @property
    def reads_changes(self) -> bool:
        """Whether the CRM can be asked for what has changed since a time."""
        if self.kind == "sql":
            return CHANGED_SINCE in self.accounts.source
        return self.kind == "api" and bool(self.api.changed_since_parameter)

    @property
    def digest(self) -> str:
        """A digest of what decides the content of accounts: another one means that they would be read otherwise."""
        content = self.kind + self.url + self.accounts.model_dump_json()
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def _require_fields(section: str, records: CrmRecords, fields: Sequence[Column]) -> None:
    known = {field.name for field in fields}
    for field in (*records.columns, *records.constants, *records.values):
        if field not in known:
            raise ValueError(f"{section}: {field!r} is none of {', '.join(sorted(known))}")
    for field in sorted(records.columns.keys() & records.constants.keys()):
        raise ValueError(f"{section}: {field!r} is both a column and a constant")
    for field in fields:
        given = field.name in records.columns or field.name in records.constants
        if not given and not field.nullable and field.default is None:
            raise ValueError(f"{section}: {field.name!r} is neither a column nor a constant")

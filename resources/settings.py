"""billing.toml: what a company sets once, beside its input files.

first_month, how old usage may be, how many posted months are corrected, how numbers of invoices begin, payment terms
and language of accounts that have none of their own, the company's own rate models and tax regimes, the SQL database
that inputs may come from, the CRM that accounts may come from (crm_settings.py), the tax engine (tax_engine.py), and
for each usage source the mapping that turns its files into usage records. docs/inputs.md and docs/crm.md describe every
key.
"""

import hashlib
import importlib
import re
import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import Field, ValidationError, field_validator, model_validator

from billing_assets.calendar import months_later
from billing_assets.contract import ConfigurationError
from resources.crm_settings import CrmSettings
from resources.section import Section
from resources.tax_engine import TaxEngineSettings

FILE_NAME = "billing.toml"
USAGE_FIELDS = (
    "record_id", "udr_type", "service_identifier", "product_id", "started_at", "billing_effective_at",
    "quantity", "unit", "destination", "amount", "currency",
)  # fmt: skip

_DIRECTIVES = set("aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%")


class AmbiguousTime(StrEnum):
    """Which of two local times a clock change night means."""

    FIRST = "first"
    SECOND = "second"
    REJECT = "reject"


class AmendedPrice(StrEnum):
    """Where a changed order line takes its price from when the change gives none."""

    ASSET_LINE = "asset_line"
    ORDER_LINE = "order_line"


class PaymentStart(StrEnum):
    """What the days that a customer has to pay are counted from."""

    ISSUE_DATE = "issue_date"
    END_OF_MONTH = "end_of_month"


class DocumentFormat(StrEnum):
    """What an invoice is written as."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    UBL = "ubl"
    CSV = "csv"


class UsageSource(Section):
    """How the files of one usage source are read."""

    delimiter: str = ","
    encoding: str = "utf-8"
    require_final_newline: bool = False
    null_values: tuple[str, ...] = ("",)
    time_format: str = "iso8601"
    time_zone: str = "UTC"
    ambiguous_time: AmbiguousTime = AmbiguousTime.FIRST
    decimal_mark: str = "."
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    attributes: dict[str, str] = {}

    @field_validator("time_format")
    @classmethod
    def _known_directives(cls, value: str) -> str:
        unknown = [d for d in re.findall("%-?.?", value) if d.lstrip("%-") not in _DIRECTIVES or d == "%"]
        if unknown:
            raise ValueError(f"time_format {value!r}: {unknown[0]!r} is no directive of strptime")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"time_zone {value!r} is not an IANA time zone")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError(f"encoding {value!r} is unknown") from None
        return value

    @property
    def digest(self) -> str:
        """A digest of the section: another one means that files would be read in another way."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @field_validator("delimiter", "decimal_mark")
    @classmethod
    def _one_character(cls, value: str) -> str:
        if len(value) != 1:
            raise ValueError(f"{value!r} is not one character")
        return value

    @model_validator(mode="after")
    def _known_fields(self) -> "UsageSource":
        for field in (*self.columns, *self.constants):
            if field not in USAGE_FIELDS:
                raise ValueError(f"{field!r} is no field of a usage record")
        for field in ("started_at", "service_identifier", "udr_type", "quantity"):
            if field not in self.columns and field not in self.constants:
                raise ValueError(f"field {field!r} is neither a column nor a constant")
        for field in set(self.columns) & set(self.constants):
            raise ValueError(f"field {field!r} is both a column and a constant")
        return self


class SqlInputs(Section):
    """Inputs that are read from a database: a table's name or a query for each."""

    url: str
    inputs: dict[str, str] = {}


class Settings(Section):
    """The whole of billing.toml."""

    first_month: str
    usage_window_days: int = 400
    rate_model_modules: tuple[str, ...] = ()
    tax_regime_modules: tuple[str, ...] = ()
    amended_price: AmendedPrice = AmendedPrice.ASSET_LINE
    correction_months: int = Field(default=3, ge=0, le=120)
    invoice_prefix: str = Field(default="INV-", max_length=20)
    credit_note_prefix: str = Field(default="CN-", max_length=20)
    payment_days: int = Field(default=30, ge=0, le=999)
    payment_from: PaymentStart = PaymentStart.ISSUE_DATE
    language: str = Field(default="en", pattern="^[a-z]{2}$")
    document_formats: tuple[DocumentFormat, ...] = tuple(DocumentFormat)
    sql: SqlInputs | None = None
    crm: CrmSettings | None = None
    tax_engine: TaxEngineSettings | None = None
    usage: dict[str, UsageSource] = {}

    def first_corrected(self, month: str) -> str:
        """The earliest posted month that a month corrects; the next month does not any more."""
        return months_later(month, -self.correction_months)

    @field_validator("first_month")
    @classmethod
    def _a_month(cls, value: str) -> str:
        date.fromisoformat(f"{value}-01")
        return value


def load_settings(inputs: Path) -> Settings:
    """The settings of an inputs folder, whose rate models and tax regimes are registered from now on.

    Raises ConfigurationError with the key that is wrong.
    """
    path = inputs / FILE_NAME
    if not path.is_file():
        raise ConfigurationError(f"{path}: the file is missing")
    try:
        settings = Settings(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_first_problem(error.errors()[0])}") from None
    for key in ("rate_model_modules", "tax_regime_modules"):
        for name in getattr(settings, key):
            try:
                importlib.import_module(name)
            except Exception as error:  # a company's own code may fail in any way
                raise ConfigurationError(f"{path}: {key}: {name!r} cannot be imported: {error}") from error
    return settings


def _first_problem(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}"

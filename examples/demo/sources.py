"""The usage sources: how each system writes its records.

One declaration per source is both its section of billing.toml and the way its files are written, so
that they cannot disagree. Which events there are is in events.py.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

from demo.days import zone
from demo.events import Event
from demo.files import csv_lines, gzipped, parquet
from demo.market import Market

_TIMES = ("started_at", "billing_effective_at")
_NUMBERS = ("quantity", "amount")


@dataclass(frozen=True, eq=False)
class Source:
    """A system that delivers usage: fields by column, as in billing.toml."""

    name: str
    udr_type: str
    columns: dict[str, str]
    time_format: str
    time_zone: str = "UTC"
    format: str = "csv"
    ending: str = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal_mark: str = "."
    constants: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        return self.format == "csv"

    def gives(self, name: str) -> bool:
        return name in self.columns

    def settings(self) -> str:
        """Its sections of billing.toml; defaults are left out."""
        given = {}
        if self.is_text:
            given |= {"delimiter": self.delimiter, "encoding": self.encoding, "decimal_mark": self.decimal_mark}
        given |= {"time_format": self.time_format, "time_zone": self.time_zone}
        defaults = {"delimiter": ",", "encoding": "utf-8", "decimal_mark": ".", "time_zone": "UTC"}
        options = {k: v for k, v in given.items() if defaults.get(k) != v}
        parts = {
            "": options,
            ".columns": self.columns,
            ".constants": {"udr_type": self.udr_type} | self.constants,
            ".attributes": self.attributes,
        }
        return "\n".join(_section(f"usage.{self.name}{part}", values) for part, values in parts.items() if values)

    def content(self, events: list[Event]) -> bytes:
        fields = (*self.columns, *self.attributes)
        cells = [(name, self._cell(name)) for name in fields]
        rows = (tuple(cell(event.fields.get(name)) for name, cell in cells) for event in events)
        if not self.is_text:
            return parquet(self._schema(), rows)
        lines = csv_lines((*self.columns.values(), *self.attributes.values()), rows, self.delimiter)
        for number, event in enumerate(events, start=1):
            if event.is_truncated:
                lines[number] = lines[number][: len(lines[number]) // 2] + "\n"
        content = "".join(lines).encode(self.encoding)
        return gzipped(content) if self.ending.endswith(".gz") else content

    def _cell(self, name: str) -> Callable:
        """How a value of the field is written."""
        if name in _TIMES:
            return self._time if self.is_text else _milliseconds
        if name in _NUMBERS and not self.is_text:
            return _number_or_null
        if name in _NUMBERS and self.decimal_mark != ".":
            return lambda value: value and value.replace(".", self.decimal_mark)
        return _as_is

    def _time(self, value: int | str) -> int | str:
        """A time in the source's format; text stands for a time that is broken or does not exist."""
        if isinstance(value, str) or self.time_format == "epoch_seconds":
            return value
        if self.time_zone == "UTC":
            moment = datetime.fromtimestamp(value, UTC)
        else:
            moment = datetime.fromtimestamp(value, zone(self.time_zone))
        if self.time_format == "iso8601":
            return moment.isoformat().replace("+00:00", "Z")
        return moment.strftime(self.time_format)

    def _schema(self) -> pa.Schema:
        numbers = (*_TIMES, *_NUMBERS)
        named = {**self.columns, **self.attributes}
        return pa.schema([(column, pa.int64() if name in numbers else pa.string()) for name, column in named.items()])


def _section(title: str, values: dict[str, str]) -> str:
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    return "\n".join((f"[{title}]", *lines, ""))


def _as_is(value):
    return value


def _number_or_null(value):
    return value if isinstance(value, int) else None


def _milliseconds(value):
    return value * 1000 if isinstance(value, int) else None


_EV_ATTRIBUTES = {"charging_level": "level"}
SOURCES = (
    Source(
        "voice_fr", "voice",
        {"record_id": "Réf", "service_identifier": "Appelant", "destination": "Appelé", "started_at": "Début",
         "quantity": "Durée"},
        "%d/%m/%Y %H:%M:%S", "Europe/Paris",
        ending="csv.gz", delimiter=";", encoding="latin-1", decimal_mark=",", constants={"unit": "second"},
    ),
    Source(
        "voice_gb", "voice",
        {"record_id": "call_id", "service_identifier": "caller", "destination": "called", "started_at": "started",
         "quantity": "seconds"},
        "iso8601", "Europe/London", constants={"unit": "second"},
    ),
    Source(
        "voice_jp", "voice",
        {"started_at": "start_time", "service_identifier": "a_number", "destination": "b_number",
         "quantity": "duration", "record_id": "cdr"},
        "%Y/%m/%d %H:%M:%S", "Asia/Tokyo", delimiter="\t", constants={"unit": "second"},
    ),
    Source(
        "sms", "sms",
        {"record_id": "message_id", "started_at": "sent", "service_identifier": "from", "destination": "to"},
        "%Y%m%d%H%M%S", delimiter="|", constants={"quantity": "1", "unit": "message"},
    ),
    Source(
        "data_sessions", "data",
        {"record_id": "session", "service_identifier": "msisdn", "started_at": "opened", "quantity": "volume",
         "unit": "unit"},
        "epoch_seconds", attributes={"network": "rat"},
    ),
    Source(
        "vod", "vod",
        {"service_identifier": "viewer", "product_id": "sku", "started_at": "rented_at"},
        "iso8601", constants={"quantity": "1", "unit": "rental"},
        attributes={"title": "title", "device": "device"},
    ),
    Source(
        "charging", "ev_charging",
        {"record_id": "session", "service_identifier": "contract", "product_id": "tariff", "destination": "evse",
         "started_at": "plugged_in", "billing_effective_at": "plugged_out", "quantity": "energy", "unit": "unit"},
        "%Y-%m-%d %H:%M:%S", attributes=_EV_ATTRIBUTES | {"connector": "connector", "plug_and_charge": "pnc"},
    ),
    Source(
        "charging_partners", "ev_roaming",
        {"record_id": "cdr_id", "service_identifier": "contract", "destination": "evse", "started_at": "begin",
         "billing_effective_at": "end", "quantity": "kwh", "amount": "price", "currency": "currency"},
        "%d.%m.%Y %H:%M", "Europe/Berlin",
        delimiter=";", decimal_mark=",", constants={"unit": "kWh"}, attributes=_EV_ATTRIBUTES,
    ),
    Source(
        "api_gateway", "api",
        {"service_identifier": "api_key", "started_at": "batch_start", "quantity": "calls"},
        "epoch_milliseconds", format="parquet", ending="parquet", constants={"unit": "call"},
        attributes={"endpoint": "endpoint", "region": "region"},
    ),
)  # fmt: skip


_BY_NAME = {source.name: source for source in SOURCES}
_ONLY_SOURCE = {source.udr_type: source for source in SOURCES}


def source_of(udr_type: str, market: Market) -> Source:
    """Each market has a switch of its own; all other systems serve the whole group."""
    return _BY_NAME[f"voice_{market.code.lower()}"] if udr_type == "voice" else _ONLY_SOURCE[udr_type]

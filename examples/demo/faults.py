"""What goes wrong in one record of a hundred: duplicates, late and broken records.

Here belongs how a record is disturbed and into which file it then goes. The night in which clocks
change, when local times are missing, is here too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from demo.events import Event
from demo.sources import Source

_PER_RECORD = 0.01
_KINDS = {
    "twice_in_file": 16, "in_other_file": 12, "on_other_day": 12, "late": 24, "bad_time": 5,
    "unknown_service": 5, "negative": 5, "unknown_unit": 4, "no_quantity": 4, "before_start": 5,
    "truncated": 4, "absurd": 4,
}  # fmt: skip
_NEEDED_FIELD = {"negative": "quantity", "unknown_unit": "unit", "no_quantity": "quantity", "absurd": "quantity"}

# An unsigned -1 for calls; for data a counter that was never reset.
_ABSURD = {
    "voice": {"quantity": "4294967295"},
    "data": {"quantity": "5120", "unit": "GB"},
    "ev_charging": {"quantity": "98765.432", "unit": "kWh"},
    "ev_roaming": {"quantity": "98765.432"},
    "api": {"quantity": 900_000_000},
}

# In Paris clocks go from 02:00 to 03:00, in London from 01:00 to 02:00. The British switch writes one moment twice.
_CLOCK_CHANGE = date(2026, 3, 29)
_NIGHT = {
    "voice_fr": ("29/03/2026 01:59:30", "29/03/2026 02:15:00", "29/03/2026 02:59:59", "29/03/2026 03:00:10"),
    "voice_gb": ("2026-03-29T00:59:30Z", "2026-03-29T00:59:30+00:00", "2026-03-29T02:00:10+01:00"),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record and the file that it comes in: load day, and whether that is the day's second file."""

    load_day: date
    is_resent: bool
    event: Event


class Faults:
    """Disturbs the records of one source."""

    def __init__(self, source: Source, last_load_day: date, seed: str):
        self._source = source
        self._last_load_day = last_load_day
        self._seed = seed
        self._kinds = [kind for kind in _KINDS if self._can(kind)]
        self._weights = [_KINDS[kind] for kind in self._kinds]

    def _can(self, kind: str) -> bool:
        """API calls may be negative, Parquet has no lines, and an unknown unit needs a column for it."""
        if kind == "negative" and self._source.udr_type == "api":
            return False
        if kind == "truncated":
            return self._source.is_text
        return kind not in _NEEDED_FIELD or self._source.gives(_NEEDED_FIELD[kind])

    def arrivals(self, day: date, events: list[Event]) -> Iterator[Arrival]:
        """The day's events with what goes wrong; they are loaded on the day after."""
        rng = Random(f"{self._seed}:faults:{self._source.name}:{day}")
        load_day = day + timedelta(days=1)
        for event in events:
            if rng.random() < _PER_RECORD:
                [kind] = rng.choices(self._kinds, weights=self._weights)
                yield from self._disturbed(kind, load_day, event, rng)
            else:
                yield Arrival(load_day, False, event)
        if day == _CLOCK_CHANGE and events:
            for second, started in enumerate(_NIGHT.get(self._source.name, ())):
                night = {"started_at": started, "record_id": f"{day:%y%m%d}N{second}", "quantity": "60"}
                yield Arrival(load_day, False, events[0].changed(**night))

    def _disturbed(self, kind: str, load_day: date, event: Event, rng: Random) -> Iterator[Arrival]:
        normal = Arrival(load_day, False, event)
        if kind == "late":
            yield replace(normal, load_day=self._later(load_day, 3 + int(rng.random() * 32)))
        elif kind == "twice_in_file":
            yield normal
            yield normal
        elif kind == "in_other_file":
            yield normal
            yield replace(normal, is_resent=True)
        elif kind == "on_other_day":
            yield normal
            yield replace(normal, load_day=self._later(load_day, 1 + int(rng.random() * 4)), is_resent=True)
        else:
            yield replace(normal, event=self._broken(kind, event, rng))

    def _later(self, load_day: date, days: int) -> date:
        return min(load_day + timedelta(days=days), self._last_load_day)

    def _broken(self, kind: str, event: Event, rng: Random) -> Event:
        fields = event.fields
        match kind:
            case "bad_time":
                return event.changed(started_at="0000-00-00 24:61")
            case "unknown_service":
                return event.changed(service_identifier=fields["service_identifier"] + "9")
            case "negative":
                return event.changed(quantity=f"-{fields['quantity']}")
            case "unknown_unit":
                return event.changed(unit="pulse")
            case "no_quantity":
                return event.changed(quantity=None)
            case "truncated":
                return replace(event, is_truncated=True)
            case "absurd":
                return event.changed(**_ABSURD[self._source.udr_type])
            case "before_start":
                return _before_start(event, 1 + int(rng.random() * 20))


def _before_start(event: Event, days: int) -> Event:
    """The event as many days before its number was first sold."""
    day_of_event = event.fields["started_at"] // 86_400
    first_day = (event.service.known_since - date(1970, 1, 1)).days
    shift = (day_of_event - first_day + 1 + days) * 86_400
    times = {k: event.fields[k] - shift for k in ("started_at", "billing_effective_at") if k in event.fields}
    return event.changed(**times)

"""The events of a day: who uses what, when, and how much of it.

Each UDR type draws from a random generator of its own for each day. Numbers are drawn with integers and
straight lines only: logarithms and the like differ from machine to machine in their last digit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from random import Random

from demo.catalogue import name
from demo.days import local_day
from demo.dialling import CALLS, MESSAGES, called_number
from demo.orders import Service
from demo.usage_types import PROFILES

_DAYS_OF_MONTH = 30.4
_HOURS = range(24)
# Events of a service begin in different seconds, and the busiest has up to ten times this mean.
_MOST_PER_SERVICE_AND_DAY = 8_000

# Deciles of what one event uses.
_CALL_TENTHS = (20, 90, 220, 400, 650, 950, 1_400, 2_100, 3_300, 5_800, 48_000)
_SESSION_KILOBYTES = (1, 60, 400, 1_500, 5_000, 12_000, 26_000, 50_000, 95_000, 180_000, 900_000)
_AC_WATT_HOURS = (800, 3_000, 5_500, 8_000, 11_000, 14_500, 18_500, 23_000, 29_000, 37_000, 62_000)
_DC_WATT_HOURS = (3_000, 9_000, 14_000, 19_000, 24_000, 29_000, 34_500, 41_000, 49_000, 60_000, 88_000)
_API_CALLS = (1, 6, 20, 50, 110, 230, 480, 1_000, 2_100, 4_800, 30_000)

_FILMS = ("The Lamplighter's Map", "Sel et brume", "Paper Harbour", "Le Dernier Ferry", "風の切符", "Nine Quiet Trains")
_DEVICES = ("tv", "phone", "tablet", "browser")
_ENDPOINTS = ("/vehicles", "/trips", "/invoices", "/reports")
_REGIONS = {"FR": "eu", "GB": "uk", "JP": "jp"}
_PARTNERS = {"FR": ("DE*QRX", "ES*VLT", "FR*NVO"), "GB": ("FR*NVO", "GB*PLG"), "JP": ("JP*DEN",)}


@dataclass(slots=True)
class Event:
    """A usage record before it is written: values by field or attribute name, times in epoch seconds."""

    service: Service
    fields: dict
    is_truncated: bool = False

    def changed(self, **values) -> "Event":
        return replace(self, fields=self.fields | values)


class Usage:
    """All services of the company, and how often they are used."""

    def __init__(self, services: list[Service], per_month: int, seed: str):
        self._services = {udr_type: [] for udr_type in PROFILES}
        for service in services:
            self._services[service.udr_type].append(service)
        self._per_day = per_month / _DAYS_OF_MONTH
        self._seed = seed

    def events(self, udr_type: str, day: date) -> Iterator[Event]:
        profile = PROFILES[udr_type]
        active = [s for s in self._services[udr_type] if s.life.covers(day)]
        if not active:
            return
        rng = Random(f"{self._seed}:{udr_type}:{day}")
        weekday = profile.weekdays[day.weekday()] * 7 / sum(profile.weekdays)
        wanted = int(self._per_day * profile.share * weekday / 1000 + rng.random())
        number = min(wanted, _MOST_PER_SERVICE_AND_DAY * len(active))
        users = rng.choices(active, cum_weights=list(accumulate(s.weight for s in active)), k=number)
        hours = rng.choices(_HOURS, cum_weights=list(accumulate(profile.hours)), k=number)
        describe = _description(udr_type, rng, number)
        taken = set()
        for ordinal, (service, hour) in enumerate(zip(users, hours, strict=True)):
            started = _free_moment(service, day, hour * 3600 + int(rng.random() * 3600), taken)
            common = {"service_identifier": service.identifier, "started_at": started}
            record_id = f"{day:%y%m%d}{ordinal:07d}"
            yield Event(service, common | {"record_id": record_id} | describe(service, started))


def _free_moment(service: Service, day: date, second: int, taken: set) -> int:
    """A moment at which the service is not yet used: two events at one moment would be the same record."""
    begin, length = local_day(service.time_zone, day)
    second %= length
    while (service.identifier, second) in taken:
        second = (second + 1) % length
    taken.add((service.identifier, second))
    return begin + second


def _description(udr_type: str, rng: Random, number: int) -> Callable:
    """A function (service, start) that gives the fields of one event of the type."""
    if udr_type in ("voice", "sms"):
        mix, measure = (CALLS, _call_seconds) if udr_type == "voice" else (MESSAGES, _nothing)
        zones = iter(rng.choices(list(mix), weights=list(mix.values()), k=number))
        return lambda service, _: {"destination": called_number(service.market, next(zones), rng), **measure(rng)}
    maker = {
        "data": _session, "vod": _film, "ev_charging": _charging, "ev_roaming": _partner_charging, "api": _calls,
    }[udr_type]  # fmt: skip
    return lambda service, started: maker(rng, service, started)


def _call_seconds(rng: Random) -> dict:
    """Calls last tenths of a second; one in twenty-five is not answered."""
    tenths = 0 if rng.random() < 0.04 else _spread(rng, _CALL_TENTHS)
    return {"quantity": f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)}


def _nothing(_: Random) -> dict:
    return {}


def _session(rng: Random, _: Service, __: int) -> dict:
    """Newer gateways count bytes, older ones kilobytes."""
    kilobytes = _spread(rng, _SESSION_KILOBYTES)
    if rng.random() < 0.25:
        return {"quantity": str(kilobytes), "unit": "kB", "network": "4G"}
    count = kilobytes * 1000 + int(rng.random() * 1000)
    return {"quantity": str(count), "unit": "B", "network": _pick(rng, "4G", "5G")}


def _film(rng: Random, service: Service, _: int) -> dict:
    product = name(service.market, "VOD-UHD" if rng.random() < 0.35 else "VOD-HD")
    return {"product_id": product, "title": _pick(rng, *_FILMS), "device": _pick(rng, *_DEVICES)}


def _charging(rng: Random, service: Service, started: int) -> dict:
    """AC charging takes place in towns, half of DC charging at highways; some chargers count watt-hours."""
    level, watt_hours, seconds = _charge(rng)
    site = "EH" if level == "DC" and rng.random() < 0.5 else "E"
    in_watt_hours = rng.random() < 0.2
    return {
        "product_id": name(service.market, f"EV-{level}"),
        "destination": f"{service.market.code}*ORV*{site}{int(rng.random() * 900) + 100}",
        "billing_effective_at": started + seconds,
        "quantity": str(watt_hours) if in_watt_hours else _thousandths(watt_hours),
        "unit": "Wh" if in_watt_hours else "kWh",
        "charging_level": level,
        "connector": str(int(rng.random() * 4) + 1),
        "plug_and_charge": _pick(rng, "true", "false"),
    }


def _partner_charging(rng: Random, service: Service, started: int) -> dict:
    """Partners send the price in the customer's currency; those on the continent bill the British in euros."""
    level, watt_hours, seconds = _charge(rng)
    partner = _pick(rng, *_PARTNERS[service.market.code])
    in_euros = service.market.code == "FR" or (service.market.code == "GB" and partner.startswith("FR"))
    cents = (watt_hours * (79 if level == "DC" else 59) + 500) // 1000
    amount = str(cents * 8 // 5) if service.market.code == "JP" else f"{cents // 100}.{cents % 100:02d}"
    return {
        "destination": f"{partner}*E{int(rng.random() * 9000) + 1000}",
        "billing_effective_at": started + seconds,
        "quantity": _thousandths(watt_hours),
        "amount": amount,
        "currency": "EUR" if in_euros else service.market.currency,
        "charging_level": level,
    }


def _charge(rng: Random) -> tuple[str, int, int]:
    """Level, energy in Wh and duration in seconds: 7 kW on average for AC, 60 kW for DC."""
    if rng.random() < 0.4:
        watt_hours = _spread(rng, _DC_WATT_HOURS)
        return "DC", watt_hours, watt_hours * 60 // 1000 + 120
    watt_hours = _spread(rng, _AC_WATT_HOURS)
    return "AC", watt_hours, watt_hours * 514 // 1000 + 300


def _calls(rng: Random, service: Service, _: int) -> dict:
    """Calls of a batch; a negative number takes calls back that failed."""
    calls = _spread(rng, _API_CALLS)
    return {
        "quantity": -calls if rng.random() < 0.004 else calls,
        "endpoint": _pick(rng, *_ENDPOINTS),
        "region": _REGIONS[service.market.code],
    }


def _spread(rng: Random, deciles: tuple[int, ...]) -> int:
    place = rng.random() * (len(deciles) - 1)
    below = int(place)
    return int(deciles[below] + (deciles[below + 1] - deciles[below]) * (place - below))


def _pick(rng: Random, *choices: str) -> str:
    return choices[int(rng.random() * len(choices))]


def _thousandths(value: int) -> str:
    return f"{value // 1000}.{value % 1000:03d}"

"""What has to be made: load days of new files, event days that would be made of something else now, posted months.

Used by the command line, the sensor and the schedules alike.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from billing_assets import calendar
from billing_assets.rating.tables import RATED_DAYS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES
from billing_assets.usage.arrivals import load_days
from billing_assets.usage.assets import fingerprints
from billing_assets.usage.tables import ACCEPTED_USAGE_ORDERS, LOAD_MANIFEST, USAGE_ARRIVALS
from resources.inputs import Inputs
from resources.lake import Lake
from resources.ledger import Ledger


def days_to_load(lake: Lake, inputs: Inputs) -> list[date]:
    """The load days with a file that was not loaded yet, has other content now, or is read in another way."""
    loaded = ("load_day", "source_file", "sha256", "mapping")
    rows = lake.engine.execute(lake.read_all(LOAD_MANIFEST).select(*loaded)).to_pylist()
    known = {tuple(row[column] for column in loaded) for row in rows}
    sources = inputs.settings.usage
    return sorted(
        {
            day
            for file, day in load_days(lake, inputs)
            if (day, file.name, file.sha256, sources[file.source].digest) not in known
        }
    )


def days_arrived(lake: Lake) -> list[date]:
    """The event days that usage has arrived for."""
    days = lake.engine.execute(lake.read_all(USAGE_ARRIVALS).select("event_day").distinct())
    return sorted(days["event_day"].to_pylist())


def days_ordered(lake: Lake, last: date) -> list[date]:
    """The event days that usage is ordered for, up to a last one: orders for later days wait."""
    orders = lake.read(ACCEPTED_USAGE_ORDERS)
    days = lake.engine.execute(orders.filter(orders.event_day <= last).select("event_day").distinct())
    return sorted(days["event_day"].to_pylist())


def days_to_make(lake: Lake, days: Iterable[date]) -> list[date]:
    """The days, from the first to the last, that have no rated file yet or were made of something else than today."""
    wanted_days = sorted(set(days))
    if not wanted_days:
        return []
    asked = [day.isoformat() for day in calendar.day_range(wanted_days[0], wanted_days[-1])]
    made = lake.engine.execute(lake.read(RATED_DAYS, asked)).to_pylist()
    stored = {row["event_day"]: row["fingerprint"] for row in made}
    wanted = lake.engine.execute(fingerprints(lake, asked)).to_pylist()
    return sorted(row["event_day"] for row in wanted if stored.get(row["event_day"]) != row["fingerprint"])


def stretches(days: Iterable[date]) -> list[list[str]]:
    """Days as contiguous stretches, each for one range run."""
    found: list[list[date]] = []
    for day in sorted(days):
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return [[day.isoformat() for day in stretch] for stretch in found]


def months_to_recompute(lake: Lake, inputs: Inputs, month: str, cycle: str | None = None) -> list[str]:
    """The posted months that a month corrects, of all billing cycles or of one, in their order."""
    first = calendar.months_later(month, -inputs.settings.correction_months)
    postings = Ledger.of(lake).postings()
    return sorted({p.month for p in postings if first <= p.month < month and cycle in (None, p.billing_cycle)})


def window_days(lake: Lake, months: Sequence[str], cycle: str | None = None) -> list[date]:
    """The event days that the windows of some months touch, of all billing cycles or of one."""
    accounts = lake.engine.execute(lake.read(ACCOUNTS).select("time_zone").distinct())
    cycles = lake.engine.execute(lake.read(BILLING_CYCLES)).to_pylist()
    anchors = {c["billing_cycle"]: c["anchor_day"] for c in cycles if cycle in (None, c["billing_cycle"])}
    zones = accounts["time_zone"].to_pylist()
    days = {day for month in months for day in calendar.event_days(calendar.windows(month, anchors, zones, months[0]))}
    return sorted(days)

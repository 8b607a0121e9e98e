"""What has to be made: load days of new files, event days that would be made of something else now, posted months.

Used by the command line, the sensor and the schedules alike.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from billing_assets import calendar
from billing_assets.ledger.tables import POSTED_INVOICES
from billing_assets.rating.tables import RATED_DAYS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES
from billing_assets.usage.arrivals import load_days
from billing_assets.usage.assets import fingerprints
from billing_assets.usage.tables import ACCEPTED_USAGE_ORDERS, LOAD_MANIFEST, USAGE_ARRIVALS
from resources.inputs import Inputs
from resources.lake import Lake
from resources.ledger import Ledger
from resources.settings import Settings

# A month and a billing cycle to make it of; all cycles where there is none.
CycleMonth = tuple[str, str | None]


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


def months_to_recompute(lake: Lake, settings: Settings, month: str, cycle: str | None = None) -> list[CycleMonth]:
    """The posted months that a month of one billing cycle or of all corrects.

    Whoever was posted by one cycle and is in another one by now is charged by that.
    """
    first, ledger, known = settings.first_corrected(month), Ledger.of(lake), _cycles(lake)
    postings = [p for p in ledger.postings() if first <= p.month < month]
    payers = ledger.read(POSTED_INVOICES, postings).select("month", "payer_account_id")
    cycles = lake.read(ACCOUNTS).select("billing_cycle", payer_account_id="account_id")
    now = lake.engine.execute(payers.join(cycles, "payer_account_id").select("month", "billing_cycle").distinct())
    wanted = {(p.month, p.billing_cycle) for p in postings} | {tuple(row.values()) for row in now.to_pylist()}
    found = []
    for earlier in sorted({p.month for p in postings}):
        found += _as_few(earlier, [c for c in known if (earlier, c) in wanted and cycle in (None, c)], known)
    return found


def months_to_bill(lake: Lake, month: str, cycle: str | None = None) -> tuple[list[CycleMonth], list[CycleMonth]]:
    """A month of one billing cycle or of all: where it was posted, and where it is to be billed.

    What was posted is not billed again: its invoices, and what they leave to the next month, stay as they are.
    """
    known = _cycles(lake)
    posted = {p.billing_cycle for p in Ledger.of(lake).postings() if p.month == month}
    asked = known if cycle is None else [cycle]
    again, others = ([c for c in asked if (c in posted) is there] for there in (True, False))
    return _as_few(month, again, known), _as_few(month, others, known)


def _as_few(month: str, cycles: list[str], known: list[str]) -> list[CycleMonth]:
    """A month of some billing cycles, as one run where they are all."""
    return [(month, None)] if cycles and cycles == known else [(month, cycle) for cycle in cycles]


def _cycles(lake: Lake) -> list[str]:
    rows = lake.engine.execute(lake.read(BILLING_CYCLES).select("billing_cycle"))
    return sorted(rows["billing_cycle"].to_pylist())


def window_days(lake: Lake, months: Sequence[str], cycle: str | None = None) -> list[date]:
    """The event days that the windows of some months touch, of all billing cycles or of one."""
    accounts = lake.engine.execute(lake.read(ACCOUNTS).select("time_zone").distinct())
    cycles = lake.engine.execute(lake.read(BILLING_CYCLES)).to_pylist()
    anchors = {c["billing_cycle"]: c["anchor_day"] for c in cycles if cycle in (None, c["billing_cycle"])}
    zones = accounts["time_zone"].to_pylist()
    days = {day for month in months for day in calendar.event_days(calendar.windows(month, anchors, zones, months[0]))}
    return sorted(days)

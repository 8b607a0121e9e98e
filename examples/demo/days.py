"""Days and months of the demo: what it covers, and where a local day begins in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
_LAST_DAY_OF_LATER_CYCLE = 14


def months_between(first: date, last: date) -> list[date]:
    """First days of the months, both included."""
    months = [first]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return months


def next_month(month: date) -> date:
    return (month.replace(day=28) + 4 * DAY).replace(day=1)


def usage_days(months: list[date]) -> list[date]:
    """Local days with usage: to the 14th after the last month, where its later billing cycle ends."""
    end = next_month(months[-1]) + _LAST_DAY_OF_LATER_CYCLE * DAY
    return [months[0] + n * DAY for n in range((end - months[0]).days)]


@cache
def zone(time_zone: str) -> ZoneInfo:
    return ZoneInfo(time_zone)


@cache
def local_day(time_zone: str, day: date) -> tuple[int, int]:
    """Epoch second at which the local day begins, and its length: 23 or 25 hours when clocks change."""
    begin, end = (
        int(datetime.combine(d, time(), zone(time_zone)).astimezone(UTC).timestamp()) for d in (day, day + DAY)
    )
    return begin, end - begin

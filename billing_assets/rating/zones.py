"""Where an event goes and when it happens: zone by longest prefix, band by local minute of the week."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from billing_assets.reference.time_bands import MINUTES_OF_DAY, MINUTES_OF_WEEK


def with_zone(events: ir.Table, zone_prefixes: ir.Table, lengths: Sequence[int]) -> ir.Table:
    """Add zone_prefix and zone_id of the longest prefix of `destination` in the event's zone_set.

    One small join per prefix length, the longest first; `lengths` are those that occur.
    """
    found = events
    for length in sorted(set(lengths)):
        of_length = zone_prefixes.filter(zone_prefixes.prefix.length() == length)
        named = of_length.select(
            **{f"set_{length}": "zone_set", f"prefix_{length}": "prefix", f"zone_{length}": "zone_id"}
        )
        found = found.left_join(
            named,
            [
                found.zone_set == named[f"set_{length}"],
                found.destination.substr(0, length) == named[f"prefix_{length}"],
            ],
        )
    longest_first = sorted(set(lengths), reverse=True)
    prefixes = [found[f"prefix_{n}"] for n in longest_first] or [ibis.null("string")]
    zones = [found[f"zone_{n}"] for n in longest_first] or [ibis.null("string")]
    return found.select(*events.columns, zone_prefix=ibis.coalesce(*prefixes), zone_id=ibis.coalesce(*zones))


def with_time_band(
    events: ir.Table, band_minutes: ir.Table, special_days: ir.Table | None, accounts: ir.Table
) -> ir.Table:
    """Add time_band_id of the event's time_band_set at local_at (time_bands.band_minutes).

    `special_days` as of holidays.special_days, for the country of the account that used it; None where no band
    is for holidays.
    """
    local = events.local_at
    minute = (
        local.day_of_week.index().cast("int64") * MINUTES_OF_DAY
        + local.hour().cast("int64") * 60
        + local.minute().cast("int64")
    )
    timed = events.mutate(minute=minute)
    if special_days is not None:
        timed = _in_special_weeks(timed, special_days, accounts)
    named = band_minutes.rename(band_set="time_band_set")
    found = timed.left_join(named, [timed.time_band_set == named.band_set, timed.minute == named.minute_of_week])
    return found.select(*events.columns, "time_band_id")


def _in_special_weeks(timed: ir.Table, special_days: ir.Table, accounts: ir.Table) -> ir.Table:
    """The minutes of days that are no ordinary ones are those of other weeks."""
    countries = accounts.select(used_by="account_id", country="country")
    placed = timed.join(countries, timed.service_account_id == countries.used_by)
    placed = placed.mutate(day=placed.local_at.date())
    days = special_days.rename(special_set="time_band_set")
    found = placed.left_join(
        days,
        [
            placed.time_band_set == days.special_set,
            placed.country == days.account_country,
            placed.day == days.local_day,
        ],
    )
    return found.mutate(minute=found.minute + ibis.coalesce(found.week, 0) * MINUTES_OF_WEEK)

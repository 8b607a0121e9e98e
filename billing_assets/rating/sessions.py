"""Charging sessions: the periods that a session consists of, and the stretches in which its price is the same.

A session is a UDR whose quantity is its energy in kWh. How it went is in its attributes: either
`charging_periods`, one after the other from the start of the session, written KIND:SECONDS:KWH:KW and separated
by `|`, the kinds being `reservation`, `charging` and `parking`; or `reservation_seconds`, `charging_seconds`,
`parking_seconds` and `power_kw`, for at most one period of each kind, in this order, the energy being charged
in the middle one. What is left out is 0, and power is then the average of the period.

Periods are cut at the borders of the tariff (reference/tariffs.py), in proportion: power is constant within a
period. Both energy and time of a stretch are differences between two cuts, so that stretches add up exactly.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import (
    QUANTITY,
    SOURCE_QUANTITY,
    amount,
    exact_conversion,
    exact_share,
    integer,
    quantity,
    read_number,
)
from billing_assets.reference.tariffs import CHARGING, EXPIRED, PARKING, RESERVATION

INVALID_CHARGING_PERIODS = "INVALID_CHARGING_PERIODS"

SESSION = ("event_day", "udr_id")
_PERIOD = (*SESSION, "place")
_KINDS = (RESERVATION, CHARGING, PARKING)
_FIELDS = 4
_SECONDS_OF_DAY = 24 * 60 * 60
_MOST_SECONDS = 366 * _SECONDS_OF_DAY


def charging_periods(sessions: ir.Table) -> ir.Table:
    """The periods of sessions (event_day, udr_id, tariff_id, local_at, quantity, attributes) as they are written.

    Columns: event_day, udr_id, tariff_id, session_quantity, day_at (seconds from local midnight to the start of the
    session), local_day, place, kind, seconds, kwh, power; is_readable: false where a value is none, or negative.
    """
    written = sessions.select(
        *SESSION, "tariff_id",
        session_quantity=sessions.quantity.abs().cast(QUANTITY),
        local_day=sessions.local_at.date(),
        day_at=second_of_day(sessions.local_at),
        period=_written(sessions).split("|"),
    )  # fmt: skip
    single = written.unnest("period", offset="place")
    fields = single.mutate(field=single.period.split(":"))
    kind, seconds, kwh, power = (fields.field[n].nullif("") for n in range(_FIELDS))
    numbers = fields.mutate(
        kind=kind, seconds=_number(seconds), kwh=_number(kwh), told_power=_number(power), has_power=power.notnull()
    )
    is_readable = (
        numbers.kind.isin(_KINDS)
        & (numbers.seconds >= 0)
        & (numbers.kwh >= 0)
        & (numbers.told_power >= 0)
        & (numbers.field.length() <= _FIELDS)
    )
    average = exact_share(amount(numbers.kwh), ibis.literal(3600, QUANTITY), numbers.seconds.nullif(0))
    return numbers.mutate(
        is_readable=is_readable.fill_null(False),
        power=ibis.ifelse(numbers.has_power, amount(numbers.told_power), average),
    ).drop("period", "field", "told_power", "has_power")


def _written(sessions: ir.Table) -> ir.StringValue:
    return ibis.coalesce(sessions.attributes.get("charging_periods"), _from_totals(sessions))


def _from_totals(sessions: ir.Table) -> ir.StringValue:
    """Totals of a session, written as its periods."""
    colon, nothing = ibis.literal(":"), ibis.literal("")
    told = {name: sessions.attributes.get(f"{name}_seconds").nullif("") for name in _KINDS}
    power = ibis.coalesce(sessions.attributes.get("power_kw"), nothing)
    energy = sessions.quantity.abs().cast("string")
    charging = colon.join([ibis.literal(CHARGING), ibis.coalesce(told[CHARGING], nothing), energy, power])
    before = ibis.coalesce(ibis.literal(f"{RESERVATION}:") + told[RESERVATION] + ibis.literal("|"), nothing)
    after = ibis.coalesce(ibis.literal(f"|{PARKING}:") + told[PARKING], nothing)
    return before + charging + after


def _number(text: ir.StringValue) -> ir.DecimalValue:
    return ibis.ifelse(text.isnull(), ibis.literal(0).cast(QUANTITY), read_number(text, QUANTITY))


def second_of_day(moment: ir.TimestampValue) -> ir.DecimalValue:
    """The seconds since midnight, with their fraction."""
    whole = moment.hour().cast("int64") * 3600 + moment.minute().cast("int64") * 60 + moment.second().cast("int64")
    parts = moment.microsecond().cast("int64") % 1_000_000
    microseconds = (whole * 1_000_000 + parts).cast(SOURCE_QUANTITY)
    return exact_conversion(microseconds, integer(1), integer(1_000_000))


def unreadable(periods: ir.Table) -> ir.Table:
    """event_day and udr_id of sessions that cannot be priced.

    A value of a period cannot be read, or the energy of the periods is not that of the session, or the session
    lasts longer than a year.
    """
    sessions = periods.group_by(*SESSION).aggregate(
        is_readable=periods.is_readable.all(),
        kwh=periods.kwh.sum(),
        seconds=periods.seconds.sum(),
        session_quantity=periods.session_quantity.max(),
    )
    is_right = sessions.is_readable & (sessions.kwh == sessions.session_quantity) & (sessions.seconds <= _MOST_SECONDS)
    return sessions.filter(~is_right.fill_null(False)).select(*SESSION)


def refused(sessions: ir.Table) -> ir.Table:
    """Unreadable sessions with their reason."""
    return sessions.mutate(reason=ibis.literal(INVALID_CHARGING_PERIODS), detail=_written(sessions))


def _placed(periods: ir.Table) -> ir.Table:
    """The periods with what was before them: `before` (seconds), `lasted` (of the session, or its reservation), `used`.

    A reservation that nothing follows has expired.
    """
    is_reservation = periods.kind == RESERVATION
    took_place = ~is_reservation & ((periods.seconds > 0) | (periods.kwh > 0))
    known = periods.mutate(
        is_reservation=is_reservation, took_place=took_place.any().over(ibis.window(group_by=SESSION))
    )
    expired = known.is_reservation & ~known.took_place
    order = [known.place]
    whole = ibis.window(group_by=[known[c] for c in SESSION], order_by=order, preceding=None, following=0)
    own = ibis.window(
        group_by=[*(known[c] for c in SESSION), known.is_reservation], order_by=order, preceding=None, following=0
    )
    return known.mutate(
        kind=ibis.ifelse(expired, EXPIRED, known.kind),
        before=quantity(known.seconds.sum().over(whole) - known.seconds),
        lasted=quantity(known.seconds.sum().over(own) - known.seconds),
        used=quantity(known.kwh.sum().over(whole) - known.kwh),
    )


def stretches(periods: ir.Table, borders: ir.Table) -> ir.Table:
    """The periods cut at the borders of their tariff, without those of nothing.

    Columns of the periods, and: number (order in the session), seconds and kwh of the stretch, and where it
    begins: minute (of the local day), weekday (0 Monday), day, lasted (seconds of the session or its reservation),
    used (kWh of the session).
    """
    placed = _placed(periods)
    parts = placed.mutate(whole_seconds=placed.seconds, whole_kwh=placed.kwh)
    nothing = ibis.literal(0).cast(QUANTITY)
    cuts = ibis.union(
        parts.mutate(at=nothing, energy_at=nothing),
        parts.mutate(at=parts.whole_seconds, energy_at=parts.whole_kwh),
        _cuts_in_time(parts, borders),
        _cuts_in_energy(parts, borders),
    )
    return _between(cuts)


def _cuts_in_time(parts: ir.Table, borders: ir.Table) -> ir.Table:
    last_day = quantity(parts.day_at + parts.before + parts.seconds).floor().cast("int64") // _SECONDS_OF_DAY
    days = parts.mutate(day_number=ibis.range(integer(0), last_day + 1)).unnest("day_number")
    of_day = borders.filter(borders.border_of == "day")
    daily = days.join(of_day, days.tariff_id == of_day.border_tariff)
    seconds = (daily.day_number * _SECONDS_OF_DAY).cast("decimal(18, 0)")
    daily = daily.mutate(at=quantity(seconds + daily.border - daily.day_at - daily.before))
    lengths = borders.filter(borders.border_of == "duration")
    lasting = parts.join(lengths, parts.tariff_id == lengths.border_tariff)
    lasting = lasting.mutate(at=quantity(lasting.border - lasting.lasted))
    both = daily.select(*parts.columns, "at").union(lasting.select(*parts.columns, "at"))
    inner = both.filter((both["at"] > 0) & (both["at"] < both.whole_seconds))
    return inner.mutate(energy_at=share(inner.whole_kwh, inner["at"], inner.whole_seconds))


def _cuts_in_energy(parts: ir.Table, borders: ir.Table) -> ir.Table:
    of_energy = borders.filter(borders.border_of == "energy")
    met = parts.join(of_energy, parts.tariff_id == of_energy.border_tariff)
    met = met.mutate(energy_at=quantity(met.border - met.used)).select(*parts.columns, "energy_at")
    inner = met.filter((met.energy_at > 0) & (met.energy_at < met.whole_kwh))
    at = share(inner.whole_seconds, inner.energy_at, inner.whole_kwh)
    return inner.mutate(at=at).select(*parts.columns, "at", "energy_at")


def share(value: ir.DecimalValue, part: ir.DecimalValue, whole: ir.DecimalValue) -> ir.DecimalValue:
    """The share of a quantity that a part of the whole has."""
    return exact_share(amount(value), part, whole).cast(QUANTITY)


def _between(cuts: ir.Table) -> ir.Table:
    """What lies between each cut and the next one of its period.

    Cuts keep their order by time and by energy, because rounding never turns the order of two numbers round.
    """
    order = [cuts["at"], cuts.energy_at]
    window = ibis.window(group_by=[cuts[c] for c in _PERIOD], order_by=order)
    pairs = cuts.mutate(next_at=cuts["at"].lead().over(window), next_energy=cuts.energy_at.lead().over(window))
    found = pairs.filter(pairs.next_at.notnull()).mutate(
        seconds=quantity(pairs.next_at - pairs["at"]), kwh=quantity(pairs.next_energy - pairs.energy_at)
    )
    found = found.filter((found.seconds > 0) | (found.kwh > 0))
    second = quantity(found.day_at + found.before + found["at"]).floor().cast("int64")
    begins = found.mutate(
        minute=second % _SECONDS_OF_DAY // 60,
        day=(found.local_day + (second // _SECONDS_OF_DAY).as_interval("D")).cast("date"),
        lasted=quantity(found.lasted + found["at"]),
        used=quantity(found.used + found.energy_at),
    )
    number = ibis.row_number().over(
        ibis.window(group_by=[begins[c] for c in SESSION], order_by=[begins.place, begins["at"], begins.energy_at])
    )
    return begins.mutate(weekday=begins.day.day_of_week.index().cast("int64"), number=number)

"""The periods of billing headers that become due within some windows, with their fees: of a month, and later ones.

Here the rules of the schedule are put together for a run; what each of them is, is up to their own modules.
"""

from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from billing_assets import calendar
from billing_assets.billing_schedule import advance_purchases as purchases
from billing_assets.billing_schedule import maturity, schedule
from billing_assets.billing_schedule.adjustments import adjustment_details
from billing_assets.billing_schedule.amounts import schedule_details
from billing_assets.billing_schedule.periods import full_periods
from billing_assets.billing_schedule.phases import in_phases
from billing_assets.billing_schedule.splits import shared
from billing_assets.billing_schedule.tables import ADVANCE_PURCHASES, PRICE_PHASES, SCHEDULE_ADJUSTMENTS
from billing_assets.contract import FOREVER, Table
from billing_assets.exact import integer
from billing_assets.months import months_after
from billing_assets.orders.tables import BILLING_SPLITS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES, RATE_TIERS, RATES
from billing_assets.run import Run

# What fees of headers are not simply the price of, before they are adjusted.
_FEES_BY = (PRICE_PHASES, BILLING_SPLITS, ADVANCE_PURCHASES)
FEES_READ = (*_FEES_BY, ACCOUNTS, BILLING_CYCLES, CURRENCIES, RATES, RATE_TIERS)
READS = (*FEES_READ, SCHEDULE_ADJUSTMENTS)


class Changes(NamedTuple):
    """What fees of headers are not simply the price of, as tables; None without rows."""

    phases: ir.Table | None = None
    splits: ir.Table | None = None
    purchases: ir.Table | None = None
    adjustments: ir.Table | None = None


_NO_CHANGES = Changes()


def fees_of(run: Run) -> Changes:
    """What changes the fees of a run's headers before they are adjusted, by the tables of FEES_READ."""
    return Changes(*(_some(run, table) for table in _FEES_BY))


def changes_of(run: Run) -> Changes:
    """All that changes the fees of a run's headers, by the tables of READS."""
    return fees_of(run)._replace(adjustments=_some(run, SCHEDULE_ADJUSTMENTS))


def _some(run: Run, table: Table) -> ir.Table | None:
    return None if run.is_empty(table) else run(table)


def always(accounts: ir.Table) -> ir.Table:
    """Windows, as of calendar.windows, in which every period becomes due."""
    cycles = accounts.filter(accounts.billing_cycle.notnull()).select("billing_cycle", "time_zone").distinct()
    # windows begin after a day, and what has been there for always begins on the day ALWAYS
    return cycles.mutate(month=ibis.literal(""), ready_after=ibis.date(1, 1, 1), end_date=ibis.date(FOREVER))


def scheduled(
    run: Run, headers: ir.Table, windows: ir.Table, after: date, up_to: date, changes: Changes = _NO_CHANGES
) -> tuple[ir.Table, ir.Table]:
    """The periods of headers that become due within windows, and their fees; none ends earlier, or begins later."""
    due = run.cache(schedule.due_periods(headers, periods_of(run, headers, after, up_to), windows))
    phased = due if changes.phases is None else run.cache(in_phases(due, changes.phases))
    details = run.cache(schedule_details(_priced(run, phased), run.currencies))
    if changes.splits is not None:
        details = run.cache(shared(details, changes.splits))
    if changes.purchases is not None:
        details = run.cache(details.union(purchases.reductions(details, changes.purchases)))
    if changes.adjustments is not None:
        details = run.cache(details.union(adjustment_details(due, details, changes.adjustments)))
    return due, details


def periods_of(run: Run, headers: ir.Table, after: date, up_to: date) -> ir.Table:
    """The full periods of the lengths that headers have, as of periods.full_periods."""
    return ibis.memtable(full_periods(_lengths(run, headers, "period_length"), after, up_to))


def aging_of(run: Run) -> maturity.Aging | None:
    """The rates by maturity, where there are any."""
    rates = run(RATES).filter(ibis._.tier_by == "maturity")
    models = run.column(rates, "rate_model")
    return maturity.Aging(rates, run(RATE_TIERS), models) if models else None


def _priced(run: Run, due: ir.Table) -> ir.Table:
    aging = aging_of(run)
    if aging is None:
        return maturity.with_net_price(due)
    aged = due.semi_join(aging.rates, "rate_id")
    (span,) = run.rows(aged.aggregate(first=aged.period_start.min(), last=aged.period_end.max()))
    if span["first"] is None:
        return maturity.with_net_price(due)
    lengths = _lengths(run, aged.mutate(part_length=maturity.part_length(aged)), "part_length")
    periods = ibis.memtable(full_periods(lengths, span["first"], span["last"]))
    return maturity.with_price_by_maturity(due, periods, aging)


def _lengths(run: Run, rows: ir.Table, length: str) -> list[tuple[str, int]]:
    """The unit and length of the periods that some headers have."""
    found = rows.filter(rows.period_unit.notnull()).select("period_unit", length).distinct()
    return [(row["period_unit"], row[length]) for row in run.rows(found)]


def ends_after(run: Run, headers: ir.Table) -> date:
    """No period that ended earlier is due: but in the first month, or once a line may be billed at all."""
    month = calendar.first_day(run.month)
    held = headers.filter(headers.billing_rule == "on_ready_date", headers.ready_date >= month)
    late = headers if run.month == run.first_month else held
    (row,) = run.rows(late.aggregate(first=late.start_date.min()))
    return min(row["first"] or month, month)


def last_day(run: Run, months: int = 1) -> date:
    """No period that begins later is due up to some months after the run's month has begun."""
    return calendar.first_day(calendar.months_later(run.month, months)).replace(day=28)


def pending_records(run: Run, headers: ir.Table, months: int) -> ir.Table:
    """The records of headers that become ready within some months after the run's: they are pending billing."""
    within = run.windows.mutate(ready_after="end_date", end_date=months_after(ibis._.end_date, integer(months)))
    span = ends_after(run, headers), last_day(run, months + 1)
    due, details = scheduled(run, headers, within, *span, changes_of(run))
    return schedule.schedule_records(details, due).mutate(status=ibis.literal("pending_billing"))

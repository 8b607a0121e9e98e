"""What a due period costs: the price of the full period that contains it, and the part of that which it is.

A price may be of another period than the billed one. Of a longer one each billed period is an instalment, in whole
coins, and one of them takes what is left; of a shorter one it is as many prices as there are of them in the period.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.schedule import of_header
from billing_assets.exact import AMOUNT, amount, exact_ratio, integer
from billing_assets.reference.periods import price_months

_MONTHS_OF_YEAR = 12
_DAYS_OF_MONTH = 30
_DECIMALS = 10


def schedule_details(periods: ir.Table, currencies: ir.Table) -> ir.Table:
    """The fee of each due period, or part of one (maturity.py), with `price`: what the price period costs."""
    priced = _with_full_price(periods.join(currencies.select("currency", "digits"), "currency"))
    before, billed, full = (_days(priced, *span) for span in (
        ("full_start", "period_start"), ("period_start", "period_end"), ("full_start", "full_end"),
    ))  # fmt: skip
    counted = priced.mutate(days_before=before, billed_days=billed, full_days=full)
    return counted.mutate(
        billing_schedule_detail_id=of_header("BSD-", counted) + ibis.literal(":fee"),
        record_type=ibis.literal("regular"),
        category=ibis.literal("fee"),
        fee_amount=_part(counted),
        undivided_amount=ibis.null(AMOUNT),
    )


def _with_full_price(rows: ir.Table) -> ir.Table:
    of_price = price_months(rows.price_period)
    longer = (rows.period_unit == "month") & (of_price > rows.period_length)
    shorter = (rows.period_unit == "month") & (of_price < rows.period_length)
    counted = rows.mutate(
        instalments=ibis.ifelse(longer, of_price // rows.period_length, integer(1)),
        prices=ibis.ifelse(shorter, rows.period_length // of_price, integer(1)),
        price_months=ibis.coalesce(of_price, rows.period_length),
    )
    return counted.mutate(
        full_price=ibis.cases(
            (counted.instalments > 1, _instalment(counted)),
            (counted.maturity.notnull(), counted.price),
            else_=amount(counted.price * counted.prices.cast("decimal(9, 0)")),
        )
    )


def _instalment(rows: ir.Table) -> ir.DecimalValue:
    """A price divided into whole coins, rounded once; the last, or the first, is what the others leave."""
    coin = ibis.cases(*((rows.digits == n, integer(10 ** (_DECIMALS - n))) for n in (0, 2, 3)), else_=integer(10**6))
    coins = exact_ratio(rows.price, 1, rows.instalments * coin).cast("decimal(24, 10)")
    each = amount(coins * coin.cast("decimal(11, 0)"))
    left = amount(rows.price - each * (rows.instalments - 1).cast("decimal(9, 0)"))
    since = rows.full_number - rows.period_anchor + _MONTHS_OF_YEAR * rows.price_months
    place = since // rows.period_length % rows.instalments
    takes_rest = place == ibis.ifelse(rows.residual == "first", integer(0), rows.instalments - 1)
    return ibis.ifelse(takes_rest, left, each)


def _days(rows: ir.Table, start: str, end: str) -> ir.IntegerValue:
    """Days between two dates: of the calendar, or in months of 30, whose last day is the 30th whatever its number."""
    commercial = _commercial_day(rows[end]) - _commercial_day(rows[start])
    of_thirty = (rows.proration == "thirty_days") & (rows.period_unit == "month")
    return ibis.ifelse(of_thirty, commercial, rows[end].delta(rows[start], unit="day"))


def _commercial_day(day: ir.DateValue) -> ir.IntegerValue:
    is_last = (day + ibis.interval(days=1)).day() == 1
    of_month = ibis.ifelse(is_last, integer(_DAYS_OF_MONTH), day.day().cast("int64"))
    months = day.year().cast("int64") * _MONTHS_OF_YEAR + day.month().cast("int64")
    return months * _DAYS_OF_MONTH + of_month


def _part(rows: ir.Table) -> ir.DecimalValue:
    """The part of the full price. Parts are differences of rounded sums, so that those of a full period add up to it.

    The sums are counted from its begin, or from its end where the first part is to take what rounding leaves.
    """
    after = rows.full_days - rows.days_before - rows.billed_days
    inner = ibis.ifelse(rows.residual == "first", after, rows.days_before)
    upto = exact_ratio(rows.full_price, inner + rows.billed_days, rows.full_days)
    part = amount(upto - exact_ratio(rows.full_price, inner, rows.full_days))
    whole = (rows.billed_days == rows.full_days) | (rows.proration == "full")
    return ibis.ifelse(whole, rows.full_price, part)

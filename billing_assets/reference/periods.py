"""How long the periods of a billing frequency are, and whether the period of a price fits them.

The rows have billing_frequency, frequency_count and frequency_unit, as billing term schemes do; what is charged
once has no period.
"""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.exact import integer

MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
DAYS = {"weekly": 7}
MOST_IN_PERIOD = 366
_DAYS_OF = {"day": 1, "week": 7}
PRICE_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def frequency_faults(
    frequency: ir.StringValue, count: ir.IntegerValue, unit: ir.StringValue
) -> Iterator[tuple[ir.BooleanValue, str, str]]:
    """What makes a frequency unusable: (condition, column, in words)."""
    custom = (frequency == "custom").fill_null(False)
    for name, value in (("frequency_count", count), ("frequency_unit", unit)):
        yield custom & value.isnull(), name, "is required for a custom frequency"
        yield ~custom & value.notnull(), name, "is for a custom frequency"
    yield ~count.between(1, MOST_IN_PERIOD), "frequency_count", f"is not between 1 and {MOST_IN_PERIOD}"


def divides_year(rows: ir.Table) -> ir.BooleanValue:
    """Whether the periods can begin with the calendar: weeks, and months that divide a year."""
    months = in_months(rows)
    return ibis.ifelse(months.isnull(), rows.billing_frequency == "weekly", MONTHS["yearly"] % months == 0)


def in_months(rows: ir.Table) -> ir.IntegerValue:
    """Months of a period; NULL for one of weeks or days."""
    custom = (rows.billing_frequency == "custom") & (rows.frequency_unit == "month")
    return _named(rows.billing_frequency, MONTHS, (custom, rows.frequency_count))


def in_days(rows: ir.Table) -> ir.IntegerValue:
    """Days of a period; NULL for one of months."""
    custom = rows.billing_frequency == "custom"
    counted = [(custom & (rows.frequency_unit == u), rows.frequency_count * integer(n)) for u, n in _DAYS_OF.items()]
    return _named(rows.billing_frequency, DAYS, *counted)


def price_months(price_period: ir.StringValue) -> ir.IntegerValue:
    """Months that a price is for; NULL for the price of a billing period."""
    return _named(price_period, PRICE_MONTHS)


def fits_price(rows: ir.Table) -> ir.BooleanValue:
    """Whether a billing period is some price periods, or a price period some billing periods."""
    months, of_price = in_months(rows), price_months(rows.price_period)
    whole = (months % of_price == 0) | (of_price % months == 0)
    return of_price.isnull() | whole.fill_null(False)


def _named(name: ir.StringValue, lengths: dict[str, int], *others: tuple[ir.BooleanValue, ir.Value]):
    named = [(name == key, integer(length)) for key, length in lengths.items()]
    return ibis.cases(*named, *others, else_=ibis.null("int64"))

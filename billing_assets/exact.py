"""Exact numbers: the decimal types of the field, and the few operations that round.

Here belongs every place where an amount or a quantity is rounded. The operations are declared once
and carried out by each engine's own kernel (resources/kernels/), because no two engines divide
decimals alike; each rounds once, half away from zero (docs/conventions.md).
"""

from decimal import Decimal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

QUANTITY = dt.Decimal(18, 9)
UNIT_PRICE = dt.Decimal(18, 12)
AMOUNT = dt.Decimal(28, 10)
# A quantity in the unit of its file, before it is converted: bytes may be many, and terabytes few.
SOURCE_QUANTITY = dt.Decimal(24, 12)
MOST_IN_FACTOR = 10**12
PERCENT = dt.Decimal(9, 6)
# A fee's price and its quantity: wide prices, modest quantities, so that their product has 37 digits.
FEE_PRICE = dt.Decimal(22, 10)
FEE_QUANTITY = dt.Decimal(15, 9)
# The price of one unit of anything: as fine as that of usage, as wide as that of a fee.
ITEM_PRICE = dt.Decimal(24, 12)

PERCENT_UNITS = 10**6
BILLION = 10**9
TEN_BILLION = 10**10
_MOST_IN_BITS = 9 * 10**8
_WHOLE = 100 * PERCENT_UNITS


@ibis.udf.scalar.builtin(signature=((QUANTITY, UNIT_PRICE, QUANTITY), AMOUNT))
def exact_price(quantity, unit_price, price_per):
    """quantity * unit_price / price_per, rounded once to an AMOUNT. price_per > 0."""


@ibis.udf.scalar.builtin(signature=((AMOUNT, dt.int64, dt.int64), AMOUNT))
def exact_ratio(amount, numerator, denominator):
    """amount * numerator / denominator, rounded once to an AMOUNT. denominator > 0."""


@ibis.udf.scalar.builtin(signature=((AMOUNT, QUANTITY, QUANTITY), AMOUNT))
def exact_share(amount, part, whole):
    """amount * part / whole of a quantity, rounded once to an AMOUNT. whole is not zero."""


@ibis.udf.scalar.builtin(signature=((SOURCE_QUANTITY, dt.int64, dt.int64), QUANTITY))
def exact_conversion(quantity, numerator, denominator):
    """quantity * numerator / denominator, rounded once to a QUANTITY; NULL when it has no room there.

    Numerator and denominator are from 1 to MOST_IN_FACTOR.
    """


@ibis.udf.scalar.builtin(signature=((QUANTITY, QUANTITY, QUANTITY), QUANTITY))
def billed_units(quantity, minimum, increment):
    """The units that a rate charges: at least the minimum, then started increments above it.

    An increment of 0 charges the exact quantity. A quantity of 0 stays 0, and a negative one is the
    exact opposite of its positive twin, so that a reversed record takes back what it had cost.
    """


@ibis.udf.scalar.builtin(signature=((dt.string, dt.string), dt.timestamp))
def parsed_time(text, pattern):
    """The timestamp that the text gives under a strptime pattern; NULL when it does not fit."""


@ibis.udf.scalar.builtin(signature=((dt.string,), dt.timestamp))
def parsed_instant(text):
    """The UTC timestamp of an ISO 8601 text with an offset or Z; NULL when it is none."""


@ibis.udf.scalar.builtin(signature=((dt.Decimal(38, 10),), AMOUNT))
def exact_amount(value):
    """The value as an AMOUNT."""


@ibis.udf.scalar.builtin(signature=((dt.Decimal(38, 9),), QUANTITY))
def exact_quantity(value):
    """The value as a QUANTITY."""


@ibis.udf.scalar.builtin(signature=((dt.int64,), dt.int64))
def exact_integer(value):
    """The value as a 64-bit integer."""


def read_number(text: ir.StringValue, dtype: dt.Decimal) -> ir.DecimalValue:
    """The number that a text gives, rounded once to the type; NULL when it is none or has no room there.

    DuckDB rounds scientific notation digit by digit (1.45e-9 becomes 2e-9 where 1e-9 is due), so that is
    read with more digits than it is rounded to.
    """
    fine, wide = dt.Decimal(38, 28), dt.Decimal(38, dtype.scale)
    is_scientific = text.contains("e") | text.contains("E")
    scientific = ibis.coalesce(text.try_cast(fine), text.try_cast(wide)).try_cast(dtype)
    if dtype.precision <= QUANTITY.precision:
        return ibis.ifelse(is_scientific, scientific, text.try_cast(dtype))
    # a short text fits into 64 bits, which are read many times faster than 128
    is_short = ~is_scientific & (text.length() <= QUANTITY.precision - QUANTITY.scale)
    return ibis.cases(
        (is_short, text.try_cast(QUANTITY).cast(dtype)), (is_scientific, scientific), else_=text.try_cast(dtype)
    )


def amount(value: ir.NumericValue) -> ir.DecimalValue:
    """The value as an AMOUNT; more than 10 decimals are rounded half away from zero.

    Ibis drops casts that it takes for no-ops, though the engine's sum of two amounts has a digit more.
    """
    return exact_amount(value)


def quantity(value: ir.NumericValue) -> ir.DecimalValue:
    """The value as a QUANTITY, for sums and differences, as `amount` for amounts."""
    return exact_quantity(value)


def quantity_share(value: ir.DecimalValue, part: ir.DecimalValue, whole: ir.DecimalValue) -> ir.DecimalValue:
    """value * part / whole of quantities, rounded once to a QUANTITY. whole is not zero."""
    # a tenth of a quantity is an exact amount, whose last decimal is the one that is rounded
    tenth = exact_share(exact_ratio(amount(value), 1, 10), part, whole)
    return quantity((tenth * 10).cast(dt.Decimal(38, QUANTITY.scale)))


def integer(value: int) -> ir.IntegerValue:
    """A whole number as a 64-bit integer (an engine takes a smaller type for a small literal)."""
    return exact_integer(ibis.literal(value, "int64"))


def total_count(column: ir.IntegerColumn) -> ir.IntegerScalar:
    """The sum of a column of counts (an engine's own sum of integers has another type)."""
    return exact_integer(column.sum())


def zero() -> ir.DecimalScalar:
    """The AMOUNT 0 (an untyped literal would take a type of the engine's choice)."""
    return ibis.literal(0).cast(AMOUNT)


def total(column: ir.Column) -> ir.DecimalScalar:
    """The sum of an AMOUNT column as an AMOUNT, 0 for no rows."""
    return ibis.coalesce(amount(column.sum()), zero())


def total_quantity(column: ir.Column) -> ir.DecimalScalar:
    """The sum of a QUANTITY column as a QUANTITY, 0 for no rows."""
    return ibis.coalesce(quantity(column.sum()), ibis.literal(0).cast(QUANTITY))


def percentage(value: ir.DecimalValue, percent: ir.DecimalValue) -> ir.DecimalValue:
    """percent % of an amount, rounded once to an AMOUNT."""
    return exact_ratio(value, _millionths(percent), _WHOLE)


def percentage_of(value: ir.DecimalValue, percent: ir.DecimalValue) -> ir.DecimalValue:
    """percent % of an amount, rounded once to an AMOUNT, where the percentage, too, has the digits of an AMOUNT."""
    return exact_ratio(value, _ten_billionths(percent), 100 * TEN_BILLION)


def part_of(value: ir.DecimalValue, part: ir.DecimalValue, whole: ir.DecimalValue) -> ir.DecimalValue:
    """The value times part / whole of amounts, rounded once to an AMOUNT; 0 of no whole.

    Of a whole without room for its decimals in 64 bits, whole units of the currency count.
    """
    parts = [ibis.ifelse(whole < _MOST_IN_BITS, _ten_billionths(n), n.cast("int64")) for n in (part, whole)]
    return ibis.ifelse(whole > 0, exact_ratio(value, parts[0], ibis.greatest(parts[1], 1)), zero())


def price_with_percentage(price: ir.DecimalValue, percent: ir.DecimalValue) -> ir.DecimalValue:
    """The unit price with percent % on top, or off it below 0, rounded once to a UNIT_PRICE."""
    # widened first: engines keep a product of narrow decimals in 64 bits
    factor = (percent.cast(dt.Decimal(10, 6)) + 100).cast(dt.Decimal(11, 6)) * ibis.literal(Decimal("0.01"))
    return (price.cast(dt.Decimal(24, 12)) * factor.cast(dt.Decimal(13, 8))).cast(UNIT_PRICE)


def without_percentage(value: ir.DecimalValue, percent: ir.DecimalValue) -> ir.DecimalValue:
    """The amount that comes to the value with percent % on top, rounded once to an AMOUNT."""
    return exact_ratio(value, _WHOLE, _millionths(percent) + _WHOLE)


def coins_without_percentage(
    value: ir.DecimalValue, percent: ir.DecimalValue, digits: ir.IntegerValue
) -> ir.DecimalValue:
    """The same of a value in whole coins, rounded once to whole coins of a currency with that many digits."""
    # a coin becomes the last decimal of an AMOUNT, which is the one that is rounded
    shift = ibis.cases((digits == 0, 10**10), (digits == 2, 10**8), (digits == 3, 10**7), else_=10**6).cast("int64")
    return exact_ratio(without_percentage(exact_ratio(value, 1, shift), percent), shift, 1)


def _millionths(percent: ir.DecimalValue) -> ir.IntegerValue:
    return (percent.cast(dt.Decimal(18, 6)) * ibis.literal(PERCENT_UNITS)).cast("int64")


def _ten_billionths(value: ir.DecimalValue) -> ir.IntegerValue:
    return (value.try_cast(dt.Decimal(19, 10)) * ibis.literal(TEN_BILLION)).try_cast("int64")


def to_currency(value: ir.DecimalValue, digits: ir.IntegerValue) -> ir.DecimalValue:
    """The amount in whole units of its currency's smallest coin (ISO 4217 digits 0, 2, 3 or 4)."""
    return ibis.cases(
        (digits == 0, value.cast(dt.Decimal(28, 0)).cast(AMOUNT)),
        (digits == 2, value.cast(dt.Decimal(28, 2)).cast(AMOUNT)),
        (digits == 3, value.cast(dt.Decimal(28, 3)).cast(AMOUNT)),
        else_=value.cast(dt.Decimal(28, 4)).cast(AMOUNT),
    )


def whole_coins(value: ir.DecimalValue, digits: ir.IntegerValue) -> ir.DecimalValue:
    """An amount of 0 or more in whole coins of its currency; what is left of one is cut off."""
    rounded = to_currency(value, digits)
    coins = (1, "0.01", "0.001", "0.0001")
    one, cent, mill, fine = (ibis.literal(Decimal(coin)).cast(AMOUNT) for coin in coins)
    coin = ibis.cases((digits == 0, one), (digits == 2, cent), (digits == 3, mill), else_=fine)
    return ibis.ifelse(rounded > value, amount(rounded - coin), rounded)

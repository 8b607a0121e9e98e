"""Exact numbers: every operation that rounds, against decimals worked out by hand."""

from collections.abc import Callable
from decimal import Decimal

import ibis
import pytest
from tests_support import ENGINES

from billing_assets import exact
from billing_assets.exact import AMOUNT, PERCENT, QUANTITY, UNIT_PRICE

pytestmark = pytest.mark.parametrize("engine", ENGINES, indirect=True)


@pytest.fixture
def value(rows) -> Callable[[ibis.Value], Decimal | None]:
    """The value of a scalar expression."""
    return lambda expression: rows(expression.name("value").as_table())[0]["value"]


def units(text: str):
    return ibis.literal(Decimal(text), QUANTITY)


def money(text: str):
    return ibis.literal(Decimal(text), AMOUNT)


@pytest.mark.parametrize(
    ("quantity", "unit_price", "price_per", "expected"),
    [
        ("65", "0.01", "1", "0.65"),
        ("65", "0.06", "60", "0.065"),
        # 1 / 3 = 0.333…, and its opposite
        ("1", "1", "3", "0.3333333333"),
        ("-1", "1", "3", "-0.3333333333"),
        # 2 / 3 = 0.666…, rounded away from zero
        ("2", "1", "3", "0.6666666667"),
        ("-2", "1", "3", "-0.6666666667"),
        # exactly half of the last digit: 0.1 * 0.000000001 / 2 = 0.00000000005
        ("0.1", "0.000000001", "2", "0.0000000001"),
        ("-0.1", "0.000000001", "2", "-0.0000000001"),
        # the same half without a division
        ("0.5", "0.0000000001", "1", "0.0000000001"),
        ("-0.5", "0.0000000001", "1", "-0.0000000001"),
        ("0", "5", "60", "0"),
        # 123456789.123456789 * 0.000000000001 = 0.000123456789… at the tenth digit
        ("123456789.123456789", "0.000000000001", "1", "0.0001234568"),
        # one byte short of 400 MB, which cost 2.50: 2.5 - 2.5 / 400,000,000 = 2.49999999375
        ("399999999", "2.5", "400000000", "2.4999999938"),
    ],
)
def test_a_price_is_rounded_once(value, quantity, unit_price, price_per, expected):
    price = exact.exact_price(units(quantity), ibis.literal(Decimal(unit_price), UNIT_PRICE), units(price_per))
    assert value(price) == Decimal(expected)


def test_a_price_that_has_no_room_is_missing(value):
    """400,000,000 * 999,999 / 0.000000001 has 24 digits before the point; an AMOUNT has 18."""
    price = exact.exact_price(units("400000000"), ibis.literal(Decimal(999_999), UNIT_PRICE), units("0.000000001"))
    assert value(price) is None


@pytest.mark.parametrize(
    ("amount", "numerator", "denominator", "expected"),
    [
        # Conga, billing schedule alignment: 100.00 * 25 / 30
        ("100", 25, 30, "83.3333333333"),
        # Kill Bill, TestProRation: 100.00 * 2 / 31
        ("100", 2, 31, "6.4516129032"),
        # Lago, subscription fees: 1.00 * 20 / 31 = 0.64516129
        ("1", 20, 31, "0.6451612903"),
        ("200", 1, 3, "66.6666666667"),
        ("-200", 1, 3, "-66.6666666667"),
        ("100", 31, 31, "100"),
        ("100", 0, 31, "0"),
        # half of the last digit, both ways
        ("0.0000000001", 1, 2, "0.0000000001"),
        ("-0.0000000001", 1, 2, "-0.0000000001"),
        ("0.0000000001", 49, 100, "0"),
        ("12345678901234567", 1, 7, "1763668414462081"),
    ],
)
def test_a_ratio_is_rounded_once(value, amount, numerator, denominator, expected):
    assert value(exact.exact_ratio(money(amount), numerator, denominator)) == Decimal(expected)


@pytest.mark.parametrize(
    ("amount", "part", "whole", "expected"),
    [
        ("0.90", "40", "60", "0.6"),
        ("1", "1", "3", "0.3333333333"),
        ("1", "2", "3", "0.6666666667"),
        ("5", "60", "60", "5"),
        # a reversed event: -40 of -60 units that had cost -0.90
        ("-0.90", "-40", "-60", "-0.6"),
        ("0.90", "-40", "60", "-0.6"),
        ("0.90", "40", "-60", "-0.6"),
        ("1", "0.000000001", "3", "0.0000000003"),
    ],
)
def test_a_share_of_a_quantity(value, amount, part, whole, expected):
    assert value(exact.exact_share(money(amount), units(part), units(whole))) == Decimal(expected)


@pytest.mark.parametrize(
    ("quantity", "numerator", "denominator", "expected"),
    [
        ("1.5", 60, 1, "90"),
        ("90", 1, 60, "1.5"),
        ("1", 1, 3, "0.333333333"),
        ("-2", 1, 3, "-0.666666667"),
        # half of the ninth digit
        ("0.000000001", 1, 2, "0.000000001"),
        ("-0.000000001", 1, 2, "-0.000000001"),
        ("7", 5, 5, "7"),
        # 400,000,000 * 1,000 has twelve digits before the point, a QUANTITY nine
        ("400000000", 1000, 1, None),
    ],
)
def test_a_unit_conversion(value, quantity, numerator, denominator, expected):
    found = value(exact.exact_conversion(units(quantity), numerator, denominator))
    assert found == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("quantity", "minimum", "increment", "expected"),
    [
        # 30/6: thirty seconds at least, then every six
        ("1", "30", "6", "30"),
        ("30", "30", "6", "30"),
        ("31", "30", "6", "36"),
        ("36", "30", "6", "36"),
        ("36.000000001", "30", "6", "42"),
        # 60/60: started minutes
        ("0.5", "60", "60", "60"),
        ("61", "60", "60", "120"),
        ("120", "60", "60", "120"),
        # CGRateS, TestCallDesc: 65 units are a first block of 60 and 5 single units
        ("65", "60", "1", "65"),
        # increments alone, and a minimum alone
        ("7", "0", "5", "10"),
        ("7.2", "0", "0.5", "7.5"),
        ("7", "10", "0", "10"),
        ("12.5", "10", "0", "12.5"),
        ("12.345678901", "0", "0", "12.345678901"),
        # nothing used costs nothing, whatever the minimum
        ("0", "60", "60", "0"),
        # a reversed record takes back what it had cost
        ("-1", "30", "6", "-30"),
        ("-31", "30", "6", "-36"),
        ("-7", "0", "0", "-7"),
        # the largest quantity and increment that rules and types allow
        ("400000000", "0", "399999999", "799999998"),
    ],
)
def test_billed_units(value, quantity, minimum, increment, expected):
    found = value(exact.billed_units(units(quantity), units(minimum), units(increment)))
    assert found == Decimal(expected)


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [
        ("100", "20", "20"),
        ("19.99", "10", "1.999"),
        ("0.01", "12.345678", "0.0012345678"),
        ("-50", "33.333333", "-16.6666665"),
        ("50", "100", "50"),
        # 0.0000000001 * 50 % is half of the last digit
        ("0.0000000001", "50", "0.0000000001"),
    ],
)
def test_a_percentage(value, amount, percent, expected):
    assert value(exact.percentage(money(amount), ibis.literal(Decimal(percent), PERCENT))) == Decimal(expected)


@pytest.mark.parametrize(
    ("price", "percent", "expected"),
    [
        ("2.5", "10", "2.75"),
        ("2.5", "-100", "0"),
        ("0.000000000333", "0.5", "0.000000000335"),
        ("-0.000000000333", "50", "-0.0000000005"),
        ("99999.999999999999", "900", "999999.99999999999"),
    ],
)
def test_a_price_with_a_percentage_on_top(value, price, percent, expected):
    given = ibis.literal(Decimal(price), UNIT_PRICE), ibis.literal(Decimal(percent), PERCENT)
    assert value(exact.price_with_percentage(*given)) == Decimal(expected)


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [("100", "7.5", "7.5"), ("1", "0.0000000001", "0"), ("100", "33.3333333333", "33.3333333333"),
     ("-3", "50.0000000001", "-1.5")],
)  # fmt: skip
def test_a_percentage_with_the_digits_of_an_amount(value, amount, percent, expected):
    assert value(exact.percentage_of(money(amount), money(percent))) == Decimal(expected)


@pytest.mark.parametrize(
    ("amount", "part", "whole", "expected"),
    [
        ("20", "10", "30", "6.6666666667"),
        ("1", "3.33", "10", "0.333"),
        ("5", "0", "0", "0"),
        ("899999999.9999999999", "899999999.9999999998", "899999999.9999999999", "899999999.9999999998"),
        # beyond 900,000,000 by whole units: 1,000,000,000.40 of 3,000,000,000 are a third
        ("1", "1000000000.4", "3000000000", "0.3333333333"),
        ("3000000000", "3000000000", "3000000000", "3000000000"),
    ],
)
def test_a_part_in_proportion_to_amounts(value, amount, part, whole, expected):
    assert value(exact.part_of(money(amount), money(part), money(whole))) == Decimal(expected)


@pytest.mark.parametrize(
    ("amount", "percent", "digits", "exact_net", "coins"),
    [
        # 100 EUR with 21 % are 82.6446 without (eenvoudigfactureren.be), 120 with 20 % are 100 (Microsoft, Finance)
        ("100", "21", 2, "82.6446280992", "82.64"),
        ("120", "20", 2, "100", "100"),
        ("-0.03", "20", 2, "-0.025", "-0.03"),
        ("1235", "20", 0, "1029.1666666667", "1029"),
        ("1.235", "20", 3, "1.0291666667", "1.029"),
        ("1.2345", "20", 4, "1.02875", "1.0288"),
        ("7", "0", 2, "7", "7"),
        # 461500.00499999995…, which is half a cent if it is rounded to 10 decimals first
        ("497035.51", "7.700001", 2, "461500.005", "461500"),
    ],
)
def test_an_amount_without_its_percentage(value, amount, percent, digits, exact_net, coins):
    given, rate = money(amount), ibis.literal(Decimal(percent), PERCENT)
    assert value(exact.without_percentage(given, rate)) == Decimal(exact_net)
    digits = ibis.literal(digits, "int64")
    assert value(exact.coins_without_percentage(given, rate, digits)) == Decimal(coins)


@pytest.mark.parametrize(
    ("amount", "digits", "expected"),
    [
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("2.4999999999", 0, "2"),
        ("1.005", 2, "1.01"),
        ("-1.005", 2, "-1.01"),
        ("1.0049999999", 2, "1"),
        # Flexprice, billing rounding: 0.004 GBP is nothing
        ("0.004", 2, "0"),
        ("1.0005", 3, "1.001"),
        ("-1.0005", 3, "-1.001"),
        ("1.00005", 4, "1.0001"),
    ],
)
def test_an_amount_in_coins_of_its_currency(value, amount, digits, expected):
    """Yen have no digits after the point, euros two, dinars three, half away from zero."""
    assert value(exact.to_currency(money(amount), ibis.literal(digits, "int64"))) == Decimal(expected)


def test_sums_keep_every_digit_and_no_rows_are_zero(rows):
    """1/3 three times, as an AMOUNT, is one ten-thousand-millionth short of 1."""
    thirds = ibis.memtable({"amount": [Decimal("0.3333333333")] * 3}, schema={"amount": AMOUNT})
    assert rows(thirds.aggregate(sum=exact.total(thirds.amount))) == [{"sum": Decimal("0.9999999999")}]
    none = thirds.filter(thirds.amount > 1)
    assert rows(none.aggregate(sum=exact.total(none.amount))) == [{"sum": Decimal(0)}]


def test_money_has_the_same_type_after_every_operation(engine):
    """What is written to the lake must have the precision of its contract."""
    one = ibis.memtable({"amount": [Decimal(1)], "units": [Decimal(1)]}, schema={"amount": AMOUNT, "units": QUANTITY})
    made = engine.execute(
        one.select(
            sum=exact.amount(one.amount + one.amount),
            minus=exact.amount(-one.amount),
            ratio=exact.exact_ratio(one.amount, 1, 3),
            share=exact.exact_share(one.amount, one.units, one.units),
            coins=exact.to_currency(one.amount, ibis.literal(2, "int64")),
            zero=exact.zero(),
        )
    )
    assert set(made.schema.types) == {AMOUNT.to_pyarrow()}
    counted = engine.execute(
        one.select(
            sum=exact.quantity(one.units + one.units),
            billed=exact.billed_units(one.units, one.units, one.units),
            converted=exact.exact_conversion(one.units, 60, 1),
        )
    )
    assert set(counted.schema.types) == {QUANTITY.to_pyarrow()}

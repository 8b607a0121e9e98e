"""Numbers of usage files: text of any length and notation, rounded once, half away from zero."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests_support import ENGINES

from billing_assets.exact import AMOUNT, QUANTITY, SOURCE_QUANTITY, exact_conversion, read_number

pytestmark = pytest.mark.parametrize("engine", ENGINES, indirect=True)


def read(engine, texts, dtype):
    table = ibis.memtable(pa.table({"text": pa.array(texts, pa.string())}))
    return engine.execute(table.select(number=read_number(table.text, dtype)))["number"].to_pylist()


@pytest.mark.parametrize(
    ("text", "quantity", "amount"),
    [
        ("0.00000000050", "0.000000001", "0.0000000005"),
        ("-0.00000000050", "-0.000000001", "-0.0000000005"),
        ("0.00000000049999999999999999", "0", "0.0000000005"),
        ("-0.00000000005", "0", "-0.0000000001"),
        ("0.00000000004999999999", "0", "0"),
        ("-0.00000030175", "-0.000000302", "-0.0000003018"),
        ("123456789.9999999994", "123456789.999999999", "123456789.9999999994"),
        # scientific notation, as spreadsheets and programs write small numbers
        ("1.45e-9", "0.000000001", "0.0000000015"),
        ("6.8380466e-13", "0", "0"),
        ("-5E-10", "-0.000000001", "-0.0000000005"),
        ("1.5e3", "1500", "1500"),
        ("2e9", None, "2000000000"),
        ("1e12", None, "1000000000000"),
        ("1e18", None, None),
        ("1e300", None, None),
        ("ten", None, None),
    ],
)
def test_a_number_is_rounded_once(engine, text, quantity, amount):
    expected = [None if value is None else Decimal(value) for value in (quantity, amount)]
    assert [*read(engine, [text], QUANTITY), *read(engine, [text], AMOUNT)] == expected


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(st.floats(-1e6, 1e6).map(repr) | st.decimals(-(10**6), 10**6, places=20).map("{:f}".format)))
def test_every_number_is_rounded_as_python_does(engine, texts):
    with localcontext(prec=60):
        expected = [Decimal(text).quantize(Decimal("1e-9"), ROUND_HALF_UP) for text in texts]
    assert read(engine, texts, QUANTITY) == expected


@pytest.mark.parametrize(
    ("text", "numerator", "denominator", "expected"),
    [
        # the digits that a file has below the ninth count in a smaller unit
        ("0.00084771050", 1000, 1, "0.8477105"),
        ("-0.000000000001", 1000, 1, "-0.000000001"),
        # bytes as megabytes: more digits before the point than a QUANTITY has
        ("5000000000", 1, 10**6, "5000"),
        ("999999999999", 1, 10**12, "1"),
        ("400000000", 10**12, 1, None),
    ],
)
def test_a_quantity_is_converted_before_it_is_rounded(rows, text, numerator, denominator, expected):
    units = read_number(ibis.literal(text), SOURCE_QUANTITY)
    found = rows(exact_conversion(units, numerator, denominator).name("units").as_table())[0]["units"]
    assert found == (None if expected is None else Decimal(expected))

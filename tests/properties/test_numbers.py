"""What must hold of every number: the engine's exact operations against Python's fractions."""

from decimal import Decimal
from fractions import Fraction

import ibis
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests_support import ENGINES

from billing_assets import exact

pytestmark = pytest.mark.parametrize("engine", ENGINES, indirect=True)

# Each example is a table of many cases: the engine is asked once for all of them, and a failure names its cases.
MANY = settings(max_examples=6, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))


def decimals(digits: int, scale: int, lowest: int | None = None) -> st.SearchStrategy[Decimal]:
    """Decimals with up to so many digits, the small and the round ones among them, of a scale."""
    most = 10**digits - 1
    least = -most if lowest is None else lowest
    whole = st.integers(least, most) | st.integers(max(least, -100), 100).map(lambda n: max(n, least))
    return whole.map(lambda units: Decimal(units).scaleb(-scale))


def rounded(value: Fraction, scale: int, digits: int) -> Decimal | None:
    """Half away from zero; NULL for more digits before the point than there is room for."""
    units = abs(value) * 10**scale
    nearest = (2 * units.numerator + units.denominator) // (2 * units.denominator)
    return Decimal(nearest if value >= 0 else -nearest).scaleb(-scale) if nearest < 10 ** (digits + scale) else None


@pytest.fixture(scope="session")
def differing(computed):
    """The cases in which an operation gives something else than a function: (case, found, expected)."""

    def run(operation, function, cases: list[tuple], *types) -> list[tuple]:
        found = zip(cases, computed(operation, cases, *types), strict=True)
        return [(case, result, function(*case)) for case, result in found if result != function(*case)]

    return run


@pytest.fixture(scope="session")
def computed(rows):
    """The results of an operation for a table of cases, in their order."""

    def run(operation, cases: list[tuple], *types) -> list[Decimal | None]:
        names = [f"argument_{i}" for i in range(len(types))]
        columns = {
            name: pa.array([case[i] for case in cases], dtype.to_pyarrow())
            for i, (name, dtype) in enumerate(zip(names, types, strict=True))
        }
        table = ibis.memtable(pa.table(columns | {"place": pa.array(range(len(cases)))}))
        found = table.select("place", result=operation(*(table[name] for name in names)))
        return [row["result"] for row in rows(found.order_by("place"))]

    return run


QUANTITIES = decimals(17, 9)
AMOUNTS = decimals(25, 10)
WHOLE = ibis.dtype("int64")


def tables(*columns: st.SearchStrategy) -> st.SearchStrategy[list[tuple]]:
    return st.lists(st.tuples(*columns), min_size=100, max_size=200)


@MANY
@given(tables(AMOUNTS, st.integers(0, 10**8), st.integers(1, 10**8)))
def test_a_ratio_is_the_fraction_rounded_half_away_from_zero(differing, cases):
    def ratio(amount, numerator, denominator):
        return rounded(Fraction(amount) * numerator / denominator, 10, 18)

    assert differing(exact.exact_ratio, ratio, cases, exact.AMOUNT, WHOLE, WHOLE) == []


@MANY
@given(tables(QUANTITIES, decimals(18, 12), decimals(15, 9, lowest=1)))
def test_a_price_is_the_fraction_rounded_half_away_from_zero(differing, cases):
    def price(quantity, unit_price, price_per):
        return rounded(Fraction(quantity) * Fraction(unit_price) / Fraction(price_per), 10, 18)

    assert differing(exact.exact_price, price, cases, exact.QUANTITY, exact.UNIT_PRICE, exact.QUANTITY) == []


@MANY
@given(tables(AMOUNTS, QUANTITIES, QUANTITIES))
def test_a_share_is_the_fraction_rounded_half_away_from_zero(differing, cases):
    """A part is at most the whole, as of an event that a bundle covers."""
    parts = [(a, min(x, y, key=abs), max(x, y, key=abs)) for a, x, y in cases if max(x, y, key=abs)]

    def share(amount, part, whole):
        return rounded(Fraction(amount) * Fraction(part) / Fraction(whole), 10, 18)

    assert differing(exact.exact_share, share, parts, exact.AMOUNT, exact.QUANTITY, exact.QUANTITY) == []


@MANY
@given(tables(decimals(24, 12), st.integers(1, 10**12), st.integers(1, 10**12)))
def test_a_conversion_is_the_fraction_rounded_half_away_from_zero(differing, cases):
    def conversion(quantity, numerator, denominator):
        return rounded(Fraction(quantity) * numerator / denominator, 9, 9)

    assert differing(exact.exact_conversion, conversion, cases, exact.SOURCE_QUANTITY, WHOLE, WHOLE) == []


@MANY
@given(tables(AMOUNTS, st.sampled_from((0, 2, 3, 4))))
def test_coins_are_the_nearest_half_away_from_zero(differing, cases):
    def coins(amount, digits):
        return rounded(Fraction(amount), digits, 18)

    assert differing(exact.to_currency, coins, cases, exact.AMOUNT, WHOLE) == []


UP_TO_MOST = decimals(8, 0, lowest=0) | decimals(17, 9, lowest=0)


@MANY
@given(tables(QUANTITIES, UP_TO_MOST, UP_TO_MOST))
def test_increments_never_charge_less_than_was_used(computed, cases):
    """And at most one step more, unless the minimum is; whole steps above the minimum; opposites for reversals."""
    found = computed(exact.billed_units, cases, exact.QUANTITY, exact.QUANTITY, exact.QUANTITY)
    opposite = [(-quantity, minimum, step) for quantity, minimum, step in cases]
    assert computed(exact.billed_units, opposite, exact.QUANTITY, exact.QUANTITY, exact.QUANTITY) == [-x for x in found]
    for (quantity, minimum, step), billed in zip(cases, found, strict=True):
        used, charged = abs(quantity), abs(billed)
        if not quantity:
            assert billed == 0
            continue
        assert billed * quantity > 0
        assert charged >= max(used, minimum)
        assert charged in (minimum, used) or charged < used + step
        assert not step or charged == minimum or (charged - minimum) % step == 0

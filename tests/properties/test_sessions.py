"""What must hold of the price of a charging session, wherever it is cut."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tariff_rating import Case, Tariff, rate_sessions, session

# Each example is a table of many sessions: the engine is asked once for all of them.
MANY = settings(max_examples=4, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
# A quantity is off by half a billionth at a cut, and an amount by half of its tenth decimal.
OFF_BY_A_CUT = Decimal("0.00000001")
RESTRICTIONS = (
    {"start_time": "22:00", "end_time": "06:00"}, {"weekdays": "6-7"}, {"end_date": "2026-01-16"},
    {"min_kwh": "3", "max_kwh": "11.5"}, {"max_duration": 5400}, {"min_duration": 1000}, {"max_power": "30"},
)  # fmt: skip
DIMENSIONS = ("energy", "time", "parking_time", "flat")
SECONDS, BILLIONTHS = 8 * 3600, 10**9


@st.composite
def tariffs(draw) -> Tariff:
    """A tariff without steps, whose last element always applies."""
    chosen = draw(st.lists(st.sampled_from(RESTRICTIONS), max_size=3))
    prices = st.integers(0, 10**6).map(lambda n: str(Decimal(n).scaleb(-4)))
    components = [(n, d, draw(prices)) for n in range(1, len(chosen) + 2) for d in DIMENSIONS]
    return Tariff(components, dict(enumerate(chosen, start=1)), maximum=draw(st.sampled_from((None, "12.34"))))


@st.composite
def cut_sessions(draw) -> tuple[Case, Case]:
    """A session as one period of charging, and in two periods of the same power; both are parked afterwards."""
    tariff = draw(tariffs())
    at = (datetime(2026, 1, 15) + timedelta(seconds=draw(st.integers(0, 2 * 86400)))).isoformat()
    # an energy that can be divided at every second
    seconds, per_second = draw(st.integers(2, SECONDS)), draw(st.integers(0, 10**7))
    cut, parked = draw(st.integers(1, seconds - 1)), draw(st.integers(0, SECONDS))
    whole, left, right = (Decimal(n * per_second) / BILLIONTHS for n in (seconds, cut, seconds - cut))
    parking = f"parking:{parked}"
    once = session(f"{whole:f}", at, charging_periods=f"charging:{seconds}:{whole:f}|{parking}")
    twice = f"charging:{cut}:{left:f}|charging:{seconds - cut}:{right:f}|{parking}"
    return (tariff, once), (tariff, session(f"{whole:f}", at, charging_periods=twice))


@MANY
@given(st.lists(cut_sessions(), min_size=15, max_size=20))
def test_cutting_a_session_never_changes_what_it_costs(table, rows, pairs):
    """Without steps; and what it used of each component stays the same to the last digit."""
    cases = {f"{n}:{part}": case for n, pair in enumerate(pairs) for part, case in zip("ab", pair, strict=True)}
    found = rate_sessions(table, rows, cases)
    for n, ((tariff, event), _) in enumerate(pairs):
        once, twice = found[f"{n}:a"], found[f"{n}:b"]
        assert abs(_total(once) - _total(twice)) <= OFF_BY_A_CUT * max(1, _dearest(tariff))
        assert _used(once, "energy") == _used(twice, "energy") == event["quantity"]
        for component in ("time", "parking"):
            assert _used(once, component) == _used(twice, component)


def _total(items: list[dict]) -> Decimal:
    return sum((item["amount"] for item in items), Decimal(0))


def _dearest(tariff: Tariff) -> Decimal:
    return max(Decimal(price) for _, _, price in tariff.components)


def _used(items: list[dict], component: str) -> Decimal:
    return sum((item["quantity"] for item in items if item["component"] == component), Decimal(0))


@MANY
@given(st.lists(cut_sessions(), min_size=15, max_size=20))
def test_parts_of_a_session_are_what_it_costs(table, rows, pairs):
    """Each part is its quantity at its price; together, with what brings them there, they keep to the limit."""
    found = rate_sessions(table, rows, {str(n): case for n, (case, _) in enumerate(pairs)})
    for n, ((tariff, _), _) in enumerate(pairs):
        parts = [item for item in found[str(n)] if item["component"] != "price_limit"]
        due = sum((_price(item) for item in parts), Decimal(0))
        limit = Decimal(tariff.maximum) if tariff.maximum else due
        assert abs(_total(found[str(n)]) - min(due, limit)) <= len(parts) * Decimal("0.00000000005")


def _price(item: dict) -> Decimal:
    return item["billed_quantity"] * item["unit_price"] / item["price_per"]

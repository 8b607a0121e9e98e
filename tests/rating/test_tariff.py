"""The price of a charging session by its tariff: examples of OCPI 2.2.1 (mod_tariffs), and worked out by hand."""

from decimal import Decimal

import pytest
from sample_rows import Row
from tariff_rating import Case, Items, Tariff, rate_sessions, session

from jobs.arithmetic import steps
from jobs.explain_item import told_event


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def energy(price: str = "0.25", element: int = 1, step: int = 0) -> tuple:
    return element, "energy", price, step


BY_TIME = Tariff(
    [(1, "time", "1.20", 1800), (1, "parking_time", "1.00", 900), (2, "time", "2.40", 900),
     (2, "parking_time", "1.00", 900), (3, "time", "2.40", 900)],
    {1: {"end_time": "17:00"}, 2: {"start_time": "17:00", "end_time": "20:00"}, 3: {"start_time": "20:00"}},
)  # fmt: skip
BY_POWER = Tariff(
    [energy("0.20", 1), energy("0.35", 2), energy("0.50", 3)], {1: {"max_power": "16"}, 2: {"max_power": "32"}}
)
SUPERMARKET = Tariff(
    [energy("0", 1), energy("0.25", 2), energy("0.40", 3)], {1: {"max_duration": 1800}, 2: {"max_duration": 3600}}
)
FIRST_FREE = Tariff(
    [energy("0", 1), energy("0.20", 2), (3, "parking_time", "0", 60), (4, "parking_time", "2.00", 60),
     (5, "parking_time", "3.00", 60)],
    {1: {"max_kwh": "1"}, 2: {"min_kwh": "1"}, 3: {"max_duration": 3600},
     4: {"min_duration": 3600, "max_duration": 14400}, 5: {"min_duration": 14400}},
)  # fmt: skip
# OCPI's complex example, with 22 kW in the place of 32 A. Its own figures, 8.75 and 12.50, still round up the time of
# charging, too, which its later examples of step_size do not.
COMPLEX = Tariff(
    [(1, "flat", "2.50"), (2, "time", "1.00", 900), (3, "time", "2.00", 600), (4, "time", "1.25", 600),
     (5, "parking_time", "5.00", 300), (6, "parking_time", "6.00", 300)],
    {2: {"max_power": "22"}, 3: {"min_power": "22", "weekdays": "1-5"}, 4: {"min_power": "22", "weekdays": "6-7"},
     5: {"weekdays": "1-5", "start_time": "09:00", "end_time": "18:00"},
     6: {"weekdays": "6", "start_time": "10:00", "end_time": "17:00"}},
)  # fmt: skip
START_AND_ENERGY = [(1, "flat", "0.50"), energy(step=1)]
FEE_TO_RESERVE = Tariff(
    [*START_AND_ENERGY, (2, "flat", "2.00"), (2, "time", "5.00", 300)], {2: {"reservation": "reservation"}}
)
EXPIRY_FEE = Tariff(
    [*START_AND_ENERGY, (2, "time", "2.00", 600), (3, "flat", "4.00"), (3, "time", "2.00", 600)],
    {2: {"reservation": "reservation"}, 3: {"reservation": "reservation_expires"}},
)
EXPIRY_TIME = Tariff(
    [*START_AND_ENERGY, (2, "time", "3.00", 600), (3, "time", "6.00", 600)],
    {2: {"reservation": "reservation"}, 3: {"reservation": "reservation_expires"}},
)

# Examples of OCPI's tariffs module: a tariff, a session, and what it costs before tax.
EXAMPLES = {
    "0.25 euro per kWh": (Tariff([energy(step=1)]), session("20"), "5"),
    "0.25 euro per kWh + start fee": (Tariff(START_AND_ENERGY), session("20"), "5.5"),
    "minimum price": (Tariff([energy(step=1)], minimum="0.50"), session("1.9"), "0.5"),
    "minimum price, reached": (Tariff([energy(step=1)], minimum="0.50"), session("20"), "5"),
    "parking fee + start fee": (
        Tariff([*START_AND_ENERGY, (1, "parking_time", "2.00", 900)]), session("20", parking_seconds="2400"), "7",
    ),
    "maximum price": (Tariff(START_AND_ENERGY, maximum="10"), session("50"), "10"),
    "maximum price, not reached": (Tariff(START_AND_ENERGY, maximum="10"), session("30"), "8"),
    "2 euro per hour": (
        Tariff([(1, "time", "2.00", 60)]), session("40", charging_seconds="9000", parking_seconds="600"), "5",
    ),
    "3 euro per hour, 5 euro per hour parking": (
        Tariff([(1, "time", "3.00", 60), (1, "parking_time", "5.00", 300)]),
        session("0", charging_seconds="9000", parking_seconds="2520"), "11.25",
    ),
    "billed per 100 Wh": (Tariff([energy("0.22", step=100)]), session("20.45"), "4.51"),
    "step of 1 Wh": (Tariff([energy(step=1)]), session("0.1152"), "0.029"),
    "step of 25 Wh": (Tariff([energy(step=25)]), session("0.1152"), "0.03125"),
    "step of 500 Wh": (Tariff([energy(step=500)]), session("0.1152"), "0.125"),
    "complex, Monday with less power": (
        COMPLEX, session("20", at="2026-01-12T09:30:00", charging_seconds="8820", parking_seconds="2520"), "8.7",
    ),
    "complex, Saturday with more power": (
        COMPLEX,
        session("60", at="2026-01-17T13:30:00", charging_seconds="6840", parking_seconds="4260", power_kw="43"),
        "12.375",
    ),
    "free of charge": (Tariff([(1, "flat", "0")]), session("20", charging_seconds="3600"), "0"),
    "first kWh and first hour of parking free": (FIRST_FREE, session("20", parking_seconds="9900"), "7.3"),
    "switch #1": (BY_TIME, session(at="2026-01-14T16:55:00", charging_seconds="600", parking_seconds="120"), "0.55"),
    "switch #2": (BY_TIME, session(at="2026-01-14T16:35:00", charging_seconds="2100"), "1.3"),
    "reservation fee": (FEE_TO_RESERVE, session("20", reservation_seconds="780"), "8.75"),
    "expire fee, not due": (EXPIRY_FEE, session("20", reservation_seconds="1320"), "6.5"),
    "expire fee, due": (EXPIRY_FEE, session("0", reservation_seconds="3600"), "6"),
    "expire time, not due": (EXPIRY_TIME, session("20", reservation_seconds="1320"), "7"),
    "expire time, due": (EXPIRY_TIME, session("0", reservation_seconds="5400"), "9"),
    "max_power": (
        BY_POWER, session("41.5", charging_periods="charging:600:1:6|charging:3000:40:48|charging:450:0.5:4"), "20.3",
    ),
    "max_duration": (SUPERMARKET, session("6.2", charging_periods="charging:1800:5|charging:600:1.2"), "0.3"),
}  # fmt: skip


BY_NIGHT = Tariff([energy("0.30", 1), energy("0.40", 2)], {1: {"start_time": "22:00", "end_time": "06:00"}})
ONLY_BY_NIGHT = Tariff([energy("0.30", 1)], {1: {"start_time": "22:00", "end_time": "06:00"}})
CAPPED_PARKING = Tariff([*START_AND_ENERGY, (1, "parking_time", "2.00", 900)], maximum="5")
TAXED = Tariff([energy(step=500), (1, "flat", "0.50", 0, "SERVICE")])
# What is charged of each component and element, and its amount.
WORKED_OUT: dict[str, tuple[Tariff, Row, dict[tuple[str, int], tuple[str, str]]]] = {
    "only parking is rounded up where there is any": (
        BY_TIME, session(at="2026-01-14T16:55:00", charging_seconds="600", parking_seconds="120"),
        {("time", 1): ("300", "0.1"), ("time", 2): ("300", "0.2"), ("parking", 2): ("900", "0.25")},
    ),
    "35 minutes are 45, of which 20 are after 17:00": (
        BY_TIME, session(at="2026-01-14T16:35:00", charging_seconds="2100"),
        {("time", 1): ("1500", "0.5"), ("time", 2): ("1200", "0.8")},
    ),
    "8 minutes of parking before it is free are rounded up by their own step": (
        BY_TIME, session(at="2026-01-14T19:40:00", charging_seconds="720", parking_seconds="1200"),
        {("time", 2): ("720", "0.48"), ("parking", 2): ("900", "0.25")},
    ),
    "a third of 10 kWh, to the ninth decimal, and the rest": (
        BY_NIGHT, session("10", at="2026-01-14T21:00:00", charging_seconds="5400"),
        {("energy", 2): ("6.666666667", "2.6666666668"), ("energy", 1): ("3.333333333", "0.9999999999")},
    ),
    "Friday 21:00 to Sunday 07:00: two nights, Saturday's day, and an hour at either end": (
        Tariff([(1, "time", "1"), (2, "time", "2"), (3, "time", "4")],
               {1: {"start_time": "22:00", "end_time": "06:00"}, 2: {"weekdays": "6"}}),
        session(at="2026-01-16T21:00:00", charging_seconds="122400"),
        {("time", 1): ("57600", "16"), ("time", 2): ("57600", "32"), ("time", 3): ("7200", "8")},
    ),
    "dates are those of the moment": (
        Tariff([(1, "time", "1"), (2, "time", "2")], {1: {"start_date": "2026-01-15", "end_date": "2026-01-16"}}),
        session(at="2026-01-14T23:59:59.500000", charging_seconds="86401"),
        {("time", 1): ("86400", "24"), ("time", 2): ("1", "0.0005555556")},
    ),
    "the first element that fits counts for each dimension": (
        Tariff([energy("0.5", 1), energy("0.1", 2), (2, "time", "6")]), session("10", charging_seconds="600"),
        {("energy", 1): ("10", "5"), ("time", 2): ("600", "1")},
    ),
    "a flat fee is due once, at the first price that applies": (
        Tariff([(1, "flat", "1"), (2, "flat", "2"), energy("0", 3)], {1: {"min_kwh": "5"}, 2: {"min_kwh": "1"}}),
        session("10", charging_seconds="600", parking_seconds="60"),
        {("flat", 2): ("1", "2"), ("energy", 3): ("10", "0")},
    ),
    "a price limit is an item of its own": (
        Tariff(START_AND_ENERGY, maximum="10"), session("50"),
        {("flat", 1): ("1", "0.5"), ("energy", 1): ("50", "12.5"), ("price_limit", 0): ("1", "-3")},
    ),
    "a session without a price is an item that costs nothing": (
        ONLY_BY_NIGHT, session("10", charging_seconds="600"), {("energy", 0): ("10", "0")},
    ),
    "a session without energy and time never took place: neither flat fee nor minimum": (
        Tariff(START_AND_ENERGY, minimum="5"), session("0"), {("energy", 0): ("0", "0")},
    ),
    "a minimum is due where nothing else is": (
        Tariff([(1, "parking_time", "1")], minimum="0.5"), session("10"),
        {("energy", 0): ("10", "0"), ("price_limit", 0): ("1", "0.5")},
    ),
    "a capped session": (
        CAPPED_PARKING, session("20.4567", parking_seconds="2400"),
        {("flat", 1): ("1", "0.5"), ("energy", 1): ("20.457", "5.11425"), ("parking", 1): ("2700", "1.5"),
         ("price_limit", 0): ("1", "-2.11425")},
    ),
    "a reversed session is its opposite": (
        CAPPED_PARKING, session("-20.4567", parking_seconds="2400"),
        {("flat", 1): ("-1", "-0.5"), ("energy", 1): ("-20.457", "-5.11425"), ("parking", 1): ("-2700", "-1.5"),
         ("price_limit", 0): ("-1", "2.11425")},
    ),
    "restrictions of a reservation count from its own start": (
        Tariff([(1, "time", "6"), (2, "time", "3"), (3, "time", "1")],
               {1: {"reservation": "reservation", "max_duration": 600}, 2: {"reservation": "reservation"}}),
        session(charging_periods="reservation:900|charging:3600"),
        {("reservation", 1): ("600", "1"), ("reservation", 2): ("300", "0.25"), ("time", 3): ("3600", "1")},
    ),
}  # fmt: skip
TWINS: dict[str, Case] = {name: (TAXED, session("20.2")) for name in ("first", "second")}
WITH_TAX: dict[str, Case] = {"with tax": (Tariff(START_AND_ENERGY, maximum="10", tax_included=True), session("50"))}
# A period too few, a wrong kind, a field too many, negative numbers, no numbers, a sum that is not that of the session.
UNREADABLE = (
    {"charging_periods": "charging:600:9"},
    {"charging_periods": "charging:600:10|"},
    {"charging_periods": "driving:600:10"},
    {"charging_periods": "charging:600:10:7:1"},
    {"charging_periods": "charging:-600:10"},
    {"charging_periods": "charging:600:11|charging:60:-1"},
    {"charging_periods": "charging:ten:10"},
    {"charging_periods": "charging:600:10:fast"},
    {"charging_periods": "charging:900000000:10|parking:900000000"},
    {"parking_seconds": "-1"},
    {"reservation_seconds": "a while"},
    {"power_kw": "-3"},
)


@pytest.fixture(scope="module")
def items(table, rows) -> Items:
    """The rated items of all cases by their names."""
    unreadable = {str(given): (TAXED, session("10", **given)) for given in UNREADABLE}
    given = {name: case[:2] for name, case in (EXAMPLES | WORKED_OUT).items()}
    return rate_sessions(table, rows, given | TWINS | WITH_TAX | unreadable)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_ocpi(items, name):
    assert _text(sum(item["amount"] for item in items[name])) == EXAMPLES[name][-1]


@pytest.mark.parametrize("name", WORKED_OUT)
def test_parts_of_a_session(items, name):
    found = {(i["component"], i["split"]): (_text(i["billed_quantity"]), _text(i["amount"])) for i in items[name]}
    assert found == WORKED_OUT[name][-1]


@pytest.mark.parametrize("name", EXAMPLES | WORKED_OUT)
def test_the_steps_of_a_session_add_up(items, name):
    """Item by item; and to its price limit, where it was brought to one."""
    for item in items[name]:
        assert sum(amount for amount, _ in steps(item)) == item["amount"]
    for limit in (item["price_limit"] for item in items[name] if item["component"] == "price_limit"):
        assert abs(sum(item["amount"] for item in items[name])) == limit


def test_a_session_is_told(items):
    """35 minutes in steps of 30 and 15, of which 15 are charged at the price after 17:00; and a limit of 10."""
    _, late = sorted(items["35 minutes are 45, of which 20 are after 17:00"], key=lambda item: item["split"])
    assert list(told_event(late))[-3:] == [
        "  600 charged as 1200 s (all of its time in steps of 900)",
        "  0.8000000000  1200 s * 2.4 / 3600",
        "  0.8000000000 EUR",
    ]
    (limit,) = (item for item in items["maximum price"] if item["component"] == "price_limit")
    assert list(told_event(limit))[-2:] == [
        "  -3.0000000000  to the maximum of 10 of a session",
        "  -3.0000000000 EUR",
    ]


@pytest.mark.parametrize("given", UNREADABLE, ids=str)
def test_a_session_that_cannot_be_read_is_not_priced(items, given):
    assert items[str(given)] == []


def test_an_item_has_everything_that_made_its_amount(items):
    (part,) = (item for item in items["first"] if item["component"] == "energy")
    assert {c: part[c] for c in ("quantity", "billed_quantity", "unit", "unit_price", "price_per", "step")} == {
        "quantity": Decimal("20.2"), "billed_quantity": Decimal("20.5"), "unit": "kWh", "unit_price": Decimal("0.25"),
        "price_per": 1, "step": Decimal("0.5"),
    }  # fmt: skip
    assert (part["tariff_id"], part["rate_id"], part["currency"], part["tax_code"]) == ("first", "RATE", "EUR", None)
    (limit,) = (item for item in items["maximum price"] if item["component"] == "price_limit")
    assert (limit["price_limit"], limit["unit"], limit["unit_price"]) == (10, "session", None)


def test_the_tariff_says_whether_its_amounts_include_tax(items):
    """Its prices and its limits, whatever the plan of the rate says."""
    assert [(len(items[name]), {i["tax_included"] for i in items[name]}) for name in ("with tax", "maximum price")] == [
        (3, {True}), (3, {False}),
    ]  # fmt: skip


def test_components_are_charges_of_their_own(items):
    """The same parts of two sessions share a charge; a flat fee has another, and its own tax code."""
    first, second = ({i["component"]: i for i in items[name]} for name in TWINS)
    assert first["energy"]["charge_key"] == second["energy"]["charge_key"] != first["flat"]["charge_key"]
    assert first["flat"]["tax_code"] == "SERVICE"

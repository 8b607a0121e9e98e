"""Events that last from one time band into another, with numbers published by CGRateS and worked out by hand.

Day is from 8 to 18 on weekdays that are no holidays, at 0.10 a minute, in Germany; at all other times a minute
costs 0.05.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import ibis
import pytest
from sample_rows import Row, account, attribute, price_plan, product, rate, time_band, udr

from billing_assets.pricing.price_book import price_book
from billing_assets.rating import parts
from billing_assets.rating import rate as rules
from billing_assets.rating.tables import RATED_ITEMS, UNRATED_UDRS
from billing_assets.rating.zones import with_time_band
from billing_assets.reference.band_edges import band_edges
from billing_assets.reference.event_zones import with_event_zone
from billing_assets.reference.holidays import holidays, special_days
from billing_assets.reference.tables import ACCOUNTS, PRICE_PLANS, PRODUCTS, RATES, TIME_BANDS
from billing_assets.reference.time_bands import band_minutes
from billing_assets.usage.tables import UDRS

BANDS = (
    time_band(time_band_id="day", weekdays="1-5", start_time="08:00", end_time="18:00"),
    time_band(time_band_id="off", weekdays="H", start_time="00:00", end_time="24:00", source_line=3),
)
PER_MINUTE = {"price_per": "60", "across_bands": "split"}
OTHER = rate(rate_id="OTHER", unit_price="0.05", **PER_MINUTE)
DAY = rate(rate_id="DAY", time_band_id="day", unit_price="0.10", **PER_MINUTE)


def call(start: str, seconds: object, udr_id: str = "U1", offset: int = 1, **values: object) -> Row:
    """A call in Berlin from a local time on, which is `offset` hours ahead of UTC."""
    local = datetime.fromisoformat(start)
    started = (
        local.replace(hour=local.hour - offset) if local.hour >= offset else datetime.fromisoformat(values.pop("utc"))
    )
    return udr(udr_id=udr_id, started_at=started, local_at=local, quantity=str(seconds), **values)


@pytest.fixture(scope="module")
def found(rows, table) -> Callable[..., tuple[ibis.Table, ...]]:
    """What is made of events: rated items of parts, and the first part of each event without a rate."""

    def run(events: tuple[Row, ...], rates=(OTHER, DAY), bands=BANDS, zones=()):
        given = {
            RATES: rates, PRICE_PLANS: (price_plan(),), PRODUCTS: (product(time_band_set="week"),), TIME_BANDS: bands,
        }  # fmt: skip
        book = price_book(lambda contract: table(contract, *given.get(contract, ())), rows, lambda made: made)
        users = table(ACCOUNTS, account(country="DE", time_zone="Europe/Berlin"))
        days_off = holidays(list(bands), [], ["DE"], 2026).to_pylist()
        special = special_days(list(bands), days_off, ["DE"])
        minutes = band_minutes(list(bands))
        located = table(UDRS, *events).mutate(
            time_band_set=ibis.literal("week"), zone_id=ibis.null("string"), zone_prefix=ibis.null("string"),
            leg=ibis.literal("vendor_to_customer"), lookups=ibis.null("string"),
        )  # fmt: skip
        weeks = ibis.memtable(special) if special.num_rows else None
        timed = with_time_band(located, ibis.memtable(minutes), weeks, users)
        whole = rules.with_rate(with_event_zone(timed, zones), book)
        lasting = parts.lasting(whole, users)
        limits = rows(lasting.aggregate(first=lasting.first_day.min(), last=lasting.last_day.max()))[0]
        places = [(row["time_zone"], "DE") for row in rows(lasting.select("time_zone").distinct())]
        edges = band_edges(minutes.to_pylist(), special.to_pylist(), places, **limits)
        pieces = parts.pieces(lasting, ibis.memtable(edges))
        split = parts.found_parts(whole, pieces, timed.columns, book)
        lost = parts.without_rate(split)
        items = rules.rated_items(split.anti_join(lost, parts.EVENT), book)
        return RATED_ITEMS.shape(items), UNRATED_UDRS.shape(rules.unrated(lost))

    return run


@pytest.fixture(scope="module")
def split(rows, found) -> Callable[..., list[tuple]]:
    """Band, quantity, charged units and amount of the parts, in their order."""

    def run(*events: Row, **given: object) -> list[tuple]:
        items = sorted(rows(found(events, **given)[0]), key=lambda row: (row["udr_id"], row["split"]))
        assert [item["split"] for item in items if item["udr_id"] == "U1"] == list(range(1, len(items) + 1))
        return [
            (i["time_band_id"], *(f"{i[c].normalize():f}" for c in ("quantity", "billed_quantity", "amount")))
            for i in items
        ]

    return run


def test_a_call_over_18_00(split):
    """CGRateS: 600 s from 17:55, 0.10 a minute until 18:00 and 0.05 after it, come to 0.50 + 0.25 = 0.75."""
    found = split(call("2026-01-15T17:55:00", 600))
    assert found == [("day", "300", "300", "0.5"), (None, "300", "300", "0.25")]


def test_a_call_that_stays_in_its_band_is_not_split(split):
    """It ends where the next band begins; or begins just there; or has no end."""
    assert split(call("2026-01-15T17:55:00", 300), call("2026-01-15T18:00:00", 60, "U2")) == []
    assert split(call("2026-01-15T17:55:00", 0)) == []
    assert split(call("2026-01-15T17:55:00", 600, unit="MB")) == []


def test_a_rate_that_does_not_split(split):
    """The rate of the start decides: that of the day splits, the other one does not."""
    rates = (OTHER | {"across_bands": "start"}, DAY)
    assert split(call("2026-01-15T07:55:00", 600), rates=rates) == []
    assert split(call("2026-01-15T17:55:00", 600), rates=rates) == [
        ("day", "300", "300", "0.5"), (None, "300", "300", "0.25"),
    ]  # fmt: skip


def test_the_day_before_christmas(split):
    """Thursday 24 December 17:00 to Friday 25 December 9:00: an hour of day, six of night, nine of the holiday."""
    assert split(call("2026-12-24T17:00:00", 16 * 3600)) == [
        ("day", "3600", "3600", "6"), (None, "21600", "21600", "18"), ("off", "32400", "32400", "27"),
    ]  # fmt: skip


def test_a_day_and_a_night(split):
    """Thursday 17:00 to Friday 19:00: 1 h of day, 14 h of night, 10 h of day, 1 h of night."""
    found = split(call("2026-01-15T17:00:00", 26 * 3600))
    assert [quantity for _, quantity, *_ in found] == ["3600", "50400", "36000", "3600"]
    assert [amount for *_, amount in found] == ["6", "42", "60", "3"]


NIGHTS = (time_band(start_time="02:30", end_time="06:00"),)
NIGHT_RATES = (OTHER, rate(rate_id="NIGHT", time_band_id="night", unit_price="0.01", **PER_MINUTE))


def test_the_night_in_which_clocks_go_back(split):
    """25 October 2026, Berlin: 2:00 to 3:00 comes twice. From 1:30 on, five hours are 2:30 for the first time after
    1 h, 2:00 again after 1.5 h, 2:30 again after 2 h, and end at 5:30.
    """
    event = call("2026-10-25T01:30:00", 5 * 3600, offset=2, utc="2026-10-24T23:30:00")
    assert split(event, bands=NIGHTS, rates=NIGHT_RATES) == [
        (None, "3600", "3600", "3"), ("night", "1800", "1800", "0.3"), (None, "1800", "1800", "1.5"),
        ("night", "10800", "10800", "1.8"),
    ]  # fmt: skip


def test_the_night_in_which_clocks_go_forward(split):
    """29 March 2026: 2:00 to 3:00 is skipped, so that the band of 2:30 begins at 3:00, 30 minutes after 1:30."""
    event = call("2026-03-29T01:30:00", 3600, offset=1)
    assert split(event, bands=NIGHTS, rates=NIGHT_RATES) == [
        (None, "1800", "1800", "1.5"), ("night", "1800", "1800", "0.3"),
    ]  # fmt: skip


def test_bands_go_by_the_time_zone_that_an_event_names(split):
    """17:55 in Tokyo is 9:55 in Berlin, where no band ends: 300 s by day, 300 s at night."""
    zones = (attribute(attribute="site_zone", attribute_type="time_zone"),)
    event = call("2026-01-15T17:55:00", 600, offset=9, attributes={"site_zone": "Asia/Tokyo"})
    assert split(event, zones=zones) == [("day", "300", "300", "0.5"), (None, "300", "300", "0.25")]


def test_setup_minimum_and_increment_are_those_of_the_start(split):
    """90 s from 17:59:30 in started minutes are 120, and 0.20 setup once.

    30 s of day take the first minute, the minute that begins at 18:00:30 is of the night: 0.20 + 0.10, and 0.05.
    """
    day = DAY | {"setup_fee": Decimal("0.2"), "minimum_quantity": Decimal(60), "increment": Decimal(60)}
    other = OTHER | {"setup_fee": Decimal("0.3"), "increment": Decimal(7)}
    found = split(call("2026-01-15T17:59:30", 90), rates=(other, day))
    assert found == [("day", "30", "60", "0.3"), (None, "60", "60", "0.05")]


def test_a_part_within_a_started_increment_is_paid_with_it(split):
    """50 s from 17:59:30: the minute that has begun by day covers the 20 s of the night."""
    found = split(call("2026-01-15T17:59:30", 50), rates=(OTHER, DAY | {"increment": Decimal(60)}))
    assert found == [("day", "30", "60", "0.1"), (None, "20", "0", "0")]


def test_a_reversal_is_the_opposite(split):
    day = DAY | {"setup_fee": Decimal("0.2"), "increment": Decimal(60)}
    found = split(call("2026-01-15T17:55:00", -600), rates=(OTHER, day))
    assert found == [("day", "-300", "-300", "-0.7"), (None, "-300", "-300", "-0.25")]


def test_a_quantity_that_is_no_time_is_divided_by_the_duration(split):
    """10 MB in 3 s, 1 s of them by day: 3.333333333 and the rest."""
    event = call("2026-01-15T17:59:59", 10, unit="MB", attributes={"duration_seconds": "3"})
    rates = (OTHER | {"price_per": Decimal(1)}, DAY | {"price_per": Decimal(1)})
    assert split(event, rates=rates) == [
        ("day", "3.333333333", "3.333333333", "0.3333333333"), (None, "6.666666667", "6.666666667", "0.3333333334"),
    ]  # fmt: skip


def test_minutes_and_fractions_of_a_second(split):
    """2.5 minutes from 17:59:00.5: 59.5 s are 0.991666667 minutes."""
    rates = (OTHER | {"price_per": Decimal(1)}, DAY | {"price_per": Decimal(1)})
    found = split(call("2026-01-15T17:59:00.500000", "2.5", unit="min"), rates=rates)
    assert [quantity for _, quantity, *_ in found] == ["0.991666667", "1.508333333"]


def test_a_part_has_the_price_of_its_own_day(split):
    """A new price from 16 January on: 17:00 to 2:00 is 1 h of day, and 8 h from 18:00 on, when the old one holds."""
    rates = (
        DAY, OTHER | {"valid_to": datetime(2026, 1, 16).date()},
        OTHER | {"rate_id": "NEW", "unit_price": Decimal("0.5"), "valid_from": datetime(2026, 1, 16).date()},
    )  # fmt: skip
    found = split(call("2026-01-15T17:00:00", 16 * 3600), rates=rates)
    assert [amount for *_, amount in found] == ["6", "42", "6"]


def test_an_event_is_rated_as_a_whole_or_not_at_all(rows, found):
    """Nothing prices a call outside the day: the call is unrated, once, not its night alone."""
    items, unrated = found((call("2026-01-15T17:00:00", 26 * 3600),), rates=(DAY,))
    assert rows(items) == []
    assert [(row["udr_id"], row["reason"]) for row in rows(unrated)] == [("U1", "NO_RATE")]

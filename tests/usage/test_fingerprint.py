"""The fingerprint of an event day changes when that day would be made of something else, and only then."""

from collections.abc import Callable

import pytest
from sample_rows import (
    Row,
    account,
    entitlement,
    rate,
    reseller,
    sample,
    service,
    usage_order,
    vendor,
    wholesale_plan,
    zone_prefix,
)

from billing_assets.orders.tables import SUBSCRIPTION_CATALOGUES, SUBSCRIPTION_SERVICES
from billing_assets.reference.tables import ACCOUNTS, RATES, WHOLESALE_PLANS, ZONE_PREFIXES
from billing_assets.usage.assets import fingerprints as of_lake
from billing_assets.usage.fingerprint import day_fingerprints, rules_digest
from billing_assets.usage.tables import ACCEPTED_USAGE_ORDERS, LOAD_MANIFEST, USAGE_ARRIVALS

DAYS = [f"2026-01-{day:02d}" for day in range(10, 20)]
arrival = sample(USAGE_ARRIVALS, load_day="2026-01-16", event_day="2026-01-15", records=10)
loaded = sample(
    LOAD_MANIFEST, load_day="2026-01-16", source="switch", source_file="usage/switch/a.csv", sha256="a1",
    mapping="m1", bytes=100, records=10, rejected=0,
)  # fmt: skip
BASE = {
    "arrivals": [arrival(), arrival(event_day="2026-01-14", records=3), arrival(load_day="2026-01-17")],
    "manifest": [loaded(), loaded(load_day="2026-01-17", source_file="usage/switch/b.csv", sha256="b1")],
    "orders": [usage_order()],
    "services": [service(start_at="2026-01-01T00:00:00")],
    "entitled": [entitlement(valid_to="2026-01-18")],
    "rates": [rate()],
    "rules": [zone_prefix(), zone_prefix(prefix="1", zone_id="US")],
}
CONTRACTS = {
    "arrivals": USAGE_ARRIVALS, "manifest": LOAD_MANIFEST, "orders": ACCEPTED_USAGE_ORDERS,
    "services": SUBSCRIPTION_SERVICES, "entitled": SUBSCRIPTION_CATALOGUES, "rates": RATES, "rules": ZONE_PREFIXES,
}  # fmt: skip


@pytest.fixture(scope="module")
def fingerprints(rows, table) -> Callable[..., dict[int, str]]:
    """The fingerprint of each day of January from 10 to 19, with some of the tables replaced."""

    def run(days: list[str] = DAYS, **replaced: list[Row]) -> dict[int, str]:
        t = {name: table(CONTRACTS[name], *given) for name, given in (BASE | replaced).items()}
        rules = rules_digest([t["rules"], t["rates"].limit(0)])
        found = day_fingerprints(
            days, t["arrivals"], t["manifest"], t["orders"], t["services"], t["entitled"], t["rates"], rules
        )
        return {row["event_day"].day: row["fingerprint"] for row in rows(found)}

    return run


@pytest.fixture(scope="module")
def changed(fingerprints) -> Callable[..., set[int]]:
    """The days whose fingerprint changes when some tables are replaced."""
    before = fingerprints()

    def run(**replaced: list[Row]) -> set[int]:
        after = fingerprints(**replaced)
        return {day for day in before if before[day] != after[day]}

    return run


def test_every_day_has_a_fingerprint(fingerprints):
    """Also one without arrivals; each is the same whichever days are asked for with it."""
    found = fingerprints()
    assert set(found) == set(range(10, 20))
    assert fingerprints(["2026-01-15"]) == {15: found[15]}


def test_nothing_changed(changed):
    """Not the order of rows, nor the files and lines that configuration was read from."""
    assert changed(**{name: given[::-1] for name, given in BASE.items()}) == set()
    assert changed(rates=[rate(source_file="rates.parquet", source_line=9)]) == set()
    assert changed(rules=[zone_prefix(source_line=7), zone_prefix(prefix="1", zone_id="US", source_line=8)]) == set()


def test_a_file_changes_the_days_that_it_has_records_of(changed):
    """The first load day has records of 14 and 15 January, the second one of 15 January only."""
    assert changed(manifest=[loaded(sha256="a2"), BASE["manifest"][1]]) == {14, 15}
    second = loaded(load_day="2026-01-17", source_file="usage/switch/c.csv", sha256="b1")
    assert changed(manifest=[BASE["manifest"][0], second]) == {15}


def test_files_that_are_read_in_another_way_change_their_days(changed):
    assert changed(manifest=[BASE["manifest"][0], BASE["manifest"][1] | {"mapping": "m2"}]) == {15}


def test_late_usage_changes_its_day(changed):
    late = [*BASE["arrivals"], arrival(load_day="2026-01-19", event_day="2026-01-11")]
    file = loaded(load_day="2026-01-19", source_file="late.csv")
    assert changed(arrivals=late, manifest=[*BASE["manifest"], file]) == {11}


def test_a_usage_order_changes_its_day(changed):
    """15 January has one already; what it says counts, where it was read does not."""
    later = usage_order(usage_order_id="shop:U2:1", event_day="2026-01-12", source_line=3)
    assert changed(orders=[*BASE["orders"], later]) == {12}
    assert changed(orders=[]) == {15}
    assert changed(orders=[usage_order(attributes={"device": "tv"})]) == {15}
    assert changed(orders=[usage_order(source_line=9)]) == set()


def test_a_right_to_order_changes_its_local_days(changed):
    """One that ends on 18 January ends within the 17th or the 18th UTC, wherever its subscription is."""
    assert changed(entitled=[entitlement(valid_to="2026-01-16")]) == {15, 16, 17, 18}
    assert changed(entitled=[]) == set(range(10, 19))


def test_a_service_changes_the_days_of_its_life(changed):
    """From 12 January 23:00 UTC up to 15 January 10:00 UTC."""
    added = service(order_line_id="cpq:O2:1", start_at="2026-01-12T23:00:00", end_at="2026-01-15T10:00:00")
    assert changed(services=[*BASE["services"], added]) == {12, 13, 14, 15}


def test_a_service_that_ends_changes_the_days_from_its_end_on(changed):
    assert changed(services=[service(start_at="2026-01-01T00:00:00", end_at="2026-01-17T10:00:00")]) == {17, 18, 19}


def test_a_service_that_ends_an_hour_earlier_changes_that_day(fingerprints):
    ends = [service(start_at="2026-01-01T00:00:00", end_at=f"2026-01-15T{hour}:00:00") for hour in (22, 23)]
    before, after = (fingerprints(services=[one]) for one in ends)
    assert {day for day in before if before[day] != after[day]} == {15}


def test_a_service_that_begins_an_hour_later_changes_that_day(fingerprints):
    before, after = (fingerprints(services=[service(start_at=f"2026-01-12T{hour}:00:00")]) for hour in (22, 23))
    assert {day for day in before if before[day] != after[day]} == {12}


def test_another_payer_changes_every_day_of_the_service(changed):
    assert changed(services=[service(start_at="2026-01-01T00:00:00", payer_account_id="BOSS")]) == set(range(10, 20))


def test_a_rate_changes_the_days_that_are_local_days_of_its_validity_somewhere(changed):
    """14 and 15 January: in the easternmost zones from 13 January UTC on, in the westernmost to 16 January."""
    version = rate(rate_id="NEW", zone_id="FR", valid_from="2026-01-14", valid_to="2026-01-16")
    assert changed(rates=[*BASE["rates"], version]) == {13, 14, 15, 16}


def test_a_new_price_leaves_the_days_before_as_they_are(changed):
    """The old version ends, and the new one begins, on 17 January: the first local ones are 16 January UTC."""
    versions = [rate(valid_to="2026-01-17"), rate(rate_id="NEXT", valid_from="2026-01-17", unit_price="2")]
    assert changed(rates=versions) == {16, 17, 18, 19}


def test_a_price_that_begins_a_day_earlier(fingerprints):
    """From 16 instead of 17 January: local 16 January is on 15 to 17 January UTC."""
    pairs = [[rate(valid_to=f"2026-01-{day}"), rate(rate_id="NEXT", valid_from=f"2026-01-{day}")] for day in (17, 16)]
    before, after = (fingerprints(rates=pair) for pair in pairs)
    assert {day for day in before if before[day] != after[day]} == {15, 16, 17}


def test_a_rule_changes_every_day(changed):
    assert changed(rules=[zone_prefix(zone_id="DE"), BASE["rules"][1]]) == set(range(10, 20))
    assert changed(rules=[]) == set(range(10, 20))


def test_rules_in_another_table_are_other_rules(rows, table):
    """Two tables that swap their content do not make the same digest."""
    france, america = table(ZONE_PREFIXES, zone_prefix()), table(ZONE_PREFIXES, zone_prefix(prefix="1", zone_id="US"))
    digests = [rows(rules_digest(pair))[0]["rules"] for pair in ([france, america], [america, france])]
    assert digests[0] != digests[1]


@pytest.fixture
def resold(lake, table, rows) -> Callable[..., dict[int, str]]:
    """The fingerprints of a company in which ANNA uses a service from 15 January on, and BIG may resell it."""

    def run(*accounts: Row, plans: tuple[Row, ...] = ()) -> dict[int, str]:
        lake.write(SUBSCRIPTION_SERVICES, table(SUBSCRIPTION_SERVICES, service(start_at="2026-01-15T00:00:00")))
        lake.write(ACCOUNTS, table(ACCOUNTS, vendor(), *accounts))
        lake.write(WHOLESALE_PLANS, table(WHOLESALE_PLANS, *plans))
        return {row["event_day"].day: row["fingerprint"] for row in rows(of_lake(lake, DAYS))}

    return run


def differing(before: dict[int, str], after: dict[int, str]) -> set[int]:
    return {day for day in before if before[day] != after[day]}


def test_who_sells_to_the_payer_counts_on_the_days_of_its_services(resold):
    by_vendor = resold(account(), reseller())
    assert differing(by_vendor, resold(account(vendor_account_id="BIG"), reseller())) == set(range(15, 20))
    assert differing(by_vendor, resold(account(name="Anna B."), reseller(name="Bigger"))) == set()


def test_who_sells_to_a_reseller_and_its_wholesale_plans_count_on_every_day(resold):
    sold = account(vendor_account_id="BIG")
    before = resold(sold, reseller())
    assert differing(before, resold(sold, reseller(), plans=(wholesale_plan(),))) == set(range(10, 20))
    assert differing(before, resold(sold, reseller(vendor_account_id="OTHER"))) == set(range(10, 20))

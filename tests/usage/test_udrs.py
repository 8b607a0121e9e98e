"""From raw usage to usage detail records: typed, each once, assigned; and why a record is none."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import ibis
import pytest
from sample_rows import (
    Row,
    attribute,
    conversion,
    currency,
    product,
    raw_usage,
    service,
    udr_type,
)

from billing_assets import calendar
from billing_assets.orders.tables import SUBSCRIPTION_SERVICES
from billing_assets.reference.tables import (
    CURRENCIES,
    PRODUCTS,
    UDR_TYPE_ATTRIBUTES,
    UDR_TYPES,
    UNIT_CONVERSIONS,
)
from billing_assets.usage import udrs as rules
from billing_assets.usage.tables import RAW_USAGE, REJECTED_UDRS, UDRS

TYPES = (
    udr_type(maximum_quantity="86400"),
    udr_type(udr_type="data", unit="MB", identity_fields="service_identifier|started_at|quantity", allow_negative=True),
    udr_type(udr_type="event", unit="piece", identity_fields="record_id|cell|amount"),
)
ATTRIBUTES = (
    attribute(udr_type="event", attribute="cell", mandatory=True),
    attribute(udr_type="event", attribute="amount", attribute_type="number"),
    attribute(udr_type="event", attribute="roaming", attribute_type="flag"),
    attribute(udr_type="event", attribute="network", allowed_values="4G|5G"),
    attribute(udr_type="event", attribute="released", attribute_type="day"),
    attribute(udr_type="event", attribute="ordered", attribute_type="timestamp"),
    attribute(udr_type="event", attribute="site_zone", attribute_type="time_zone"),
)
SOLD = (product(), product(product_id="VIDEO-CALLS"), product(product_id="DATA", udr_type="data"))
CONVERSIONS = (
    conversion(),
    conversion(from_unit="GB", to_unit="MB", numerator=1000),
    conversion(from_unit="B", to_unit="MB", numerator=1, denominator=1_000_000),
)


@pytest.fixture(scope="module")
def typed(rows, table) -> Callable[..., ibis.Table]:
    """Raw usage, typed by three UDR types: voice in s, data in MB, event with attributes."""

    def run(*raw: Row) -> ibis.Table:
        return rules.typed_usage(
            table(RAW_USAGE, *raw), table(UDR_TYPES, *TYPES), table(UNIT_CONVERSIONS, *CONVERSIONS),
            table(CURRENCIES, currency()), TYPES, rows(table(UDR_TYPE_ATTRIBUTES, *ATTRIBUTES)),
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def typed_rows(rows, typed):
    return lambda *raw: rows(typed(*raw).order_by("load_day", "source_file", "source_line"))


def lines(*values: Row) -> list[Row]:
    """Raw usage of one file, on lines from 2 on."""
    return [raw_usage(**row, source_line=line) for line, row in enumerate(values, start=2)]


def event(**values: object) -> Row:
    attributes = {"cell": "A7"} | values.pop("attributes", {})
    return {"udr_type": "event", "unit": "piece", "quantity": "1", "attributes": attributes, **values}


def test_quantities_in_the_unit_of_their_type(typed_rows):
    """Minutes in seconds, gigabytes and bytes in megabytes; nothing is lost before the conversion."""
    data = {"udr_type": "data"}
    units = [
        ({"quantity": "60"}, "60"),
        ({"quantity": "60", "unit": None}, "60"),
        ({"quantity": "1.5", "unit": "min"}, "90"),
        ({"quantity": ".5"}, "0.5"),
        ({"quantity": "6e1"}, "60"),
        ({"quantity": "1.5E-3"}, "0.0015"),
        ({"quantity": "0"}, "0"),
        ({"quantity": "86400"}, "86400"),
        # the tenth decimal is rounded away from zero
        ({"quantity": "1.0000000005"}, "1.000000001"),
        (data | {"quantity": "2.5", "unit": "GB"}, "2500"),
        (data | {"quantity": "1234567890", "unit": "B"}, "1234.56789"),
        (data | {"quantity": "0.0000000005", "unit": "GB"}, "0.0000005"),
        (data | {"quantity": "-3", "unit": "MB"}, "-3"),
    ]
    found = typed_rows(*lines(*(given for given, _ in units)))
    assert [(row["reason"], row["units"]) for row in found] == [(None, Decimal(expected)) for _, expected in units]


def test_why_a_record_is_no_udr(typed_rows):
    faults = {
        "UNKNOWN_UDR_TYPE fax": {"udr_type": "fax"},
        "UNKNOWN_UDR_TYPE None": {"udr_type": None},
        "MISSING_SERVICE_IDENTIFIER None": {"service_identifier": None},
        "MISSING_QUANTITY None": {"quantity": None},
        "INVALID_QUANTITY 1,5": {"quantity": "1,5"},
        "INVALID_QUANTITY 5 s": {"quantity": "5 s"},
        "INVALID_QUANTITY NaN": {"quantity": "NaN"},
        "INVALID_QUANTITY 1_000": {"quantity": "1_000"},
        "UNKNOWN_UNIT hour": {"unit": "hour"},
        "UNKNOWN_UNIT GB": {"unit": "GB"},
        "QUANTITY_TOO_LARGE 86400.000000001": {"quantity": "86400.000000001"},
        "QUANTITY_TOO_LARGE 1441": {"quantity": "1441", "unit": "min"},
        "QUANTITY_TOO_LARGE 1e300": {"quantity": "1e300"},
        "QUANTITY_TOO_LARGE -400000001": {"udr_type": "data", "unit": "MB", "quantity": "-400000001"},
        "NEGATIVE_QUANTITY -1": {"quantity": "-1"},
        "INVALID_AMOUNT ten": {"amount": "ten", "currency": "EUR"},
        "INVALID_AMOUNT 1_000": {"amount": "1_000", "currency": "EUR"},
        "INVALID_AMOUNT 1e30": {"amount": "1e30", "currency": "EUR"},
        "UNKNOWN_CURRENCY XXX": {"amount": "1", "currency": "XXX"},
        "UNKNOWN_CURRENCY None": {"amount": "1"},
        "MISSING_ATTRIBUTE cell": event(attributes={"cell": None}),
        "INVALID_ATTRIBUTE amount many": event(attributes={"amount": "many"}),
        "INVALID_ATTRIBUTE roaming yes": event(attributes={"roaming": "yes"}),
        "INVALID_ATTRIBUTE network 3G": event(attributes={"network": "3G"}),
        "INVALID_ATTRIBUTE released 2026-02-30": event(attributes={"released": "2026-02-30"}),
        "INVALID_ATTRIBUTE released 30/01/2026": event(attributes={"released": "30/01/2026"}),
        "INVALID_ATTRIBUTE released 2026-01-30T10:00": event(attributes={"released": "2026-01-30T10:00"}),
        "INVALID_ATTRIBUTE ordered at noon": event(attributes={"ordered": "at noon"}),
        "INVALID_ATTRIBUTE ordered 2026-01-30T25:00": event(attributes={"ordered": "2026-01-30T25:00"}),
    }
    found = [f"{row['reason']} {row['detail']}" for row in typed_rows(*lines(*faults.values()))]
    assert found == list(faults)


def test_attributes_that_are_right(typed_rows):
    """Of another type nothing is asked, and an attribute that is not mandatory may be missing."""
    full = event(attributes={"amount": "1.5", "roaming": "false", "network": "5G", "released": "2026-01-30",
                             "ordered": "2026-01-30T10:00:00+01:00"})  # fmt: skip
    local = event(attributes={"ordered": "2026-01-30 10:00"})
    given = lines(full, local, event(), {"attributes": {"network": "3G"}})
    assert [row["reason"] for row in typed_rows(*given)] == [None] * 4


def test_a_prerated_record_keeps_its_amount(typed_rows):
    (found,) = typed_rows(raw_usage(amount="-0.12345678905", currency="EUR"))
    assert (found["reason"], found["prerated_amount"]) == (None, Decimal("-0.1234567891"))


def test_the_identity_of_a_record(typed_rows):
    """The fields that its type names, and nothing else."""
    first, same, other_id, other_source, other_type = typed_rows(
        *lines(
            {"record_id": "1"}, {"record_id": "1", "quantity": "7", "destination": "49"}, {"record_id": "2"},
            {"record_id": "1", "source": "other"},
            {"record_id": "1", "udr_type": "data", "unit": "MB"},
        )
    )  # fmt: skip
    assert first["udr_id"] == same["udr_id"]
    assert len({row["udr_id"] for row in (first, other_id, other_source, other_type)}) == 4


def test_a_quantity_in_the_identity_is_the_converted_one(typed_rows):
    """1 GB and 1000 MB of the same number at the same moment are the same record."""
    data = {"udr_type": "data"}
    giga, mega, less = typed_rows(
        *lines(data | {"quantity": "1", "unit": "GB"}, data | {"quantity": "1000.0", "unit": "MB"},
               data | {"quantity": "999", "unit": "MB"})
    )  # fmt: skip
    assert giga["udr_id"] == mega["udr_id"] != less["udr_id"]


def test_attributes_in_the_identity(typed_rows):
    """Also one that is called like another column of usage."""
    first, cell, amount, same = typed_rows(
        *lines(
            event(attributes={"amount": "1"}),
            event(attributes={"amount": "1", "cell": "B8"}),
            event(attributes={"amount": "2"}),
            event(attributes={"amount": "1"}, amount="9", currency="EUR"),
        )
    )
    assert len({first["udr_id"], cell["udr_id"], amount["udr_id"]}) == 3
    assert first["udr_id"] == same["udr_id"]


@pytest.fixture(scope="module")
def later(rows, typed):
    """{(file, line): (reason, record that was kept)} of the records that were there before."""

    def run(*raw: Row) -> dict[tuple[str, int], tuple[str, str]]:
        found = rows(rules.repeated(typed(*raw)))
        return {(r["later_file"], r["later_line"]): (r["later_reason"], r["duplicate_of"]) for r in found}

    return run


def test_the_same_record_again_is_a_duplicate(later):
    """In the same file, in another one, and with the quantity in another unit."""
    found = later(
        raw_usage(source_file="a", source_line=2),
        raw_usage(source_file="a", source_line=9),
        raw_usage(source_file="b", source_line=3, quantity="1", unit="min"),
        raw_usage(source_file="b", source_line=4, record_id="2"),
    )
    assert found == {("a", 9): ("DUPLICATE", "a:2"), ("b", 3): ("DUPLICATE", "a:2")}


def test_the_same_record_with_other_measures_is_a_conflict(later):
    found = later(
        raw_usage(source_file="a", source_line=2),
        raw_usage(source_file="a", source_line=3, quantity="61"),
        raw_usage(source_file="a", source_line=4, amount="1", currency="EUR"),
        raw_usage(source_file="a", source_line=5),
    )
    assert {line: reason for (_, line), (reason, _) in found.items()} == {3: "CONFLICT", 4: "CONFLICT", 5: "DUPLICATE"}


def test_the_record_that_was_loaded_first_is_kept(later):
    """By load day before file, by file before line, in whatever order they are read."""
    found = later(
        raw_usage(source_file="a", source_line=2, load_day="2026-01-18"),
        raw_usage(source_file="z", source_line=10, load_day="2026-01-17"),
        raw_usage(source_file="z", source_line=9, load_day="2026-01-17"),
    )
    assert found == {("a", 2): ("DUPLICATE", "z:9"), ("z", 10): ("DUPLICATE", "z:9")}


def test_each_event_day_is_looked_at_by_itself(later):
    """The same id on another day is another record: days are made one by one."""
    assert later(raw_usage(source_line=2), raw_usage(source_line=3, event_day="2026-01-14")) == {}


def test_a_record_that_is_none_does_not_stand_in_the_way(later):
    """The first one has no believable quantity: the second one is billed."""
    assert later(raw_usage(source_line=2, quantity="x"), raw_usage(source_line=3)) == {}


@pytest.fixture(scope="module")
def judged(rows, table, typed, engine) -> Callable[..., tuple[dict[int, Row], dict[int, tuple[str, str | None]]]]:
    """The UDRs of some usage, and (reason, detail) of the rejected records, each by line."""

    def run(*raw: Row, services: tuple[Row, ...] = (service(),), products: tuple[Row, ...] = SOLD):
        usage = engine.cache(typed(*raw))
        known = table(SUBSCRIPTION_SERVICES, *services)
        sold = table(PRODUCTS, *products)
        days = calendar.day_range(date(2026, 1, 9), date(2026, 1, 17))
        offsets = ibis.memtable(calendar.utc_offsets(["Europe/Paris", "Asia/Tokyo"], days))
        found = engine.cache(rules.judged_usage(usage, rules.repeated(usage), known, sold, offsets))
        valid = rows(UDRS.shape(rules.valid_udrs(found)))
        rejected = rows(REJECTED_UDRS.shape(rules.rejected_usage(found, known)))
        return (
            {row["source_line"]: row for row in valid},
            {row["source_line"]: (row["reason"], row["detail"]) for row in rejected},
        )

    return run


def test_a_valid_record_belongs_to_a_subscription(judged):
    """12:00 UTC is 13:00 in Paris; the record names no product, so it is that of the service."""
    valid, _ = judged(raw_usage(attributes={"cell": "A7"}))
    (found,) = valid.values()
    assert found.pop("udr_id")
    assert found == {
        "event_day": date(2026, 1, 15), "billing_effective_at": datetime(2026, 1, 15, 12),
        "started_at": datetime(2026, 1, 15, 12), "local_at": datetime(2026, 1, 15, 13), "udr_type": "voice",
        "source": "switch", "service_identifier": "33611", "product_id": "CALLS", "subscription_id": "SUB",
        "service_account_id": "ANNA", "payer_account_id": "ANNA", "price_plan_id": "PLAN", "quantity": Decimal(60),
        "unit": "s", "destination": "33612345", "prerated_amount": None, "prerated_currency": None,
        "attributes": [("cell", "A7")], "load_day": date(2026, 1, 16), "source_file": "usage/switch/a.csv",
        "source_line": 2,
    }  # fmt: skip


def test_a_record_may_name_its_product(judged):
    given = lines({"product_id": "VIDEO-CALLS"}, {"record_id": "2", "product_id": "FAX"},
                  {"record_id": "3", "product_id": "DATA"})  # fmt: skip
    valid, rejected = judged(*given)
    assert {line: row["product_id"] for line, row in valid.items()} == {2: "VIDEO-CALLS"}
    assert rejected == {3: ("UNKNOWN_PRODUCT", "FAX"), 4: ("UNKNOWN_PRODUCT", "DATA")}


def test_a_service_lives_from_its_start_up_to_its_end(judged):
    """In Paris from 10 January to 15 January, both at 23:00 UTC of the day before."""
    given = lines(
        {"record_id": "1", "started_at": "2026-01-09T22:59:59"},
        {"record_id": "2", "started_at": "2026-01-09T23:00:00"},
        {"record_id": "3", "started_at": "2026-01-14T22:59:59"},
        {"record_id": "4", "started_at": "2026-01-14T23:00:00"},
    )
    valid, rejected = judged(*given, services=(service(end_at="2026-01-14T23:00:00"),))
    assert set(valid) == {3, 4}
    assert rejected == {
        2: ("OUTSIDE_SUBSCRIPTION", "33611"), 5: ("OUTSIDE_SUBSCRIPTION", "33611"),
    }  # fmt: skip


def test_an_identifier_belongs_to_who_has_it_at_the_time(judged):
    owners = (
        service(end_at="2026-01-15T12:00:00"),
        service(order_line_id="cpq:O2:1", subscription_id="NEXT", account_id="TARO", time_zone="Asia/Tokyo",
                start_at="2026-01-15T12:00:00"),
    )  # fmt: skip
    given = lines({"record_id": "1", "started_at": "2026-01-15T11:59:59"}, {"record_id": "2"})
    valid, _ = judged(*given, services=owners)
    found = {line: (row["subscription_id"], row["local_at"]) for line, row in valid.items()}
    assert found == {
        2: ("SUB", datetime(2026, 1, 15, 12, 59, 59)),
        3: ("NEXT", datetime(2026, 1, 15, 21)),
    }


def test_an_event_may_name_its_time_zone(judged):
    """12:00 UTC is 21:00 in Tokyo, 13:00 for who names none: in Paris, as the account. No zone is rejected."""
    zones = ({"site_zone": "Asia/Tokyo"}, {}, {"site_zone": "CET+1"})
    given = lines(*(event(record_id=str(n), attributes=zone) for n, zone in enumerate(zones)))
    valid, rejected = judged(*given, services=(service(udr_type="event"),), products=(product(udr_type="event"),))
    assert {line: row["local_at"].hour for line, row in valid.items()} == {2: 21, 3: 13}
    assert rejected == {4: ("INVALID_ATTRIBUTE", "site_zone CET+1")}


def test_nobody_has_the_identifier(judged):
    """Neither the number at all, nor for this type of usage."""
    given = lines({"service_identifier": "999"}, {"record_id": "2", "udr_type": "data", "unit": "MB"})
    _, rejected = judged(*given)
    assert rejected == {2: ("UNKNOWN_SERVICE", "999"), 3: ("UNKNOWN_SERVICE", "33611")}


def test_prerated_records_have_a_currency_and_others_none(judged):
    given = lines({"amount": "0.5", "currency": "EUR"}, {"record_id": "2", "currency": "EUR"})
    valid, _ = judged(*given)
    found = {line: (row["prerated_amount"], row["prerated_currency"]) for line, row in valid.items()}
    assert found == {2: (Decimal("0.5"), "EUR"), 3: (None, None)}


def test_every_record_is_valid_or_rejected_once(judged):
    given = lines(
        {}, {}, {"quantity": "7"}, {"record_id": "2", "quantity": "x"}, {"record_id": "3", "service_identifier": "999"},
        {"record_id": "4", "product_id": "FAX", "service_identifier": "999"}, {"record_id": "5"},
    )  # fmt: skip
    valid, rejected = judged(*given)
    assert set(valid) == {2, 8}
    assert {line: reason for line, (reason, _) in rejected.items()} == {
        3: "DUPLICATE", 4: "CONFLICT", 5: "INVALID_QUANTITY", 6: "UNKNOWN_SERVICE", 7: "UNKNOWN_SERVICE",
    }  # fmt: skip

"""What is wrong with records that come in: each is rejected with its file and line, and the rest is billed.

One company has accounts, orders, discounts and usage with everything that can be wrong with them.
"""

import gzip
import io
import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests_support import TABLES, Company, bill_inputs, rejected_rows

from billing_assets.contract import Table
from billing_assets.invoices.tables import INVOICES
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.usage.tables import LOAD_MANIFEST
from jobs.billing_run import RunReport
from resources.engine import open_engine
from resources.lake import Lake

# Clocks change on 29 March in Paris, where 02:00 to 03:00 is skipped, and on 5 April in Auckland, where
# 02:00 to 03:00 occurs twice.
MONTH = "2026-03"
LOADED = "2026-04-07"
USAGE = """
first_month = "2026-03"
usage_window_days = 60

[usage.switch]
time_zone = "Europe/Paris"
time_format = "%Y-%m-%d %H:%M:%S"
columns = {record_id = "id", udr_type = "kind", service_identifier = "caller", started_at = "start", quantity = "units", unit = "unit", destination = "callee", product_id = "product", amount = "amount", currency = "currency"}

[usage.careful]
time_zone = "Pacific/Auckland"
ambiguous_time = "reject"
require_final_newline = true
columns = {record_id = "id", service_identifier = "caller", started_at = "start", quantity = "seconds"}
constants = {udr_type = "voice"}

[usage.parquet]
columns = {record_id = "id", service_identifier = "caller", started_at = "start", quantity = "seconds"}
constants = {udr_type = "voice"}
"""  # noqa: E501

ACCOUNT = TABLES["accounts"][1]
BAD_ACCOUNTS = [
    ("UNKNOWN_COUNTRY", "country 'XX'", {"country": "XX"}),
    ("UNKNOWN_CURRENCY", "currency 'EURO'", {"account_id": "MONEYLESS", "currency": "EURO"}),
    ("UNKNOWN_TIME_ZONE", "time_zone 'Europe/Atlantis'", {"time_zone": "Europe/Atlantis"}),
    ("MISSING_BILLING_CYCLE", "billing_cycle is missing", {"billing_cycle": ""}),
    ("UNKNOWN_BILLING_CYCLE", "billing_cycle 'weekly'", {"billing_cycle": "weekly"}),
    ("MISSING_VENDOR", "vendor_account_id is missing", {"vendor_account_id": ""}),
    ("UNKNOWN_VENDOR", "vendor_account_id 'ANNA'", {"vendor_account_id": "ANNA"}),
    ("UNKNOWN_PARENT", "parent_account_id 'NOBODY'", {"parent_account_id": "NOBODY"}),
    ("UNKNOWN_BILL_TO", "bill_to_account_id 'NOBODY'", {"bill_to_account_id": "NOBODY"}),
    ("UNKNOWN_BILL_TO", "bill_to_account_id 'MONEYLESS'", {"bill_to_account_id": "MONEYLESS"}),
    ("BILL_TO_LOOP", "bill_to_account_id 'TWEEDLEDEE'",
     {"account_id": "TWEEDLEDUM", "bill_to_account_id": "TWEEDLEDEE"}),
    ("BILL_TO_LOOP", "bill_to_account_id 'TWEEDLEDUM'",
     {"account_id": "TWEEDLEDEE", "bill_to_account_id": "TWEEDLEDUM"}),
    ("DUPLICATE_KEY", "ANNA occurs more than once", {"account_id": "ANNA"}),
    ("MISSING_VALUE", "name is missing", {"name": ""}),
    ("NOT_ALLOWED", "role 'king' is not one of vendor, customer, reseller, linked", {"role": "king"}),
]  # fmt: skip

ORDER = TABLES["imported_orders"][0] | {"subscription_id": "", "service_identifier": ""}
CALLS_ORDER = TABLES["imported_orders"][1] | {"service_identifier": "33699"}
BAD_ORDERS = [
    ("UNKNOWN_ACCOUNT", "account_id 'NOBODY'", ORDER | {"account_id": "NOBODY"}),
    ("UNKNOWN_ACCOUNT", "account_id 'MONEYLESS'", ORDER | {"account_id": "MONEYLESS"}),
    ("ACCOUNT_NOT_BILLED", "account_id 'VENDOR'", ORDER | {"account_id": "VENDOR"}),
    ("UNKNOWN_PRODUCT", "product_id 'FAX'", ORDER | {"product_id": "FAX"}),
    ("UNKNOWN_OFFER", "offer_id 'HOT'", ORDER | {"offer_id": "HOT"}),
    ("OFFER_NOT_AVAILABLE", "ordered_on '2026-01-01'", ORDER | {"offer_id": "OLD"}),
    ("MISSING_PRICE", "unit_price is missing", ORDER | {"unit_price": ""}),
    ("UNKNOWN_CURRENCY", "currency 'EURO'", ORDER | {"currency": "EURO"}),
    ("INVALID_BILLING_DAY", "billing_day '32'", ORDER | {"billing_day": "32"}),
    ("END_BEFORE_START", "end_date '2026-01-10'", ORDER | {"end_date": "2026-01-10"}),
    ("WRONG_PRICE_TYPE", "price_type 'usage'", ORDER | {"price_type": "usage"}),
    ("INVALID_VALUE", "start_date '10/01/2026' is no date YYYY-MM-DD", ORDER | {"start_date": "10/01/2026"}),
    ("INVALID_VALUE", "start_date '2026-02-30' is no date YYYY-MM-DD", ORDER | {"start_date": "2026-02-30"}),
    ("INVALID_VALUE", "unit_price '1,50' is no number with up to 12 digits before and 10 after the point",
     ORDER | {"unit_price": "1,50"}),
    ("UNKNOWN_PRICE_PLAN", "price_plan_id 'GONE'", CALLS_ORDER | {"price_plan_id": "GONE"}),
    ("MISSING_SERVICE_IDENTIFIER", "service_identifier is missing", CALLS_ORDER | {"service_identifier": ""}),
    ("OVERLAPPING_SERVICE", "service_identifier '33611'", CALLS_ORDER | {"service_identifier": "33611"}),
    ("DUPLICATE_KEY", "cpq, O1, 1 occurs more than once", ORDER | {"source_order_id": "O1", "source_line_id": "1"}),
]  # fmt: skip

DISCOUNT = {"discount_definition_id": "OFF", "subscription_id": "SUB-1", "requested_on": "2026-01-01", "value": 10}
BAD_DISCOUNTS = [
    ("OVERLAPPING_DISCOUNT", "valid_from '2026-02-01'", {"requested_on": "2026-02-01"}),
    ("UNKNOWN_SUBSCRIPTION", "subscription_id 'SUB-2'", {"subscription_id": "SUB-2"}),
    ("VALUE_NOT_ALLOWED", "value '120.0000000000'", {"value": 120}),
    ("END_BEFORE_START", "end_date '2025-01-01'", {"end_date": "2025-01-01"}),
]

CALL = {"kind": "voice", "caller": "33611", "start": "2026-03-20 10:00:00", "units": "60", "unit": "s",
        "callee": "33612345", "product": "", "amount": "", "currency": ""}  # fmt: skip
RAW, UDR, UNRATED = "rejected_raw_usage", "rejected_udrs", "unrated_udrs"
BAD_USAGE = [
    (RAW, "MISSING_TIME", "", CALL | {"start": ""}),
    (RAW, "INVALID_TIME", "yesterday", CALL | {"start": "yesterday"}),
    (RAW, "INVALID_TIME", "2026-03-29 02:30:00", CALL | {"start": "2026-03-29 02:30:00"}),
    (RAW, "TOO_LATE", "2026-02-05 10:00:00", CALL | {"start": "2026-02-05 10:00:00"}),
    (RAW, "IN_FUTURE", "2026-04-10 10:00:00", CALL | {"start": "2026-04-10 10:00:00"}),
    (UDR, "NEGATIVE_QUANTITY", "-60", CALL | {"units": "-60"}),
    (UDR, "QUANTITY_TOO_LARGE", "86401", CALL | {"units": "86401"}),
    (UDR, "QUANTITY_TOO_LARGE", "1e30", CALL | {"units": "1e30"}),
    (UDR, "MISSING_QUANTITY", "", CALL | {"units": ""}),
    (UDR, "INVALID_QUANTITY", "1 min", CALL | {"units": "1 min"}),
    (UDR, "UNKNOWN_UNIT", "furlong", CALL | {"unit": "furlong"}),
    (UDR, "UNKNOWN_UDR_TYPE", "telex", CALL | {"kind": "telex"}),
    (UDR, "MISSING_SERVICE_IDENTIFIER", "", CALL | {"caller": ""}),
    (UDR, "UNKNOWN_SERVICE", "33000", CALL | {"caller": "33000"}),
    (UDR, "UNKNOWN_PRODUCT", "FAX", CALL | {"product": "FAX"}),
    (UDR, "OUTSIDE_SUBSCRIPTION", "33622", CALL | {"caller": "33622", "start": "2026-03-16 00:00:00"}),
    (UDR, "INVALID_AMOUNT", "free", CALL | {"amount": "free", "currency": "EUR"}),
    (UDR, "UNKNOWN_CURRENCY", "EURO", CALL | {"amount": "1", "currency": "EURO"}),
    (UDR, "DUPLICATE", "", CALL | {"id": "good"}),
    (UDR, "CONFLICT", "", CALL | {"id": "good", "units": "61"}),
    (UNRATED, "NO_RATE", "plan PLAN product OTHER zone - on 2026-03-20", CALL | {"product": "OTHER"}),
    (UNRATED, "NO_PRICE_PLAN", "plan - product CALLS zone FR on 2026-03-20", CALL | {"caller": "33633"}),
]
GOOD_USAGE = [
    CALL | {"id": "good"},
    CALL | {"id": "last", "start": "2026-03-29 01:59:59"},
    CALL | {"id": "first", "start": "2026-03-29 03:00:00"},
    CALL | {"id": "taken back", "kind": "credit", "units": "-60"},
    CALL | {"id": "ended", "caller": "33622", "start": "2026-03-15 23:59:59"},
]

HEADER = "id,caller,start,seconds"
LINE = "x1,33611,2026-03-21T10:00:00Z,60"
FILES = {
    "switch/{day}/empty.csv": b"",
    "switch/{day}/missing_column.csv": b"id,kind,caller\n1,voice,33611\n",
    "switch/{day}/two_columns.csv": b"id,id\n1,1\n",
    "switch/{day}/header_only.csv": (",".join(["id", *CALL]) + "\n").encode(),
    "careful/{day}/latin.csv": f"{HEADER}\n{LINE}\nx2,Zo\xeb,2026-03-21T10:00:00Z,60\n".encode("latin-1"),
    "careful/{day}/latin_header.csv": f"{HEADER},na\xefve\n{LINE},1\n".encode("latin-1"),
    "careful/{day}/cut_in_number.csv": (
        f"{HEADER}\nx3,33611,2026-03-21T11:00:00Z,60\nx4,33611,2026-03-21T12:00:00Z,6".encode()
    ),
    "careful/{day}/cut_in_line.csv": f"{HEADER}\nx5,33611,2026-03-21T13:00:00Z,60\nx6,336".encode(),
    "careful/{day}/clock_change.csv": (
        f"{HEADER}\nx7,33611,2026-04-05T02:30:00,60\nx8,33611,2026-04-05T03:00:00,60\n".encode()
    ),
    "careful/{day}/too_many.csv": f"{HEADER}\nx9,33611,2026-03-21T14:00:00Z,60,extra\n".encode(),
}  # fmt: skip
BAD_FILES = [
    ("EMPTY_FILE", "switch/{day}/empty.csv", 1),
    ("MISSING_COLUMN", "switch/{day}/missing_column.csv", 1),
    ("DUPLICATE_COLUMN", "switch/{day}/two_columns.csv", 1),
    ("WRONG_ENCODING", "careful/{day}/latin.csv", 3),
    ("WRONG_ENCODING", "careful/{day}/latin_header.csv", 1),
    ("INCOMPLETE_LINE", "careful/{day}/cut_in_number.csv", 3),
    ("MALFORMED_LINE", "careful/{day}/cut_in_line.csv", 3),
    ("INVALID_TIME", "careful/{day}/clock_change.csv", 2),
    ("MALFORMED_LINE", "careful/{day}/too_many.csv", 2),
    ("UNREADABLE_FILE", "careful/{day}/half.csv.gz", 2),
    ("UNREADABLE_FILE", "parquet/{day}/half.parquet", 1),
]


def _numbered(rows: list[dict]) -> list[dict]:
    return [{"id": f"b{n}"} | row for n, row in enumerate(rows, start=1)]


def _orders(rows: list[dict]) -> list[dict]:
    """Orders with ids of their own, where they have none."""
    return [
        row if row.get("source_order_id") != "O1" or row is rows[-1] else row | {"source_order_id": f"BAD{n}"}
        for n, row in enumerate(rows, start=1)
    ]


def _write_records(company: Company) -> None:
    company.write("billing.toml", USAGE)
    accounts = [ACCOUNT | {"account_id": f"BAD{n}"} | values for n, (_, _, values) in enumerate(BAD_ACCOUNTS)]
    company.add("accounts", *accounts)
    company.add("products",
                {"product_id": "OTHER", "catalogue_id": "MAIN", "name": "Other", "product_type": "usage_service",
                 "udr_type": "voice", "tax_code": "STANDARD"},
                {"product_id": "CREDITS", "catalogue_id": "MAIN", "name": "Credits", "product_type": "usage_service",
                 "udr_type": "credit", "tax_code": "STANDARD"})  # fmt: skip
    types = TABLES["udr_types"][0]
    company.table("udr_types", [types | {"maximum_quantity": "86400", "allow_negative": "false"},
                                types | {"udr_type": "credit", "allow_negative": "true"}])  # fmt: skip
    company.add("rates", {"rate_id": "CREDIT", "price_plan_id": "PLAN", "product_id": "CREDITS", "unit_price": "0.01"})
    company.table("offers", [{"offer_id": "OLD", "catalogue_id": "MAIN", "name": "Old", "valid_to": "2026-01-01"}])
    usage = TABLES["imported_orders"][1]
    company.add(
        "imported_orders",
        usage | {"source_line_id": "3", "service_identifier": "33622", "end_date": "2026-03-16"},
        usage
        | {"source_order_id": "O2", "subscription_id": "SUB-X", "service_identifier": "33633", "price_plan_id": ""},
        usage | {"source_line_id": "4", "product_id": "CREDITS"},
        *_orders([order for _, _, order in BAD_ORDERS]),
    )  # fmt: skip
    discounts = [DISCOUNT, *(DISCOUNT | values for _, _, values in BAD_DISCOUNTS)]
    company.table("discount_definitions", [
        {"discount_definition_id": "OFF", "name": "Off", "given": "ad_hoc", "discount_type": "percentage",
         "minimum_value": 1, "maximum_value": 100},
    ])  # fmt: skip
    company.table("discount_requests", [{"discount_request_id": f"D{n}"} | row for n, row in enumerate(discounts)])


def _write_usage(company: Company) -> None:
    company.calls(f"{LOADED}/calls.csv", [*GOOD_USAGE, *_numbered([row for _, _, _, row in BAD_USAGE])])
    for name, content in FILES.items():
        company.write(f"usage/{name.format(day=LOADED)}", content)
    zipped = gzip.compress(f"{HEADER}\n{LINE}\n".encode())
    company.write(f"usage/careful/{LOADED}/half.csv.gz", zipped[: len(zipped) // 2])
    stream = io.BytesIO()
    pq.write_table(pa.table({name: ["1"] for name in HEADER.split(",")}), stream)
    company.write(f"usage/parquet/{LOADED}/half.parquet", stream.getvalue()[:-20])
    company.write(f"usage/switch/{LOADED}/unfinished.csv.tmp", b"half a li")
    # the small company's own calls are of January
    (company.root / "usage/switch/2026-01-12/calls.csv").unlink()


@pytest.fixture(scope="module")
def bad_records(tmp_path_factory) -> Path:
    """A folder for a company with everything that can be wrong with a record."""
    folder = tmp_path_factory.mktemp("bad_records")
    company = Company(folder / "inputs")
    _write_records(company)
    _write_usage(company)
    return folder


@pytest.fixture(scope="module")
def report(bad_records) -> RunReport:
    return bill_inputs(bad_records / "inputs", bad_records / "lake", MONTH)


@pytest.fixture(scope="module")
def billed_lake(bad_records, report) -> Path:
    return bad_records / "lake"


@pytest.fixture(scope="module")
def opened(billed_lake) -> Iterator[Lake]:
    with open_engine() as engine:
        yield Lake(billed_lake, engine)


@pytest.fixture(scope="module")
def rejected(opened):
    return rejected_rows(opened)


def _expected() -> list[tuple[str, str, str, str, str]]:
    found = []
    first_account, first_order = len(TABLES["accounts"]) + 2, len(TABLES["imported_orders"]) + 3 + 2
    for line, (reason, detail, _) in zip(itertools.count(first_account), BAD_ACCOUNTS, strict=False):
        found.append(("rejected_accounts", reason, detail, "accounts.csv", str(line)))
    for line, (reason, detail, _) in zip(itertools.count(first_order), BAD_ORDERS, strict=False):
        found.append(("rejected_orders", reason, detail, "imported_orders.csv", str(line)))
    for line, (reason, detail, _) in zip(itertools.count(3), BAD_DISCOUNTS, strict=False):
        found.append(("rejected_discounts", reason, detail, "discount_requests.csv", str(line)))
    for line, (table, reason, detail, _) in zip(itertools.count(len(GOOD_USAGE) + 2), BAD_USAGE, strict=False):
        found.append((table, reason, detail, f"usage/switch/{LOADED}/calls.csv", str(line)))
    return found


@pytest.mark.parametrize("expected", _expected(), ids=lambda row: f"{row[0].removeprefix('rejected_')}-{row[1]}")
def test_a_bad_record_is_rejected(rejected, expected):
    _, _, _, file, line = expected
    found = [row for row in rejected if (row["source_file"], row["source_line"]) == (file, line)]
    assert [tuple(row.values()) for row in found] == [expected]


@pytest.mark.parametrize(("reason", "name", "line"), BAD_FILES, ids=[Path(name).name for _, name, _ in BAD_FILES])
def test_a_bad_file_is_rejected(rejected, reason, name, line):
    file = f"usage/{name.format(day=LOADED)}"
    found = [(row["reason"], row["source_line"]) for row in rejected if row["source_file"] == file]
    assert found == [(reason, str(line))]


def test_nothing_else_is_rejected(rejected):
    assert len(rejected) == len(_expected()) + len(BAD_FILES)


def test_many_rejected_records_are_worth_a_warning(report):
    assert {(c.table, c.name, c.blocking) for c in report.failed_checks} == {
        ("udrs", "few_rejected", False), ("unrated_udrs", "all_rated", False),
    }  # fmt: skip


def _rows(lake: Lake, table: Table) -> list[dict]:
    return lake.engine.execute(lake.read_all(table)).to_pylist()


def test_every_line_is_accounted_for(opened):
    """A file with a header only has no records; an unfinished file is not looked at."""
    records = {Path(row["source_file"]).name: row["records"] for row in _rows(opened, LOAD_MANIFEST)}
    assert records == {
        "calls.csv": len(GOOD_USAGE) + len(BAD_USAGE), "empty.csv": 1, "missing_column.csv": 1, "two_columns.csv": 1,
        "header_only.csv": 0, "latin.csv": 2, "latin_header.csv": 1, "cut_in_number.csv": 2, "cut_in_line.csv": 2,
        "clock_change.csv": 2, "too_many.csv": 1, "half.csv.gz": 1, "half.parquet": 1,
    }  # fmt: skip


def test_the_rest_is_rated_and_billed(opened):
    """A call by day, three by night, four of Auckland's source that name no destination, and one taken back."""
    amounts = sorted((row["rate_id"], row["amount"]) for row in _rows(opened, RATED_ITEMS))
    assert amounts == [
        *[("ABROAD", Decimal("0.17"))] * 4,
        ("CREDIT", Decimal("-0.60")),
        ("HOME", Decimal("0.06")),
        *[("HOME-NIGHT", Decimal("0.03"))] * 3,
    ]
    assert [row["payer_account_id"] for row in _rows(opened, INVOICES)] == ["ANNA"]

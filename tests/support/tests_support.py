"""A small company for tests: one vendor, one customer on one plan, calls with zones and a night band.

Here too: the scenarios, the engines, how a whole lake is compared, and what a run has rejected.
"""

import csv
import hashlib
import os
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import ibis.expr.datatypes as dt
import pyarrow.parquet as pq
import pytest

from billing_assets.tables import TABLES as CONTRACTS
from jobs.billing_run import BillingRun, RunReport
from resources.engine import EngineResource
from resources.event_log import ephemeral_instance
from resources.lake import Lake

SETTINGS = """
first_month = "2026-01"

[usage.switch]
time_zone = "Europe/Paris"
time_format = "%Y-%m-%d %H:%M:%S"

[usage.switch.columns]
record_id = "id"
service_identifier = "caller"
started_at = "start"
quantity = "seconds"
destination = "callee"

[usage.switch.constants]
udr_type = "voice"
unit = "s"
"""

TABLES = {
    "billing_cycles": [{"billing_cycle": "first", "anchor_day": 1, "run_day": 3}],
    "accounts": [
        {"account_id": "VENDOR", "name": "Vendor", "role": "vendor", "country": "FR", "currency": "EUR",
         "time_zone": "Europe/Paris"},
        {"account_id": "ANNA", "name": "Anna", "role": "customer", "vendor_account_id": "VENDOR", "country": "FR",
         "currency": "EUR", "time_zone": "Europe/Paris", "billing_cycle": "first"},
    ],
    "catalogues": [{"catalogue_id": "MAIN", "name": "Main", "vendor_account_id": "VENDOR"}],
    "tax_codes": [{"tax_code": "STANDARD", "name": "VAT"}],
    "tax_rates": [{"tax_code": "STANDARD", "country": "FR", "rate": 20}],
    "udr_types": [{"udr_type": "voice", "name": "Call", "unit": "s", "identity_fields": "source|record_id"}],
    "products": [
        {"product_id": "CALLS", "catalogue_id": "MAIN", "name": "Calls", "product_type": "usage_service",
         "udr_type": "voice", "zone_set": "dial", "time_band_set": "week", "tax_code": "STANDARD"},
        {"product_id": "MOBILE", "catalogue_id": "MAIN", "name": "Mobile plan", "product_type": "termed_service",
         "tax_code": "STANDARD"},
        {"product_id": "SIM", "catalogue_id": "MAIN", "name": "SIM card", "product_type": "physical_good",
         "tax_code": "STANDARD"},
    ],
    "price_plans": [{"price_plan_id": "PLAN", "catalogue_id": "MAIN", "name": "Plan", "currency": "EUR"}],
    "rates": [
        {"rate_id": "ABROAD", "price_plan_id": "PLAN", "product_id": "CALLS", "setup_fee": "0.05",
         "minimum_quantity": 60, "increment": 60, "unit_price": "0.12", "price_per": 60},
        {"rate_id": "HOME", "price_plan_id": "PLAN", "product_id": "CALLS", "zone_id": "FR",
         "minimum_quantity": 1, "increment": 1, "unit_price": "0.06", "price_per": 60},
        {"rate_id": "HOME-NIGHT", "price_plan_id": "PLAN", "product_id": "CALLS", "zone_id": "FR",
         "time_band_id": "night", "minimum_quantity": 1, "increment": 1, "unit_price": "0.03", "price_per": 60},
    ],
    "zone_prefixes": [{"zone_set": "dial", "prefix": "33", "zone_id": "FR"}],
    "time_bands": [
        {"time_band_set": "week", "time_band_id": "night", "weekdays": "1-7", "start_time": "22:00",
         "end_time": "06:00"},
    ],
    "imported_orders": [
        {"source": "cpq", "source_order_id": "O1", "source_line_id": "1", "ordered_on": "2026-01-01",
         "account_id": "ANNA", "subscription_id": "SUB-1", "product_id": "MOBILE", "price_type": "recurring",
         "unit_price": 20, "start_date": "2026-01-10"},
        {"source": "cpq", "source_order_id": "O1", "source_line_id": "2", "ordered_on": "2026-01-01",
         "account_id": "ANNA", "subscription_id": "SUB-1", "product_id": "CALLS", "price_plan_id": "PLAN",
         "price_type": "usage", "start_date": "2026-01-10", "service_identifier": "33611"},
    ],
}  # fmt: skip

CALLS = (
    {"id": "1", "caller": "33611", "start": "2026-01-11 10:00:00", "seconds": "65", "callee": "33612345"},
    {"id": "2", "caller": "33611", "start": "2026-01-11 23:00:00", "seconds": "50", "callee": "33612345"},
    {"id": "3", "caller": "33611", "start": "2026-01-11 11:00:00", "seconds": "61", "callee": "15551"},
)


class Company:
    """An inputs folder. `tables` are written as CSV, `usage` as it is given."""

    def __init__(self, root: Path):
        self.root = root
        self.write("billing.toml", SETTINGS)
        for name, rows in TABLES.items():
            self.table(name, rows)
        self.calls("2026-01-12/calls.csv", CALLS)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the inputs as it is."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def table(self, name: str, rows: list[dict]) -> Path:
        """Write an input table as CSV."""
        path = self.root / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(dict.fromkeys(column for row in rows for column in row)))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def change(self, name: str, line: int, **values: object) -> Path:
        """Write an input table with other values in one row; `line` counts rows from 0."""
        return self.table(name, [row | values if i == line else row for i, row in enumerate(TABLES[name])])

    def add(self, name: str, *rows: dict) -> Path:
        """Write an input table with rows added."""
        return self.table(name, [*TABLES.get(name, []), *rows])

    def calls(self, name: str, calls: tuple[dict, ...] | list[dict]) -> Path:
        """Write a usage file of the source `switch`."""
        lines = [",".join(calls[0]), *(",".join(call[column] for column in calls[0]) for call in calls)]
        return self.write(f"usage/switch/{name}", "\n".join(lines) + "\n")


# For runs of single jobs: Dagster's own log would hide what a test says.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def bill_inputs(
    inputs: Path, lake: Path, *months: str, cycle: str | None = None, engine: EngineResource | None = None
) -> RunReport:
    """Bill some months of an inputs folder into a lake, as the command line does."""
    with ephemeral_instance() as instance:
        return BillingRun(inputs, lake, instance, lambda title: None, engine).run(months, cycle)


def post(inputs: Path, lake: Path, *months: str, engine: EngineResource | None = None) -> None:
    """Post some months, as the command line does."""
    with ephemeral_instance() as instance:
        for month in months:
            BillingRun(inputs, lake, instance, lambda title: None, engine).post(month, by="tests")


SCENARIOS = sorted(path.parent for path in (Path(__file__).parents[1] / "scenarios").glob("*/expected"))
# Tests that an engine's own kernel must pass: `@pytest.mark.parametrize("engine", ENGINES, indirect=True)`.
ENGINES = ("duckdb", pytest.param("spark", marks=pytest.mark.long))


def need_java() -> None:
    """Skip a test of Spark where it cannot run."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr if java else ""
    if not re.search(r'version "(17|21)\b', said):
        pytest.skip("Spark needs Java 17 or 21, in JAVA_HOME or on the PATH")


REJECTING = tuple(table for table in CONTRACTS.values() if "reason" in table.schema.names)


def as_text(value: object, dtype: dt.DataType) -> str:
    """A value of a table, or of a CSV file, in one way to write it."""
    if value is None or value == "":
        return ""
    if dtype.is_decimal():
        return f"{Decimal(value).normalize():f}"
    return str(value).lower() if dtype.is_boolean() else str(value)


def rejected_rows(lake: Lake) -> list[dict[str, str]]:
    """What the tables of rejected rows have in common, as text: table, reason, detail, source_file, source_line."""
    found = []
    for table in REJECTING:
        columns = ["reason", "detail", "source_file", "source_line"]
        for row in lake.engine.execute(lake.read_all(table).select(*columns)).to_pylist():
            found.append({"table": table.name} | {c: as_text(row[c], table.schema[c]) for c in columns})
    return found


def lake_files(root: Path) -> dict[str, tuple[int, str]]:
    """Every file of a lake: when it was written, and the SHA-256 of its bytes."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in root.rglob("*")
        if path.is_file()
    }


def lake_contents(root: Path) -> dict[str, list[str]]:
    """The rows of every file of a lake, in an order of their own."""
    return {
        path.relative_to(root).as_posix(): sorted(map(str, pq.ParquetFile(path).read().to_pylist()))
        for path in root.rglob("*.parquet")
    }

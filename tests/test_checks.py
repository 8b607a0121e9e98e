"""Every check finds what it is there for: each is asked of the billed company, and of a spoiled copy of it."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from billing_assets.definitions import checks_of
from billing_assets.exact import AMOUNT, amount
from billing_assets.quality import Check
from billing_assets.run import Run
from billing_assets.stages import STAGES
from billing_assets.tables import INPUT_TABLES, TABLES
from resources.engine import Engine
from resources.inputs import Inputs
from resources.lake import Lake

MONTH, DAY, LOAD_DAY = "2026-01", "2026-01-11", "2026-01-12"
CHECKS = {(check.table.name, check.name): check for stage in STAGES for check in checks_of(stage)}
CENT = ibis.literal(Decimal("0.01"), AMOUNT)

Spoil = Callable[[ir.Table], ir.Table]


def _with(**values: object) -> Spoil:
    """Other values in every row."""
    return lambda rows: rows.mutate(
        **{name: (value if isinstance(value, ir.Value | ibis.Deferred) else ibis.literal(value)).cast(rows[name].type())
           for name, value in values.items()}
    )  # fmt: skip


def _without_one(rows: ir.Table) -> ir.Table:
    return rows.limit(rows.count() - 1)


def _twice(rows: ir.Table) -> ir.Table:
    return rows.union(rows)


def _a_cent_more(column: str) -> Spoil:
    return lambda rows: rows.mutate(**{column: amount(rows[column] + CENT)})


def _of_nobody(settings: ir.Table) -> ir.Table:
    row = {name: None for name in settings.columns} | {"account_id": "NOBODY", "source_file": "f", "source_line": 2}
    return ibis.memtable(pa.Table.from_pylist([row], schema=settings.schema().to_pyarrow()))


SPOILED = [
    ("accounts", "vat_ids_well_formed", "accounts", _with(vat_id_well_formed=False)),
    ("account_billing_settings", "billing_settings_used", "account_billing_settings", _of_nobody),
    ("subscriptions", "closed_accounts_have_ended", "accounts", _with(closed_on=date(2026, 1, 31))),
    ("load_manifest", "lines_balance", "raw_usage", _without_one),
    ("load_manifest", "lines_balance", "load_manifest", _with(records=4)),
    ("load_manifest", "lines_balance", "usage_arrivals", _with(records=4)),
    ("udrs", "records_balance", "udrs", _without_one),
    ("rated_items", "events_balance", "rated_items", _without_one),
    ("discounts", "values_allowed", "discounts", _with(value=11)),
    ("discount_items", "nothing_below_zero", "discount_items", _with(amount=-100)),
    ("discount_items", "nothing_below_zero", "discount_items", _with(amount=1)),
    ("discount_items", "amounts_in_full", "discount_items", _with(discount_type="amount", whole_amount=100)),
    ("charge_items", "usage_charged_in_full", "charge_items", _a_cent_more("amount")),
    ("charge_items", "usage_charged_in_full", "charge_items", _with(events=7)),
    ("charge_items", "amounts_have_currency", "charge_items", _with(currency="EURO")),
    ("charge_items", "usage_charged_in_full", "charge_items", _with(tax_included=True)),
    ("tax_items", "rate_known", "tax_items", _with(rate=None)),
    ("tax_items", "rate_known", "tax_items", _with(included_rate=None)),
    ("tax_items", "taxed_in_full", "charge_items", _a_cent_more("amount")),
    ("tax_items", "prices_add_up", "tax_items", _a_cent_more("base_amount")),
    ("tax_items", "prices_add_up", "tax_items", _with(tax_included=True)),
    ("tax_items", "rate_times_base", "tax_items", _a_cent_more("amount")),
    ("tax_items", "rate_times_base", "tax_items", _with(tax_category="AE")),
    ("invoices", "items_equal_lines", "billed_items", _a_cent_more("amount")),
    ("invoices", "items_equal_lines", "invoice_lines", _without_one),
    ("invoices", "items_equal_lines", "invoices", _a_cent_more("net_amount")),
    ("invoices", "net_from_prices", "invoice_lines", _a_cent_more("net_amount")),
    ("invoices", "net_from_prices", "invoice_lines", _with(included_rate=19)),
    ("invoices", "tax_from_lines", "tax_items", _a_cent_more("amount")),
    ("invoices", "tax_from_lines", "invoice_lines", _with(tax_rate=19)),
    ("invoices", "one_total_per_currency", "invoices", _a_cent_more("gross_amount")),
    ("invoices", "one_total_per_currency", "billed_items", _without_one),
    ("billed_items", "items_have_a_source", "billed_items", _with(source_id="lost")),
    ("billed_items", "items_have_a_source", "billed_items", _with(source_table="nowhere")),
    ("billed_items", "items_have_a_source", "rated_items", _with(charge_key="other")),
    ("billed_items", "items_have_a_source", "billed_items", _with(carried_from="2025-12")),
    ("billed_items", "charged_is_billed_or_waits", "charge_items", _a_cent_more("amount")),
    ("billed_items", "charged_is_billed_or_waits", "billed_items", _with(item_type="tax")),
    ("cycle_report", "like_the_month_before", "cycle_report", _with(previous_value=1, change=1)),
    ("invoices", "contract", "invoices", _twice),
    ("invoices", "contract", "invoices", _with(currency=None)),
    ("invoices", "contract", "invoices", _with(document_type="letter")),
    ("accounts", "contract_suite", "accounts", _twice),
    ("accounts", "contract_suite", "accounts", _with(name=None)),
    ("accounts", "contract_suite", "accounts", _with(role="king")),
    ("imported_orders", "contract_suite", "imported_orders", _with(price_type="gift")),
    ("raw_usage", "contract_suite", "raw_usage", _with(source=None)),
]


@pytest.fixture
def spoiled(billed: Path, tmp_path: Path, engine: Engine) -> Lake:
    """A copy of the billed lake."""
    return Lake(shutil.copytree(billed / "lake", tmp_path / "lake"), engine)


def _key(table: str) -> str:
    return {"month": MONTH, "event_day": DAY, "load_day": LOAD_DAY, "all": ""}[TABLES[table].partition.value]


def _replace(lake: Lake, table: str, spoil: Spoil) -> None:
    (path,) = lake.folder(TABLES[table], _key(table)).glob("*.parquet")
    written = path.with_suffix(".spoiled")
    lake.engine.write(spoil(lake.engine.read([path])), written)
    os.replace(written, path)


def _found(check: Check, lake: Lake, inputs: Path) -> list[dict]:
    daily = check.table.partition.is_daily
    days, month = ([_key(check.table.name)], "") if daily else ([], MONTH)
    with Run(lake, Inputs(inputs, INPUT_TABLES), MONTH, days=days, month=month) as run:
        return check.find(run)


@pytest.mark.parametrize(("table", "name", "where", "spoil"), SPOILED, ids=[f"{t}.{n}-{w}" for t, n, w, _ in SPOILED])
def test_a_check_finds_what_was_spoiled(billed, spoiled, table, name, where, spoil):
    check = CHECKS[table, name]
    assert _found(check, spoiled, billed / "inputs") == []
    _replace(spoiled, where, spoil)
    assert _found(check, spoiled, billed / "inputs") != []


def test_an_account_is_billed_in_one_cycle_of_a_month(billed, spoiled):
    check = CHECKS["charge_items", "one_cycle_per_account"]
    assert _found(check, spoiled, billed / "inputs") == []
    path = spoiled.file(TABLES["charge_items"], MONTH, "first")
    again = spoiled.engine.read([path]).mutate(billing_cycle=ibis.literal("second"))
    spoiled.engine.write(again, path.with_name("second.parquet"))
    assert _found(check, spoiled, billed / "inputs") == [{"payer_account_id": "ANNA", "names": "first, second"}]


def test_a_missing_day_is_named(billed, spoiled):
    spoiled.file(TABLES["rated_items"], "2026-01-20").unlink()
    found = _found(CHECKS["charge_items", "event_days_complete"], spoiled, billed / "inputs")
    assert found == [{"event_day without a file": "2026-01-20"}]

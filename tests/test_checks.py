"""Every check finds what it is there for: each is asked of the billed company, and of a spoiled copy of it."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from sample_rows import Row, bundle_counter, bundle_item, covered_total, sample, usage_total

from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.contract import Table
from billing_assets.definitions import checks_of
from billing_assets.exact import AMOUNT, amount
from billing_assets.fees.tables import COMMITMENT_COUNTERS
from billing_assets.quality import Check
from billing_assets.run import Run
from billing_assets.stages import STAGES
from billing_assets.tables import INPUT_TABLES, TABLES
from billing_assets.totals.tables import USAGE_TOTALS
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


def _rows(contract: Table, *rows: Row) -> Spoil:
    """These rows alone."""
    return lambda _: ibis.memtable(pa.Table.from_pylist(list(rows), schema=contract.arrow_schema))


def _once_more(discounts: ir.Table) -> ir.Table:
    return discounts.union(discounts.mutate(discount_id=ibis.literal("again")))


def _discounts_of_a_thousand(items: ir.Table) -> ir.Table:
    much = ibis.literal(Decimal(-1000), AMOUNT)
    return items.mutate(amount=ibis.ifelse(items.item_type == "discount", much, items.amount))


counter = partial(bundle_counter, month=MONTH, granted_month=MONTH)
charge = sample(
    USAGE_CHARGES, month=MONTH, billing_cycle="first", usage_charge_id="T1", component="usage", quantity="150",
    covered_quantity="0", covered_amount="0", billed_quantity="-1",
)  # fmt: skip
period = sample(
    COMMITMENT_COUNTERS, month=MONTH, billing_cycle="first", owner_id="SUB", bundle_id="BUNDLE",
    committed_quantity="100", counted_before="0", counted_quantity="60", advance="0", missing="40",
)  # fmt: skip

SPOILED = [
    ("usage_totals", "events_in_totals", "usage_totals", _rows(USAGE_TOTALS, usage_total())),
    ("bundle_counters", "covered_is_counted", "bundle_counters", _rows(BUNDLE_COUNTERS, counter(covered_quantity="1"))),
    ("bundle_counters", "covered_is_counted", "covered_totals", _rows(COVERED_TOTALS, covered_total())),
    *(
        ("bundle_counters", "units_within_limits", "bundle_counters", _rows(BUNDLE_COUNTERS, counter(**wrong)))
        for wrong in ({"covered_quantity": "-1"}, {"covered_quantity": "101"}, {"remaining_quantity": "99"})
    ),
    *(
        ("bundle_items", "covered_within_events", "bundle_items", _rows(BUNDLE_ITEMS, bundle_item(**wrong)))
        for wrong in ({"covered_quantity": "61"}, {"counted_quantity": "-60", "covered_quantity": "1"})
    ),
    *(
        ("covered_totals", "covered_within_totals", "covered_totals", _rows(COVERED_TOTALS, covered_total(**wrong)))
        for wrong in ({"covered_quantity": "151"}, {"usage_charge_id": "none"})
    ),
    ("usage_charges", "totals_priced", "usage_totals", _rows(USAGE_TOTALS, usage_total())),
    ("usage_charges", "included_units_taken_off", "covered_totals", _rows(COVERED_TOTALS, covered_total())),
    ("usage_charges", "included_units_taken_off", "usage_charges", _rows(USAGE_CHARGES, charge())),
    *(
        ("commitment_counters", "within_commitment", "commitment_counters", _rows(COMMITMENT_COUNTERS, period(**wrong)))
        for wrong in ({"missing": "41"}, {"missing": "-1"}, {"advance": "101", "missing": "0"})
    ),
    ("discounts", "as_often_as_allowed", "discount_definitions", _with(times_per_year=0)),
    ("discounts", "one_at_a_time", "discounts", _once_more),
    ("discounts", "as_long_as_allowed", "discount_definitions", _with(duration_months=1)),
    ("discount_items", "shares_as_given", "discount_items", _a_cent_more("amount")),
    ("discount_items", "shares_as_given", "discount_items", _with(discount_type="free_usage", whole_quantity=1000)),
    ("charge_items", "nothing_below_zero", "charge_items", _discounts_of_a_thousand),
    ("accounts", "vat_ids_well_formed", "accounts", _with(vat_id_well_formed=False)),
    ("account_billing_settings", "billing_settings_used", "account_billing_settings", _of_nobody),
    ("subscriptions", "closed_accounts_have_ended", "accounts", _with(closed_on=date(2026, 1, 31))),
    ("load_manifest", "lines_balance", "raw_usage", _without_one),
    ("load_manifest", "lines_balance", "load_manifest", _with(records=4)),
    ("load_manifest", "lines_balance", "usage_arrivals", _with(records=4)),
    ("udrs", "records_balance", "udrs", _without_one),
    ("rated_items", "events_balance", "rated_items", _without_one),
    ("used_rates", "used_rates_unchanged", "rates", _with(setup_fee=7)),
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

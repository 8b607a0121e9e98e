"""The whole graph in one place: assets, checks, jobs, schedules and resources.

`build_defs` takes overrides, so that tests and the command line make their own variant of it. Where
inputs and lake lie comes from the environment: BILLING_INPUTS and BILLING_LAKE.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from billing_assets.bundles import checks as bundles
from billing_assets.charges import checks as charges
from billing_assets.contract import Partition, Table
from billing_assets.corrections import checks as corrections
from billing_assets.discounts import checks as discounts
from billing_assets.documents import checks as documents
from billing_assets.documents.assets import invoice_documents
from billing_assets.expectations import contract_suite
from billing_assets.fees import checks as fees
from billing_assets.invoices import checks as invoices
from billing_assets.items import checks as items
from billing_assets.ledger.assets import posting
from billing_assets.orders import checks as orders
from billing_assets.orders.tables import IMPORTED_ORDERS
from billing_assets.partitions import Partitions
from billing_assets.prepaid import checks as prepaid
from billing_assets.quality import Check, contract_check, stage_checks
from billing_assets.quotes import checks as quotes
from billing_assets.rating import checks as rating
from billing_assets.reference import checks as reference
from billing_assets.reference.tables import ACCOUNTS
from billing_assets.reports import checks as reports
from billing_assets.stage import Observer, Stage
from billing_assets.stages import STAGES
from billing_assets.taxes import checks as taxes
from billing_assets.totals import checks as totals
from billing_assets.usage import checks as usage
from billing_assets.usage.tables import RAW_USAGE
from jobs.definitions import JOBS
from resources.engine import EngineResource
from resources.inputs import InputsResource
from resources.lake import LakeResource
from resources.settings import FILE_NAME, load_settings
from schedules.definitions import automation

DEFAULT_FIRST_MONTH = "2026-01"

CHECKS: tuple[Check, ...] = (
    contract_suite(ACCOUNTS),
    contract_suite(IMPORTED_ORDERS),
    contract_suite(RAW_USAGE),
    *reference.CHECKS,
    *quotes.CHECKS,
    *orders.CHECKS,
    *usage.LOAD_CHECKS,
    *usage.UDR_CHECKS,
    *rating.CHECKS,
    *totals.CHECKS,
    *bundles.CHECKS,
    *charges.CHECKS,
    *fees.CHECKS,
    *discounts.CHECKS,
    *items.CHECKS,
    *corrections.CHECKS,
    *taxes.CHECKS,
    *invoices.CHECKS,
    *prepaid.CHECKS,
    *reports.CHECKS,
    *documents.CHECKS,
)


def build_defs(
    inputs: Path,
    lake: Path,
    *,
    engine: EngineResource | None = None,
    observe: Observer | None = None,
    resource_overrides: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """The definitions of a company: its inputs decide the first month, the environment an engine that is not given."""
    partitions = Partitions(first_month(inputs))
    engine = engine or EngineResource.configured()
    resources: dict[str, Any] = {
        "engine": engine,
        "lake": LakeResource(root=str(lake), engine=engine),
        "inputs": InputsResource(root=str(inputs)),
    }
    return dg.Definitions(
        assets=[*(stage.asset(partitions, observe) for stage in STAGES), posting(partitions, _of_drafts())],
        asset_checks=[stage_checks(stage, checks_of(stage), partitions) for stage in STAGES],
        jobs=JOBS,
        **automation(partitions, inputs, lake),
        resources=resources | dict(resource_overrides or {}),
        executor=dg.in_process_executor,
    )


def _of_drafts() -> list[Check]:
    """The checks that must hold of a month before it is posted: those that guard money, up to the invoices."""
    monthly = [stage for stage in STAGES if stage.partition is Partition.MONTH and stage is not invoice_documents]
    return [check for stage in monthly for check in checks_of(stage) if check.blocking]


def first_month(inputs: Path) -> str:
    """The month in which the billing of a company starts here."""
    return load_settings(inputs).first_month if (inputs / FILE_NAME).is_file() else DEFAULT_FIRST_MONTH


def checks_of(stage: Stage) -> list[Check]:
    """The checks of a stage: its own, and the contracts of its tables."""
    named = {table.name for table in stage.tables}
    return [check for check in CHECKS if check.table.name in named] + [
        contract_check(table) for table in stage.tables if _has_contract_check(table)
    ]


def _has_contract_check(table: Table) -> bool:
    """Rejected and raw rows may be anything; they are counted instead."""
    return bool(table.keys) and table.partition is not Partition.LOAD_DAY


@dg.definitions
def defs() -> dg.Definitions:
    """The company that the environment names, read when Dagster asks for it."""
    return build_defs(
        Path(os.environ.get("BILLING_INPUTS", "demo/inputs")), Path(os.environ.get("BILLING_LAKE", "demo/lake"))
    )

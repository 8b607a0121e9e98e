"""Which posted months are charged again before a month is billed, of which billing cycles, and what is billed."""

from datetime import UTC, datetime

import dagster as dg
import pytest
from sample_rows import account, billing_cycle, sample

from billing_assets.corrections.checks import CHECKS
from billing_assets.definitions import build_defs
from billing_assets.ledger.tables import POSTED_INVOICES
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES
from billing_assets.run import Run
from jobs import planner
from resources.inputs import Inputs
from resources.ledger import Ledger

posted_invoice = sample(POSTED_INVOICES, invoice_number="N", year=2026, place=1, document_type="invoice",
                        vendor_account_id="VENDOR", issue_date="2026-02-01", due_date="2026-02-01", net_amount="1",
                        tax_amount="0", gross_amount="1", currency="EUR")  # fmt: skip


@pytest.fixture
def cycles(lake, table):
    """ANNA is in the cycle `first`, BEN in `middle` by now; `post` posts a month of a cycle with an invoice of each."""
    lake.write(ACCOUNTS, table(ACCOUNTS, account(), account(account_id="BEN", billing_cycle="middle")))
    lake.write(BILLING_CYCLES, table(BILLING_CYCLES, billing_cycle(), billing_cycle(billing_cycle="middle")))
    ledger = Ledger.of(lake)

    def post(month: str, cycle: str, *payers: str) -> None:
        with ledger.posting(month, cycle, datetime(2026, 7, 1, tzinfo=UTC), "tests", "1") as draft:
            place = {"month": month, "billing_cycle": cycle, "posting_id": draft.posting_id}
            invoices = [
                posted_invoice(**place, payer_account_id=payer, invoice_id=f"{month}-{payer}-EUR") for payer in payers
            ]
            draft.write(POSTED_INVOICES, table(POSTED_INVOICES, *invoices))

    return post


@pytest.fixture
def settings(company):
    return Inputs(company.root, {}).settings


def test_posted_months_of_the_window_are_made_again(cycles, lake, settings):
    for month in ("2026-01", "2026-02", "2026-03"):
        cycles(month, "first", "ANNA")
    cycles("2026-03", "middle", "BEN")
    again = planner.months_to_recompute
    assert again(lake, settings, "2026-04") == [("2026-01", "first"), ("2026-02", "first"), ("2026-03", None)]
    assert again(lake, settings, "2026-05", "middle") == [("2026-03", "middle")]
    assert again(lake, settings, "2026-01") == []
    assert again(lake, settings.model_copy(update={"correction_months": 0}), "2026-04") == []
    assert again(lake, settings.model_copy(update={"correction_months": 1}), "2026-04") == [("2026-03", None)]


def test_who_changed_the_cycle_is_charged_by_the_new_one(cycles, lake, settings):
    """BEN was posted with the first one. Without a draft of the middle one nothing would seem to be due."""
    cycles("2026-01", "first", "ANNA", "BEN")
    assert planner.months_to_recompute(lake, settings, "2026-02") == [("2026-01", None)]
    assert planner.months_to_recompute(lake, settings, "2026-02", "middle") == [("2026-01", "middle")]


def test_what_was_posted_is_not_billed_again(cycles, lake):
    assert planner.months_to_bill(lake, "2026-01") == ([], [("2026-01", None)])
    cycles("2026-01", "first", "ANNA")
    assert planner.months_to_bill(lake, "2026-01") == ([("2026-01", "first")], [("2026-01", "middle")])
    assert planner.months_to_bill(lake, "2026-01", "middle") == ([], [("2026-01", "middle")])
    cycles("2026-01", "middle", "BEN")
    assert planner.months_to_bill(lake, "2026-01") == ([("2026-01", None)], [])
    # which is an error of who asks
    assert planner.months_to_bill(lake, "2026-01", "weekly") == ([], [("2026-01", "weekly")])


def test_a_schedule_asks_for_them_before_it_bills(cycles, lake, company):
    """On the run day of both cycles: February is billed an hour later."""
    cycles("2026-01", "first", "ANNA")
    defs = build_defs(company.root, lake.root)
    with dg.DagsterInstance.ephemeral() as instance:
        at = datetime(2026, 3, 3, 5, tzinfo=UTC)
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=at, repository_def=defs.get_repository_def()
        )
        requests = defs.resolve_schedule_def("posted_months").evaluate_tick(context).run_requests
    assert [(r.run_key, r.partition_key, r.tags["billing/cycle"]) for r in requests] == [
        ("2026-01:first:2026-02", "2026-01", "first"),
    ]  # fmt: skip


def test_a_payer_without_account_is_told(cycles, lake, company):
    """What CARL has paid is not corrected any more."""
    cycles("2026-01", "first", "ANNA", "CARL")
    (check,) = (check for check in CHECKS if check.name == "payers_there")
    with Run(lake, Inputs(company.root, {}), "2026-01", month="2026-02") as run:
        assert [row["payer_account_id"] for row in check.find(run)] == ["CARL"]
        assert not check.blocking
    with Run(lake, Inputs(company.root, {}), "2026-01", month="2026-02", cycle="middle") as run:
        assert check.find(run) == []

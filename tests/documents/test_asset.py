"""Documents as an asset: a job of its own writes them, and checks compare them with the invoices."""

import shutil

import dagster as dg
import ibis
import pytest
from tests_support import QUIET

from billing_assets.definitions import build_defs
from billing_assets.documents import checks
from billing_assets.documents.files import FORMS
from billing_assets.documents.tables import INVOICE_DOCUMENTS
from billing_assets.run import Run
from billing_assets.tables import INPUT_TABLES
from jobs.definitions import WRITE_DOCUMENTS
from resources.event_log import ephemeral_instance
from resources.inputs import Inputs
from resources.lake import Lake


@pytest.fixture
def written(billed, tmp_path, engine) -> tuple[dg.ExecuteInProcessResult, Lake]:
    """A run of the job on the small company, whose accounts have no addresses, and its lake."""
    folder = shutil.copytree(billed, tmp_path / "billed")
    job = build_defs(folder / "inputs", folder / "lake").resolve_job_def(WRITE_DOCUMENTS)
    with ephemeral_instance() as instance:
        result = job.execute_in_process(instance=instance, partition_key="2026-01", run_config=QUIET)
    return result, Lake(folder / "lake", engine)


def test_the_job_writes_every_document_and_tells_what_it_could_not(written, rows, billed):
    result, lake = written
    assert result.success
    found = rows(lake.read_all(INVOICE_DOCUMENTS))
    assert {row["format"]: row["state"] for row in found} == {
        form: "failed" if form == "ubl" else "written" for form in FORMS
    }
    for row in found:
        assert row["file"] is None or (lake.root / "documents" / row["file"]).stat().st_size == row["bytes"]
    passed = {e.check_name: e.passed for e in result.get_asset_check_evaluations()}
    assert passed == {"contract": True, "totals_are_those_of_the_invoice": True, "documents_written": False}

    def found_by(check) -> list[dict]:
        with Run(lake, Inputs(billed / "inputs", INPUT_TABLES), "2026-01", month="2026-01") as run:
            return check(run)

    assert [row["failure"] for row in found_by(checks.documents_written)] == ["MISSING_SELLER_DATA"]
    one = lake.read_all(INVOICE_DOCUMENTS)
    lake.write_month(INVOICE_DOCUMENTS, one.filter(one.format != "pdf"), "2026-01", ["first"], True)
    assert found_by(checks.totals_are_those_of_the_invoice)
    changed = lake.read_all(INVOICE_DOCUMENTS).mutate(net_amount=ibis._.gross_amount)
    lake.write_month(INVOICE_DOCUMENTS, changed, "2026-01", ["first"], True)
    assert found_by(checks.totals_are_those_of_the_invoice)

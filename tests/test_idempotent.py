"""A run may be repeated, killed, or have another one beside it: what is made is what should be there.

A company of two billing cycles is billed once; the tests go on from copies of its lake.
"""

import shutil
import signal
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests_support import CALLS, QUIET, TABLES, Company, bill_inputs, lake_contents, lake_files

from billing_assets.definitions import build_defs
from billing_assets.invoices.tables import INVOICES
from billing_assets.tables import INPUT_TABLES
from jobs import planner
from jobs.definitions import SNAPSHOT
from resources.engine import open_engine
from resources.event_log import ephemeral_instance
from resources.inputs import Inputs
from resources.lake import Lake

ROOT = Path(__file__).parent.parent
MONTH = "2026-01"
BEN = TABLES["accounts"][1] | {"account_id": "BEN", "name": "Ben", "billing_cycle": "middle"}
LATE_CALL = {"id": "late", "caller": "33611", "start": "2026-01-20 10:00:00", "seconds": "600", "callee": "33612345"}
# Stands in for the `billing` command and is killed before it publishes a file of the table.
KILLED = """
import os, signal, sys
from jobs import cli
from resources.lake import Lake

publish, table, files = Lake._publish, sys.argv.pop(1), int(sys.argv.pop(1))

def killed(self, contract, *rest):
    global files
    if contract.name == table:
        if files == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        files -= 1
    return publish(self, contract, *rest)

Lake._publish = killed
sys.exit(cli.main(sys.argv[1:]))
"""


def _small_company(root: Path) -> Company:
    company = Company(root)
    company.add("billing_cycles", {"billing_cycle": "middle", "anchor_day": 15, "run_day": 17})
    company.add("accounts", BEN)
    mobile, calls = TABLES["imported_orders"]
    of_ben = {"source_order_id": "O2", "account_id": "BEN", "subscription_id": "SUB-2", "start_date": "2026-01-16"}
    company.add("imported_orders", mobile | of_ben, calls | of_ben | {"service_identifier": "33622"})
    rates = [dict(rate) for rate in TABLES["rates"]]
    rates[0] |= {"valid_to": "2026-01-25"}
    company.table("rates", [*rates, rates[0] | {"rate_id": "ABROAD-2", "valid_from": "2026-01-25", "valid_to": ""}])
    by_ben = {"caller": "33622", "callee": "15551"}
    company.calls("2026-01-31/calls.csv", [
        CALLS[0] | by_ben | {"id": "b1", "start": "2026-01-16 10:00:00"},
        CALLS[0] | by_ben | {"id": "b2", "start": "2026-01-28 10:00:00"},
    ])  # fmt: skip
    return company


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> Path:
    """A folder with the inputs of the company, and its lake, billed once."""
    folder = tmp_path_factory.mktemp("once")
    _small_company(folder / "inputs")
    bill_inputs(folder / "inputs", folder / "lake", MONTH)
    return folder


@pytest.fixture
def copied(once, tmp_path) -> Path:
    """A copy of that folder."""
    return shutil.copytree(once, tmp_path / "copied")


@pytest.fixture(scope="module")
def with_late_call(once, tmp_path_factory) -> Path:
    """The folder after a late call has come and was billed."""
    folder = shutil.copytree(once, tmp_path_factory.mktemp("late") / "copied")
    _late_call(folder)
    bill_inputs(folder / "inputs", folder / "lake", MONTH)
    return folder


def _late_call(folder: Path) -> None:
    path = folder / "inputs/usage/switch/2026-02-02/late.csv"
    path.parent.mkdir()
    path.write_text(",".join(LATE_CALL) + "\n" + ",".join(LATE_CALL.values()) + "\n")


def _changed(before: Path, after: Path) -> set[str]:
    """The files that are new, or were written again."""
    old = lake_files(before)
    return {name for name, file in lake_files(after).items() if old.get(name) != file}


def _days(files: set[str], table: str) -> set[str]:
    return {name.split("=")[1].split("/")[0] for name in files if name.startswith(f"{table}/event_day=")}


def test_billing_twice_makes_the_same_tables(once, copied):
    bill_inputs(copied / "inputs", copied / "lake", MONTH)
    assert lake_contents(copied / "lake") == lake_contents(once / "lake")
    assert _days(_changed(once / "lake", copied / "lake"), "udrs") == set()


def test_a_late_file_makes_its_event_day_again(once, with_late_call):
    changed = _changed(once / "lake", with_late_call / "lake")
    assert _days(changed, "udrs") == _days(changed, "rated_items") == {"2026-01-20"}
    # 600 s at 0.06 a minute
    assert _net(with_late_call / "lake")["ANNA"] - _net(once / "lake")["ANNA"] == Decimal("0.60")


def _net(lake: Path) -> dict[str, Decimal]:
    with open_engine() as engine:
        rows = engine.execute(Lake(lake, engine).read(INVOICES, [MONTH])).to_pylist()
    return {row["payer_account_id"]: row["net_amount"] for row in rows}


def _new_order(company: Company) -> None:
    line = TABLES["imported_orders"][1] | {
        "source_order_id": "O3", "subscription_id": "SUB-3", "service_identifier": "33633", "start_date": "2026-01-21",
    }  # fmt: skip
    company.table("imported_orders", [*TABLES["imported_orders"], line])


def _new_rate(company: Company) -> None:
    path = company.root / "rates.csv"
    text = path.read_text()
    path.write_text(text.replace("ABROAD-2,PLAN,CALLS,0.05", "ABROAD-2,PLAN,CALLS,0.07"))
    assert path.read_text() != text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # Ben's order, from the 16th, is replaced by another; in Paris a day begins an hour early
        (_new_order, ("2026-01-15", "2026-02-14")),
        (_new_rate, ("2026-01-24", "2026-02-14")),
    ],
    ids=["orders", "a rate"],
)
def test_a_change_concerns_the_days_from_which_it_is_valid(copied, change, expected):
    company = Company.__new__(Company)
    company.root = copied / "inputs"
    change(company)
    job = build_defs(copied / "inputs", copied / "lake").resolve_job_def(SNAPSHOT)
    with ephemeral_instance() as instance:
        assert job.execute_in_process(instance=instance, run_config=QUIET).success
    with open_engine() as engine:
        lake = Lake(copied / "lake", engine)
        days = planner.days_to_make(lake, planner.window_days(lake, [MONTH]))
        assert planner.days_to_load(lake, Inputs(copied / "inputs", INPUT_TABLES)) == []
    assert (days[0], days[-1]) == tuple(date.fromisoformat(day) for day in expected)


@pytest.mark.long
def test_the_files_of_a_billing_cycle_that_is_gone_go_too(copied):
    company = Company.__new__(Company)
    company.root = copied / "inputs"
    company.table("billing_cycles", TABLES["billing_cycles"])
    company.add("accounts", BEN | {"billing_cycle": "first"})
    bill_inputs(copied / "inputs", copied / "lake", MONTH)
    assert {path.stem for path in (copied / "lake").glob("*/month=*/*.parquet")} == {"first"}
    assert _net(copied / "lake").keys() == {"ANNA", "BEN"}


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["run", "--inputs", str(folder / "inputs"), "--lake", str(folder / "lake"), "--from", MONTH, *arguments]


def _process(*command: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL)


def _kill_before(folder: Path, table: str, files: int = 0) -> None:
    process = _process("-c", KILLED, table, str(files), *_command(folder))
    assert process.wait(timeout=300) == -signal.SIGKILL


@pytest.mark.long
def test_a_killed_run_is_made_good_by_the_next(with_late_call, copied):
    """Killed while the late call is taken in, before it is rated, and before the month is taxed."""
    _late_call(copied)
    for table in ("load_manifest", "rated_items", "tax_items"):
        _kill_before(copied, table)
    assert any((copied / "lake/.staging").iterdir())
    bill_inputs(copied / "inputs", copied / "lake", MONTH)
    assert lake_contents(copied / "lake") == lake_contents(with_late_call / "lake")
    assert not any((copied / "lake/.staging").iterdir())


@pytest.mark.long
def test_a_first_run_that_is_killed_is_made_good_by_the_next(once, tmp_path):
    """Killed in the middle of the reference tables, and in the middle of the rated days."""
    folder = tmp_path / "first"
    shutil.copytree(once / "inputs", folder / "inputs")
    for table, files in (("products", 0), ("rated_items", 20)):
        _kill_before(folder, table, files)
    bill_inputs(folder / "inputs", folder / "lake", MONTH)
    assert lake_contents(folder / "lake") == lake_contents(once / "lake")
    assert not any((folder / "lake/.staging").iterdir())


@pytest.mark.long
def test_two_billing_cycles_at_once(once, tmp_path):
    folder = tmp_path / "beside"
    shutil.copytree(once / "inputs", folder / "inputs")
    both = [_process("-m", "jobs.cli", *_command(folder, "--cycle", cycle)) for cycle in ("first", "middle")]
    assert [process.wait(timeout=300) for process in both] == [0, 0]
    assert lake_contents(folder / "lake") == lake_contents(once / "lake")

"""A small company whose January is posted before a call arrives and a price changes: billed, explained, billed again.

The fee is 20.00 a month from 10 January, in advance: January bills 22 / 31 of it, 14.1935483871, and February's. It
is 31.00 by now: 22.00 and 31.00. A second of a call at home costs 0.001: 65 were posted, and 100 more arrive.
"""

import json

import pytest
from tests_support import TABLES, Company, bill_inputs, post

from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.invoices.tables import INVOICES
from jobs import cli
from resources.engine import open_engine
from resources.lake import Lake

pytestmark = pytest.mark.slow
LATE = {"id": "9", "caller": "33611", "start": "2026-01-20 12:00:00", "seconds": "100", "callee": "33612345"}


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """The company's inputs and lake, billed for February."""
    root = tmp_path_factory.mktemp("corrected")
    company = Company(root / "inputs")
    bill_inputs(company.root, root / "lake", "2026-01")
    post(company.root, root / "lake", "2026-01")
    first, *others = TABLES["imported_orders"]
    company.table("imported_orders", [first | {"unit_price": 31}, *others])
    company.calls("2026-02-02/late.csv", [LATE])
    bill_inputs(company.root, root / "lake", "2026-02")
    return root


def rows(root, table, *months: str) -> list[dict]:
    with open_engine() as engine:
        return engine.execute(Lake(root / "lake", engine).read(table, months)).to_pylist()


def explained(capsys, root, *what: str) -> list[str]:
    assert cli.main(["explain", *what, "--lake", str(root / "lake")]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_difference_is_explained(corrected, capsys):
    found = rows(corrected, CORRECTION_ITEMS, "2026-02")
    assert sorted(f"{row['correction']} {row['amount']:f}" for row in found) == [
        "changed -0.0650000000", "changed -14.1935483871", "changed -20.0000000000", "changed 0.1650000000",
        "changed 22.0000000000", "changed 31.0000000000",
    ]  # fmt: skip
    assert explained(capsys, corrected, "2026-02-ANNA-EUR")[1:5] == [
        "    1          0.10 EUR  Calls to FR, SUB-1, 2026-01-01 to 2026-02-01  100 s, corrects 2026-01",
        "    2          7.81 EUR  Mobile plan, SUB-1, 2026-01-10 to 2026-02-01, corrects 2026-01",
        "    3         11.00 EUR  Mobile plan, SUB-1, 2026-02-01 to 2026-03-01, corrects 2026-01",
        "    4         31.00 EUR  Mobile plan, SUB-1, 2026-03-01 to 2026-04-01  1 piece",
    ]
    ids = {f"{row['amount']:f}": row["item_id"] for row in found}
    assert explained(capsys, corrected, ids["-0.0650000000"])[1:] == [
        "  -0.0650000000 EUR, 2026-01-01 to 2026-02-01 (exclusive)",
        "  corrects 2026-01: it comes to something else by now",
        "  0.0650000000  posted on INV-2026-000001 for 2026-01-01 to 2026-02-01",
    ]
    assert explained(capsys, corrected, ids["0.1650000000"])[2:] == [
        "  corrects 2026-01: it comes to something else by now",
        "  0.1650000000  due today, made of",
        "    0.0650000000  2026-01-11 10:00:00: 65 s * 0.06 / 60 (rate HOME, zone FR by prefix 33); "
        "usage/switch/2026-01-12/calls.csv:2",
        "    0.1000000000  2026-01-20 12:00:00: 100 s * 0.06 / 60 (rate HOME, zone FR by prefix 33); "
        "usage/switch/2026-02-02/late.csv:2",
    ]
    # 7.81 are 7.8064516129, rounded up
    assert explained(capsys, corrected, "2026-02-ANNA-EUR", "--line", "2")[-1] == (
        "  7.8100000000  sum of the items = 7.81 EUR"
    )


@pytest.mark.long
def test_posted_months_stay_and_are_corrected_once(corrected, capsys):
    """January again, with February: its invoice stays, and so does what February corrects; March corrects nothing."""
    before = rows(corrected, INVOICES, "2026-01", "2026-02")
    bill_inputs(corrected / "inputs", corrected / "lake", "2026-01", "2026-02")
    assert rows(corrected, INVOICES, "2026-01", "2026-02") == before
    post(corrected / "inputs", corrected / "lake", "2026-02")
    bill_inputs(corrected / "inputs", corrected / "lake", "2026-03")
    assert rows(corrected, CORRECTION_ITEMS, "2026-03") == []
    assert cli.main(["documents", "2026-02", "--lake", str(corrected / "lake"), "--format", "json,html"]) == 0
    (path,) = (corrected / "lake" / "documents").glob("month=2026-02/*/*.json")
    ((*lines,),) = [group["lines"] for group in json.loads(path.read_text())["details"]["groups"]]
    assert [(line["corrects_month"], line["quantity"], line["amount"]) for line in lines] == [
        ("2026-01", "100", "0.10"), ("2026-01", None, "7.81"), ("2026-01", None, "11.00"), (None, "1", "31.00"),
    ]  # fmt: skip
    assert "Correction" in path.with_suffix(".html").read_text()

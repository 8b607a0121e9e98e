"""Quotes, and what is bought in advance, explained from what the tables have."""

from pathlib import Path

import pytest
from tests_support import bill_inputs

from jobs import cli
from jobs.explain import Explanation
from resources.lake import Lake

INPUTS = Path(__file__).parent / "scenarios/catalogue/inputs"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def lake(tmp_path_factory, engine):
    folder = tmp_path_factory.mktemp("catalogue")
    bill_inputs(INPUTS, folder / "lake", "2026-01")
    return Lake(folder / "lake", engine)


def test_a_quote_is_told_by_what_each_stretch_costs(lake, capsys):
    assert cli.main(["explain", "Q-1", "--lake", str(lake.root)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "quote Q-1, version 1, approved: for COPY, 2026-02-01 to 2026-04-01 (exclusive); quotes.csv:2",
        "  line 1: 43.5714285714 EUR, SEAT; quote_lines.csv:2",
        "    1 * 25 = 25",
        "    0.0000000000  2026-02-01 to 2026-02-11: 0 in the trial * 10 / 28 days",
        "    16.0714285714  2026-02-11 to 2026-03-01: 25 * 18 / 28 days",
        "    27.5000000000  2026-03-01 to 2026-04-01: 27.5 by the index",
        "  line 2: 52.2857142857 EUR, SEAT; quote_lines.csv:3",
        "    1 * 30 = 30",
        "    0.0000000000  2026-02-01 to 2026-02-11: 0 in the trial * 10 / 28 days",
        "    19.2857142857  2026-02-11 to 2026-03-01: 30 * 18 / 28 days",
        "    33.0000000000  2026-03-01 to 2026-04-01: 33 by the index",
        "  95.8571428571 EUR together",
    ]


def test_what_is_bought_in_advance(lake):
    explained = Explanation(lake, "2026-01-YEAR-EUR")
    text = "\n".join(line for number in range(1, 20) for line in explained.line(number))
    assert "240 for 1, at 20 for a month (price of the order line); order line cpq:YEAR:1" in text
    assert "3 of 12 months free: request R1, buy_in_advance_requests.csv:2" in text
    assert "10 % off 6 months: request R2, buy_in_advance_requests.csv:3" in text
    assert "20 for 1 in month 4 of the service (price of the price plan, rate GOLD)" in text


def test_a_job_is_told_with_its_file(lake):
    explained = Explanation(lake, "2026-01-JOB-EUR")
    text = "\n".join(line for number in range(1, 6) for line in explained.line(number))
    assert "order line service_job:J1:1, service_jobs.csv:2" in text

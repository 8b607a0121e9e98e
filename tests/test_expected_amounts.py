"""Events that bring the amount they should come to (docs/real_data.md): the check that compares them."""

import pytest
from tests_support import SETTINGS

pytestmark = pytest.mark.long

DECLARED = {"udr_type": "voice", "attribute": "expected_amount", "attribute_type": "number"}
CALL = {"caller": "33611", "start": "2026-01-11 10:00:00", "seconds": "65", "callee": "33612345"}
# 65 s at home by day cost 65 * 0.06 / 60 = 0.065
CALLS = [
    CALL | {"id": "1", "cost": "0.065"},
    CALL | {"id": "2", "cost": "0.0650000010"},
    CALL | {"id": "3", "cost": "0.0650000011"},
    CALL | {"id": "4", "cost": ""},
    CALL | {"id": "5", "cost": "-0.065"},
]


def named(report):
    return [c.found for c in report.failed_checks if c.name == "amounts_as_expected" and not c.blocking]


def test_events_that_come_to_something_else_are_named(company, bill):
    company.write("billing.toml", SETTINGS + '\n[usage.switch.attributes]\nexpected_amount = "cost"\n')
    company.table("udr_type_attributes", [DECLARED])
    company.calls("2026-01-12/calls.csv", CALLS)
    place = "source_file usage/switch/2026-01-12/calls.csv, source_line"
    assert named(bill(company, "2026-01")) == [
        [
            "events 2",
            f"{place} 4, amount 0.0650000000, expected 0.0650000011",
            f"{place} 6, amount 0.0650000000, expected -0.0650000000",
        ]
    ]

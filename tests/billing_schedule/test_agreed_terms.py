"""Whose terms count for a line: its own, its offer's, its scheme's."""

import pytest
from sample_rows import offer_term, order_line, order_term, scheme_term

from billing_assets.billing_schedule.agreed_terms import agreed_terms, nearest
from billing_assets.orders.tables import ORDER_LINES, ORDER_TERMS
from billing_assets.reference.tables import OFFER_TERMS, SCHEME_TERMS

BOUND = {"binding_months": 12, "termination_product_id": "LEAVING", "termination_amount": "9"}
TRIAL = {"trial_unit": "day"}
LINE = {"offer_id": "OFFER", "billing_term_scheme_id": "SCHEME", "ordered_on": "2026-02-01"}


@pytest.fixture(scope="module")
def counting(table, rows):
    """(length of the trial, months of the binding period) that count for a line."""

    def run(own=(), offered=(), general=(), **line):
        terms = agreed_terms(
            table(ORDER_LINES, order_line(**LINE | line)), table(ORDER_TERMS, *(order_term(**t) for t in own)),
            table(OFFER_TERMS, *(offer_term(**t) for t in offered)),
            table(SCHEME_TERMS, *(scheme_term(**t) for t in general)),
        )  # fmt: skip
        found = {name: rows(nearest(terms, name)) for name in ("trial_length", "binding_months")}
        return tuple(row[0][name] if row else None for name, row in found.items())

    return run


def test_the_nearest_counts_each_for_what_it_says(counting):
    own, offered, general = TRIAL | {"trial_length": 0}, TRIAL | {"trial_length": 10}, BOUND
    assert counting([own], [offered], [general]) == (0, 12)
    assert counting([], [offered], [general]) == (10, 12)
    assert counting([], [], [TRIAL | BOUND | {"trial_length": 20}]) == (20, 12)
    assert counting([BOUND | {"binding_months": 0}], [offered | BOUND], []) == (10, 0)


def test_terms_are_those_of_the_day_of_the_order(counting):
    before, after = ({"valid_to": "2026-02-01"}, {"valid_from": "2026-02-01"})
    offered = [TRIAL | {"trial_length": 10} | before, TRIAL | {"trial_length": 20} | after]
    general = [BOUND | before, BOUND | {"binding_months": 24} | after]
    assert counting([], offered, general) == (20, 24)
    assert counting([], offered, general, ordered_on="2026-01-31") == (10, 12)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({"order_line_id": "cpq:O1:1/cpq:A1:1"}, (1, 2)),
        ({"ordered_line_id": "cpq:O2:1"}, (10, 12)),
        ({"ordered_line_id": "cpq:O2:1", "offer_id": None}, (None, 12)),
        ({"ordered_line_id": "cpq:O2:1", "currency": "GBP"}, (None, None)),
        ({"price_type": "one_time"}, (None, None)),
    ],
)
def test_whom_terms_are_for(counting, line, found):
    """A version has the terms of the line that was ordered; a charge has none."""
    own = [TRIAL | BOUND | {"trial_length": 1, "binding_months": 2}]
    assert counting(own, [TRIAL | {"trial_length": 10}], [BOUND], **line) == found

"""Which splits of order lines are carried out: the parts must be a whole, and have somebody to be billed to."""

import pytest
from sample_rows import billing_split, order_line, vendor_currency
from split_lines import SplitLines

USAGE = {"price_type": "usage", "pricing_source": "usage"}


@pytest.fixture
def judged(table, rows):
    """The splits (part, percent, before, amount, before) that are carried out, and why the others are not."""

    def run(*parts: dict, line=None, **given):
        splits = [billing_split(**{"part": n + 1, "source_line": n + 2, **part}) for n, part in enumerate(parts)]
        found = SplitLines(table, rows, [order_line(**line or {})], splits, **given)
        shown = ("part", "percent", "percent_before", "amount", "amount_before")
        good = sorted(tuple(None if row[c] is None else float(row[c]) for c in shown) for row in rows(found.splits))
        return good, found.refused

    return run


def test_percentages_of_which_one_takes_the_rest(judged):
    found, refused = judged({"percent": "20"}, {}, {"percent": "30.5"})
    assert found == [(1, 20, 0, None, None), (2, 49.5, 20, None, None), (3, 30.5, 69.5, None, None)]
    assert refused == []


def test_amounts_of_which_one_takes_the_rest(judged):
    """The rest begins beyond all amounts, wherever its part stands."""
    found, _ = judged({"amount": "10"}, {}, {"amount": "5.50"})
    assert found == [(1, None, None, 10, 0), (2, None, None, None, 15.5), (3, None, None, 5.5, 10)]


def test_parts_of_other_days_are_wholes_of_their_own(judged):
    until, since = {"valid_to": "2026-03-01"}, {"valid_from": "2026-03-01"}
    found, _ = judged({"percent": "40", **until}, {"percent": "60", **until}, since)
    assert found == [(1, 40, 0, None, None), (2, 60, 40, None, None), (3, 100, 0, None, None)]


WRONG = {
    "not all of it": ([{"percent": "40"}, {"percent": "59"}], "SHARES_NOT_WHOLE"),
    "more than all": ([{"percent": "90"}, {"percent": "90"}], "SHARES_NOT_WHOLE"),
    "nothing is left": ([{"percent": "100"}, {}], "SHARES_NOT_WHOLE"),
    "two rests": ([{}, {}], "SHARES_NOT_WHOLE"),
    "amounts without a rest": ([{"amount": "40"}], "SHARES_NOT_WHOLE"),
    "amounts and percentages": ([{"amount": "40"}, {"percent": "50"}, {}], "SHARES_NOT_WHOLE"),
    "both": ([{"amount": "40", "percent": "100"}], "INVALID_SHARE"),
    "no share": ([{"percent": "0"}], "INVALID_SHARE"),
    "a negative amount": ([{"amount": "-1"}], "INVALID_SHARE"),
    "no part": ([{"part": 0}], "INVALID_SHARE"),
    "no days": ([{"valid_from": "2026-03-01", "valid_to": "2026-03-01"}], "END_BEFORE_START"),
    "other days": ([{"valid_to": "2026-03-01"}, {"valid_from": "2026-02-01"}], "OVERLAPPING_SPLIT"),
    "no line": ([{"source_line_id": "9"}], "UNKNOWN_LINE_TO_SPLIT"),
    "nobody": ([{"bill_to_account_id": "NOBODY"}], "UNKNOWN_BILL_TO"),
    "who pays nothing": ([{"bill_to_account_id": "GROUP"}], "ACCOUNT_NOT_BILLED"),
}


@pytest.mark.parametrize("name", WRONG)
def test_why_splits_are_refused(judged, name):
    parts, reason = WRONG[name]
    found, refused = judged(*parts)
    assert (found, {why for _, why in refused}) == ([], {reason})


def test_usage_is_not_split(judged):
    assert judged({}, line=USAGE)[1] == [(2, "USAGE_NOT_SPLIT")]


def test_the_vendor_of_who_pays_bills_the_currency(judged):
    in_yen = vendor_currency(vendor_account_id="VENDOR", currency="JPY")
    assert judged({"bill_to_account_id": "BEN"}, currencies=[in_yen])[1] == [(2, "CURRENCY_NOT_BILLED")]


def test_a_line_is_split_as_all_its_rows_say_or_not_at_all(judged):
    until, since = {"valid_to": "2026-03-01"}, {"valid_from": "2026-03-01"}
    _, refused = judged(until, {**since, "bill_to_account_id": "NOBODY"})
    assert refused == [(2, "SPLIT_WITH_REFUSED_PART"), (3, "UNKNOWN_BILL_TO")]
    unreadable = {"source": "cpq", "source_order_id": "O1", "source_line_id": "1", "reason": "INVALID_VALUE"}
    _, refused = judged({}, unreadable=[unreadable])
    assert refused == [(2, "SPLIT_WITH_REFUSED_PART")]

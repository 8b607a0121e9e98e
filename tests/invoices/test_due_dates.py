"""When an invoice is due."""

from datetime import date

import ibis
import pytest
from tests_support import ENGINES

from billing_assets.invoices.due_dates import with_due_date


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_due_dates(rows):
    terms = [
        ("2026-02-01", 30, "issue_date", "2026-03-03"),
        ("2026-02-01", 0, "issue_date", "2026-02-01"),
        ("2026-02-01", 0, "end_of_month", "2026-02-28"),
        ("2026-02-01", 30, "end_of_month", "2026-03-30"),
        ("2024-02-15", 14, "end_of_month", "2024-03-14"),
        ("2025-12-31", 1, "end_of_month", "2026-01-01"),
    ]
    given = ibis.memtable(
        [{"number": n, "period_end": date.fromisoformat(day), "payment_days": days, "payment_from": start}
         for n, (day, days, start, _) in enumerate(terms)]
    )  # fmt: skip
    found = rows(with_due_date(given).order_by("number"))
    assert [row["due_date"].isoformat() for row in found] == [due for *_, due in terms]
    assert [row["issue_date"] for row in found] == [row["period_end"] for row in found]

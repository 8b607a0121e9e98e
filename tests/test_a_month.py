"""A small company billed for a month, with every amount worked out by hand."""

from decimal import Decimal

from billing_assets.invoices.tables import INVOICES
from billing_assets.rating.tables import RATED_ITEMS


def test_the_small_company(company, bill, lake, rows):
    """Mobile plan from 10 January: 22 of 31 days of January and all of February, in advance.

    Calls: 65 s at home by day 65 * 0.06 / 60 = 0.065, 50 s by night 50 * 0.03 / 60 = 0.025, 61 s abroad in
    two started minutes 2 * 0.12 + 0.05 = 0.29. Net 20 * 22 / 31 + 20 + 0.38 = 34.5735… = 34.57.
    """
    report = bill(company, "2026-01")
    assert [c for c in report.failed_checks if c.blocking] == []
    amounts = {row["rate_id"]: row["amount"] for row in rows(lake.read_all(RATED_ITEMS))}
    assert amounts == {"HOME": Decimal("0.065"), "HOME-NIGHT": Decimal("0.025"), "ABROAD": Decimal("0.29")}
    (invoice,) = rows(lake.read_all(INVOICES))
    assert (invoice["net_amount"], invoice["tax_amount"], invoice["gross_amount"]) == (
        Decimal("34.57"), Decimal("6.91"), Decimal("41.48"),
    )  # fmt: skip

"""A ledger in memory: drafts are compared with it, and the corrections that are found are posted to it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import ibis
import ibis.expr.types as ir
from sample_rows import Row

from billing_assets.corrections.compare import as_posted, charges, correction_items, differing
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.ledger.tables import POSTED_ITEMS, TAXED_COLUMNS
from billing_assets.taxation.regimes import BY_TAX_GROUP

GROUP = {
    "tax_regime": "vat", "tax_rounding": BY_TAX_GROUP, "tax_category": "S", "country": "FR",
    "included_rate": Decimal(0),
}  # fmt: skip


class Books:
    """What was posted of charges, of which there is one draft after the other."""

    def __init__(self, table: Callable[..., ir.Table], rows: Callable[[ir.Table], list[dict]]):
        self._table, self._rows = table, rows
        self.posted: list[Row] = []
        self.postings = 0

    def found(self, *due: Row, month: str = "2026-06") -> list[Row]:
        """The corrections that a draft asks for, in the order of payer, charge, period and amount."""
        drafted = self._table(CHARGE_ITEMS, *due)
        owed = charges(as_posted(drafted.mutate(charged_month=drafted.month)))
        have = charges(self._table(POSTED_ITEMS, *self.posted))
        others = differing(owed, have)
        payers = sorted({row["payer_account_id"] for row in (*due, *self.posted)})
        windows = ibis.memtable([{"window_payer": p, "month": month, "billing_cycle": "first"} for p in payers or [""]])
        both = (rows.semi_join(others, "charge") for rows in (owed, have))
        made = self._rows(correction_items(*both, windows, None))
        assert len({row["item_id"] for row in made}) == len(made)
        order = ("payer_account_id", "source_id", "service_start", "service_end", "amount")
        return sorted(made, key=lambda row: [row[name] for name in order])

    def post(self, *due: Row, rate: Callable[[date], int] = lambda day: 20) -> list[Row]:
        """Post what a draft asks for; what is billed is taxed by the rate of the day after its period, as of today."""
        made = self.found(*due)
        self.postings += 1
        for row in made:
            group = {name: row[name] for name in TAXED_COLUMNS}
            if group["tax_regime"] is None:
                group = GROUP | {"rate": Decimal(rate(row["service_end"]))}
            placed = {"posting_id": self.postings, "charged_month": row["corrects_month"], "invoice_id": "I"}
            self.posted.append(row | group | placed)
        return made

    def sums(self, *by: str) -> dict[tuple, Decimal]:
        """What the ledger comes to, by some columns; what comes to nothing is left out."""
        sums: dict[tuple, Decimal] = {}
        for row in self.posted:
            key = tuple(row[name] for name in by)
            sums[key] = sums.get(key, Decimal(0)) + row["amount"]
        return {key: value for key, value in sums.items() if value}

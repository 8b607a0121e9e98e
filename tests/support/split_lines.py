"""Split order lines for tests: which splits are carried out, and what each part bills."""

from collections.abc import Callable, Sequence

import ibis.expr.types as ir
from billing_schedules import MakeTable, Schedules
from sample_rows import Row

from billing_assets.billing_schedule import maturity
from billing_assets.billing_schedule.phases import in_phases
from billing_assets.billing_schedule.splits import shared, split_headers, split_phases
from billing_assets.orders.splits import judge_splits
from billing_assets.orders.tables import BILLING_SPLITS, ORDER_LINES, REJECTED_ORDERS
from billing_assets.reference.tables import VENDOR_CURRENCIES


class SplitLines(Schedules):
    """Schedules of order lines, some of which are split; `refused` has line and reason of the splits that are not."""

    def __init__(
        self, table: MakeTable, rows: Callable[[ir.Table], list[Row]], lines: Sequence[Row], splits: Sequence[Row],
        schemes: Sequence[Row] = (), unreadable: Sequence[Row] = (), currencies: Sequence[Row] = (),
    ):  # fmt: skip
        super().__init__(table, rows, schemes)
        self.lines = lines
        self.splits, refused = judge_splits(
            table(BILLING_SPLITS, *splits), table(REJECTED_ORDERS, *unreadable), table(ORDER_LINES, *lines),
            self.accounts(), table(VENDOR_CURRENCIES, *currencies),
        )  # fmt: skip
        self.refused = sorted((row["source_line"], row["reason"]) for row in rows(refused))

    def cut(self, headers: ir.Table) -> ir.Table:
        return split_headers(headers, self.splits, self.accounts(), self.cycles())

    def shares(self, months: list[str], first: str = "1999-01", phases: ir.Table | None = None) -> list[Row]:
        """The details of all parts, by header and period."""
        due = self.due(months, *self.lines, first=first)
        if phases is not None:
            due = in_phases(due, split_phases(phases, self.headers(*self.lines)))
        details = shared(self.priced(maturity.with_net_price(due)), self.splits)
        return self.rows(details.order_by("billing_header_id", "period_start"))

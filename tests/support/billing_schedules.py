"""The billing schedule of order lines for tests: of ANNA in Paris, cycle of day 1, of BEN, cycle of day 15."""

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sample_rows import Row, account, billing_cycle, currency

from billing_assets import calendar
from billing_assets.billing_schedule import maturity, schedule
from billing_assets.billing_schedule.amounts import schedule_details
from billing_assets.billing_schedule.headers import billing_headers
from billing_assets.billing_schedule.periods import full_periods
from billing_assets.billing_schedule.tables import BILLING_HEADERS
from billing_assets.orders.tables import ORDER_LINES
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, BILLING_TERM_SCHEMES, CURRENCIES

MakeTable = Callable[..., ir.Table]


class Schedules:
    """Headers, due periods and details of order lines under some billing term schemes."""

    def __init__(self, table: MakeTable, rows: Callable[[ir.Table], list[Row]], schemes: Sequence[Row] = ()):
        self.table = table
        self.rows = rows
        self.schemes = schemes

    def accounts(self) -> ir.Table:
        return self.table(
            ACCOUNTS, account(), account(account_id="BEN", payer_account_id="BEN", billing_cycle="middle"),
            account(account_id="SON", payer_account_id="BEN", time_zone="UTC"),
            account(account_id="GROUP", role="linked", payer_account_id=None, billing_cycle=None),
        )  # fmt: skip

    def cycles(self) -> ir.Table:
        return self.table(BILLING_CYCLES, billing_cycle(), billing_cycle(billing_cycle="middle", anchor_day=15))

    def headers(self, *lines: Row) -> ir.Table:
        schemes = self.table(BILLING_TERM_SCHEMES, *self.schemes)
        aligned = ({"aligned_from": line["start_date"], **line} for line in lines)
        ordered = self.table(ORDER_LINES, *aligned)
        whole = BILLING_HEADERS.shape(billing_headers(ordered, self.accounts(), self.cycles(), schemes))
        return self.cut(whole)

    def cut(self, headers: ir.Table) -> ir.Table:
        """The headers as they are: none is split."""
        return headers

    def due(self, months: list[str], *lines: Row, first: str = "1999-01") -> ir.Table:
        return self.due_of(self.headers(*lines), months, first)

    def due_of(self, headers: ir.Table, months: list[str], first: str = "1999-01") -> ir.Table:
        """The periods that become ready in some months; `first` is the month in which billing starts."""
        return schedule.due_periods(*self._placed(headers, months, first))

    def replaced(self, months: list[str], *lines: Row, first: str = "1999-01") -> ir.Table:
        """The records that actions took the place of."""
        return schedule.replaced_periods(*self._placed(self.headers(*lines), months, first))

    def _placed(self, headers: ir.Table, months: list[str], first: str) -> tuple[ir.Table, ir.Table, ir.Table]:
        """The headers, full periods, and the windows of months."""
        windows = [calendar.windows(m, {"first": 1, "middle": 15}, ["Europe/Paris", "UTC"], first) for m in months]
        lines = self.rows(headers.select("start_date", "billing_rule", "period_unit", "period_length"))
        late = lines if months[0] == first else [line for line in lines if line["billing_rule"] == "on_ready_date"]
        after = min([calendar.first_day(months[0]), *(line["start_date"] for line in late)])
        lengths = {(line["period_unit"], line["period_length"]) for line in lines if line["period_unit"]}
        up_to = calendar.first_day(calendar.months_later(months[-1], 1)).replace(day=28)
        periods = full_periods(lengths, after, up_to)
        return headers, ibis.memtable(periods), ibis.memtable(pa.concat_tables(windows))

    def details(self, months: list[str], *lines: Row, first: str = "1999-01") -> ir.Table:
        return self.priced(maturity.with_net_price(self.due(months, *lines, first=first)))

    def priced(self, periods: ir.Table) -> ir.Table:
        coins = (currency(), currency(currency="JPY", digits=0), currency(currency="TND", digits=3))
        return schedule_details(periods, self.table(CURRENCIES, *coins))

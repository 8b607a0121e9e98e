"""What fees were made of: the schedule of an order line, an adjustment, or a fee of an account."""

from collections.abc import Iterator

from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    PRICE_PHASES,
    SCHEDULE_ADJUSTMENTS,
)
from billing_assets.fees.tables import OVERDUE_AMOUNTS
from billing_assets.orders.tables import BUY_IN_ADVANCE_REQUESTS, ORDER_LINES
from billing_assets.reference.tables import ACCOUNT_FEES, ANY
from jobs import fee_words
from jobs.month_rows import MonthRows


class FeesMadeOf:
    """What the fees of a month were made of."""

    def __init__(self, rows: MonthRows):
        self._rows = rows

    def fee(self, item: dict) -> Iterator[str]:
        (detail,) = self._rows.of(BILLING_SCHEDULE_DETAILS, "billing_schedule_detail_id", item["source_id"])
        header = self._phased(self._rows.one(BILLING_HEADERS, "billing_header_id", detail["billing_header_id"]), detail)
        order = self._rows.one(ORDER_LINES, "order_line_id", header["order_line_id"])
        if detail["category"] == "discount":
            bought = self._rows.one(ADVANCE_PURCHASES, "billing_header_id", detail["billing_header_id"])
            yield fee_words.of_purchase(
                bought, self._rows.one(BUY_IN_ADVANCE_REQUESTS, "request_id", bought["request_id"])
            )
        elif detail["category"] == "adjustment":
            adjustment = detail["billing_schedule_detail_id"].rpartition(":adjustment:")[2]
            yield fee_words.of_adjustment(self._rows.one(SCHEDULE_ADJUSTMENTS, "adjustment_id", adjustment))
        else:
            yield from fee_words.of_detail(detail, header, order)

    def _phased(self, header: dict, detail: dict) -> dict:
        """The header with the price of the phase that a detail is in, where that is not the agreed one."""
        phases = self._rows.lake.read(PRICE_PHASES)
        start = detail["period_start"]
        found = phases.filter(
            phases.billing_header_id == header["billing_header_id"], phases.phase != "agreed",
            phases.phase_from <= start, phases.phase_to > start,
        )  # fmt: skip
        given = {"phase": None}
        for row in self._rows.lake.engine.execute(found).to_pylist():
            given = {name: row[name] for name in ("phase", "net_price", "rate_id")} | {"unit_price": None}
        return header | given

    def late_fee(self, item: dict) -> Iterator[str]:
        overdue = self._rows.one(OVERDUE_AMOUNTS, "overdue_id", item["source_id"])
        fee = self._account_fee(item, "late")
        yield fee_words.of_late_fee(fee, overdue)

    def invoice_fee(self, item: dict) -> Iterator[str]:
        fee = self._account_fee(item, "invoice")
        yield fee_words.of_invoice_fee(fee)

    def _account_fee(self, item: dict, kind: str) -> dict:
        """The payer's own row of a fee, else that for any account, of those valid on its day."""
        fees, day = self._rows.lake.read(ACCOUNT_FEES), item["service_start"]
        found = fees.filter(
            fees.kind == kind, fees.product_id == item["product_id"], fees.currency == item["currency"],
            fees.valid_from <= day, fees.valid_to > day,
        )  # fmt: skip
        owners = {row["account_id"]: row for row in self._rows.lake.engine.execute(found).to_pylist()}
        return owners.get(item["payer_account_id"]) or owners[ANY]

"""Why is this invoice 41.27? From the invoice to its lines, their items, their events, and raw lines.

Everything is read from the tables: the arithmetic that is printed is the one that was stored, and each
level adds up to the one above it.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from billing_assets import calendar
from billing_assets.billing_schedule.tables import (
    ADVANCE_PURCHASES,
    BILLING_HEADERS,
    BILLING_SCHEDULE_DETAILS,
    PRICE_PHASES,
    SCHEDULE_ADJUSTMENTS,
)
from billing_assets.bundles.tables import BUNDLE_COUNTERS, BUNDLE_ITEMS, COVERED_TOTALS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.contract import Table
from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.fees.tables import COMMITMENT_COUNTERS, OVERDUE_AMOUNTS
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.item import EVENT_TYPES
from billing_assets.items.tables import CARRIED_AMOUNTS
from billing_assets.orders.tables import BUY_IN_ADVANCE_REQUESTS, ORDER_LINES
from billing_assets.prepaid.tables import PREPAID_PAYMENTS
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES, ANY, COMMITMENTS, DISCOUNT_DEFINITIONS, TAX_RATES
from billing_assets.taxes.tables import TAX_ANSWERS, TAX_ITEMS
from billing_assets.usage.tables import UDRS
from jobs import bundle_words, discount_words, event_words, fee_words
from jobs.arithmetic import money, plain
from jobs.explain_tax import explain_tax, taxed
from resources.lake import Lake

MOST_EVENTS = 20
MOST_ITEMS = 50
# What comes after the charges of a line.
_LAST = {"rounding": 1, "included_tax": 2}


class Unknown(Exception):
    """There is no such invoice, line, item or quote."""


def is_invoice(lake: Lake, name: str) -> bool:
    """Whether a name is the draft number of an invoice."""
    invoices = lake.read(INVOICES, [name[:7]])
    return bool(lake.engine.execute(invoices.filter(invoices.invoice_id == name).limit(1)).num_rows)


class Explanation:
    """The lines of text that explain an invoice, or one of its lines down to the files."""

    def __init__(self, lake: Lake, invoice_id: str):
        self.lake = lake
        self.invoice_id = invoice_id
        self.month = invoice_id[:7]

    def invoice(self) -> Iterator[str]:
        """The invoice: its lines, its taxes, its totals."""
        invoice = self._invoice()
        currency = invoice["currency"]
        yield (
            f"{invoice['document_type'].replace('_', ' ')} {self.invoice_id}  {invoice['vendor_account_id']} to "
            f"{invoice['payer_account_id']}  {invoice['period_start']} to {invoice['period_end']} (exclusive)"
        )
        for line in self._lines():
            quantity = f"  {plain(line['billed_quantity'])} {line['unit']}" if line["unit"] else ""
            about = f" to {line['zone_id']}" if line["zone_id"] else ""
            if line["item_type"] == "discount":
                about = f" on {line['product_id']}"
            price = f", price {money(line['price_amount'], currency)} with tax" if line["tax_included"] else ""
            yield (
                f"  {line['line_number']:>3}  {money(line['net_amount'], currency):>16}  {line['label']}{about}, "
                f"{_whose(line)}, {line['service_start']} to {line['service_end']}"
                f"{quantity}{price}"
            )
        yield f"       {money(invoice['net_amount'], currency):>16}  net"
        for tax in self._of(TAX_ITEMS, "invoice_id", self.invoice_id):
            yield f"       {money(tax['amount'], currency):>16}  {tax['label']} {taxed(tax)}, {tax['country']}"
        yield f"       {money(invoice['gross_amount'], currency):>16}  total"
        yield from self._prepaid(invoice)

    def _prepaid(self, invoice: dict) -> Iterator[str]:
        """What credits pay of the invoice, and what is left to pay."""
        currency, paid = invoice["currency"], self._of(PREPAID_PAYMENTS, "invoice_id", self.invoice_id)
        for row in sorted(paid, key=lambda row: row["credit_id"]):
            yield f"       {money(-row['paid_amount'], currency):>16}  prepaid credit {row['credit_id']}"
        if paid:
            left = invoice["gross_amount"] - sum(row["paid_amount"] for row in paid)
            yield f"       {money(left, currency):>16}  to pay"

    def line(self, number: int) -> Iterator[str]:
        """One line: its items and, for each, what made its amount, back to the file it came from."""
        found = [line for line in self._lines() if line["line_number"] == number]
        if not found:
            raise Unknown(f"invoice {self.invoice_id} has no line {number}")
        line = found[0]
        yield f"line {number} of {self.invoice_id}: {line['label']}  {money(line['net_amount'], line['currency'])}"
        items = self._of(BILLED_ITEMS, "invoice_line_id", line["invoice_line_id"])
        charges = sorted((i for i in items if i["item_type"] not in _LAST), key=lambda i: i["item_id"])
        others = sorted((i for i in items if i["item_type"] in _LAST), key=lambda i: _LAST[i["item_type"]])
        for item in [*charges[:MOST_ITEMS], *others]:
            user = "" if line["subscription_id"] else f" of {item['service_account_id'] or item['payer_account_id']}"
            yield f"  {item['amount']:f}  {item['item_type']} item {item['item_id']}{user}"
            yield from (f"    {text}" for text in self.item(item))
        if len(charges) > MOST_ITEMS:
            yield f"  … {len(charges)} charges in all"
        total = sum((item["amount"] for item in items), Decimal(0))
        yield f"  {total:f}  sum of the items = {money(line['net_amount'], line['currency'])}"

    def item(self, item: dict) -> Iterator[str]:
        """What one billed item was made of."""
        if item["carried_from"]:
            yield f"carried over from {item['carried_from']}, when the invoice was below its minimum"
            then = item["invoice_id"].replace(self.month, item["carried_from"], 1)
            yield from Explanation(self.lake, then).made(item)
        else:
            yield from self.made(item)

    def made(self, item: dict) -> Iterator[str]:
        """What an item was made of in the month of the invoice."""
        makers = {
            RATED_ITEMS.name: self._usage,
            BUNDLE_ITEMS.name: self._bundle,
            COMMITMENT_COUNTERS.name: self._commitment,
            USAGE_CHARGES.name: self._charges,
            BILLING_SCHEDULE_DETAILS.name: self._fee,
            OVERDUE_AMOUNTS.name: self._late_fee,
            ACCOUNT_FEES.name: self._invoice_fee,
            DISCOUNTS.name: self._discount,
            INVOICE_LINES.name: self._of_line,
            TAX_RATES.name: self._tax,
            TAX_ANSWERS.name: self._tax,
        }
        yield from makers[item["source_table"]](item)

    def _usage(self, item: dict) -> Iterator[str]:
        yield from self._events(self._rated_events(item), event_words.of_event)

    def _charges(self, item: dict) -> Iterator[str]:
        for charge in self._of(USAGE_CHARGES, "charge_key", item["source_id"]):
            of = "limit of the month for" if charge["component"] == "limit" else f"{charge['aggregation']} of"
            yield f"{charge['amount']:f}  {of} {charge['events']} events; charge {charge['usage_charge_id']}"
            covered = self._of(COVERED_TOTALS, "usage_charge_id", charge["usage_charge_id"])
            for row in bundle_words.in_turn(covered):
                yield bundle_words.of_total(row)
                yield from bundle_words.of_counters(self._counters(row["bundle_id"], {row["owner_id"]}))

    def _bundle(self, item: dict) -> Iterator[str]:
        bundle, charge, part = item["source_id"].rsplit(":", 2)
        of_charge = self._of(BUNDLE_ITEMS, "charge_key", charge)
        covered = [row for row in of_charge if (row["bundle_id"], row["part"]) == (bundle, part)]
        yield from self._events(covered, bundle_words.of_event)
        yield from bundle_words.of_counters(self._counters(bundle, {row["owner_id"] for row in covered}))

    def _counters(self, bundle: str, owners: set[str]) -> list[dict]:
        return [row for row in self._of(BUNDLE_COUNTERS, "bundle_id", bundle) if row["owner_id"] in owners]

    def _commitment(self, item: dict) -> Iterator[str]:
        owner, bundle, begin, part = item["source_id"].rsplit(":", 3)
        terms = self._one(COMMITMENTS, "bundle_id", bundle)
        for row in self._of(COMMITMENT_COUNTERS, "owner_id", owner):
            if (row["bundle_id"], str(row["period_from"])) == (bundle, begin):
                yield f"{bundle_words.of_commitment(part, row, terms)}; {terms['source_file']}:{terms['source_line']}"

    def _events(self, events: list[dict], words: Callable[[dict], str]) -> Iterator[str]:
        shown = sorted(events, key=lambda e: (e["billing_effective_at"], e["udr_id"], e["split"]))[:MOST_EVENTS]
        places = self._places(shown)
        for event in shown:
            yield f"{event['amount']:f}  {words(event)}; {places.get(event['udr_id'], 'no record')}"
        if len(events) > MOST_EVENTS:
            together = sum((event["amount"] for event in events), Decimal(0))
            yield f"… {len(events)} events in all, together {together:f}"

    def _fee(self, item: dict) -> Iterator[str]:
        (detail,) = self._of(BILLING_SCHEDULE_DETAILS, "billing_schedule_detail_id", item["source_id"])
        header = self._phased(self._one(BILLING_HEADERS, "billing_header_id", detail["billing_header_id"]), detail)
        order = self._one(ORDER_LINES, "order_line_id", header["order_line_id"])
        if detail["category"] == "discount":
            bought = self._one(ADVANCE_PURCHASES, "billing_header_id", detail["billing_header_id"])
            yield fee_words.of_purchase(bought, self._one(BUY_IN_ADVANCE_REQUESTS, "request_id", bought["request_id"]))
        elif detail["category"] == "adjustment":
            adjustment = detail["billing_schedule_detail_id"].rpartition(":adjustment:")[2]
            yield fee_words.of_adjustment(self._one(SCHEDULE_ADJUSTMENTS, "adjustment_id", adjustment))
        else:
            yield from fee_words.of_detail(detail, header, order)

    def _phased(self, header: dict, detail: dict) -> dict:
        """The header with the price of the phase that a detail is in, where that is not the agreed one."""
        phases = self.lake.read(PRICE_PHASES)
        start = detail["period_start"]
        found = phases.filter(
            phases.billing_header_id == header["billing_header_id"], phases.phase != "agreed",
            phases.phase_from <= start, phases.phase_to > start,
        )  # fmt: skip
        given = {"phase": None}
        for row in self.lake.engine.execute(found).to_pylist():
            given = {name: row[name] for name in ("phase", "net_price", "rate_id")} | {"unit_price": None}
        return header | given

    def _late_fee(self, item: dict) -> Iterator[str]:
        overdue = self._one(OVERDUE_AMOUNTS, "overdue_id", item["source_id"])
        fee = self._account_fee(item, "late")
        yield fee_words.of_late_fee(fee, overdue)

    def _invoice_fee(self, item: dict) -> Iterator[str]:
        fee = self._account_fee(item, "invoice")
        yield fee_words.of_invoice_fee(fee)

    def _account_fee(self, item: dict, kind: str) -> dict:
        """The payer's own row of a fee, else that for any account, of those valid on its day."""
        fees, day = self.lake.read(ACCOUNT_FEES), item["service_start"]
        found = fees.filter(
            fees.kind == kind, fees.product_id == item["product_id"], fees.currency == item["currency"],
            fees.valid_from <= day, fees.valid_to > day,
        )  # fmt: skip
        owners = {row["account_id"]: row for row in self.lake.engine.execute(found).to_pylist()}
        return owners.get(item["payer_account_id"]) or owners[ANY]

    def _discount(self, item: dict) -> Iterator[str]:
        """All subscriptions that have a discount have it alike: it is told of one of them."""
        (made,) = self._of(DISCOUNT_ITEMS, "item_id", item["item_id"])
        given = self._one(DISCOUNTS, "discount_id", item["source_id"])
        definition = self._one(DISCOUNT_DEFINITIONS, "discount_definition_id", given["discount_definition_id"])
        yield discount_words.of_item(made, given)
        yield discount_words.of_discount(given, definition)

    def _tax(self, item: dict) -> Iterator[str]:
        (tax,) = self._of(TAX_ITEMS, "item_id", item["item_id"])
        yield from explain_tax(self.lake, tax)

    def _of_line(self, item: dict) -> Iterator[str]:
        if item["item_type"] == "rounding":
            yield "to whole coins, so that the lines add up to what their tax group comes to"
            return
        (line,) = self._of(INVOICE_LINES, "invoice_line_id", item["source_id"])
        price, rate = money(line["price_amount"], line["currency"]), plain(line["included_rate"])
        due = "added to the invoice as tax" if line["tax_rate"] else "not due"
        yield f"{rate} % tax in {price}: taken out of the line, and {due}"

    def _places(self, events: list[dict]) -> dict[str, str]:
        """File and line of each event's record."""
        days = sorted({event["billing_effective_at"].date().isoformat() for event in events})
        udrs = self.lake.read(UDRS, days)
        found = udrs.filter(udrs.udr_id.isin([event["udr_id"] for event in events]))
        rows = self.lake.engine.execute(found.select("udr_id", "source_file", "source_line")).to_pylist()
        return {row["udr_id"]: f"{row['source_file']}:{row['source_line']}" for row in rows}

    def _rated_events(self, item: dict) -> list[dict]:
        """The events of a usage item: those of its charge within the invoice's window."""
        (invoice,) = self._of(INVOICES, "invoice_id", self.invoice_id) or self._of(
            CARRIED_AMOUNTS, "invoice_id", self.invoice_id
        )
        start, end = invoice["usage_from"], invoice["usage_to"]
        days = calendar.day_range(start.date(), end.date())
        rows = self.lake.read(RATED_ITEMS, [day.isoformat() for day in days])
        of_charge = rows.filter(
            rows.charge_key == item["source_id"],
            rows.billing_effective_at >= start,
            rows.billing_effective_at < end,
        )
        return self.lake.engine.execute(of_charge).to_pylist()

    def _invoice(self) -> dict:
        found = self._of(INVOICES, "invoice_id", self.invoice_id)
        if not found:
            raise Unknown(f"there is no invoice {self.invoice_id}")
        return found[0]

    def _lines(self) -> list[dict]:
        return sorted(self._of(INVOICE_LINES, "invoice_id", self.invoice_id), key=lambda line: line["line_number"])

    def _of(self, table: Table, column: str, value: str) -> list[dict]:
        rows = self.lake.read(table, [self.month])
        return self.lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()

    def _one(self, table: Table, column: str, value: str) -> dict:
        rows = self.lake.read(table)
        return self.lake.engine.execute(rows.filter(rows[column] == value)).to_pylist()[0]


def _whose(line: dict) -> str:
    """What a line is for: a subscription, the account itself, or the customers of a reseller."""
    return line["subscription_id"] or ("customers" if line["item_type"] in EVENT_TYPES else "account")

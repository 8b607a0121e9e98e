"""Why is this invoice 41.27? From the invoice to its lines, their items, their events, and raw lines.

Everything is read from the tables: the arithmetic that is printed is the one that was stored, and each
level adds up to the one above it.
"""

from collections.abc import Iterator
from decimal import Decimal

from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.item import EVENT_TYPES
from billing_assets.prepaid.tables import PREPAID_PAYMENTS
from billing_assets.taxes.tables import TAX_ITEMS
from jobs.arithmetic import money, plain
from jobs.explain_correction import explain_correction
from jobs.explain_tax import taxed
from jobs.made_of import MadeOf
from jobs.month_rows import MonthRows
from resources.lake import Lake

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
        self._lake = lake
        self._invoice_id = invoice_id
        self._rows = MonthRows(lake, invoice_id[:7])

    def invoice(self) -> Iterator[str]:
        """The invoice: its lines, its taxes, its totals."""
        invoice = self._invoice()
        currency = invoice["currency"]
        yield (
            f"{invoice['document_type'].replace('_', ' ')} {self._invoice_id}  {invoice['vendor_account_id']} to "
            f"{invoice['payer_account_id']}  {invoice['period_start']} to {invoice['period_end']} (exclusive)"
        )
        for line in self._lines():
            counted = line["unit"] and (line["billed_quantity"] or not line["corrects_month"])
            quantity = f"  {plain(line['billed_quantity'])} {line['unit']}" if counted else ""
            about = f" to {line['zone_id']}" if line["zone_id"] else ""
            if line["item_type"] == "discount":
                about = f" on {line['product_id']}"
            price = f", price {money(line['price_amount'], currency)} with tax" if line["tax_included"] else ""
            corrected = f", corrects {line['corrects_month']}" if line["corrects_month"] else ""
            yield (
                f"  {line['line_number']:>3}  {money(line['net_amount'], currency):>16}  {line['label']}{about}, "
                f"{_whose(line)}, {line['service_start']} to {line['service_end']}"
                f"{quantity}{price}{corrected}"
            )
        yield f"       {money(invoice['net_amount'], currency):>16}  net"
        for tax in self._rows.of(TAX_ITEMS, "invoice_id", self._invoice_id):
            yield f"       {money(tax['amount'], currency):>16}  {tax['label']} {taxed(tax)}, {tax['country']}"
        yield f"       {money(invoice['gross_amount'], currency):>16}  total"
        yield from self._prepaid(invoice)

    def _prepaid(self, invoice: dict) -> Iterator[str]:
        """What credits pay of the invoice, and what is left to pay."""
        currency, paid = invoice["currency"], self._rows.of(PREPAID_PAYMENTS, "invoice_id", self._invoice_id)
        for row in sorted(paid, key=lambda row: row["credit_id"]):
            yield f"       {money(-row['paid_amount'], currency):>16}  prepaid credit {row['credit_id']}"
        if paid:
            left = invoice["gross_amount"] - sum(row["paid_amount"] for row in paid)
            yield f"       {money(left, currency):>16}  to pay"

    def line(self, number: int) -> Iterator[str]:
        """One line: its items and, for each, what made its amount, back to the file it came from."""
        found = [line for line in self._lines() if line["line_number"] == number]
        if not found:
            raise Unknown(f"invoice {self._invoice_id} has no line {number}")
        line = found[0]
        yield f"line {number} of {self._invoice_id}: {line['label']}  {money(line['net_amount'], line['currency'])}"
        items = self._rows.of(BILLED_ITEMS, "invoice_line_id", line["invoice_line_id"])
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
        if item["corrects_month"]:
            yield from explain_correction(self._lake, item)
            return
        earlier = item["carried_from"]
        if earlier:
            yield f"carried over from {earlier}, when the invoice was below its minimum"
        yield from MadeOf(self._lake, earlier or item["month"]).item(item)

    def _invoice(self) -> dict:
        found = self._rows.of(INVOICES, "invoice_id", self._invoice_id)
        if not found:
            raise Unknown(f"there is no invoice {self._invoice_id}")
        return found[0]

    def _lines(self) -> list[dict]:
        return sorted(
            self._rows.of(INVOICE_LINES, "invoice_id", self._invoice_id), key=lambda line: line["line_number"]
        )


def _whose(line: dict) -> str:
    """What a line is for: a subscription, the account itself, or the customers of a reseller."""
    return line["subscription_id"] or ("customers" if line["item_type"] in EVENT_TYPES else "account")

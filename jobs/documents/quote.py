"""A quote as a document: what it says, word by word, whatever it is printed as."""

from dataclasses import dataclass
from datetime import date, timedelta

import ibis.expr.types as ir

from billing_assets.contract import Table
from billing_assets.documents.form import Form
from billing_assets.quotes.tables import QUOTE_PRICES, QUOTE_TOTALS, QUOTE_USAGE_PRICES, QUOTES
from billing_assets.reference.tables import ACCOUNTS, PRODUCTS, UDR_TYPES, USERS
from jobs.explain import Unknown
from resources.lake import Lake

COLUMNS = ("What", "Quantity", "List price", "Discount", "Price", "Over the term")
SIGNATURES = ("Place, date, signature of the customer", "Place, date, signature of the vendor")
_TITLES = {"consumer": "Contract (pro forma)", "business": "Quote"}
_SUMS = {
    "one_time_amount": "One-time charges",
    "recurring_amount": "Recurring charges",
    "usage_amount": "Usage, estimated",
    "total_amount": "Total",
}
# A quote in another state is a draft: its prices bind nobody.
_BINDING = ("approved", "accepted")


@dataclass(frozen=True)
class QuoteDocument:
    """The words of a quote, its numbers in the form of the account's country."""

    title: str
    number: str
    created_on: date
    draft: str | None
    vendor: str
    customer: str
    facts: list[tuple[str, str]]
    lines: list[tuple[str, ...]]
    totals: list[tuple[str, str]]
    notes: list[str]


def quote_document(lake: Lake, quote_id: str, version: int | None = None) -> QuoteDocument:
    """The document of a version of a quote; of the last when none is named. Raises Unknown when there is none."""
    quotes = lake.read_all(QUOTES)
    found = _rows(lake, quotes.filter(quotes.quote_id == quote_id).order_by(quotes.version))
    chosen = [row for row in found if version in (None, row["version"])]
    if not chosen:
        raise Unknown(f"there is no quote {quote_id}" if not found else f"quote {quote_id} has no version {version}")
    return _Writer(lake, chosen[-1]).document()


class _Writer:
    def __init__(self, lake: Lake, quote: dict):
        accounts = _by(lake, ACCOUNTS, "account_id")
        self.lake = lake
        self.quote = quote
        self.account = accounts[quote["account_id"]]
        self.vendor = accounts[self.account["vendor_account_id"]]
        self.products = _by(lake, PRODUCTS, "product_id")
        self.units = {name: row["unit"] for name, row in _by(lake, UDR_TYPES, "udr_type").items()}
        self.form = Form.of_country(self.account["country"])

    def document(self) -> QuoteDocument:
        quote = self.quote
        prices = self._of(QUOTE_PRICES)
        return QuoteDocument(
            title=_TITLES[quote["kind"]],
            number=f"{quote['quote_id']}, version {quote['version']}",
            created_on=quote["created_on"],
            draft=None if quote["state"] in _BINDING else quote["state"].replace("_", " "),
            vendor=self.vendor["name"],
            customer=f"{self.account['name']} ({self.account['account_id']})",
            facts=self._facts(),
            lines=[self._line(row) for row in prices],
            totals=self._totals(),
            notes=self._notes(prices),
        )

    def _facts(self) -> list[tuple[str, str]]:
        quote, day = self.quote, self.form.day
        last = quote["valid_to"]
        users = _by(self.lake, USERS, "user_id")
        return [
            ("Date", day(quote["created_on"])),
            *([("Valid until", day(last - timedelta(days=1)))] if last else []),
            ("Term", f"{quote['term_months']} months from {day(quote['start_date'])}"),
            ("After the term", "goes on until it is ended" if quote["after_term"] == "continues" else "ends"),
            *([("Contact", users[quote["requester_id"]]["name"])] if quote["requester_id"] else []),
        ]

    def _line(self, row: dict) -> tuple[str, ...]:
        form, currency = self.form, row["currency"]
        what = self.products[row["product_id"]]["name"]
        if (row["start_date"], row["end_date"]) != (self.quote["start_date"], self.quote["term_end"]):
            what += f", {form.day(row['start_date'])} to {form.day(row['end_date'] - timedelta(days=1))}"
        total = form.money(row["total_amount"], currency)
        if row["price_type"] == "usage":
            used, price = self._usage(row)
            return (what + used, "", "", "", price, total)
        unit = row["unit_price"]
        price = form.price(row["net_price"] if unit is None else unit, currency)
        each = " in all" if unit is None else "" if row["quantity"] == 1 else " each"
        return (
            what,
            form.number(row["quantity"]),
            "" if row["list_price"] is None else form.price(row["list_price"], currency),
            form.percent(row["discount_percent"]) if row["discount_percent"] else "",
            price + each + (" a month" if row["price_type"] == "recurring" else ""),
            total,
        )

    def _usage(self, line: dict) -> tuple[str, str]:
        """What a usage line is expected to use in a month, and what that comes to."""
        rates = [row for row in self._of(QUOTE_USAGE_PRICES) if row["line_id"] == line["line_id"]]
        used = [row for row in rates if row["quantity"]]
        if not used:
            return " (by usage)", ""
        unit = self.units[self.products[line["product_id"]]["udr_type"]]
        events, quantity = sum(row["events"] for row in used), sum(row["quantity"] for row in used)
        month = self.form.money(sum(row["month_amount"] for row in rates), line["currency"])
        many = f" (estimate: {self.form.number(quantity)} {unit} a month in {events} events)"
        return many, f"{month} a month"

    def _totals(self) -> list[tuple[str, str]]:
        totals = self._of(QUOTE_TOTALS)
        return [
            (words + (_basis(row) if len(totals) > 1 else ""), self.form.money(row[name], row["currency"]))
            for row in totals
            for name, words in _SUMS.items()
            if row[name] or name == "total_amount"
        ]

    def _notes(self, prices: list[dict]) -> list[str]:
        bases = sorted({_basis(row) for row in prices})
        notes = [f"Prices are{basis}." for basis in bases] if len(bases) == 1 else []
        if any(row["price_type"] == "usage" for row in prices):
            notes.append("Usage is charged as it happens; its estimate is priced by the same rates.")
        return notes

    def _of(self, table: Table) -> list[dict]:
        rows = self.lake.read_all(table)
        own = rows.filter(rows.quote_id == self.quote["quote_id"], rows.version == self.quote["version"])
        return _rows(self.lake, own.order_by(table.keys))


def _basis(row: dict) -> str:
    return " with tax included" if row["tax_included"] else " before tax"


def _rows(lake: Lake, rows: ir.Table) -> list[dict]:
    return lake.engine.execute(rows).to_pylist()


def _by(lake: Lake, table: Table, key: str) -> dict[str, dict]:
    return {row[key]: row for row in _rows(lake, lake.read_all(table))}

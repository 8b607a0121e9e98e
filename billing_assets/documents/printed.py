"""What a printed invoice says, word by word, in the customer's language; HTML and PDF only lay it out.

Here belong head and summary; its tables of lines and events are in details.py.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale

from billing_assets.documents.details import Details, days_of
from billing_assets.documents.document import GROSS
from billing_assets.documents.form import Form
from billing_assets.documents.words import language_of, words_of

Pair = tuple[str, str]


@dataclass(frozen=True)
class Bar:
    """A month of the chart; `height` is its share of the highest, from 0 to 1."""

    month: str
    amount: str
    height: float


class Printed:
    """A document in the words, numbers and days of who reads it."""

    def __init__(self, document: dict):
        self._document = document
        self._head = document["document"]
        self.language = language_of(self._head["language"])
        self.form = Form.in_language(self.language, document["buyer"]["country"])
        self.words = words_of(self.language)
        self.issue_date = date.fromisoformat(self._head["issue_date"])
        self.title = self.words[self._head["type"]]
        self.number = self._head["number"]
        self.draft = self.words["draft"] if self._head["draft"] else ""
        self.details = Details(document, self.form, self.words)
        self.seller, self.buyer = (self._address(document[side]) for side in ("seller", "buyer"))

    def money(self, amount: str) -> str:
        return self.form.money(Decimal(amount), self._head["currency"])

    def _say(self, key: str, **values: str) -> str:
        return self.words[key].format(**values)

    def _address(self, party: dict) -> list[str]:
        town = " ".join(part for part in (party["postal_code"], party["city"]) if part)
        country = Locale(self.language).territories.get(party["country"], party["country"])
        abroad = party["country"] if self._document["seller"]["country"] != self._document["buyer"]["country"] else None
        return [part for part in (party["name"], party["street"], town, abroad and country) if part]

    @property
    def facts(self) -> list[Pair]:
        """What stands at the head: numbers and days."""
        buyer, day = self._document["buyer"], self._day
        found = [
            ("number", self.number),
            ("issue_date", day(self._head["issue_date"])),
            ("billing_period", self.form.period(*days_of(self._head["period"]))),
            ("due_date", "" if self.is_credit else day(self._head["due_date"])),
            ("customer_number", buyer["account_id"]),
            ("reference", buyer["reference"] if buyer["reference"] != buyer["account_id"] else ""),
            ("vat_id", buyer["vat_id"]),
        ]
        return [(self.words[key], value) for key, value in found if value]

    @property
    def is_credit(self) -> bool:
        return self._head["type"] == "credit_note"

    @property
    def amount_due(self) -> Pair:
        due = self._say("to_receive") if self.is_credit else self._say("to_pay", day=self._day(self._head["due_date"]))
        gross = Decimal(self._document["summary"]["gross_amount"])
        return due, self.form.money(abs(gross), self._head["currency"])

    @property
    def chart(self) -> list[Bar]:
        history = self._document["summary"]["history"]
        highest = max((Decimal(row["gross_amount"]) for row in history), default=Decimal(0))
        return [
            Bar(
                self.form.month(date.fromisoformat(f"{row['month']}-01")),
                self.money(row["gross_amount"]),
                float(max(Decimal(row["gross_amount"]), Decimal(0)) / highest) if highest > 0 else 0.0,
            )
            for row in history
        ]

    @property
    def by_type(self) -> list[Pair]:
        return [
            (self.words.get(part["item_type"], self.words["other"]), self.money(part["amount"]))
            for part in self._document["summary"]["by_type"]
        ]

    @property
    def totals(self) -> list[Pair]:
        """What is added to the parts until the total; of amounts with tax, what they include."""
        summary = self._document["summary"]
        in_prices = self._head["amounts"] == GROSS
        net = [] if in_prices else [(self.words["net"], self.money(summary["net_amount"]))]
        return net + [
            (self._tax(tax, "tax_in" if in_prices else "tax_on"), self.money(tax["tax_amount"]))
            for tax in summary["taxes"]
        ]

    def _tax(self, tax: dict, key: str) -> str:
        if tax["rate"] is None:
            return tax["label"]
        rate = self.form.percent(Decimal(tax["rate"]))
        reason = f", {tax['reason']}" if tax["reason"] else ""
        return f"{tax['label']} {rate} {self._say(key, net=self.money(tax['net_amount']))}{reason}"

    @property
    def total(self) -> Pair:
        return self.words["total"], self.money(self._document["summary"]["gross_amount"])

    @property
    def payment(self) -> str:
        iban = self._document["seller"]["iban"]
        if self.is_credit or not iban:
            return ""
        spaced = " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))
        return self._say("payment", iban=spaced, day=self._day(self._head["due_date"]), number=self.number)

    @property
    def imprint(self) -> str:
        """Who the seller is, in one line."""
        seller = self._document["seller"]
        contact = seller["contact"] or {}
        numbers = [
            f"{self.words[name]} {seller[name]}"
            for name in ("vat_id", "tax_number", "registration_number")
            if seller[name]
        ]
        return " · ".join(
            [*self.seller, *numbers, *(contact[name] for name in ("email", "phone") if contact.get(name))]
        )

    def _day(self, value: str) -> str:
        return self.form.day(date.fromisoformat(value))

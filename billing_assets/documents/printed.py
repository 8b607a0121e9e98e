"""What a printed invoice says, word by word, in the customer's language; HTML and PDF only lay it out.

Here belong head and summary; its tables of lines and events are in details.py.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from babel import Locale

from billing_assets.documents.details import Details, days_of
from billing_assets.documents.form import Form
from billing_assets.documents.parts import GROSS
from billing_assets.documents.taxes import summed
from billing_assets.documents.words import language_of, words_of


class Pair(NamedTuple):
    """Words and an amount; of a sum its name and number, too."""

    label: str
    amount: str
    name: str = ""
    value: str = ""


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
    def facts(self) -> list[tuple[str, str]]:
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
        about = [(self.words["parts"][name], value) for name, value in self._head["for"].items() if value]
        return [(self.words[key], value) for key, value in found if value] + about

    @property
    def is_credit(self) -> bool:
        return self._head["type"] == "credit_note"

    @property
    def amount_due(self) -> Pair:
        due = self._say("to_receive") if self.is_credit else self._say("to_pay", day=self._day(self._head["due_date"]))
        payable = Decimal(self._document["summary"]["payable_amount"])
        return Pair(due, self.form.money(abs(payable), self._head["currency"]))

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
            Pair(self.words[part["item_type"]], self.money(part["amount"]))
            for part in self._document["summary"]["by_type"]
        ]

    @property
    def totals(self) -> list[Pair]:
        """What is added to the parts until the total; of amounts with tax, what they include."""
        summary = self._document["summary"]
        in_prices = self._head["amounts"] == GROSS
        net = [] if in_prices else [self._sum(self.words["net"], "net", summary["net_amount"])]
        said = "tax_in" if in_prices else "tax_on"
        return net + [self._sum(self._tax(tax, said), "tax", tax["tax_amount"]) for tax in self._taxes()]

    def _sum(self, label: str, name: str, value: str) -> Pair:
        return Pair(label, self.money(value), name, value)

    def _taxes(self) -> list[dict]:
        """The taxes of the document: of VAT one for a rate and category, whatever its tax codes are called."""
        taxes = self._document["summary"]["taxes"]
        called = [tax | {"label": self.words["vat"] if tax["category"] else tax["label"]} for tax in taxes]
        return summed(called, "label", "category", "rate", "country")

    def _tax(self, tax: dict, key: str) -> str:
        if tax["rate"] is None:
            return tax["label"]
        rate = self.form.percent(Decimal(tax["rate"]))
        reason = self.words["reasons"].get(tax["category"]) if tax["reason"] else None
        told = f", {reason or tax['reason']}" if tax["reason"] else ""
        return f"{tax['label']} {rate} {self._say(key, net=self.money(tax['net_amount']))}{told}"

    @property
    def total(self) -> Pair:
        return self._sum(self.words["total"], "total", self._document["summary"]["gross_amount"])

    @property
    def paid(self) -> list[Pair]:
        """What credits pay of the total, and what they leave."""
        summary = self._document["summary"]
        paid = [self._sum(self.words["prepaid"], "", f"-{row['paid_amount']}") for row in summary["prepaid"]]
        return [*paid, self._sum(self.words["payable"], "", summary["payable_amount"])] if paid else []

    @property
    def payment(self) -> str:
        iban = self._document["seller"]["iban"]
        if self.is_credit or not iban or not Decimal(self._document["summary"]["payable_amount"]):
            return ""
        spaced = " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))
        return self._say("payment", iban=spaced, day=self._day(self._head["due_date"]), number=self.number)

    @property
    def sender(self) -> str:
        """Where the seller is, and the number under which it is taxed."""
        tax = self._numbers("vat_id") or self._numbers("tax_number")
        return " · ".join([*self.seller[1:], *tax])

    @property
    def imprint(self) -> str:
        """Who the seller is, in one line."""
        contact = self._document["seller"]["contact"] or {}
        reached = [contact[name] for name in ("email", "phone") if contact.get(name)]
        numbers = self._numbers("vat_id", "tax_number", "registration_number")
        return " · ".join([*self.seller, *numbers, *reached])

    def _numbers(self, *names: str) -> list[str]:
        seller = self._document["seller"]
        return [f"{self.words[name]} {seller[name]}" for name in names if seller[name]]

    def _day(self, value: str) -> str:
        return self.form.day(date.fromisoformat(value))

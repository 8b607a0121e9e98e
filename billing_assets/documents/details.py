"""The tables of a printed invoice: its lines by subscription, and the events behind them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from billing_assets.documents.form import Form
from billing_assets.documents.parts import GROSS
from billing_assets.documents.units import Units
from billing_assets.documents.words import named


@dataclass(frozen=True)
class Line:
    """A row of a table: what it is, a smaller remark below, and its cells; `amount` is that of a line, as a number."""

    label: str
    remark: str
    cells: tuple[str, ...]
    amount: str = ""


@dataclass(frozen=True)
class Group:
    """A table with a heading; `amount` is what its lines come to."""

    heading: str
    amount: str
    lines: list[Line]


def days_of(period: dict) -> tuple[date, date]:
    """The first and the last day of a period of the document."""
    return date.fromisoformat(period["first_day"]), date.fromisoformat(period["last_day"])


def correction_of(line: Mapping, form: Form, words: Mapping) -> str:
    """Which month a line corrects."""
    return words["correction"].format(month=form.month_of_year(date.fromisoformat(f"{line['corrects_month']}-01")))


class Details:
    """The tables in the words, numbers and days of who reads them."""

    def __init__(self, document: dict, form: Form, words: Mapping):
        self._document = document
        self._form = form
        self._words = words
        self._currency = document["document"]["currency"]
        self._units = Units(form, words["units"], self._currency)

    @property
    def basis(self) -> str:
        return self._words["with_tax" if self._document["document"]["amounts"] == GROSS else "before_tax"]

    @property
    def columns(self) -> tuple[str, ...]:
        tax = "vat" if all(tax["category"] for tax in self._document["summary"]["taxes"]) else "tax"
        keys = ("description", "period", "quantity", "unit_price", tax, "amount")
        return tuple(self._words[key] for key in keys)

    @property
    def groups(self) -> list[Group]:
        return [
            Group(self._heading(group), self._money(group["amount"]), [self._line(line) for line in group["lines"]])
            for group in self._document["details"]["groups"]
        ]

    def _heading(self, group: dict) -> str:
        if group["subscription_id"] is None:
            return self._words["account"]
        parts = [self._words["subscription"].format(id=group["subscription_id"])]
        if group["account_id"] != self._document["buyer"]["account_id"] and group["account_name"]:
            parts.append(group["account_name"])
        parts += [group["ordered"]] if group["ordered"] else []
        return " · ".join([*parts, *group["identifiers"]])

    def _line(self, line: dict) -> Line:
        about_product = line["item_type"] in ("discount", "bundle") and line["product"]
        remarks = [correction_of(line, self._form, self._words)] if line.get("corrects_month") else []
        remarks += self._granted(line["discount"]) if line["discount"] else []
        remarks += [self._words["on"].format(product=line["product"])] if about_product else []
        remarks += [_zone(line)] if line["zone_id"] else []
        if line["tax_included"] and line["amount"] != line["price_amount"]:
            remarks.append(self._words["price_with_tax"].format(price=self._money(line["price_amount"])))
        cells = (
            self._form.period(*days_of(line["period"])),
            self._quantity(line["quantity"], line["unit"]) if line["quantity"] else "",
            self._unit_price(line) if line["unit_price"] else "",
            self._form.percent(Decimal(line["tax_rate"])) if line["tax_rate"] else "",
            self._money(line["amount"]),
        )
        return Line(named(self._words, line["label"], line["component"]), " · ".join(remarks), cells, line["amount"])

    def _quantity(self, quantity: str, unit: str | None) -> str:
        return self._units.quantity(Decimal(quantity), unit)

    def _unit_price(self, line: dict) -> str:
        return self._units.price(Decimal(line["unit_price"]), Decimal(line["price_per"]), line["unit"])

    def _granted(self, discount: dict) -> list[str]:
        """What a discount gives, where its amount does not say it."""
        value = Decimal(discount["value"])
        said = {
            "percentage": {"percent": self._form.percent(value), "base": self._money(discount["base_amount"])},
            "free_usage": {
                "free": self._quantity(discount["value"], discount["unit"]),
                "used": self._quantity(discount["used_quantity"] or "0", discount["unit"]),
            },
            "free_period": {"period": self._form.measure(value, "duration-month")},
        }
        kind = discount["discount_type"]
        return [self._words[kind].format(**said[kind])] if kind in said else []

    @property
    def usage_columns(self) -> tuple[str, ...]:
        return tuple(self._words[key] for key in ("time", "destination", "quantity", "amount"))

    @property
    def usage(self) -> Iterator[Group]:
        """The events by subscription and line, whose price is theirs: with tax where theirs has it."""
        records = self._document["details"]["usage"]["records"]
        ordered = sorted(records, key=lambda row: row["line"])
        lines = {line["number"]: line for group in self._document["details"]["groups"] for line in group["lines"]}
        for number, events in groupby(ordered, key=lambda row: row["line"]):
            line = lines[number]
            label = named(self._words, line["label"], line["component"])
            heading = " · ".join(part for part in (line["subscription_id"], label, _zone(line)) if part)
            yield Group(heading, self._money(line["price_amount"]), [self._event(row) for row in events])

    def _event(self, row: dict) -> Line:
        price = self._form.price(Decimal(row["amount"]), self._currency)
        cells = (row["destination"] or "", self._quantity(row["quantity"], row["unit"]), price)
        return Line(self._form.moment(datetime.fromisoformat(row["local_at"])), "", cells)

    @property
    def not_listed(self) -> str:
        """That there are more events than the document has, where there are."""
        usage = self._document["details"]["usage"]
        listed, events = (self._form.number(Decimal(n)) for n in (len(usage["records"]), usage["events"]))
        return self._words["not_listed"].format(listed=listed, events=events) if listed != events else ""

    def _money(self, amount: str) -> str:
        return self._form.money(Decimal(amount), self._currency)


def _zone(line: dict) -> str | None:
    return line["zone"] or line["zone_id"]

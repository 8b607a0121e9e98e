"""Invoice lines whose rounded amounts add up to the rounded net, and invoices that are the sum of their items."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property

import ibis
import pytest
from sample_rows import Row, account, currency, item, tax_code, tax_rate

from billing_assets import calendar
from billing_assets.invoices import lines as rules
from billing_assets.invoices.tables import INVOICE_LINES, INVOICES
from billing_assets.items.carried import charged_now
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, TAX_CODES, TAX_RATES
from billing_assets.taxes.determination import TaxBook, with_tax_group
from billing_assets.taxes.groups import tax_items
from resources.engine import Engine


class Invoiced:
    """The invoices of January of some items, at 20 % tax (REDUCED 5.5 %); rows are fetched when asked for."""

    def __init__(self, items: Sequence[Row], table, engine: Engine):
        self._engine = engine
        payers = sorted({row["payer_account_id"] for row in items})
        status = {"EXEMPT": "exempt"}
        accounts = table(ACCOUNTS, *(account(account_id=p, tax_status=status.get(p, "taxable")) for p in payers))
        rates = table(TAX_RATES, tax_rate(), tax_rate(tax_code="REDUCED", rate="5.5"))
        digits = {"EUR": 2, "JPY": 0, "TND": 3, "CLF": 4}
        money = table(CURRENCIES, *(currency(currency=name, digits=count) for name, count in digits.items()))
        january = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2025-01"))
        windows = payer_windows(accounts, january)
        codes = table(TAX_CODES, tax_code(), tax_code(tax_code="REDUCED"))
        grouped = engine.cache(
            with_tax_group(charged_now(table(CHARGE_ITEMS, *items)), TaxBook(accounts, codes, rates))
        )
        placed = rules.with_line(grouped)
        lines = engine.cache(rules.invoice_lines(placed, money))
        taxes = tax_items(grouped, codes, money, windows)
        self._lines = INVOICE_LINES.shape(lines).order_by("invoice_id", "line_number")
        self._items = rules.billed_items(placed, lines, taxes)
        self._invoices = INVOICES.shape(rules.invoices(lines, taxes, accounts, windows)).order_by("invoice_id")

    @cached_property
    def lines(self) -> list[Row]:
        return self._engine.execute(self._lines).to_pylist()

    @cached_property
    def items(self) -> list[Row]:
        return self._engine.execute(self._items).to_pylist()

    @cached_property
    def invoices(self) -> list[Row]:
        return self._engine.execute(self._invoices).to_pylist()

    def totals(self) -> tuple[str, ...]:
        """Net, tax and gross of the only invoice."""
        (invoice,) = self.invoices
        return tuple(f"{invoice[name].normalize():f}" for name in ("net_amount", "tax_amount", "gross_amount"))


@pytest.fixture(scope="module")
def invoiced(table, engine) -> Callable[..., Invoiced]:
    return lambda *items: Invoiced(items, table, engine)


def lines_of(*amounts: str, **values: object) -> list[Row]:
    """Items that are printed on a line each."""
    return [item(product_id=f"P{n}", amount=amount, **values) for n, amount in enumerate(amounts)]


# What lines come to: of whom it was published, or what it shows; the currency, the items, and the lines.
ROUNDED = {
    "Meteroid: 10.00 in three parts is 3.33, 3.33 and 3.34":
        ("EUR", ("3.3333333333",) * 3, ["3.33", "3.33", "3.34"]),
    "Flexprice: three lines of 10.333333 are 30.99 by line, 31.00 in all":
        ("EUR", ("10.333333",) * 3, ["10.33", "10.33", "10.34"]),
    "Conga, round-offs: 1000.00 over three months":
        ("EUR", ("333.3333333333",) * 3, ["333.33", "333.33", "333.34"]),
    "the cents go to who lost most: 0.009 and 0.008, not 0.003":
        ("EUR", ("1.009", "1.008", "1.003"), ["1", "1.01", "1.01"]),
    "below half a cent in all there is none to give": ("EUR", ("0.001", "0.002", "0.0019"), ["0", "0", "0"]),
    "half a cent in all is one": ("EUR", ("0.001", "0.002", "0.002"), ["0", "0", "0.01"]),
    "credits are rounded down: -0.252 to -0.26, 2.252 to 2.25, and the cent of 2.00 goes to -0.26":
        ("EUR", ("-0.252", "2.252"), ["-0.25", "2.25"]),
    "only credits: -10.00 in three parts": ("EUR", ("-3.3333333333",) * 3, ["-3.33", "-3.33", "-3.34"]),
    "a fee and its whole discount": ("EUR", ("14.1935483871", "-14.1935483871"), ["-14.19", "14.19"]),
    "whole yen: 3.5 in all is 4": ("JPY", ("1.2", "1.2", "1.1"), ["1", "1", "2"]),
    "whole yen, credit: -0.5 is -1": ("JPY", ("-0.5",), ["-1"]),
    "three digits: 1.0005 is 1.001": ("TND", ("0.5003", "0.5002"), ["0.5", "0.501"]),
    "four digits: 0.00008 is 0.0001": ("CLF", ("0.00004", "0.00004"), ["0", "0.0001"]),
    "amounts in whole coins stay as they are": ("EUR", ("1.01", "2.02", "-0.03"), ["-0.03", "1.01", "2.02"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def rounded(invoiced) -> dict[str, list[str]]:
    """The line amounts of ROUNDED, each the invoice of an account of its own."""
    items = [
        row
        for name, (money, amounts, _) in ROUNDED.items()
        for row in lines_of(*amounts, currency=money, payer_account_id=name)
    ]
    found: dict[str, list[str]] = {}
    for line in invoiced(*items).lines:
        name = line["invoice_id"].removeprefix("2026-01-").rpartition("-")[0]
        found.setdefault(name, []).append(f"{line['net_amount'].normalize():f}")
    return {name: sorted(amounts) for name, amounts in found.items()}


@pytest.mark.parametrize("source", ROUNDED)
def test_lines_are_rounded_by_largest_remainder(rounded, source):
    assert rounded[source] == ROUNDED[source][-1]


def test_equal_losses_in_the_order_of_the_line_ids(invoiced):
    made = invoiced(*lines_of("3.3333333333", "3.3333333333", "3.3333333333"))
    richest = max(made.lines, key=lambda row: row["net_amount"])
    assert richest["invoice_line_id"] == min(row["invoice_line_id"] for row in made.lines)


def test_each_tax_group_is_rounded_by_itself(invoiced):
    """0.333 + 0.333 at 20 % is 0.67, and 0.333 at 5.5 % is 0.33."""
    made = invoiced(*lines_of("0.333", "0.333"), item(amount="0.333", tax_code="REDUCED"))
    by_code: dict[str, Decimal] = {}
    for row in made.lines:
        by_code[row["tax_code"]] = by_code.get(row["tax_code"], Decimal(0)) + row["net_amount"]
    assert by_code == {"STANDARD": Decimal("0.67"), "REDUCED": Decimal("0.33")}
    # tax: 20 % of 0.67 is 0.134, 5.5 % of 0.33 is 0.01815
    assert made.totals() == ("1", "0.15", "1.15")


def test_items_add_up_to_lines_and_lines_to_the_invoice(invoiced):
    """What rounding did to a line is an item of its own; the invoice is the sum of its items."""
    given = [*lines_of("14.1935483871", "20", "0.38", "-1.7", "-0.252"), item(tax_code="REDUCED", amount="0.0049")]
    made = invoiced(*given)
    for line in made.lines:
        items = [row["amount"] for row in made.items if row["invoice_line_id"] == line["invoice_line_id"]]
        assert sum(items) == line["net_amount"]
    net, tax, gross = (Decimal(amount) for amount in made.totals())
    assert sum(row["net_amount"] for row in made.lines) == net
    assert sum(row["amount"] for row in made.items if row["item_type"] == "tax") == tax
    assert sum(row["amount"] for row in made.items) == gross == net + tax


def test_lines_of_prices_with_tax_print_the_price_and_have_a_net(invoiced):
    """10.00 in three parts: 3.33, 3.33 and 3.34; net 8.3333, 8.33 by 2.7778 each: 2.78, 2.78 and 2.77."""
    made = invoiced(*lines_of(*["3.3333333333"] * 3, tax_included=True))
    assert sorted(str(row["price_amount"].normalize()) for row in made.lines) == ["3.33", "3.33", "3.34"]
    assert sorted(str(row["net_amount"].normalize()) for row in made.lines) == ["2.77", "2.78", "2.78"]
    assert made.totals() == ("8.33", "1.67", "10")


def test_items_of_prices_with_tax_add_up(invoiced):
    """12.005 and -2 at 20 % are 10.01 (10.005), 8.34 and 1.67; 5.5 % of 1.00 is 0.05 (1 / 1.055 = 0.9479)."""
    reduced = item(tax_code="REDUCED", amount="1", tax_included=True)
    made = invoiced(*lines_of("12.005", "-2", tax_included=True), reduced)
    for line in made.lines:
        of_line = {row["item_type"]: row["amount"] for row in made.items if row["source_id"] == line["invoice_line_id"]}
        assert line["exact_amount"] + of_line.get("rounding", 0) == line["price_amount"]
        assert line["price_amount"] + of_line["included_tax"] == line["net_amount"]
    assert made.totals() == ("9.29", "1.72", "11.01")
    assert sum(row["amount"] for row in made.items) == Decimal("11.01")
    out = sum(row["amount"] for row in made.items if row["item_type"] == "included_tax")
    assert out + sum(row["amount"] for row in made.items if row["item_type"] == "tax") == 0


def test_prices_with_tax_and_before_it_on_one_invoice(invoiced):
    """Of one product and code: 10 before tax, and 12 with it, are 20, 4 and 24, on a line each."""
    made = invoiced(item(amount="10"), item(amount="12", tax_included=True))
    assert {(row["price_amount"], row["net_amount"], row["included_rate"]) for row in made.lines} == {
        (10, 10, 0), (12, 10, 20),
    }  # fmt: skip
    assert made.totals() == ("20", "4", "24")


def test_the_exempt_pay_the_net_of_prices_with_tax(invoiced):
    """12 with 20 % is 10 for them; what is taken out of the line comes back as no tax."""
    made = invoiced(item(payer_account_id="EXEMPT", amount="12", tax_included=True))
    assert [(row["item_type"], row["amount"]) for row in made.items] == [("fee", 12), ("included_tax", -2), ("tax", 0)]
    assert made.totals() == ("10", "0", "10")


def test_a_credit_note_of_prices_with_tax(invoiced):
    """10 - 30 with 20 %: -16.67 and -3.33; lines of 8.3333 and -25."""
    made = invoiced(*lines_of("10", "-30", tax_included=True))
    assert made.totals() == ("-16.67", "-3.33", "-20")
    assert [(row["price_amount"], row["net_amount"]) for row in made.lines] == [(10, Decimal("8.33")), (-30, -25)]
    assert made.invoices[0]["document_type"] == "credit_note"


def test_a_worked_invoice(invoiced):
    """20 * 22 / 31 + 20 + 0.38 = 34.5735483871: net 34.57, 20 % of it 6.914, total 41.48."""
    assert invoiced(*lines_of("14.1935483871", "20", "0.38")).totals() == ("34.57", "6.91", "41.48")


def test_rounding_items_say_what_rounding_did(invoiced):
    """10.333333 three times: one line gets 0.006667, two lose 0.000333… of a coin each."""
    made = invoiced(*lines_of("10.333333", "10.333333", "10.333333"))
    rounding = [row for row in made.items if row["item_type"] == "rounding"]
    assert sorted(row["amount"] for row in rounding) == [Decimal("-0.003333")] * 2 + [Decimal("0.006667")]
    assert {row["source_id"] for row in rounding} == {row["invoice_line_id"] for row in made.lines}
    assert {(row["label"], row["events"], row["tax_code"]) for row in rounding} == {("Rounding", 0, "STANDARD")}


def test_a_line_without_rounding_has_no_rounding_item(invoiced):
    assert {row["item_type"] for row in invoiced(item(amount="1.01")).items} == {"fee", "tax"}


def test_a_line_sums_up_what_is_printed_alike(invoiced):
    """Same kind, name, subscription, product, zone, period and tax: whoever used it and at whichever rate."""
    alike = [
        item(amount="1.004", quantity="65", billed_quantity="120", events=2, rate_id="A"),
        item(amount="1.004", quantity="7", billed_quantity="60", events=3, rate_id="B", service_account_id="SON"),
    ]
    (line,) = invoiced(*alike).lines
    found = {name: line[name] for name in ("events", "quantity", "billed_quantity", "exact_amount", "net_amount")}
    assert found == {
        "events": 5, "quantity": 72, "billed_quantity": 180, "exact_amount": Decimal("2.008"),
        "net_amount": Decimal("2.01"),
    }  # fmt: skip


def test_a_line_has_the_price_that_all_its_items_have(invoiced):
    price = {"unit_price": "10", "price_per": "1"}
    assert [row["unit_price"] for row in invoiced(item(**price), item(**price)).lines] == [10]
    others = (price | {"unit_price": "9"}, price | {"price_per": "2"}, {})
    for other in others:
        (line,) = invoiced(item(**price), item(**other)).lines
        assert (line["unit_price"], line["price_per"]) == (None, None)


def test_what_is_printed_apart_has_a_line_of_its_own(invoiced):
    apart = [
        item(), item(item_type="usage"), item(label="Other"), item(subscription_id="SUB2"), item(product_id="SIM"),
        item(zone_id="FR"), item(service_start="2026-01-02"), item(unit="s"), item(tax_code="REDUCED"),
        item(component="overage"),
    ]  # fmt: skip
    made = invoiced(*apart)
    assert len(made.lines) == len(apart)
    assert [row["line_number"] for row in made.lines] == list(range(1, len(apart) + 1))


def test_lines_are_in_reading_order(invoiced):
    """By subscription and product: usage by zone, each with its bundle after it, and discounts at the end."""
    calls = {"product_id": "CALLS"}
    made = invoiced(
        item(subscription_id="SUB2", label="7"),
        item(product_id="MOBILE", label="6"),
        item(**calls, item_type="discount", label="5"),
        item(**calls, item_type="usage", zone_id="US", label="4"),
        item(**calls, item_type="bundle", zone_id="FR", label="2"),
        item(**calls, item_type="usage", zone_id="FR", label="1"),
        item(**calls, item_type="bundle", zone_id="US", label="4b"),
    )
    assert [row["label"] for row in made.lines] == ["1", "2", "4", "4b", "5", "6", "7"]


def test_one_invoice_per_payer_and_currency(invoiced):
    made = invoiced(*lines_of("1", "2"), item(currency="JPY", amount="3"), item(payer_account_id="BEN", amount="4"))
    assert {row["invoice_id"]: (row["lines"], row["net_amount"]) for row in made.invoices} == {
        "2026-01-ANNA-EUR": (2, 3), "2026-01-ANNA-JPY": (1, 3), "2026-01-BEN-EUR": (1, 4),
    }  # fmt: skip
    assert [row["line_number"] for row in made.lines] == [1, 2, 1, 1]
    (ben,) = (row for row in made.invoices if row["payer_account_id"] == "BEN")
    assert (f"{ben['usage_from']}", f"{ben['usage_to']}") == ("2025-12-31 23:00:00", "2026-01-31 23:00:00")
    assert (ben["vendor_account_id"], f"{ben['period_start']}", f"{ben['period_end']}") == (
        "VENDOR", "2026-01-01", "2026-02-01",
    )  # fmt: skip


def test_who_has_several_invoices_has_each_rounded_by_itself(invoiced):
    """The net of each is rounded by itself: twice 0.005 is 0.01 each, and not 0.01 in all; 20 % of it is nothing."""
    found = invoiced(
        item(payer_account_id="SPLIT", invoice_part="LYON", amount="0.005"),
        item(payer_account_id="SPLIT", invoice_part="NICE", amount="0.005"),
        item(payer_account_id="ANNA", service_account_id="LYON", amount="0.005"),
        item(payer_account_id="ANNA", service_account_id="NICE", amount="0.005"),
    )
    assert [(row["invoice_id"], str(row["net_amount"].normalize())) for row in found.invoices] == [
        ("2026-01-ANNA-EUR", "0.01"),
        ("2026-01-SPLIT+LYON-EUR", "0.01"),
        ("2026-01-SPLIT+NICE-EUR", "0.01"),
    ]
    assert len({row["item_id"] for row in found.items if row["item_type"] == "tax"}) == 3


def test_a_negative_total_is_a_credit_note(invoiced):
    """10 - 30, 10 - 10, less than half a cent, and minus half a cent; each with 20 % tax."""
    amounts = {"A": ("10", "-30"), "B": ("10", "-10"), "C": ("0.004",), "D": ("-0.005",)}
    made = invoiced(*(row for name, given in amounts.items() for row in lines_of(*given, payer_account_id=name)))
    assert {row["payer_account_id"]: (row["document_type"], row["gross_amount"]) for row in made.invoices} == {
        "A": ("credit_note", -24), "B": ("invoice", 0), "C": ("invoice", 0), "D": ("credit_note", Decimal("-0.01")),
    }  # fmt: skip


def test_usage_and_the_bundle_that_covers_it_cancel_out(invoiced):
    """0.0551 and -0.0551 are nothing together, though the others lose more, and get the only coin of 0.0108."""
    covered = {"product_id": "SMS", "label": "Messages"}
    made = invoiced(
        item(item_type="usage", amount="0.0551", **covered), item(item_type="bundle", amount="-0.0551", **covered),
        *lines_of("0.0054", "0.0054"),
    )  # fmt: skip
    by_product: dict[str, list[Decimal]] = {}
    for row in made.lines:
        by_product.setdefault(row["product_id"], []).append(row["net_amount"])
    assert sum(by_product["SMS"]) == 0
    assert sorted(by_product["P0"] + by_product["P1"]) == [0, Decimal("0.01")]


def test_a_discount_over_three_lines(invoiced):
    """Meteroid: 1.00 off 3.33, 3.33 and 3.34 is 0.33, 0.33 and 0.34, so that 3.00 each are left."""
    fees = [item(product_id=f"P{n}", amount=price) for n, price in enumerate(("3.33", "3.33", "3.34"))]
    parts = [item(product_id=f"P{n}", item_type="discount", label="Off", amount=part) for n, part in
             enumerate(("-0.333", "-0.333", "-0.334"))]  # fmt: skip
    found = [(row["product_id"], row["item_type"], str(row["net_amount"])) for row in invoiced(*fees, *parts).lines]
    assert [(p, t, amount.rstrip("0")) for p, t, amount in found] == [
        ("P0", "fee", "3.33"), ("P0", "discount", "-0.33"), ("P1", "fee", "3.33"), ("P1", "discount", "-0.33"),
        ("P2", "fee", "3.34"), ("P2", "discount", "-0.34"),
    ]  # fmt: skip

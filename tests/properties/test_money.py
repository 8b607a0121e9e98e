"""What must hold of every amount: parts add up, whatever the order and wherever they are cut."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

import ibis
from billing_schedules import Schedules
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sample_rows import (
    account,
    bundle,
    currency,
    item,
    order_line,
    rated_item,
    scheme,
    tax_code,
    tax_rate,
)

from billing_assets import calendar
from billing_assets.invoices.lines import invoice_lines, rounding_items, with_line
from billing_assets.items.carried import charged_now
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.month import payer_windows
from billing_assets.reference.tables import ACCOUNTS, CURRENCIES, TAX_CODES, TAX_RATES
from billing_assets.taxes.determination import TaxBook, with_tax_group
from billing_assets.taxes.groups import tax_items

# Each example is a table of many cases: the engine is asked once for all of them.
MANY = settings(max_examples=4, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
HALF_A_UNIT = Decimal("0.00000000005")


@st.composite
def cut_lives(draw) -> tuple[date, date, date, int, Decimal]:
    """Start, cut, end, billing day and monthly price of an order line."""
    start = draw(st.dates(date(2025, 1, 1), date(2025, 9, 30)))
    days = draw(st.integers(2, 120))
    cut = draw(st.integers(1, days - 1))
    price = Decimal(draw(st.integers(-(10**12), 10**12))).scaleb(-4)
    return start, start + timedelta(days=cut), start + timedelta(days=days), draw(st.integers(1, 31)), price


@MANY
@given(
    st.lists(cut_lives(), min_size=20, max_size=30),
    st.sampled_from(("in_advance", "in_arrears")),
    st.sampled_from(("last", "first")),
    st.sampled_from(("calendar_days", "thirty_days")),
)
def test_cutting_a_life_in_two_never_changes_its_sum(rows, table, lives, rule, residual, proration):
    """To the last decimal, wherever what rounding leaves over goes."""
    lines = []
    for n, (start, cut, end, day, price) in enumerate(lives):
        for part, (first, after) in {"whole": (start, end), "left": (start, cut), "right": (cut, end)}.items():
            lines.append(order_line(order_line_id=f"{n}:{part}", start_date=first, end_date=after, billing_day=day,
                                    billing_rule=rule, net_price=price, billing_term_scheme_id="SCHEME"))  # fmt: skip
    # the first month takes everything that was ready earlier
    details = Schedules(table, rows, (scheme(residual=residual, proration=proration),)).details(
        ["2026-06"], *lines, first="2026-06"
    )
    sums = details.group_by("order_line_id").aggregate(fees=details.fee_amount.sum())
    found = {row["order_line_id"]: row["fees"] for row in rows(sums)}
    for n in range(len(lives)):
        whole, left, right = (found[f"{n}:{part}"] for part in ("whole", "left", "right"))
        assert left + right == whole


EVENTS = st.lists(st.tuples(st.integers(0, 5), st.integers(-60, 100), st.integers(0, 30)), min_size=60, max_size=120)


@MANY
@given(EVENTS, st.sampled_from(("time", "highest_price", "pro_rata")))
def test_a_bundle_covers_the_units_used_up_to_its_own_whatever_the_order(bundled, events, cover_order):
    """Of subscription, units and minute: covered = used, at least 0 and at most 100; 0.01 each is taken back."""
    rated = [
        rated_item(udr_id=f"U{n}", subscription_id=f"SUB{subscription}", billed_quantity=f"{units}",
                   unit_amount=f"{Decimal(units) / 100}", billing_effective_at=f"2026-01-15T12:{minute:02d}:00")
        for n, (subscription, units, minute) in enumerate(events)
    ]  # fmt: skip
    items, _ = bundled(*rated, bundles=(bundle(cover_order=cover_order),))
    for subscription in {subscription for subscription, *_ in events}:
        used = sum(units for owner, units, _ in events if owner == subscription)
        covered = min(max(used, 0), 100)
        found = [row for row in items if row["owner_id"] == f"SUB{subscription}"]
        assert sum(row["covered_quantity"] for row in found) == covered
        # 40 of 60 units that cost 0.60 are exact; 7 of 60 are rounded, once an event
        assert abs(sum(row["amount"] for row in found) + Decimal(covered) / 100) <= len(events) * HALF_A_UNIT


@st.composite
def invoices(draw) -> list[tuple[int, str, Decimal]]:
    """Payer, currency and amount of some items."""
    halves = st.integers(-20, 20).map(lambda n: n * 5 * 10**6)
    amounts = st.integers(-(10**13), 10**13) | st.integers(-(10**9), 10**9) | halves
    lines = st.tuples(st.integers(0, 15), st.sampled_from(("EUR", "JPY", "TND")), amounts)
    return [(p, c, Decimal(a).scaleb(-10)) for p, c, a in draw(st.lists(lines, min_size=80, max_size=160))]


COINS = {"EUR": Decimal("0.01"), "JPY": Decimal(1), "TND": Decimal("0.001")}


def in_coins(value: Decimal | Fraction, coin: Decimal) -> Decimal:
    """The nearest whole coins, half away from zero."""
    coins = Decimal(floor(abs(Fraction(value)) / Fraction(coin) + Fraction(1, 2))) * coin
    return coins if value >= 0 else -coins


@MANY
@given(invoices())
def test_lines_add_up_and_move_by_less_than_a_coin(rows, table, given_items):
    items = [
        item(payer_account_id=f"P{payer}", currency=money, amount=amount, product_id=f"L{n}")
        for n, (payer, money, amount) in enumerate(given_items)
    ]
    digits = table(CURRENCIES, *(currency(currency=c, digits=-coin.as_tuple().exponent) for c, coin in COINS.items()))
    accounts = table(ACCOUNTS, *(account(account_id=f"P{payer}") for payer in range(16)))
    book = TaxBook(accounts, table(TAX_CODES, tax_code()), table(TAX_RATES, tax_rate()))
    placed = with_line(with_tax_group(charged_now(table(CHARGE_ITEMS, *items)), book))
    lines = invoice_lines(placed, digits)
    sums: dict[str, list[Decimal]] = {}
    moved: dict[str, Decimal] = {}
    for line in rows(lines.select("invoice_id", "invoice_line_id", "currency", "exact_amount", "net_amount")):
        coin = COINS[line["currency"]]
        assert line["net_amount"] % coin == 0
        assert abs(line["net_amount"] - line["exact_amount"]) < coin
        exact, net = sums.setdefault(line["invoice_id"], [Decimal(0), Decimal(0)])
        sums[line["invoice_id"]] = [exact + line["exact_amount"], net + line["net_amount"]]
        moved[line["invoice_line_id"]] = line["net_amount"] - line["exact_amount"]
    for invoice, (exact, net) in sums.items():
        coin = COINS[invoice.rpartition("-")[2]]
        # the nearest whole coins, half away from zero
        assert net % coin == 0
        assert net == in_coins(exact, coin)
    rounding = {row["source_id"]: row["amount"] for row in rows(rounding_items(lines))}
    assert rounding == {line: amount for line, amount in moved.items() if amount}


RATES = [Decimal(rate) for rate in ("0", "0.000001", "2.5", "5.5", "7.700001", "8.1", "19", "20", "21", "100")]


@MANY
@given(invoices(), st.lists(st.sampled_from(RATES), min_size=16, max_size=16))
def test_net_and_tax_of_prices_with_tax_are_the_price(rows, table, given_items, rates):
    """Each payer has a rate of its own; every fourth is exempt, and pays the net alone."""
    items = [
        item(payer_account_id=f"P{payer}", currency=money, amount=amount, product_id=f"L{n}", tax_included=True)
        for n, (payer, money, amount) in enumerate(given_items)
    ]
    digits = table(CURRENCIES, *(currency(currency=c, digits=-coin.as_tuple().exponent) for c, coin in COINS.items()))
    accounts = table(ACCOUNTS, *(account(account_id=f"P{n}", country=f"C{n}",
                                         tax_status="taxable" if n % 4 else "exempt") for n in range(16)))  # fmt: skip
    known = table(TAX_RATES, *(tax_rate(country=f"C{n}", rate=rate) for n, rate in enumerate(rates)))
    window = ibis.memtable(calendar.windows("2026-01", {"first": 1}, ["Europe/Paris"], "2026-01"))
    codes = table(TAX_CODES, tax_code())
    grouped = with_tax_group(charged_now(table(CHARGE_ITEMS, *items)), TaxBook(accounts, codes, known))
    taxes = rows(tax_items(grouped, codes, digits, payer_windows(accounts, window)))
    lines = rows(invoice_lines(with_line(grouped), digits))
    assert len(taxes) == len({(payer, money) for payer, money, _ in given_items})
    for tax in taxes:
        coin, payer = COINS[tax["currency"]], int(tax["payer_account_id"][1:])
        exact = sum(a for p, money, a in given_items if (p, money) == (payer, tax["currency"]))
        assert tax["price_amount"] == in_coins(exact, coin)
        whole = 1 + Fraction(rates[payer]) / 100
        assert tax["base_amount"] == in_coins(Fraction(tax["price_amount"]) / whole, coin)
        assert tax["amount"] == (tax["price_amount"] - tax["base_amount"] if payer % 4 else 0)
        of_group = [line for line in lines if line["invoice_id"] == tax["invoice_id"]]
        assert sum(line["price_amount"] for line in of_group) == tax["price_amount"]
        assert sum(line["net_amount"] for line in of_group) == tax["base_amount"]
        for line in of_group:
            assert line["net_amount"] % coin == 0
            assert abs(Fraction(line["net_amount"]) - Fraction(line["exact_amount"]) / whole) <= coin

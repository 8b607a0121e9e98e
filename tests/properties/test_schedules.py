"""What must hold of every schedule: parts are the whole; undone, or billed another way, it is the same money."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from billing_schedules import Schedules
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from order_lives import Lives, action
from sample_rows import Row, billing_split, order, order_line, sample, scheme
from split_lines import SplitLines

from billing_assets.billing_schedule import maturity
from billing_assets.billing_schedule.agreed_terms import agreed_terms
from billing_assets.billing_schedule.phases import in_phases, price_phases
from billing_assets.billing_schedule.trials import trials
from billing_assets.calendar import month_range
from billing_assets.orders.tables import ORDER_LINES, ORDER_TERMS
from billing_assets.reference.tables import OFFER_TERMS, SCHEME_TERMS, TRIAL_UNITS

# Each example is a table of many cases: the engine is asked once for all of them.
MANY = settings(max_examples=3, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
# Where an example asks the engine many times.
FEW = settings(MANY, max_examples=2)
COINS = {"EUR": Decimal("0.01"), "JPY": Decimal(1), "TND": Decimal("0.001")}
YEAR = month_range("2025-01", "2025-12")
DAYS = st.integers(1, 180)
NO_OTHER_TERMS = OFFER_TERMS.no_rows(), SCHEME_TERMS.no_rows()
trial_terms = sample(ORDER_TERMS, source="cpq", source_line_id="1")
PRICES = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-4))


def sums(rows: list[Row], *by: str) -> Counter:
    """Fees by some columns."""
    found: Counter = Counter()
    for row in rows:
        found[tuple(row[c] for c in by)] += row["fee_amount"]
    return found


FREQUENCY = ("billing_frequency", "frequency_count", "frequency_unit")
NAMED = ("weekly", "monthly", "quarterly", "half_yearly", "yearly")
CUSTOM = st.tuples(st.just("custom"), st.integers(1, 40), st.sampled_from(("day", "week", "month")))


@st.composite
def lives(draw) -> dict:
    """Terms of an order line that begins and ends within 2025."""
    start = date(2025, 1, 1) + timedelta(draw(st.integers(0, 120)))
    frequency = draw(st.tuples(st.sampled_from(NAMED), st.none(), st.none()) | CUSTOM)
    of_days = frequency[0] == "weekly" or frequency[2] in ("day", "week")
    return {
        "start_date": start, "end_date": start + timedelta(draw(DAYS)), "net_price": draw(PRICES),
        "billing_day": None if of_days else draw(st.integers(1, 31)), **dict(zip(FREQUENCY, frequency, strict=True)),
    }  # fmt: skip


@st.composite
def trial_lengths(draw) -> dict:
    return {"trial_length": draw(st.integers(1, 60)), "trial_unit": draw(st.sampled_from(TRIAL_UNITS))}


@st.composite
def shares(draw) -> list[dict]:
    """Parts that are a whole, by percent or by amount; one may take the rest, and days may divide them once more."""
    count = draw(st.integers(1, 5))
    if draw(st.booleans()):
        cuts = sorted(draw(st.sets(st.integers(1, 10**8 - 1), min_size=count, max_size=count)))
        ends = zip([0, *cuts], [*cuts, 10**8], strict=True)
        parts = [{"percent": Decimal(end - begin).scaleb(-6)} for begin, end in ends]
        if draw(st.booleans()):
            parts[draw(st.integers(0, count))] = {}
    else:
        parts = [{"amount": Decimal(draw(st.integers(1, 10**7))).scaleb(-3)} for _ in range(count)]
        parts.insert(draw(st.integers(0, count)), {})
    border = {} if draw(st.booleans()) else {"valid_to": date(2025, 1, 1) + timedelta(draw(st.integers(0, 200)))}
    return [part | border for part in parts]


@MANY
@given(
    st.lists(st.tuples(lives(), shares(), st.sampled_from(sorted(COINS))), min_size=20, max_size=30),
    st.sampled_from(("last", "first")),
    st.sampled_from(("calendar_days", "thirty_days", "full")),
)
def test_the_parts_of_a_split_line_are_the_whole(rows, table, cases, residual, proration):
    """To the last decimal, in each full period; and all of a record's parts but one are whole coins."""
    lines, splits = [], []
    for n, (life, parts, coins) in enumerate(cases):
        name = {"order_line_id": f"cpq:O{n}:1", "ordered_line_id": f"cpq:O{n}:1", "source_order_id": f"O{n}"}
        lines.append(order_line(**life, **name, currency=coins, billing_term_scheme_id="SCHEME"))
        places = enumerate(parts)
        splits += [billing_split(source_order_id=f"O{n}", part=place + 1, **part) for place, part in places]
    schemes = (scheme(residual=residual, proration=proration),)
    cut = SplitLines(table, rows, lines, splits, schemes)
    assert cut.refused == []
    made = cut.shares(["2026-06"], "2026-06")
    key = ("ordered_line_id", "full_start")
    whole = rows(Schedules(table, rows, schemes).details(["2026-06"], *lines, first="2026-06"))
    if proration != "full":
        assert sums(made, *key) == sums(whole, *key)
    for row in made:
        if row["undivided_amount"] is not None:
            assert abs(row["fee_amount"]) <= abs(row["undivided_amount"])
            assert row["fee_amount"] * row["undivided_amount"] >= 0
    broken = Counter(
        (row["ordered_line_id"], row["period_start"])
        for row in made
        if row["undivided_amount"] is not None and "percent" in cases[_place(row)][1][0]
        and row["fee_amount"] % COINS[row["currency"]]
    )  # fmt: skip
    assert max(broken.values(), default=0) <= 1


def _place(row: Row) -> int:
    return int(row["ordered_line_id"].split(":")[1][1:])


@MANY
@given(st.lists(lives(), min_size=20, max_size=30), st.sampled_from(("calendar_days", "thirty_days")))
def test_in_advance_and_in_arrears_are_the_same_money(rows, table, terms, proration):
    lines = [
        order_line(**life, order_line_id=f"{n}:{rule}", billing_rule=rule, billing_term_scheme_id="SCHEME")
        for n, life in enumerate(terms)
        for rule in ("in_advance", "in_arrears")
    ]
    found = rows(Schedules(table, rows, (scheme(proration=proration),)).details(["2026-06"], *lines, first="2026-06"))
    by_rule = {rule: [] for rule in ("in_advance", "in_arrears")}
    for row in found:
        by_rule[row["billing_rule"]].append(row | {"line": row["order_line_id"].split(":")[0]})
    advance, arrears = (sums(of_rule, "line", "period_start", "period_end") for of_rule in by_rule.values())
    assert advance == arrears
    assert len(advance) >= len(terms)


@MANY
@given(
    st.lists(st.tuples(lives(), trial_lengths()), min_size=20, max_size=30),
    st.sampled_from(("calendar_days", "thirty_days")),
    PRICES,
)
def test_a_trial_cuts_fees_into_parts_that_are_the_whole(rows, table, engine, cases, proration, price):
    """At the price of the line it changes nothing; at another one, its days have that and the others theirs."""
    lines = [
        order_line(**life, source_order_id=f"O{n}", order_line_id=f"{n}", ordered_line_id=f"cpq:O{n}:1",
                   subscription_id=f"{n}", billing_term_scheme_id="SCHEME")
        for n, (life, _) in enumerate(cases)
    ]  # fmt: skip
    schedules = Schedules(table, rows, (scheme(proration=proration),))
    headers = engine.cache(schedules.headers(*lines))
    due = engine.cache(schedules.due_of(headers, ["2026-06"], "2026-06"))

    def billed(prices: list[Decimal]) -> list[Row]:
        tried = [
            trial_terms(source_order_id=f"O{n}", trial_price=price, **trial)
            for n, ((_, trial), price) in enumerate(zip(cases, prices, strict=True))
        ]
        terms = agreed_terms(table(ORDER_LINES, *lines), table(ORDER_TERMS, *tried), *NO_OTHER_TERMS)
        phases = engine.cache(price_phases(headers, trials(headers, terms), ()))
        return rows(schedules.priced(maturity.with_net_price(in_phases(due, phases))))

    key = ("order_line_id", "full_start")
    plain = sums(rows(schedules.priced(maturity.with_net_price(due))), *key)
    assert sums(billed([life["net_price"] for life, _ in cases]), *key) == plain
    free, tried = billed([Decimal(0)] * len(cases)), billed([price] * len(cases))
    agreed = {(row["order_line_id"], row["period_start"]): row["fee_amount"] for row in free if row["fee_amount"]}
    for row in tried:
        place = row["order_line_id"], row["period_start"]
        assert row["full_price"] == price or row["fee_amount"] == agreed.get(place, 0)


@FEW
@given(st.lists(st.tuples(lives(), st.sampled_from(("in_advance", "in_arrears"))), min_size=20, max_size=30))
def test_month_by_month_is_the_same_as_in_one_go(rows, table, cases):
    lines = [order_line(**life, order_line_id=f"{n}", billing_rule=rule) for n, (life, rule) in enumerate(cases)]
    schedules = Schedules(table, rows)
    shown = ("order_line_id", "period_start", "period_end", "ready_for_invoice_date", "fee_amount")

    def billed(months: list[str]) -> list[tuple]:
        found = rows(schedules.details(months, *lines, first=YEAR[0]))
        return [tuple(row[c] for c in shown) for row in found]

    assert sorted(row for month in YEAR for row in billed([month])) == sorted(billed(YEAR))


@FEW
@given(st.lists(st.tuples(lives(), DAYS, PRICES, st.booleans()), min_size=30, max_size=40))
def test_what_is_amended_and_undone_is_as_it_was(rows, table, engine, cases):
    """Another price and back, or cancelled and reinstated, on one day: each full period comes to the same."""
    orders, actions = [], []
    for n, (life, after, price, is_price) in enumerate(cases):
        given_price = {name: value for name, value in life.items() if name != "net_price"}
        orders.append(order(source_order_id=f"O{n}", source_line=n, unit_price=life["net_price"], **given_price))
        day = life["start_date"] + timedelta(after % (life["end_date"] - life["start_date"]).days)
        done = {"unit_price": price} if is_price else {"action": "cancel"}
        undone = {"unit_price": life["net_price"]} if is_price else {"action": "reinstate"}
        actions += [
            action(source_order_id=f"{step}{n}", amends_order_id=f"O{n}", start_date=day, source_line=n, **what)
            for step, what in (("A", done), ("B", undone))
        ]
    schedules = Schedules(table, rows)

    def billed(*actions: Row) -> Counter:
        lines, refused, _ = Lives(table, rows, engine)(orders, *actions)
        assert refused == {}
        details = schedules.details(["2026-06"], *rows(lines), first="2026-06")
        return sums(rows(details), "ordered_line_id", "full_start", "full_end")

    nothing = action(source_order_id="Z", amends_order_id="O0", start_date=cases[0][0]["start_date"])
    assert billed(*actions) == billed(nothing)

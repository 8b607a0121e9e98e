"""Whatever becomes of charges: the ledger comes to the last draft, and each tax group to what was billed in it."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from posted_books import Books
from sample_rows import item

# Each draft is of many charges: the engine is asked once for all of them.
MANY = settings(max_examples=2, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
FIRST = date(2026, 4, 1)


@st.composite
def states(draw) -> dict | None:
    """A charge as a draft has it: until when, for how much, how many units; None where it has none."""
    if draw(st.integers(0, 4)) == 0:
        return None
    return {
        "service_end": FIRST + timedelta(days=draw(st.sampled_from((9, 15, 30)))),
        "amount": Decimal(draw(st.sampled_from((-10, 0, 30, 50, 100)))),
        "quantity": draw(st.sampled_from((None, Decimal(1), Decimal(2)))),
    }


@MANY
@given(
    st.lists(st.lists(states(), min_size=40, max_size=40), min_size=4, max_size=5),
    st.lists(st.sampled_from((7, 10, 20)), min_size=6, max_size=6),
)
def test_what_is_posted_comes_to_the_last_draft(rows, table, drafts, rates):
    books = Books(table, rows)
    until: dict[str, date] = {}
    for draft, rate in zip(drafts, rates, strict=False):
        named = {f"BSD-{n}": state for n, state in enumerate(draft) if state is not None}
        due = [
            item(item_id=name, source_id=name, month="2026-04", service_start=FIRST, billed_quantity=None, **state)
            for name, state in named.items()
        ]
        before = books.sums("source_id", "rate")
        made = books.post(*due, rate=lambda day, rate=rate: rate)
        # a month later nothing is found, and what is due is what stands
        assert books.found(*due) == []
        amounts = {(name,): state["amount"] for name, state in named.items() if state["amount"]}
        assert books.sums("source_id") == amounts
        after = books.sums("source_id", "rate")
        for (name, group), amount in after.items():
            # no group is left with something of the other sign, and only the rate of today has more than before
            assert amount * named[name]["amount"] > 0
            assert group == rate or abs(amount) <= abs(before.get((name, group), Decimal(0)))
        for row in made:
            name, kind = row["source_id"], row["correction"]
            if kind in ("shortened", "extended"):
                days = sorted((until[name], named[name]["service_end"]))
                assert [row["service_start"], row["service_end"]] == days
        until |= {row["source_id"]: named[row["source_id"]]["service_end"] for row in made if row["source_id"] in named}

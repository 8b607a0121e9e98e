"""Checks of the rating stage: each UDR is rated once, or said to have no rate."""

from decimal import Decimal

import ibis

from billing_assets.exact import AMOUNT, read_number, total
from billing_assets.quality import Check, differing, some
from billing_assets.rating.tables import MEASURED_USAGE, RATED_ITEMS, UNRATED_UDRS, USED_RATES
from billing_assets.rating.used_rates import contents, edited
from billing_assets.rating.wholesale import resold, wholesale
from billing_assets.reference.tables import RATES, UDR_TYPE_ATTRIBUTES
from billing_assets.run import Run
from billing_assets.usage.tables import UDRS

EXPECTED_AMOUNT = "expected_amount"
TOLERANCE = Decimal("0.000000001")
MOST_NAMED = 100
# A record is an event for everyone who pays for it.
_EVENT = ["event_day", "udr_id", "payer_account_id"]


def events_balance(run: Run) -> list[dict]:
    udrs, rated = run(UDRS), run(RATED_ITEMS)
    is_part = rated.tariff_id.notnull() | (rated.split > 0)
    in_parts = rated.filter(is_part).select(_EVENT).distinct()
    book = wholesale(run, run.rows, run.cache)
    owed = udrs.select("event_day")
    if book is not None:
        owed = owed.union(resold(udrs, book).select("event_day"))
    made = ibis.union(
        rated.filter(~is_part).select("event_day"),
        in_parts.select("event_day"),
        *(run(table).select("event_day") for table in (MEASURED_USAGE, UNRATED_UDRS)),
    )
    counted_in = owed.group_by("event_day").aggregate(events=owed.count())
    counted_out = made.group_by("event_day").aggregate(events=made.count())
    return some(run, differing(counted_in, counted_out, ["event_day"], "events"))


def parts_add_up(run: Run) -> list[dict]:
    rated = run(RATED_ITEMS)
    split = rated.filter(rated.tariff_id.isnull() & (rated.split > 0))
    together = split.group_by(_EVENT).aggregate(quantity=split.quantity.sum())
    udrs = run(UDRS).select("event_day", "udr_id", "quantity")
    whole = together.drop("quantity").join(udrs, ["event_day", "udr_id"])
    return some(run, differing(whole, together, _EVENT, "quantity"))


def all_rated(run: Run) -> list[dict]:
    unrated = run(UNRATED_UDRS)
    return some(run, unrated.group_by("reason", "detail").aggregate(events=unrated.count()))


def amounts_as_expected(run: Run) -> list[dict]:
    declared = run(UDR_TYPE_ATTRIBUTES).filter(ibis._.attribute == EXPECTED_AMOUNT)
    types = run.column(declared, "udr_type")
    if not types:
        return []
    told = run(UDRS).filter(ibis._.udr_type.isin(types))
    told = told.mutate(expected=read_number(told.attributes.get(EXPECTED_AMOUNT), AMOUNT))
    rated = run(RATED_ITEMS)
    rated = rated.group_by(_EVENT).aggregate(amount=total(rated.amount))
    priced = told.filter(told.expected.notnull()).join(rated, _EVENT)
    off = priced.filter((priced.amount - priced.expected).abs() > ibis.literal(TOLERANCE, AMOUNT))
    count = run.rows(off.aggregate(events=off.count()))[0]["events"]
    named = off.select(
        "source_file", "source_line", amount=off.amount.cast("string"), expected=off.expected.cast("string")
    ).order_by("source_file", "source_line")
    return [{"events": count}, *run.rows(named.limit(MOST_NAMED))] if count else []


def used_rates_unchanged(run: Run) -> list[dict]:
    found = edited(run.lake.read_all(USED_RATES), run(RATES), contents(run))
    return some(run, found.order_by("rate_plan", "rate_id"))


CHECKS = (
    Check(RATED_ITEMS, "events_balance",
          "Every UDR is rated, measured, or without a rate, once for each who is to pay for it.", events_balance),
    Check(RATED_ITEMS, "parts_add_up", "The parts of a UDR that was split have its quantity together.", parts_add_up),
    Check(UNRATED_UDRS, "all_rated", "Every UDR has a rate.", all_rated, blocking=False),
    Check(RATED_ITEMS, "amounts_as_expected",
          f"An event that brings an {EXPECTED_AMOUNT} attribute comes to that amount, to {TOLERANCE:f}.",
          amounts_as_expected, blocking=False),
    Check(USED_RATES, "used_rates_unchanged",
          "A rate says what it said when it priced usage: prices in use are replaced from a day on, not edited.",
          used_rates_unchanged, blocking=False),
)  # fmt: skip

"""Checks of the discounts stage: what is given is within its limits, and takes no more than there is."""

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.discounts.targets import TARGET
from billing_assets.exact import AMOUNT, QUANTITY, amount, exact_share, percentage_of, total
from billing_assets.months import months_after
from billing_assets.quality import Check, some
from billing_assets.reference.tables import (
    ANY_DAY,
    DISCOUNT_DEFINITIONS,
    FREE_PERIOD,
    FREE_USAGE,
    OF_MONEY,
    SERVICE_JOB,
)
from billing_assets.run import Run

# An item adds up parts that are rounded one by one.
_TOLERANCE = Decimal("0.000001")
_NO_UNITS = ibis.literal(0).cast(QUANTITY)


def values_allowed(run: Run) -> list[dict]:
    definitions = run(DISCOUNT_DEFINITIONS).select(
        "discount_definition_id", "minimum_value", "maximum_value", set_value="value"
    )
    given = run(DISCOUNTS).join(definitions, "discount_definition_id")
    least, most = (ibis.coalesce(given.set_value, given[c]) for c in ("minimum_value", "maximum_value"))
    return some(run, given.filter((given.value < least) | (given.value > most)).select("discount_id", "value"))


def _requested(run: Run) -> ir.Table:
    """Each discount that was asked for, once, with how often its definition is given."""
    definitions = run(DISCOUNT_DEFINITIONS).filter(ibis._.given == "ad_hoc")
    often = definitions.select("discount_definition_id", "times_per_year")
    once = run(DISCOUNTS).select("discount_definition_id", *TARGET, "discount_id", "valid_from", "valid_to").distinct()
    return once.join(often, "discount_definition_id")


def as_often_as_allowed(run: Run) -> list[dict]:
    given = _requested(run)
    dated = given.mutate(year=given.valid_from.year())
    counted = dated.group_by("discount_definition_id", *TARGET, "year", "times_per_year").aggregate(times=dated.count())
    return some(run, counted.filter(counted.times > counted.times_per_year))


def one_at_a_time(run: Run) -> list[dict]:
    given = _requested(run)
    key = [given[c] for c in ("discount_definition_id", *TARGET)]
    earlier = ibis.window(group_by=key, order_by=[given.valid_from, given.discount_id], preceding=(None, 1))
    ended = given.mutate(others_last=given.valid_to.max().over(earlier))
    return some(run, ended.filter(ended.valid_from < ended.others_last).drop("times_per_year"))


def as_long_as_allowed(run: Run) -> list[dict]:
    definitions = run(DISCOUNT_DEFINITIONS).select(
        "discount_definition_id", "duration_months", "given", ends_on="valid_to"
    )
    lasting = run(DISCOUNTS).filter(ibis._.target != SERVICE_JOB)
    given = lasting.join(definitions, "discount_definition_id")
    begins_with_products = (given.given == "automatic") & (given.starts_on != ANY_DAY)
    months = ibis.cases(
        (given.discount_type == FREE_PERIOD, ibis.ifelse(begins_with_products, None, given.value.cast("int64"))),
        (given.discount_type == "amount", 1),
        else_=given.duration_months,
    )
    last = ibis.ifelse(months.isnull(), given.ends_on, months_after(given.valid_from, months.fill_null(0)))
    return some(run, given.filter(given.valid_to > last).select("discount_id", "valid_from", "valid_to"))


def shares_as_given(run: Run) -> list[dict]:
    items = run(DISCOUNT_ITEMS).filter(ibis._.discount_type.isin(("percentage", FREE_USAGE)))
    free = ibis.least(items.value.cast(QUANTITY), items.whole_quantity)
    share = exact_share(items.base_amount, free, items.whole_quantity.nullif(_NO_UNITS))
    due = ibis.ifelse(items.discount_type == "percentage", percentage_of(items.base_amount, items.value), share)
    off = amount(items.amount + due).abs() > ibis.literal(_TOLERANCE, AMOUNT)
    return some(run, items.filter(off.fill_null(True)).select("item_id", "source_id", "value", "base_amount", "amount"))


def amounts_in_full(run: Run) -> list[dict]:
    items = run(DISCOUNT_ITEMS).filter(ibis._.discount_type.isin(OF_MONEY))
    given = items.group_by("source_id", "value", "whole_amount").aggregate(taken=total(items.amount))
    due = ibis.least(given.value, given.whole_amount)
    return some(run, given.filter(amount(-given.taken) != due))


def nothing_below_zero(run: Run) -> list[dict]:
    items = run(DISCOUNT_ITEMS)
    left = amount(items.base_amount + items.amount)
    below = ((items.base_amount >= 0) & (left < 0)) | ((items.base_amount < 0) & (left > 0))
    more = (items.base_amount >= 0) & (items.amount > 0)
    return some(run, items.filter(below | more).select("item_id", "source_id", "base_amount", "amount"))


CHECKS = (
    Check(DISCOUNTS, "values_allowed", "Every discount has the value of its definition, or one between its limits.",
          values_allowed),
    Check(DISCOUNTS, "as_often_as_allowed", "Nobody has more discounts of a definition in a year than that allows.",
          as_often_as_allowed),
    Check(DISCOUNTS, "one_at_a_time", "Nobody has two requested discounts of a definition at a time.", one_at_a_time),
    Check(DISCOUNTS, "as_long_as_allowed", "No discount lasts longer than its definition, or its free months, say.",
          as_long_as_allowed),
    Check(DISCOUNT_ITEMS, "shares_as_given",
          "A percentage, or the share of free units in all units, is what is taken off, and no more.", shares_as_given),
    Check(DISCOUNT_ITEMS, "amounts_in_full", "An amount is taken off once in a month, in full or all that there is.",
          amounts_in_full),
    Check(DISCOUNT_ITEMS, "nothing_below_zero", "No discount takes off more than earlier ones have left.",
          nothing_below_zero),
)  # fmt: skip

"""Checks of the discounts stage: what is given is within its limits, and takes no more than there is."""

import ibis

from billing_assets.discounts.tables import DISCOUNT_ITEMS, DISCOUNTS
from billing_assets.exact import amount, total
from billing_assets.quality import Check, some
from billing_assets.reference.tables import DISCOUNT_DEFINITIONS, OF_MONEY
from billing_assets.run import Run


def values_allowed(run: Run) -> list[dict]:
    definitions = run(DISCOUNT_DEFINITIONS).select(
        "discount_definition_id", "minimum_value", "maximum_value", set_value="value"
    )
    given = run(DISCOUNTS).join(definitions, "discount_definition_id")
    least, most = (ibis.coalesce(given.set_value, given[c]) for c in ("minimum_value", "maximum_value"))
    return some(run, given.filter((given.value < least) | (given.value > most)).select("discount_id", "value"))


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
    Check(DISCOUNT_ITEMS, "amounts_in_full", "An amount is taken off once in a month, in full or all that there is.",
          amounts_in_full),
    Check(DISCOUNT_ITEMS, "nothing_below_zero", "No discount takes off more than earlier ones have left.",
          nothing_below_zero),
)  # fmt: skip

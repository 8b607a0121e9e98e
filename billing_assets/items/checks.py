"""Checks of the items stage: what was rated is charged, once, in full."""

import ibis

from billing_assets.carried import all_of_both, month_before_made, next_month_begins_with_it
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.exact import AMOUNT, total
from billing_assets.items.tables import CARRIED_AMOUNTS, CHARGE_ITEMS
from billing_assets.quality import Check, differing, some
from billing_assets.rating.month import payer_windows, rated_in_month
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNTS, INVOICE_MINIMUMS
from billing_assets.run import Run

# What takes off what others charge.
_REDUCTIONS = ("bundle", "discount")


def event_days_complete(run: Run) -> list[dict]:
    have = set(run.lake.keys(RATED_ITEMS))
    return [{"event_day without a file": day} for day in run.event_days if day not in have]


def usage_charged_in_full(run: Run) -> list[dict]:
    rated = rated_in_month(run(RATED_ITEMS), payer_windows(run(ACCOUNTS), run.windows))
    items = run(CHARGE_ITEMS).filter(ibis._.source_table == RATED_ITEMS.name)
    key = ["billing_cycle", "tax_included", "currency"]
    sums_in = rated.group_by(*key).aggregate(amount=rated.amount.sum(), events=rated.count())
    sums_out = items.group_by(*key).aggregate(amount=items.amount.sum(), events=items.events.sum())
    return some(run, differing(sums_in, sums_out, key, "amount")) + some(
        run, differing(sums_in, sums_out, key, "events")
    )


def totals_charged_in_full(run: Run) -> list[dict]:
    key = ["billing_cycle", "tax_included", "currency"]
    charges = run(USAGE_CHARGES)
    items = run(CHARGE_ITEMS).filter(ibis._.source_table == USAGE_CHARGES.name)
    sums_in = charges.group_by(*key).aggregate(amount=charges.amount.sum())
    sums_out = items.group_by(*key).aggregate(amount=items.amount.sum())
    return some(run, differing(sums_in, sums_out, key, "amount"))


def one_cycle_per_account(run: Run) -> list[dict]:
    items = run.lake.read(CHARGE_ITEMS, [run.month])
    cycles = items.select("payer_account_id", "billing_cycle").distinct()
    several = cycles.group_by("payer_account_id").aggregate(
        cycles=cycles.count(), names=cycles.billing_cycle.group_concat(", ", order_by=cycles.billing_cycle)
    )
    return some(run, several.filter(several.cycles > 1).select("payer_account_id", "names"))


def amounts_have_currency(run: Run) -> list[dict]:
    items = run(CHARGE_ITEMS)
    known = run.currencies.select(known="currency")
    return some(run, items.anti_join(known, items.currency == known.known).select("item_id", "currency"))


def nothing_below_zero(run: Run) -> list[dict]:
    items = run(CHARGE_ITEMS)
    key = ("leg", "payer_account_id", "subscription_id", "product_id", "service_start", "service_end", "tax_included",
           "currency")  # fmt: skip
    charged = ibis.ifelse(items.item_type.isin(_REDUCTIONS), ibis.null(AMOUNT), items.amount)
    sums = items.group_by(*key).aggregate(amount=total(items.amount), least=charged.min())
    return some(run, sums.filter(sums.amount < 0, (sums.least >= 0).fill_null(True)))


_INVOICE = ["payer_account_id", "invoice_part", "currency"]


def payers_there(run: Run) -> list[dict]:
    before = run.lake.read(CARRIED_AMOUNTS, run.last_month)
    left, accounts = before.filter(before.waits), run(ACCOUNTS)
    gone = left.anti_join(accounts, left.payer_account_id == accounts.account_id)
    return some(run, gone.select("invoice_id", "payer_account_id", "carried_amount", "currency"))


def _minimums(run: Run) -> bool:
    return not run.is_empty(INVOICE_MINIMUMS)


CHECKS = (
    Check(CHARGE_ITEMS, "event_days_complete", "Every event day of the month has its file of rated items.",
          event_days_complete),
    Check(CHARGE_ITEMS, "usage_charged_in_full",
          "Rated events of the month and their amount, with tax and before it, are those of the usage items.",
          usage_charged_in_full),
    Check(CHARGE_ITEMS, "totals_charged_in_full", "Usage charges of the month come to what their items come to.",
          totals_charged_in_full),
    Check(CHARGE_ITEMS, "one_cycle_per_account", "An account is billed in one billing cycle of the month only.",
          one_cycle_per_account),
    Check(CHARGE_ITEMS, "nothing_below_zero",
          "Bundles and discounts take no more off a product than was charged for it.", nothing_below_zero,
          blocking=False),
    Check(CHARGE_ITEMS, "amounts_have_currency", "Every item is in a currency of ISO 4217.", amounts_have_currency),
    month_before_made(CARRIED_AMOUNTS, _minimums),
    Check(CARRIED_AMOUNTS, "payers_there", "Whoever something waits for still has an account.", payers_there),
    next_month_begins_with_it(CARRIED_AMOUNTS, _INVOICE, "brought_amount", "carried_amount", all_of_both),
)  # fmt: skip

"""Checks of the taxes stage."""

import ibis

from billing_assets.corrections.due import due_items, taken_back
from billing_assets.exact import amount, percentage, to_currency
from billing_assets.quality import Check, differing, some
from billing_assets.reference.tables import TAX_RATES
from billing_assets.run import Run
from billing_assets.taxation.categories import STANDARD
from billing_assets.taxation.eu import DATA_DAY, SOURCE
from billing_assets.taxation.regimes import BY_TAX_GROUP, ENGINE
from billing_assets.taxes.tables import TAX_ANSWERS, TAX_ITEMS, TAX_REQUESTS


def rate_known(run: Run) -> list[dict]:
    items = run(TAX_ITEMS)
    unknown = (items.rate.isnull() & (items.tax_regime != ENGINE)) | items.included_rate.isnull()
    return some(run, items.filter(unknown).select("invoice_id", "tax_code", "country"))


def taxed_in_full(run: Run) -> list[dict]:
    key = ["billing_cycle", "tax_code", "tax_included", "currency"]
    back, asked = taken_back(run), run(TAX_REQUESTS)
    charged = due_items(run).select(*key, "amount")
    charged = charged if back is None else charged.union(back.select(*key, "amount"))
    rated = run(TAX_ITEMS).filter(ibis._.tax_regime != ENGINE)
    taxed = rated.select(*key, amount="exact_amount").union(asked.select(*key, "amount"))
    sums_in = charged.group_by(*key).aggregate(amount=charged.amount.sum())
    sums_out = taxed.group_by(*key).aggregate(amount=taxed.amount.sum())
    return some(run, differing(sums_in, sums_out, key, "amount"))


def answered(run: Run) -> list[dict]:
    open_questions = run(TAX_REQUESTS).anti_join(run(TAX_ANSWERS), ["billing_cycle", "request_id"])
    return some(run, open_questions.select("invoice_id", "item_id", "request_id"))


def prices_add_up(run: Run) -> list[dict]:
    items = run(TAX_ITEMS)
    is_rest = items.tax_included & (items.rate > 0)
    with_tax = is_rest & (amount(items.base_amount + items.amount) != items.price_amount)
    before_tax = ~items.tax_included & (items.base_amount != items.price_amount)
    return some(run, items.filter(with_tax | before_tax).select("invoice_id", "tax_code", "country"))


def rate_times_base(run: Run) -> list[dict]:
    items = run(TAX_ITEMS).join(run.currencies, "currency")
    rated = items.filter(items.tax_regime != ENGINE)
    by_group = (rated.tax_rounding == BY_TAX_GROUP) & ~(rated.tax_included & (rated.rate > 0))
    wrong = by_group & (rated.amount != to_currency(percentage(rated.base_amount, rated.rate), rated.digits))
    untaxed = (rated.tax_category != STANDARD) & ((rated.rate != 0) | (rated.amount != 0))
    return some(run, rated.filter(wrong | untaxed).select("invoice_id", "source_id", "rate", "base_amount", "amount"))


def default_rates_held(run: Run) -> list[dict]:
    rates = run(TAX_RATES).filter(ibis._.source_file == SOURCE).select("tax_code", "country", default_rate="rate")
    taxed = run(TAX_ITEMS).filter(ibis._.rate > 0, ibis._.service_start < ibis.literal(DATA_DAY))
    used = taxed.join(rates, ["tax_code", "country"])
    before = used.filter(used.rate == used.default_rate).select("tax_code", "country", "rate").distinct()
    return some(run, before.mutate(source=ibis.literal(SOURCE), rates_as_of=ibis.literal(str(DATA_DAY))))


CHECKS = (
    Check(TAX_ANSWERS, "answered", "The tax engine has answered whatever it was asked.", answered),
    Check(TAX_ITEMS, "rate_known", "Every tax group has a rate for its code, country and date of supply.", rate_known),
    Check(TAX_ITEMS, "taxed_in_full",
          "What was charged, with tax and before it, is in a tax group or asked of the tax engine.", taxed_in_full),
    Check(TAX_ITEMS, "prices_add_up", "Net and tax of prices with tax are the price; of others the net is.",
          prices_add_up),
    Check(TAX_ITEMS, "rate_times_base", "Tax is the rate times the base of each group; none is in untaxed categories.",
          rate_times_base),
    Check(TAX_ITEMS, "default_rates_held",
          "Default rates of the EU were taken for no month before the day of their data: history needs rows of one's "
          "own.", default_rates_held, blocking=False),
)  # fmt: skip

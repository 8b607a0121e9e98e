"""Checks of the taxes stage."""

from billing_assets.exact import amount
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.quality import Check, differing, some
from billing_assets.run import Run
from billing_assets.taxes.categories import EXEMPT
from billing_assets.taxes.tables import TAX_ITEMS


def rate_known(run: Run) -> list[dict]:
    items = run(TAX_ITEMS)
    unknown = items.rate.isnull() | items.included_rate.isnull()
    return some(run, items.filter(unknown).select("invoice_id", "tax_code", "country"))


def taxed_in_full(run: Run) -> list[dict]:
    key = ["billing_cycle", "tax_code", "tax_included", "currency"]
    charged, taxed = run(CHARGE_ITEMS), run(TAX_ITEMS)
    sums_in = charged.group_by(*key).aggregate(amount=charged.amount.sum())
    sums_out = taxed.group_by(*key).aggregate(amount=taxed.exact_amount.sum())
    return some(run, differing(sums_in, sums_out, key, "amount"))


def prices_add_up(run: Run) -> list[dict]:
    items = run(TAX_ITEMS)
    is_rest = items.tax_included & (items.tax_category != EXEMPT)
    with_tax = is_rest & (amount(items.base_amount + items.amount) != items.price_amount)
    before_tax = ~items.tax_included & (items.base_amount != items.price_amount)
    return some(run, items.filter(with_tax | before_tax).select("invoice_id", "tax_code", "country"))


CHECKS = (
    Check(TAX_ITEMS, "rate_known", "Every tax group has a rate for its code, country and date of supply.", rate_known),
    Check(TAX_ITEMS, "taxed_in_full", "What was charged, with tax and before it, is in a tax group.", taxed_in_full),
    Check(TAX_ITEMS, "prices_add_up", "Net and tax of prices with tax are the price; of others the net is.",
          prices_add_up),
)  # fmt: skip

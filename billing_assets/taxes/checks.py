"""Checks of the taxes stage."""

from billing_assets.quality import Check, some
from billing_assets.run import Run
from billing_assets.taxes.tables import TAX_ITEMS


def rate_known(run: Run) -> list[dict]:
    items = run(TAX_ITEMS)
    return some(run, items.filter(items.rate.isnull()).select("invoice_id", "tax_code", "country"))


CHECKS = (
    Check(TAX_ITEMS, "rate_known", "Every tax group has a rate for its code, country and date of supply.", rate_known),
)

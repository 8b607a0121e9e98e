"""Checks of the reports stage: is this month believable beside the last one, and are margins what was billed?"""

import ibis.expr.types as ir

from billing_assets.exact import total
from billing_assets.invoices.tables import BILLED_ITEMS
from billing_assets.quality import Check, differing, some
from billing_assets.reference.tables import PRODUCTS
from billing_assets.reports.margins import usage_products
from billing_assets.reports.tables import CYCLE_REPORT, MARGINS
from billing_assets.run import Run

MOST_CHANGE_PERCENT = 50
_MARGIN = ["billing_cycle", "product_id", "currency"]


def like_the_month_before(run: Run) -> list[dict]:
    report = run(CYCLE_REPORT)
    moved = report.filter(
        report.measure.isin(("net", "usage detail records", "invoices")),
        report.change.abs() * 100 > report.previous_value.abs() * MOST_CHANGE_PERCENT,
    )
    return some(run, moved.select("billing_cycle", "measure", "currency", "value", "previous_value"))


def margins_are_billed(run: Run) -> list[dict]:
    if run.is_empty(MARGINS):
        return []
    items, made = run(BILLED_ITEMS), run(MARGINS)
    charged = items.filter(items.item_type != "tax").semi_join(usage_products(run(PRODUCTS)), "product_id")
    sides = {
        "retail_amount": charged.filter(charged.leg.startswith("reseller_")),
        "wholesale_amount": charged.filter(charged.leg.endswith("_reseller"), charged.subscription_id.isnull()),
    }
    return [row for name, billed in sides.items() for row in some(run, _differing(billed, made, name))]


def _differing(billed: ir.Table, margins: ir.Table, name: str) -> ir.Table:
    items = billed.group_by(*_MARGIN).aggregate(**{name: total(billed.amount)})
    told = margins.group_by(*_MARGIN).aggregate(**{name: total(margins[name])})
    return differing(items, told, _MARGIN, name)


CHECKS = (
    Check(CYCLE_REPORT, "like_the_month_before",
          f"Records, invoices and net changed by at most {MOST_CHANGE_PERCENT} % against the month before.",
          like_the_month_before, blocking=False),
    Check(MARGINS, "margins_are_billed",
          "What resellers bill and are charged for usage is what the items of their invoices come to.",
          margins_are_billed),
)  # fmt: skip

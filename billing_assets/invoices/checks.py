"""Checks of the invoices stage: items, lines, tax and totals are the same money."""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts.tables import DISCOUNTS
from billing_assets.exact import amount, percentage, to_currency, total
from billing_assets.fees.tables import OVERDUE_AMOUNTS
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.quality import Check, differing, some
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES
from billing_assets.run import Run
from billing_assets.taxes.tables import TAX_ITEMS
from billing_assets.taxes.vat import net_of


def items_equal_lines(run: Run) -> list[dict]:
    items, lines, invoices = run(BILLED_ITEMS), run(INVOICE_LINES), run(INVOICES)
    charged = items.filter(items.item_type != "tax")
    by_line = charged.group_by("invoice_line_id").aggregate(net_amount=total(charged.amount))
    by_invoice = lines.group_by("invoice_id").aggregate(net_amount=total(lines.net_amount))
    return some(run, differing(by_line, lines, ["invoice_line_id"], "net_amount")) + some(
        run, differing(by_invoice, invoices, ["invoice_id"], "net_amount")
    )


_TAX_GROUP = ["invoice_id", "tax_code", "tax_rate", "tax_included", "included_rate", "currency"]


def _groups(run: Run) -> ir.Table:
    lines = run(INVOICE_LINES)
    sums = lines.group_by(*_TAX_GROUP).aggregate(net=total(lines.net_amount), price=total(lines.price_amount))
    return sums.join(run.currencies, "currency")


def net_from_prices(run: Run) -> list[dict]:
    groups = _groups(run)
    due = groups.mutate(base_amount=net_of(groups, groups.price))
    return some(run, differing(due, groups.mutate(base_amount=groups.net), _TAX_GROUP, "base_amount"))


def tax_from_lines(run: Run) -> list[dict]:
    groups = _groups(run)
    on_top = to_currency(percentage(groups.net, groups.tax_rate), groups.digits)
    is_rest = groups.tax_included & (groups.tax_rate > 0)
    due = groups.mutate(amount=ibis.ifelse(is_rest, amount(groups.price - groups.net), on_top))
    return some(run, differing(due, run(TAX_ITEMS).rename(tax_rate="rate"), _TAX_GROUP, "amount"))


def one_total_per_currency(run: Run) -> list[dict]:
    items, invoices = run(BILLED_ITEMS), run(INVOICES)
    key = ["billing_cycle", "currency"]
    billed = items.group_by(*key).aggregate(gross_amount=total(items.amount))
    invoiced = invoices.group_by(*key).aggregate(gross_amount=total(invoices.gross_amount))
    return some(run, differing(billed, invoiced, key, "gross_amount"))


def items_have_a_source(run: Run) -> list[dict]:
    items = run(BILLED_ITEMS)
    bundle = run(BUNDLE_ITEMS)
    sources = {
        RATED_ITEMS.name: run(RATED_ITEMS).charge_key,
        BUNDLE_ITEMS.name: bundle.bundle_id + ibis.literal(":") + bundle.charge_key,
        USAGE_CHARGES.name: run(USAGE_CHARGES).charge_key,
        BILLING_SCHEDULE_DETAILS.name: run(BILLING_SCHEDULE_DETAILS).billing_schedule_detail_id,
        OVERDUE_AMOUNTS.name: run(OVERDUE_AMOUNTS).overdue_id,
        ACCOUNT_FEES.name: run(ACCOUNT_FEES).product_id,
        DISCOUNTS.name: run(DISCOUNTS).discount_id,
        INVOICE_LINES.name: run(INVOICE_LINES).invoice_line_id,
    }
    lost = [_without_source(items, table, ids) for table, ids in sources.items()]
    strange = items.filter(~items.source_table.isin([*sources, "tax_rates"]))
    return some(run, ibis.union(*lost, strange.select("item_id", "source_table", "source_id")))


def _without_source(items: ir.Table, table: str, ids: ir.StringColumn) -> ir.Table:
    named = items.filter(items.source_table == table)
    known = ids.name("known").as_table().distinct()
    return named.anti_join(known, named.source_id == known.known).select("item_id", "source_table", "source_id")


CHECKS = (
    Check(INVOICES, "items_equal_lines", "Items add up to their line, lines to the net of their invoice.",
          items_equal_lines),
    Check(INVOICES, "net_from_prices", "The net of each group is what its lines print, without tax that they include.",
          net_from_prices),
    Check(INVOICES, "tax_from_lines",
          "The tax of each group is its rate times the net of its lines, or the rest of prices that include it.",
          tax_from_lines),
    Check(INVOICES, "one_total_per_currency", "All billed items add up to the gross of all invoices, per currency.",
          one_total_per_currency),
    Check(BILLED_ITEMS, "items_have_a_source", "Every item names an existing row that it was made from.",
          items_have_a_source),
)  # fmt: skip

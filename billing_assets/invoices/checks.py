"""Checks of the invoices stage: items, lines, tax and totals are the same money."""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.discounts.tables import SUBSCRIPTION_DISCOUNTS
from billing_assets.exact import percentage, to_currency, total
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.quality import Check, differing, some
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.run import Run
from billing_assets.taxes.tables import TAX_ITEMS


def items_equal_lines(run: Run) -> list[dict]:
    items, lines, invoices = run(BILLED_ITEMS), run(INVOICE_LINES), run(INVOICES)
    charged = items.filter(items.item_type != "tax")
    by_line = charged.group_by("invoice_line_id").aggregate(net_amount=total(charged.amount))
    by_invoice = lines.group_by("invoice_id").aggregate(net_amount=total(lines.net_amount))
    return some(run, differing(by_line, lines, ["invoice_line_id"], "net_amount")) + some(
        run, differing(by_invoice, invoices, ["invoice_id"], "net_amount")
    )


def tax_from_lines(run: Run) -> list[dict]:
    lines, taxes = run(INVOICE_LINES), run(TAX_ITEMS)
    key = ["invoice_id", "tax_code", "tax_rate", "currency"]
    net = lines.group_by(*key).aggregate(net=total(lines.net_amount)).join(run.currencies, "currency")
    due = net.mutate(amount=to_currency(percentage(net.net, net.tax_rate), net.digits))
    return some(run, differing(due, taxes.rename(tax_rate="rate"), key, "amount"))


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
        SUBSCRIPTION_DISCOUNTS.name: run(SUBSCRIPTION_DISCOUNTS).discount_id,
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
    Check(INVOICES, "tax_from_lines", "The tax of each group is its rate times the net of its lines.", tax_from_lines),
    Check(INVOICES, "one_total_per_currency", "All billed items add up to the gross of all invoices, per currency.",
          one_total_per_currency),
    Check(BILLED_ITEMS, "items_have_a_source", "Every item names an existing row that it was made from.",
          items_have_a_source),
)  # fmt: skip

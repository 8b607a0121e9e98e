"""Checks of the invoices stage: items, lines, tax and totals are the same money."""

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_DETAILS
from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.charges.tables import USAGE_CHARGES
from billing_assets.corrections.due import billed_corrections
from billing_assets.corrections.tables import CORRECTION_ITEMS
from billing_assets.discounts.tables import DISCOUNTS
from billing_assets.exact import total
from billing_assets.fees.commitments import source_id
from billing_assets.fees.tables import COMMITMENT_COUNTERS, OVERDUE_AMOUNTS, PARTS
from billing_assets.invoices.tables import BILLED_ITEMS, INVOICE_LINES, INVOICES
from billing_assets.items.roll_up import bundle_source
from billing_assets.items.tables import CARRIED_AMOUNTS, CARRIED_ITEMS, CHARGE_ITEMS
from billing_assets.quality import Check, differing, some
from billing_assets.rating.tables import RATED_ITEMS
from billing_assets.reference.tables import ACCOUNT_FEES, TAX_RATES
from billing_assets.run import Run
from billing_assets.taxation.regimes import BY_LINE, ENGINE
from billing_assets.taxes.groups import net_of, tax_of
from billing_assets.taxes.tables import TAX_ANSWERS, TAX_ITEMS


def items_equal_lines(run: Run) -> list[dict]:
    items, lines, invoices = run(BILLED_ITEMS), run(INVOICE_LINES), run(INVOICES)
    charged = items.filter(items.item_type != "tax")
    by_line = charged.group_by("invoice_line_id").aggregate(net_amount=total(charged.amount))
    by_invoice = lines.group_by("invoice_id").aggregate(net_amount=total(lines.net_amount))
    return some(run, differing(by_line, lines, ["invoice_line_id"], "net_amount")) + some(
        run, differing(by_invoice, invoices, ["invoice_id"], "net_amount")
    )


_SOURCE = ("item_id", "source_table", "source_id")
# Kinds of items that come after what is charged.
_MADE_HERE = ("rounding", "included_tax", "tax")
_TAX_GROUP = ["invoice_id", "tax_group", "tax_rate", "tax_included", "included_rate", "currency"]


def _rounded(run: Run) -> ir.Table:
    """What is rounded, and taxed by its rate, as a whole: tax groups, or lines where those are."""
    lines = run(INVOICE_LINES)
    rated = lines.filter(lines.tax_regime != ENGINE)
    unit = ibis.ifelse(rated.tax_rounding == BY_LINE, rated.invoice_line_id, ibis.literal(""))
    sums = rated.group_by(*_TAX_GROUP, unit=unit).aggregate(
        net=total(rated.net_amount), price=total(rated.price_amount)
    )
    return sums.join(run.currencies, "currency")


def net_from_prices(run: Run) -> list[dict]:
    groups = _rounded(run)
    due = groups.mutate(base_amount=net_of(groups, groups.price))
    return some(run, differing(due, groups.mutate(base_amount=groups.net), [*_TAX_GROUP, "unit"], "base_amount"))


def tax_from_lines(run: Run) -> list[dict]:
    groups = _rounded(run).mutate(rate=ibis._.tax_rate)
    due = groups.mutate(amount=tax_of(groups, groups.price, groups.net))
    taxes = run(TAX_ITEMS).filter(ibis._.tax_regime != ENGINE).rename(tax_rate="rate", tax_group="source_id")
    return some(run, differing(due, taxes, _TAX_GROUP, "amount"))


def one_total_per_currency(run: Run) -> list[dict]:
    items, invoices = run(BILLED_ITEMS), run(INVOICES)
    key = ["billing_cycle", "currency"]
    billed = items.group_by(*key).aggregate(gross_amount=total(items.amount))
    invoiced = invoices.group_by(*key).aggregate(gross_amount=total(invoices.gross_amount))
    return some(run, differing(billed, invoiced, key, "gross_amount"))


def items_have_a_source(run: Run) -> list[dict]:
    billed = run(BILLED_ITEMS)
    items = billed.filter(billed.carried_from.isnull(), billed.corrects_month.isnull())
    # the fee of an invoice also names the invoice
    is_fee = items.source_table == ACCOUNT_FEES.name
    items = items.mutate(source_id=ibis.ifelse(is_fee, items.product_id, items.source_id))
    commitments = run(COMMITMENT_COUNTERS).mutate(charged=ibis.array(PARTS).unnest())
    sources = {
        RATED_ITEMS.name: run(RATED_ITEMS).charge_key,
        BUNDLE_ITEMS.name: bundle_source(run(BUNDLE_ITEMS)),
        USAGE_CHARGES.name: run(USAGE_CHARGES).charge_key,
        BILLING_SCHEDULE_DETAILS.name: run(BILLING_SCHEDULE_DETAILS).billing_schedule_detail_id,
        COMMITMENT_COUNTERS.name: source_id(commitments, commitments.charged),
        OVERDUE_AMOUNTS.name: run(OVERDUE_AMOUNTS).overdue_id,
        ACCOUNT_FEES.name: run(ACCOUNT_FEES).product_id,
        DISCOUNTS.name: run(DISCOUNTS).discount_id,
        INVOICE_LINES.name: run(INVOICE_LINES).invoice_line_id,
    }
    lost = [_without_source(items, table, ids) for table, ids in sources.items()]
    strange = items.filter(~items.source_table.isin([*sources, TAX_RATES.name, TAX_ANSWERS.name]))
    earlier = billed.filter(billed.carried_from.notnull()).anti_join(run(CARRIED_ITEMS), "item_id")
    corrected = billed.filter(billed.corrects_month.notnull()).anti_join(run(CORRECTION_ITEMS), "item_id")
    return some(run, ibis.union(*lost, *(rows.select(*_SOURCE) for rows in (strange, earlier, corrected))))


def _without_source(items: ir.Table, table: str, ids: ir.StringColumn) -> ir.Table:
    named = items.filter(items.source_table == table)
    known = ids.name("known").as_table().distinct()
    return named.anti_join(known, named.source_id == known.known).select(*_SOURCE)


def charged_is_billed_or_waits(run: Run) -> list[dict]:
    billed, waiting = run(BILLED_ITEMS), run(CARRIED_AMOUNTS)
    before = [_charges(rows) for rows in (run(CHARGE_ITEMS), run(CARRIED_ITEMS), billed_corrections(run))]
    after = [_charges(billed), waiting.select("billing_cycle", "currency", amount="carried_amount")]
    key = ["billing_cycle", "currency"]
    sums = (ibis.union(*rows) for rows in (before, after))
    came, went = (rows.group_by(*key).aggregate(amount=total(rows.amount)) for rows in sums)
    return some(run, differing(came, went, key, "amount"))


def _charges(items: ir.Table) -> ir.Table:
    """What was charged, but for the fees of invoices: there is none where nothing is billed."""
    charges = items.filter(~items.item_type.isin(_MADE_HERE), items.source_table != ACCOUNT_FEES.name)
    return charges.select("billing_cycle", "currency", "amount")


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
    Check(BILLED_ITEMS, "charged_is_billed_or_waits",
          "What was charged or corrected, and what earlier months left, is billed or waits for the next month.",
          charged_is_billed_or_waits),
)  # fmt: skip

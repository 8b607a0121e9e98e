"""Reports as assets."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.bundles.tables import BUNDLE_ITEMS
from billing_assets.invoices.tables import INVOICE_LINES, INVOICES
from billing_assets.items.tables import CHARGE_ITEMS
from billing_assets.rating.tables import UNRATED_UDRS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, PRODUCTS, WHOLESALE_PLANS
from billing_assets.reports import margins as rules
from billing_assets.reports import report
from billing_assets.reports.tables import CYCLE_REPORT, MARGINS
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.usage.arrivals import all_arrivals
from billing_assets.usage.tables import ACCEPTED_USAGE_ORDERS, REJECTED_UDRS, UDRS, USAGE_ARRIVALS

_AMOUNTS = (("rating", "rated amount", "usage"), ("bundles", "covered amount", "bundle"), ("fees", "fees", "fee"),
            ("fees", "commitments", "commitment"), ("discounts", "discounts", "discount"))  # fmt: skip


@stage(
    CYCLE_REPORT,
    reads=(USAGE_ARRIVALS, ACCEPTED_USAGE_ORDERS, UDRS, REJECTED_UDRS, UNRATED_UDRS, BUNDLE_ITEMS, CHARGE_ITEMS,
           INVOICES, ACCOUNTS, BILLING_CYCLES),
    previous_month=(CYCLE_REPORT,),
)  # fmt: skip
def cycle_report(run: Run) -> Iterator[ir.Table]:
    """In, rejected, rated and billed of the month, per stage and currency."""
    items, invoices = run(CHARGE_ITEMS), run(INVOICES)
    usage = items.filter(items.item_type == "usage")
    arrivals = all_arrivals(run.lake.read_all(USAGE_ARRIVALS), run(ACCEPTED_USAGE_ORDERS))
    measures = ibis.union(
        report.counted_days(arrivals, run.windows, "records", "usage", "records"),
        report.counted_days(run(UDRS).select("event_day"), run.windows, "usage detail records", "usage"),
        report.counted_days(run(REJECTED_UDRS).select("event_day"), run.windows, "rejected records", "usage"),
        report.counted_days(run(UNRATED_UDRS).select("event_day"), run.windows, "records without a rate", "rating"),
        _events(usage),
        *(report.summed(items.filter(items.item_type == t), stage, name) for stage, name, t in _AMOUNTS),
        report.summed(items, "items", "charges"),
        report.counted(items, "items", "charge items"),
        report.counted(invoices, "invoices", "invoices"),
        report.summed(invoices, "invoices", "net", "net_amount"),
        report.summed(invoices, "taxes", "tax", "tax_amount"),
        report.summed(invoices, "invoices", "gross", "gross_amount"),
    )
    previous = run.lake.read(CYCLE_REPORT, run.last_month, run.cycles)
    yield CYCLE_REPORT.shape(report.with_previous(measures, previous))


def _events(usage: ir.Table) -> ir.Table:
    counts = usage.group_by("month", "billing_cycle").aggregate(value=usage.events.sum())
    return report.measured(counts, "rating", "rated events")


@stage(MARGINS, reads=(INVOICE_LINES, INVOICES, ACCOUNTS, PRODUCTS, WHOLESALE_PLANS, BILLING_CYCLES))
def margins(run: Run) -> Iterator[ir.Table]:
    """What resellers earn by the usage that they resell."""
    if run.is_empty(WHOLESALE_PLANS):
        yield MARGINS.no_rows()
    else:
        yield MARGINS.shape(rules.margins(run(INVOICE_LINES), run(INVOICES), run(ACCOUNTS), run(PRODUCTS)))

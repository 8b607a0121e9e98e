"""Every stage of the graph, in the order in which data flows."""

from billing_assets.billing_schedule.assets import billing_headers, billing_schedule, schedule_adjustments
from billing_assets.bundles.assets import bundles
from billing_assets.charges.assets import reached_thresholds, usage_charges
from billing_assets.corrections.assets import corrections
from billing_assets.crm.assets import crm
from billing_assets.discounts.assets import discount_items, discounts
from billing_assets.documents.assets import invoice_documents
from billing_assets.fees.assets import commitment_items, fee_items, overdue_amounts
from billing_assets.invoices.assets import invoices
from billing_assets.items.assets import charge_items
from billing_assets.ledger.assets import billing_schedule_states
from billing_assets.orders.assets import buy_in_advance, orders, subscriptions
from billing_assets.prepaid.assets import prepaid_credits, prepaid_payments
from billing_assets.quotes.assets import quotes
from billing_assets.rating.assets import rated_items
from billing_assets.reference.assets import reference
from billing_assets.reports.assets import cycle_report, margins
from billing_assets.stage import Stage
from billing_assets.taxes.assets import tax_answers, tax_exemptions, tax_items
from billing_assets.totals.assets import usage_totals
from billing_assets.usage.assets import udrs, usage_files, usage_orders

STAGES: tuple[Stage, ...] = (
    crm, reference, quotes, orders, subscriptions, buy_in_advance, billing_headers, schedule_adjustments,
    billing_schedule, usage_orders, usage_files, udrs, rated_items, usage_totals, bundles, usage_charges,
    reached_thresholds, overdue_amounts, fee_items, commitment_items, discounts, discount_items, charge_items,
    corrections, tax_exemptions, tax_answers, tax_items, invoices, prepaid_credits, prepaid_payments,
    cycle_report, margins, billing_schedule_states, invoice_documents,
)  # fmt: skip

"""When an invoice is issued and due: the payment terms of who pays it."""

import ibis
import ibis.expr.types as ir

from billing_assets.crm.tables import END_OF_MONTH
from billing_assets.exact import integer
from billing_assets.months import day_in_month, days_after, month_number

_LONGEST_MONTH = 31


def with_due_date(invoices: ir.Table) -> ir.Table:
    """Invoices with issue_date and due_date: payment_days after the issue date, or after the end of its month."""
    issued = invoices.period_end
    end_of_month = day_in_month(month_number(issued), integer(_LONGEST_MONTH))
    counted_from = ibis.ifelse(invoices.payment_from == END_OF_MONTH, end_of_month, issued)
    return invoices.mutate(issue_date=issued, due_date=days_after(counted_from, invoices.payment_days))

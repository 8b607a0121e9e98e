"""Service jobs that may have discounts: those that are done, under billing term schemes with flexible prices."""

import ibis
import ibis.expr.types as ir

from billing_assets.months import days_after
from billing_assets.orders.service_jobs import COMPLETION, IN_TIME, LATE, job_facts, job_lines

_ORDERED = ("ordered_line_id", "subscription_id", "billing_term_scheme_id", "start_date", "ordered_on")


def flexible_jobs(jobs: ir.Table, order_lines: ir.Table, schemes: ir.Table, subscriptions: ir.Table) -> ir.Table:
    """The lines of jobs with what is known of their subscriptions (targets.py), and with days of their own.

    What one of its lines is under counts for all of a job.
    """
    lines = job_lines(jobs).join(order_lines.select(_ORDERED), "ordered_line_id")
    fixed = lines.semi_join(schemes.filter(schemes.discount_option == "none"), "billing_term_scheme_id")
    done = lines.anti_join(fixed, "job_id").select(
        "job_id", "subscription_id", service_start="start_date", agreed_on="ordered_on",
        ends_on=days_after(lines.start_date, ibis.literal(1)),
    )  # fmt: skip
    return done.join(subscriptions.drop("service_start", "agreed_on", "ends_on"), "subscription_id")


def done_jobs(jobs: ir.Table, order_lines: ir.Table) -> ir.Table:
    """The jobs that there is an order line for: job_id."""
    return job_lines(jobs).semi_join(order_lines, "ordered_line_id").select("job_id").distinct()


def facts_of_jobs(jobs: ir.Table) -> ir.Table:
    """What criteria may look at: subject, field, value. A job with a line that came late came late."""
    told = job_facts(jobs).join(job_lines(jobs), "ordered_line_id")
    each = told.select("field", "value", subject="job_id").distinct()
    late, in_time = (each.filter(each.field == COMPLETION, each.value == word) for word in (LATE, IN_TIME))
    return each.anti_join(in_time.semi_join(late, "subject"), each.columns)

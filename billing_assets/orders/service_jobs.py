"""Service jobs as orders: what is done once becomes an order line of the day on which it was done.

So a job may be changed, or moved to another plan, as a charge of an order may. Until its month is posted only a draft
changes; afterwards the difference is a correction.
"""

import ibis
import ibis.expr.types as ir

from billing_assets.exact import FEE_QUANTITY, SOURCE_QUANTITY, exact_conversion
from billing_assets.orders.tables import IMPORTED_ORDERS, JOB_UNITS
from billing_assets.orders.versions import LINE_KEY
from billing_assets.records import first_reason
from billing_assets.reference.tables import JOB_FIELDS

SOURCE = "service_job"
JOB_TYPE, COMPLETION = JOB_FIELDS
LATE, IN_TIME = "late", "in_time"


def as_orders(jobs: ir.Table) -> ir.Table:
    """The jobs that are done as orders: charged once, ready on the day after, so in the month of their day."""
    done = jobs.filter(jobs.done_on.notnull())
    given = {
        "source": ibis.literal(SOURCE), "source_order_id": done.job_id, "source_line_id": done.line_id,
        "ordered_on": done.agreed_on, "start_date": done.done_on, "price_type": ibis.literal("one_time"),
        "billing_rule": ibis.literal("in_arrears"), "quantity": _units(done),
    }  # fmt: skip
    absent = set(IMPORTED_ORDERS.schema.names) - set(done.columns) - set(given)
    return IMPORTED_ORDERS.shape(
        done.mutate(**given, **{name: ibis.null(IMPORTED_ORDERS.schema[name]) for name in absent})
    )


def _units(jobs: ir.Table) -> ir.DecimalValue:
    """Pieces, or hours."""
    numerators, denominators = ({unit: pair[n] for unit, pair in JOB_UNITS.items()} for n in (0, 1))
    given = jobs.quantity.cast(SOURCE_QUANTITY)
    of_unit = (jobs.unit.cases(*factors.items()).cast("int64") for factors in (numerators, denominators))
    return exact_conversion(given, *of_unit).cast(FEE_QUANTITY)


def job_lines(jobs: ir.Table) -> ir.Table:
    """The order lines of jobs: job_id, ordered_line_id."""
    return jobs.select("job_id", ordered_line_id=_line(jobs))


def _line(jobs: ir.Table) -> ir.StringValue:
    return ibis.literal(f"{SOURCE}:") + jobs.job_id + ibis.literal(":") + jobs.line_id


def job_facts(jobs: ir.Table) -> ir.Table:
    """What conditions may look at: ordered_line_id, field, value (pricing/conditions.py)."""
    completion = ibis.cases(
        (jobs.done_on.isnull() | jobs.expected_on.isnull(), ibis.null("string")),
        (jobs.done_on > jobs.expected_on, LATE),
        else_=IN_TIME,
    )
    told = {JOB_TYPE: jobs.job_type, COMPLETION: completion}
    line = _line(jobs)
    facts = ibis.union(
        *(jobs.select(ordered_line_id=line, field=ibis.literal(name), value=value) for name, value in told.items())
    )
    return facts.filter(facts.value.notnull())


def imported_again(imported: ir.Table, orders: ir.Table) -> ir.Table:
    """Imported lines that are service jobs. Reason: ORDERED_BY_JOB."""
    again = imported.semi_join(orders, LINE_KEY)
    return first_reason(again, (ibis.literal(True), "ORDERED_BY_JOB", "source_order_id", again.source_order_id))


def under_order_keys(jobs: ir.Table) -> ir.Table:
    """Records of jobs with the keys that refused orders have."""
    return jobs.mutate(source=ibis.literal(SOURCE), source_order_id=jobs.job_id, source_line_id=jobs.line_id)

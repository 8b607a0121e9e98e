"""Checks of the reports stage: is this month believable beside the last one?"""

from billing_assets.quality import Check, some
from billing_assets.reports.tables import CYCLE_REPORT
from billing_assets.run import Run

MOST_CHANGE_PERCENT = 50


def like_the_month_before(run: Run) -> list[dict]:
    report = run(CYCLE_REPORT)
    moved = report.filter(
        report.measure.isin(("net", "usage detail records", "invoices")),
        report.change.abs() * 100 > report.previous_value.abs() * MOST_CHANGE_PERCENT,
    )
    return some(run, moved.select("billing_cycle", "measure", "currency", "value", "previous_value"))


CHECKS = (
    Check(CYCLE_REPORT, "like_the_month_before",
          f"Records, invoices and net changed by at most {MOST_CHANGE_PERCENT} % against the month before.",
          like_the_month_before, blocking=False),
)  # fmt: skip

"""The billing schedule of many subscriptions: headers, and a month of records, in microseconds of CPU per line.

Here belongs what has no usage: lines of every frequency and rule, some with an end, a trial, or in parts, written into a
lake as the orders stage would. The same number makes the same rows.

    python benchmarks/schedule.py [--lines 100000,1000000]
"""

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir

from billing_assets.billing_schedule.assets import billing_headers, billing_schedule
from billing_assets.billing_schedule.tables import BILLING_SCHEDULE_RECORDS
from billing_assets.contract import Table
from billing_assets.exact import amount, integer
from billing_assets.months import days_after
from billing_assets.orders.tables import BILLING_SPLITS, ORDER_LINES, ORDER_TERMS
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES
from billing_assets.run import Selection
from billing_assets.stage import Clock
from billing_assets.tables import INPUT_TABLES
from resources.engine import open_engine
from resources.inputs import Inputs
from resources.lake import Lake

FIRST_MONTH, MONTH = "2025-01", "2026-02"
LINES_PER_ACCOUNT = 2
FREQUENCIES = (
    "monthly", "monthly", "monthly", "monthly", "monthly", "quarterly", "half_yearly", "yearly", "weekly", "custom",
    "one_time",
)  # fmt: skip
RULES = ("in_advance", "in_arrears")
# Of so many lines one is in two parts, of so many one has an end, a year after its begin, and of so many one has a trial.
SPLIT, ENDING, TRIED = 100, 4, 10


def write_lines(lake: Lake, lines: int) -> None:
    """A lake of accounts, order lines, their terms and splits."""
    numbers = ibis.range(0, lines).unnest().name("n").as_table()
    for table, rows in (
        (CURRENCIES, ibis.memtable([{"currency": "EUR", "digits": 2}])),
        (BILLING_CYCLES, ibis.memtable([{"billing_cycle": "first", "anchor_day": 1}])),
        (ACCOUNTS, _accounts(numbers.filter(numbers.n % LINES_PER_ACCOUNT == 0))),
        (ORDER_LINES, _order_lines(numbers)),
        (BILLING_SPLITS, _splits(numbers.filter(numbers.n % SPLIT == 0))),
        (ORDER_TERMS, _trials(numbers.filter(numbers.n % TRIED == 0))),
    ):
        lake.write(table, _filled(table, rows))


def _filled(table: Table, rows: ir.Table) -> ir.Table:
    """The rows in the table's columns, NULL for those that it lacks."""
    types = dict(table.schema.items())
    return rows.select(**{n: (rows[n] if n in rows.columns else ibis.null()).cast(t) for n, t in types.items()})


def _accounts(numbers: ir.Table) -> ir.Table:
    name = _name("A", numbers.n)
    return numbers.select(
        account_id=name, payer_account_id=name, role=ibis.literal("customer"), currency=ibis.literal("EUR"),
        time_zone=ibis.literal("Europe/Paris"), billing_cycle=ibis.literal("first"),
    )  # fmt: skip


def _order_lines(numbers: ir.Table) -> ir.Table:
    n = numbers.n
    start = days_after(ibis.date(2025, 1, 1), n % 365)
    price = amount((n % 9_000 + 100).cast("decimal(28, 10)") / 100)
    of = {name: n % len(FREQUENCIES) == FREQUENCIES.index(name) for name in ("one_time", "weekly", "custom")}
    return numbers.select(
        order_line_id=_line(n), ordered_line_id=_line(n), account_id=_name("A", n - n % LINES_PER_ACCOUNT),
        subscription_id=_name("S", n), product_id=ibis.literal("PLAN"), tax_code=ibis.literal("STANDARD"),
        price_type=ibis.ifelse(of["one_time"], "one_time", "recurring"), billing_rule=_one_of(n, RULES),
        billing_frequency=_one_of(n, FREQUENCIES), billing_day=ibis.ifelse(of["weekly"], None, n % 31 + 1),
        frequency_count=ibis.ifelse(of["custom"], 5, None), frequency_unit=ibis.ifelse(of["custom"], "month", None),
        quantity=1, unit_price=price,
        net_price=price, tax_included=False, pricing_source=ibis.literal("order_line"), currency=ibis.literal("EUR"),
        start_date=start, aligned_from=start,
        end_date=ibis.ifelse(n % ENDING == 0, days_after(start, integer(365)), ibis.null("date")),
    )  # fmt: skip


def _trials(numbers: ir.Table) -> ir.Table:
    return numbers.select(
        source=ibis.literal("shop"), source_order_id=_name("O", numbers.n), source_line_id=ibis.literal("1"),
        trial_length=numbers.n % 60 + 1, trial_unit=ibis.literal("day"), trial_price=0,
    )  # fmt: skip


def _splits(numbers: ir.Table) -> ir.Table:
    parts = ((1, 0, 60), (2, 60, 40))
    of_line = [numbers.select("n", part=part, percent=share, percent_before=before) for part, before, share in parts]
    rows = ibis.union(*of_line)
    return rows.mutate(
        ordered_line_id=_line(rows.n), valid_from=ibis.literal(date(1900, 1, 1)),
        valid_to=ibis.literal(date(9999, 12, 31)),
    )  # fmt: skip


def _line(number: ir.IntegerValue) -> ir.StringValue:
    return ibis.literal("shop:") + _name("O", number) + ibis.literal(":1")


def _name(prefix: str, number: ir.IntegerValue) -> ir.StringValue:
    return ibis.literal(prefix) + number.cast("string")


def _one_of(number: ir.IntegerValue, values: tuple[str, ...]) -> ir.StringValue:
    named = [(number % len(values) == place, value) for place, value in enumerate(values)]
    return ibis.cases(*named, else_=ibis.null("string"))


def measure(lines: int) -> dict:
    """CPU and wall time of the two stages, by line."""
    with tempfile.TemporaryDirectory(prefix="billing-schedule-") as folder, open_engine() as engine:
        lake = Lake(Path(folder), engine)
        write_lines(lake, lines)
        found: dict = {"lines": lines}
        for stage, selection in ((billing_headers, Selection()), (billing_schedule, Selection([MONTH]))):
            clock = Clock()
            stage.materialize(lake, Inputs(Path(folder), INPUT_TABLES), FIRST_MONTH, selection)
            found[stage.name] = {"seconds": clock.seconds, "cpu_us_per_line": clock.cpu_seconds / lines * 1e6}
        return found | {"records": lake.count(BILLING_SCHEDULE_RECORDS, [MONTH])}


def main():
    parser = argparse.ArgumentParser(description="Measure the billing schedule of a month, and print it as JSON.")
    parser.add_argument("--lines", default="100000,1000000", help="order lines, separated by commas")
    sizes = map(int, parser.parse_args().lines.split(","))
    print(json.dumps([measure(lines) for lines in sizes], indent=1))


if __name__ == "__main__":
    main()

"""Taxes as assets: certificates of exemption, what a tax engine says, and the tax of invoices."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir

from billing_assets.corrections.due import READS as ITEMS
from billing_assets.corrections.due import due_items
from billing_assets.rating.month import payer_windows
from billing_assets.reference.assets import typed
from billing_assets.reference.tables import ACCOUNTS, BILLING_CYCLES, CURRENCIES, TAX_CODES
from billing_assets.run import Run
from billing_assets.stage import stage
from billing_assets.taxation.regimes import ENGINE
from billing_assets.taxes import engine, groups
from billing_assets.taxes.determination import READS, tax_book
from billing_assets.taxes.exemptions import judge_exemptions
from billing_assets.taxes.grouped import grouped_items
from billing_assets.taxes.tables import REJECTED_TAX_EXEMPTIONS, TAX_ANSWERS, TAX_EXEMPTIONS, TAX_ITEMS, TAX_REQUESTS


@stage(TAX_EXEMPTIONS, REJECTED_TAX_EXEMPTIONS, reads=(ACCOUNTS, TAX_CODES))
def tax_exemptions(run: Run) -> Iterator[ir.Table]:
    """The certificates by which accounts owe no tax, and those that exempt nobody."""
    rows, unreadable = typed(run, TAX_EXEMPTIONS)
    held, refused = judge_exemptions(rows, run(ACCOUNTS), run(TAX_CODES))
    yield held
    yield REJECTED_TAX_EXEMPTIONS.shape(unreadable).union(refused)


@stage(TAX_REQUESTS, TAX_ANSWERS, reads=(*ITEMS, *READS, BILLING_CYCLES))
def tax_answers(run: Run) -> Iterator[ir.Table]:
    """What the tax engine is asked of the month's items, and its answers; those that it gave before stay."""
    book = tax_book(run, run.rows)
    if ENGINE not in book.names:
        yield from (table.no_rows() for table in (TAX_REQUESTS, TAX_ANSWERS))
        return
    requests = run.cache(engine.tax_requests(due_items(run), book))
    engine.require_before_tax(requests, run.rows)
    yield requests
    known = run.cache(run(TAX_ANSWERS))
    questions = run.lake.engine.execute(engine.unanswered(requests, known))
    with run.inputs.tax_engine() as asked:
        answers, failure = engine.ask(asked, questions)
    yield known.union(ibis.memtable(answers))
    # what was answered is in the lake by now: the next run goes on from there
    if failure:
        raise failure


@stage(TAX_ITEMS, reads=(*ITEMS, TAX_REQUESTS, TAX_ANSWERS, *READS, CURRENCIES, BILLING_CYCLES))
def tax_items(run: Run) -> Iterator[ir.Table]:
    """Tax per invoice and tax group."""
    book = tax_book(run, run.rows)
    grouped = grouped_items(run, book)
    windows = payer_windows(book.accounts, run.windows)
    if ENGINE not in book.names:
        yield groups.tax_items(grouped, book.tax_codes, run(CURRENCIES), windows)
        return
    here = groups.tax_items(grouped.filter(grouped.tax_regime != ENGINE), book.tax_codes, run(CURRENCIES), windows)
    yield here.union(engine.engine_tax_items(run(TAX_REQUESTS), run(TAX_ANSWERS), run(CURRENCIES), windows))

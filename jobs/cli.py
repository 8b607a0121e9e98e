"""The `billing` command: run, post, ledger, explain, documents, quote, tables."""

import argparse
import dataclasses
import gc
import json
import os
import re
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from billing_assets import dictionary
from billing_assets.calendar import month_range
from billing_assets.contract import ConfigurationError
from billing_assets.documents.tables import FORMATS
from billing_assets.ledger.post import CannotPost
from billing_assets.stage import Clock
from jobs import summary
from jobs.billing_run import BillingRun, RunFailed, RunReport
from jobs.documents import printed
from jobs.documents.invoices import DocumentsFailed, write_invoices
from jobs.documents.quote import quote_document
from jobs.explain import Unknown
from jobs.explanations import explanation
from resources.engine import BACKENDS, EngineResource, open_engine
from resources.lake import Lake
from resources.ledger import Ledger
from resources.postings import BrokenLedger

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; 0 when it did what it was asked for, 1 with a sentence on standard error if not."""
    options = _parser().parse_args(arguments)
    collect_rarely()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    try:
        options.command(options, console)
    except (BrokenLedger, CannotPost, ConfigurationError, DocumentsFailed, RunFailed, Unknown) as error:
        print(f"billing: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def collect_rarely() -> None:
    """Let the garbage collector look less often: expressions are built of small objects by the hundred thousand."""
    gc.set_threshold(100_000, 50, 50)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="billing", description="Turns orders and usage records into invoices.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="bill some months", description="Bills some months through the whole graph.")
    run.add_argument("--inputs", type=Path, required=True, help="folder with billing.toml and the input tables")
    run.add_argument("--lake", type=Path, required=True, help="folder of the tables that are made")
    run.add_argument("--from", dest="first", type=_month, required=True, metavar="MONTH", help="first month, YYYY-MM")
    run.add_argument("--to", dest="last", type=_month, metavar="MONTH", help="last month; the first when left out")
    run.add_argument("--cycle", help="one billing cycle; all when left out")
    run.add_argument("--engine", choices=BACKENDS, help="what computes; BILLING_ENGINE when left out, else duckdb")
    run.add_argument("--timings", type=Path, metavar="FILE", help="write seconds and memory per stage as JSON")
    run.set_defaults(command=_run)
    post = commands.add_parser(
        "post", help="make a month final", description="Makes the drafts of a month that was billed final."
    )
    post.add_argument("month", type=_month, metavar="MONTH", help="billing month, YYYY-MM")
    post.add_argument("--inputs", type=Path, required=True, help="folder with billing.toml and the input tables")
    post.add_argument("--lake", type=Path, required=True, help="folder of the tables that were made")
    post.add_argument("--cycle", help="one billing cycle; all when left out")
    post.add_argument("--by", help="who posts it; the user of the system when left out")
    post.set_defaults(command=_post)
    ledger = commands.add_parser("ledger", help="what was posted, and whether it is as it was posted")
    ledger.add_argument("--lake", type=Path, required=True, help="folder of the tables")
    ledger.set_defaults(command=_ledger)
    explain = commands.add_parser("explain", help="why an invoice, one of its lines, an item, or a quote is what it is")
    explain.add_argument(
        "what", metavar="INVOICE|ITEM|QUOTE|REFERENCE",
        help="draft number of the invoice: 2026-01-ACCOUNT-EUR; the id of a UDR, a usage charge, an item or a quote; "
        "or an order, asset, contract, opportunity or subscription, of which everything is told",
    )  # fmt: skip
    explain.add_argument("--line", type=int, help="number of a line, to go down to its events and files")
    explain.add_argument("--lake", type=Path, required=True, help="folder of the tables")
    explain.set_defaults(command=_explain)
    documents = commands.add_parser(
        "documents", help="invoices as documents", description="Writes the documents of a month's invoices."
    )
    documents.add_argument("month", type=_month, metavar="MONTH", help="billing month, YYYY-MM")
    documents.add_argument("--invoice", metavar="ID", help="draft number of one invoice; all when left out")
    documents.add_argument(
        "--format", type=_formats, default=FORMATS, metavar="FORMAT,…", help=f"some of {', '.join(FORMATS)}; else all"
    )
    documents.add_argument("--to", type=Path, metavar="FOLDER", help="where to; `documents` of the lake when left out")
    documents.add_argument("--lake", type=Path, required=True, help="folder of the tables")
    documents.set_defaults(command=_documents)
    quote = commands.add_parser("quote", help="a quote as a document", description="Writes a quote as HTML or PDF.")
    quote.add_argument("quote", metavar="QUOTE", help="id of the quote")
    quote.add_argument("files", type=_document, nargs="+", metavar="FILE", help="to write: NAME.html or NAME.pdf")
    quote.add_argument("--version", type=int, help="its version; the last when left out")
    quote.add_argument("--lake", type=Path, required=True, help="folder of the tables")
    quote.set_defaults(command=_quote)
    tables = commands.add_parser("tables", help="the data dictionary of every table, as Markdown")
    tables.set_defaults(command=_tables)
    return parser


def _month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no month YYYY-MM")
    return text


def _formats(text: str) -> list[str]:
    formats = text.split(",")
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(FORMATS)}")
    return formats


def _document(text: str) -> Path:
    path = Path(text)
    if path.suffix not in printed.FORMS:
        raise argparse.ArgumentTypeError(f"{text!r} ends with none of {', '.join(printed.FORMS)}")
    return path


def _run(options: argparse.Namespace, console: Console) -> None:
    clock = Clock()
    months = month_range(options.first, options.last or options.first)
    if not months:
        raise ConfigurationError(f"--to {options.last} is before --from {options.first}")
    engine = EngineResource.configured(options.engine)
    with _instance() as instance, _progress(console) as progress:
        bar = progress.add_task("starting", total=len(months) + 3)

        def show(title: str) -> None:
            progress.update(bar, description=title)
            progress.advance(bar)

        report = BillingRun(options.inputs, options.lake, instance, show, engine).run(months, options.cycle)
        progress.update(bar, description="done", completed=len(months) + 3)
    with engine.open() as opened:
        lake = Lake(options.lake.resolve(), opened)
        for part in summary.of_run(lake, months, report):
            console.print(part)
        invoice = summary.an_invoice(lake, months[-1])
    console.print(summary.where_next(options.lake, invoice, clock.seconds))
    if options.timings:
        options.timings.write_text(json.dumps(_timings(report, clock), indent=1))


def _post(options: argparse.Namespace, console: Console) -> None:
    with _instance() as instance:
        run = BillingRun(options.inputs, options.lake, instance, lambda _: None)
        told = run.post(options.month, options.cycle, options.by)
    for cycle, posting in told.items():
        print(f"{options.month} of {cycle}: {posting}")
    with open_engine() as engine:
        console.print(summary.of_ledger(Lake(options.lake.resolve(), engine), options.month))


def _ledger(options: argparse.Namespace, console: Console) -> None:
    with open_engine() as engine:
        lake = Lake(options.lake.resolve(), engine)
        ledger = Ledger.of(lake)
        ledger.require_whole()
        console.print(summary.of_ledger(lake))
    for last in ledger.postings()[-1:]:
        print(f"All is as it was posted. Posting {last.posting_id} has the hash {last.hash}")


def _instance() -> dg.DagsterInstance:
    """The persistent instance of DAGSTER_HOME, which the UI shows; one that is forgotten without it."""
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        return dg.DagsterInstance.ephemeral()
    if not Path(home).is_dir():
        raise ConfigurationError(f"DAGSTER_HOME {home} is no folder")
    return dg.DagsterInstance.get()


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<44}"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _timings(report: RunReport, clock: Clock) -> dict:
    return {
        "stages": [
            {
                "name": step.name,
                "seconds": round(step.seconds, 3),
                "cpu_seconds": round(step.cpu_seconds, 3),
                "rows": sum(w.rows for files in step.written.values() for w in files),
                "bytes": sum(w.path.stat().st_size for files in step.written.values() for w in files),
            }
            for step in report.steps
        ],
        "tasks": [dataclasses.asdict(task) for task in report.tasks],
        "seconds": round(clock.seconds, 3),
        "cpu_seconds": round(clock.cpu_seconds, 3),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _explain(options: argparse.Namespace, console: Console) -> None:
    with open_engine() as engine:
        lake = Lake(options.lake.resolve(), engine)
        for text in explanation(lake, options.what, options.line):
            print(text, flush=True)


def _documents(options: argparse.Namespace, console: Console) -> None:
    with open_engine() as engine:
        lake = Lake(options.lake.resolve(), engine)
        files = write_invoices(lake, options.month, options.format, options.invoice, options.to)
    where = f" in {os.path.commonpath([path.parent for path in files])}" if files else ""
    print(f"{len(files)} documents{where}")


def _quote(options: argparse.Namespace, console: Console) -> None:
    with open_engine() as engine:
        document = quote_document(Lake(options.lake.resolve(), engine), options.quote, options.version)
    for path in options.files:
        path.write_bytes(printed.FORMS[path.suffix](document))


def _tables(options: argparse.Namespace, console: Console) -> None:
    print(dictionary.as_markdown(), end="")


if __name__ == "__main__":
    sys.exit(main())

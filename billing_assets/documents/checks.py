"""Checks of the documents stage: every invoice has its documents, and they say what it says."""

import ibis
import ibis.expr.types as ir

from billing_assets.documents.tables import FAILED, INVOICE_DOCUMENTS, OF_SOME
from billing_assets.invoices.tables import INVOICES
from billing_assets.ledger.tables import POSTED_INVOICES
from billing_assets.quality import Check, differing, some
from billing_assets.run import Run

_TOTALS = ("net_amount", "tax_amount", "gross_amount")


def totals_are_those_of_the_invoice(run: Run) -> list[dict]:
    documents, invoices = run(INVOICE_DOCUMENTS), _said(run)
    found = []
    for form in run.inputs.settings.document_formats:
        of_form = documents.filter(documents.format == form)
        if form not in OF_SOME:
            missing = invoices.anti_join(of_form, "invoice_id")
            found += some(run, missing.select("invoice_id", lacks=ibis.literal(str(form))))
        read = of_form.filter(of_form.gross_amount.notnull())
        told = invoices.semi_join(read, "invoice_id")
        for total in _TOTALS:
            found += some(run, differing(read, told, ["invoice_id"], total))
    return found


def _said(run: Run) -> ir.Table:
    """What the invoices of the month come to: those that were posted, and the drafts of the others."""
    postings = [p for p in run.ledger.postings() if p.month == run.month and p.billing_cycle in run.cycles]
    columns = ("invoice_id", "billing_cycle", *_TOTALS)
    posted = run.ledger.read(POSTED_INVOICES, postings).select(columns)
    drafts = run(INVOICES)
    open_still = drafts.filter(~drafts.billing_cycle.isin([p.billing_cycle for p in postings]))
    return posted.union(open_still.select(columns)) if postings else drafts


def documents_written(run: Run) -> list[dict]:
    documents = run(INVOICE_DOCUMENTS)
    failed = documents.filter(documents.state == FAILED)
    return some(run, failed.select("invoice_id", "format", "failure", "failure_detail"))


CHECKS = (
    Check(INVOICE_DOCUMENTS, "totals_are_those_of_the_invoice",
          "Every invoice has a document of every format; net, tax and total that its file has are its own.",
          totals_are_those_of_the_invoice),
    Check(INVOICE_DOCUMENTS, "documents_written", "Every document could be made.", documents_written, blocking=False),
)  # fmt: skip

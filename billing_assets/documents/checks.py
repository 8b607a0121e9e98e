"""Checks of the documents stage: every invoice has its documents, and they say what it says."""

import ibis

from billing_assets.documents.tables import FAILED, INVOICE_DOCUMENTS, OF_SOME
from billing_assets.invoices.tables import INVOICES
from billing_assets.quality import Check, differing, some
from billing_assets.run import Run

_TOTALS = ("net_amount", "tax_amount", "gross_amount")


def totals_are_those_of_the_invoice(run: Run) -> list[dict]:
    documents, invoices = run(INVOICE_DOCUMENTS), run(INVOICES)
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

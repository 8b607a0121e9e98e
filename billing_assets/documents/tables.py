"""Contract of the documents stage: what was written of each invoice, and what could not be."""

from billing_assets.contract import CYCLE, MONTH, Partition, Table, integer, number, text
from billing_assets.exact import AMOUNT

GROUP = "documents"
FORMATS = ("json", "html", "pdf", "ubl", "csv")
# Of an invoice with more events than a document lists.
OF_SOME = ("csv",)
WRITTEN, FAILED = "written", "failed"

INVOICE_DOCUMENTS = Table(
    "invoice_documents",
    GROUP,
    "one row per invoice and format; of csv, where it has more events than its document lists",
    "The documents of the month's invoices: files in the folder `documents` of the lake, or why there is none.",
    (
        MONTH,
        CYCLE,
        text("invoice_id", "Draft number", key=True),
        text("format", "What it is written as", key=True, allowed=FORMATS),
        text("state", "Whether there is a file", allowed=(WRITTEN, FAILED)),
        text("file", "The file, relative to the folder", nullable=True),
        integer("bytes", "Its size", unit="byte", nullable=True),
        text("sha256", "SHA-256 of its bytes", nullable=True),
        number("net_amount", AMOUNT, "Sum of its lines, read back from the file; empty for PDF and CSV",
               unit="currency", nullable=True),
        number("tax_amount", AMOUNT, "Sum of its taxes", unit="currency", nullable=True),
        number("gross_amount", AMOUNT, "Its total", unit="currency", nullable=True),
        text("failure", "Code of what was wrong (docs/rejections.md)", nullable=True),
        text("failure_detail", "What was wrong, in one sentence", nullable=True),
    ),
    Partition.MONTH,
)  # fmt: skip

"""Quotes as HTML and as PDF: the same document, and the same bytes each time."""

from pathlib import Path

from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace
from jinja2 import Environment, FileSystemLoader

from billing_assets.documents.page import BLUE, GREY, Page
from jobs.documents.quote import COLUMNS, SIGNATURES, QuoteDocument

_HERE = Path(__file__).parent
_WIDTHS = (58, 18, 24, 18, 34, 28)


def as_html(quote: QuoteDocument) -> bytes:
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, trim_blocks=True)
    return environment.get_template("quote.html").render(quote=quote, columns=COLUMNS, signatures=SIGNATURES).encode()


def as_pdf(quote: QuoteDocument) -> bytes:
    pdf = Page(f"{quote.title} {quote.number}", quote.created_on)
    _head(pdf, quote)
    _lines(pdf, quote)
    _totals(pdf, quote)
    pdf.text_line(" ".join(quote.notes), 8, GREY)
    _signatures(pdf)
    return bytes(pdf.output())


def _head(pdf: Page, quote: QuoteDocument) -> None:
    pdf.text_line(quote.vendor, 10, style="B")
    pdf.text_line(f"{quote.title} {quote.number}", 16, BLUE, "B")
    pdf.rule()
    pdf.ln(4)
    if quote.draft:
        pdf.banner(f"Not binding: this version is {quote.draft}.")
    pdf.text_line("For", 8, GREY)
    pdf.text_line(quote.customer, 10, style="B")
    pdf.ln(3)
    for label, value in quote.facts:
        pdf.text_line(f"{label}: {value}", 9)
    pdf.ln(5)


def _lines(pdf: Page, quote: QuoteDocument) -> None:
    pdf.write_as(8)
    with pdf.table(
        col_widths=_WIDTHS, text_align=("LEFT", *["RIGHT"] * (len(COLUMNS) - 1)),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="B", color=BLUE), line_height=5, padding=1,
    ) as table:  # fmt: skip
        for cells in (COLUMNS, *quote.lines):
            table.row(cells)
    pdf.ln(4)


def _totals(pdf: Page, quote: QuoteDocument) -> None:
    for label, value in quote.totals:
        pdf.write_as(9, style="B" if label.startswith("Total") else "")
        pdf.cell(pdf.epw - 35, 6, label, align="R")
        pdf.cell(35, 6, value, align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)


def _signatures(pdf: Page) -> None:
    height, width = 30, pdf.epw / 2 - 5
    pdf.keep_together(height)
    pdf.ln(height)
    pdf.write_as(8, GREY)
    for label in SIGNATURES:
        pdf.cell(width, 5, label, border="T")
        pdf.cell(10, 5)
    pdf.ln()


FORMS = {".html": as_html, ".pdf": as_pdf}

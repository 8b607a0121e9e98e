"""Quotes as HTML and as PDF: the same document, and the same bytes each time."""

from datetime import UTC, datetime, time
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace
from jinja2 import Environment, FileSystemLoader

from jobs.documents.quote import COLUMNS, SIGNATURES, QuoteDocument

_HERE = Path(__file__).parent
_FONT = "DejaVu"
_BLUE = (31, 78, 121)
_GREY = (102, 102, 102)
_BLACK = (34, 34, 34)
_SAND = (251, 233, 198)
_WHITE = (255, 255, 255)
_WIDTHS = (58, 18, 24, 18, 34, 28)


def as_html(quote: QuoteDocument) -> bytes:
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, trim_blocks=True)
    return environment.get_template("quote.html").render(quote=quote, columns=COLUMNS, signatures=SIGNATURES).encode()


def as_pdf(quote: QuoteDocument) -> bytes:
    pdf = _Page(format="A4")
    pdf.set_title(f"{quote.title} {quote.number}")
    # the day of the quote, not of the print: the same quote has the same bytes
    pdf.set_creation_date(datetime.combine(quote.created_on, time(), UTC))
    pdf.add_page()
    _head(pdf, quote)
    _lines(pdf, quote)
    _totals(pdf, quote)
    pdf.text_line(" ".join(quote.notes), 8, _GREY)
    _signatures(pdf)
    return bytes(pdf.output())


class _Page(FPDF):
    """Pages with their numbers, in a font that has the letters and the currency signs of Europe."""

    def __init__(self, **options: str):
        super().__init__(**options)
        for style, name in (("", ""), ("B", "-Bold")):
            self.add_font(_FONT, style, _HERE / "fonts" / f"DejaVuSansCondensed{name}.ttf")
        self.set_margin(15)
        self.set_auto_page_break(True, margin=20)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(_FONT, size=8)
        self.set_text_color(*_GREY)
        self.cell(0, 5, f"{self.title}, {self.page_no()}/{{nb}}", align="C")

    def text_line(self, words: str, size: float, colour: tuple[int, int, int] = _BLACK, style: str = "") -> None:
        self.set_font(_FONT, style, size)
        self.set_text_color(*colour)
        self.multi_cell(0, size * 0.5, words, new_x="LMARGIN", new_y="NEXT", align="L")


def _head(pdf: _Page, quote: QuoteDocument) -> None:
    pdf.text_line(quote.vendor, 10, style="B")
    pdf.text_line(f"{quote.title} {quote.number}", 16, _BLUE, "B")
    pdf.set_draw_color(*_BLUE)
    pdf.line(pdf.l_margin, pdf.get_y() + 1, pdf.w - pdf.r_margin, pdf.get_y() + 1)
    pdf.ln(4)
    if quote.draft:
        pdf.set_font(_FONT, size=9)
        pdf.set_text_color(*_BLACK)
        pdf.set_fill_color(*_SAND)
        pdf.cell(0, 7, f"Not binding: this version is {quote.draft}.", fill=True, new_x="LMARGIN", new_y="NEXT")
        pdf.set_fill_color(*_WHITE)
        pdf.ln(3)
    pdf.text_line("For", 8, _GREY)
    pdf.text_line(quote.customer, 10, style="B")
    pdf.ln(3)
    for label, value in quote.facts:
        pdf.text_line(f"{label}: {value}", 9)
    pdf.ln(5)


def _lines(pdf: _Page, quote: QuoteDocument) -> None:
    pdf.set_font(_FONT, size=8)
    pdf.set_text_color(*_BLACK)
    with pdf.table(
        col_widths=_WIDTHS, text_align=("LEFT", *["RIGHT"] * (len(COLUMNS) - 1)),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="B", color=_BLUE), line_height=5, padding=1,
    ) as table:  # fmt: skip
        for cells in (COLUMNS, *quote.lines):
            table.row(cells)
    pdf.ln(4)


def _totals(pdf: _Page, quote: QuoteDocument) -> None:
    for label, value in quote.totals:
        pdf.set_font(_FONT, "B" if label.startswith("Total") else "", 9)
        pdf.set_text_color(*_BLACK)
        pdf.cell(pdf.epw - 35, 6, label, align="R")
        pdf.cell(35, 6, value, align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)


def _signatures(pdf: _Page) -> None:
    height, width = 30, pdf.epw / 2 - 5
    if pdf.will_page_break(height):
        pdf.add_page()
    pdf.ln(height)
    pdf.set_font(_FONT, size=8)
    pdf.set_text_color(*_GREY)
    for label in SIGNATURES:
        pdf.cell(width, 5, label, border="T")
        pdf.cell(10, 5)
    pdf.ln()


FORMS = {".html": as_html, ".pdf": as_pdf}

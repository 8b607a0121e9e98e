"""An invoice as PDF: the same words as in HTML, laid out on A4."""

from collections.abc import Sequence

from billing_assets.documents.details import Group, Line
from billing_assets.documents.page import BLACK, BLUE, GREY, PALE, RULE, Colour, Page
from billing_assets.documents.printed import Printed

_HEIGHT = 4.2
_GAP = 3
_CHART, _BAR = 16, 8
_PALE_BAR = (169, 191, 212)
_LINE_WIDTHS = (52, 36, 25, 33, 11, 23)
_USAGE_WIDTHS = (36, 84, 30, 30)


def as_pdf(document: dict) -> bytes:
    printed = Printed(document)
    pdf = Page(f"{printed.title} {printed.number}", printed.issue_date)
    _head(pdf, printed)
    _amount_due(pdf, printed)
    _summary(pdf, printed)
    _section(pdf, printed.words["details"], printed.details.basis)
    for group in printed.details.groups:
        _table(pdf, group, printed.details.columns, _LINE_WIDTHS, "LRRRRR")
    for number, group in enumerate(printed.details.usage):
        if not number:
            _section(pdf, printed.words["usage_details"], printed.details.not_listed)
        _table(pdf, group, printed.details.usage_columns, _USAGE_WIDTHS, "LLRR")
    pdf.ln(_GAP)
    pdf.rule(RULE)
    pdf.ln(2 * _GAP)
    pdf.text_line(printed.imprint, 7.5, GREY)
    return bytes(pdf.output())


def _head(pdf: Page, printed: Printed) -> None:
    pdf.text_line(printed.seller[0], 10, style="B")
    if printed.sender:
        pdf.text_line(printed.sender, 8, GREY)
    pdf.ln(2)
    pdf.text_line(printed.title, 19, BLUE, "B")
    pdf.rule()
    pdf.ln(4)
    if printed.draft:
        pdf.banner(printed.draft)
    top, half = pdf.get_y() + 3, pdf.epw / 2
    pdf.set_xy(pdf.l_margin, top)
    for number, part in enumerate(printed.buyer):
        pdf.text_line(part, 10, style="" if number else "B", width=half - 5)
    bottom = pdf.get_y()
    pdf.set_y(top)
    for label, value in printed.facts:
        pdf.set_x(pdf.l_margin + half)
        pdf.write_as(9, GREY)
        pdf.cell(36, 5, label)
        pdf.write_as(9)
        pdf.multi_cell(0, 5, value, new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.set_y(max(bottom, pdf.get_y()) + 2 * _GAP)


def _amount_due(pdf: Page, printed: Printed) -> None:
    has_chart = len(printed.chart) > 1
    top, height = pdf.get_y(), 30 if has_chart else 24
    pdf.set_fill_color(*PALE)
    pdf.rect(pdf.l_margin, top, pdf.epw, height, style="F", round_corners=True, corner_radius=2)
    due = printed.amount_due
    pdf.set_xy(pdf.l_margin + 5, top + height / 2 - 8)
    pdf.text_line(due.label, 9, GREY, width=75)
    pdf.text_line(due.amount, 20, BLUE, "B", width=75)
    if has_chart:
        _chart(pdf, printed, top + height - 6)
    pdf.set_y(top + height + _GAP)


def _chart(pdf: Page, printed: Printed, foot: float) -> None:
    """The last months as bars, the newest one dark."""
    width = 17
    left = pdf.l_margin + pdf.epw - 3 - width * len(printed.chart)
    for number, bar in enumerate(printed.chart):
        height = 0.5 + (_CHART - 4) * bar.height
        is_last = number == len(printed.chart) - 1
        pdf.set_fill_color(*(BLUE if is_last else _PALE_BAR))
        x = left + number * width
        pdf.rect(x + (width - _BAR) / 2, foot - height, _BAR, height, style="F")
        pdf.write_as(6.5, GREY)
        pdf.set_xy(x, foot - height - 4)
        pdf.cell(width, 4, bar.amount, align="C")
        pdf.set_xy(x, foot + 0.5)
        pdf.cell(width, 4, bar.month, align="C")


def _summary(pdf: Page, printed: Printed) -> None:
    _section(pdf, printed.words["summary"])
    for pair in printed.by_type:
        _pair(pdf, pair.label, pair.amount, BLACK)
    for pair in printed.totals:
        _pair(pdf, pair.label, pair.amount, GREY)
    pdf.rule()
    pdf.ln(2)
    _pair(pdf, printed.total.label, printed.total.amount, BLACK, "B")
    for pair in printed.paid:
        _pair(pdf, pair.label, pair.amount, GREY)
    if printed.payment:
        pdf.ln(_GAP)
        pdf.text_line(printed.payment, 9)


def _pair(pdf: Page, label: str, amount: str, colour: Colour, style: str = "") -> None:
    pdf.write_as(10 if style else 9, colour, style)
    pdf.cell(pdf.epw - 35, 5.5, pdf.fitting(label, pdf.epw - 35))
    pdf.cell(35, 5.5, amount, align="R", new_x="LMARGIN", new_y="NEXT")


def _section(pdf: Page, title: str, remark: str = "") -> None:
    pdf.keep_together(35)
    pdf.ln(2 * _GAP)
    pdf.text_line(title, 12, BLUE, "B")
    if remark:
        pdf.text_line(remark, 8, GREY)
    pdf.ln(1)


def _table(pdf: Page, group: Group, columns: Sequence[str], widths: Sequence[float], aligned: str) -> None:
    pdf.keep_together(25)
    pdf.ln(_GAP)
    _pair(pdf, group.heading, group.amount, BLACK, "B")
    _headings(pdf, columns, widths, aligned)
    for line in group.lines:
        if pdf.will_page_break(_HEIGHT * (3 if line.remark else 2)):
            pdf.add_page()
            _headings(pdf, columns, widths, aligned)
        _row(pdf, line, widths, aligned)


def _headings(pdf: Page, columns: Sequence[str], widths: Sequence[float], aligned: str) -> None:
    pdf.write_as(7.5, GREY, "B")
    for column, width, align in zip(columns, widths, aligned, strict=True):
        pdf.cell(width, 5, pdf.fitting(column, width), align=align)
    pdf.ln(5)
    pdf.thin_rule(BLUE)


def _row(pdf: Page, line: Line, widths: Sequence[float], aligned: str) -> None:
    top = pdf.get_y() + 0.8
    pdf.set_xy(pdf.l_margin, top)
    pdf.write_as(8.5)
    pdf.multi_cell(widths[0] - 2, _HEIGHT, line.label, align="L", new_x="LMARGIN", new_y="NEXT")
    if line.remark:
        pdf.text_line(line.remark, 7.5, GREY, width=widths[0] - 2)
    bottom = pdf.get_y()
    pdf.set_xy(pdf.l_margin + widths[0], top)
    pdf.write_as(8.5)
    for cell, width, align in zip(line.cells, widths[1:], aligned[1:], strict=True):
        pdf.cell(width, _HEIGHT, pdf.fitting(cell, width), align=align)
    pdf.set_y(bottom + 0.8)
    pdf.thin_rule(RULE)
